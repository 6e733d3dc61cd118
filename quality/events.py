"""Facts that the quality store states."""

from kit.events import Event


class FindingsMade(Event):
    """A scan found something in a conversation, which is the subject."""
