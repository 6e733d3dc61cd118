"""Facts that books state."""

from kit.events import Event


class BookSaved(Event):
    """A book has a new edition; the subject is the book's name."""
