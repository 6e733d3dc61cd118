"""Which form a case has: the longest category that fits, then the one made for its channel."""

from tickets.forms.schemas import FormBook, Template
from tickets.words import LabelPath


def choose(book: FormBook, label: LabelPath, channel: str) -> Template:
    """Return the form of a case.

    Args:
        book: The forms in force.
        label: The case's category, as far as it is known.
        channel: Where the case came from.
    """
    fitting = [
        t for t in book.templates if label[: len(t.label)] == t.label and (not t.channels or channel in t.channels)
    ]
    # The book always has a form for everything, and no two for the same place.
    return max(fitting, key=lambda t: (len(t.label), bool(t.channels)))
