"""Facts that the copilot's book states."""

from kit.events import Event


class SuggestionMade(Event):
    """A ticket, which is the subject, has a new suggestion."""


class SuggestionDecided(Event):
    """An agent accepted, edited or rejected a suggestion, which is the subject."""


class SummaryConfirmed(Event):
    """An agent confirmed the summary of a ticket, which is the subject."""
