"""Which facts a case needs, by its label: read from the book of forms, which the business edits (FM-04, TC-11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tickets.forms.choosing import choose
from tickets.forms.schemas import FACTS, FORMS, FormBook, Template
from tickets.words import FieldName, LabelPath

MAX_ASKS_REQUIRED = 2  # a third time is a loop: the case is filed with the field missing, a person will ask
MAX_ASKS_OPTIONAL = 1


@dataclass(frozen=True, slots=True)
class Form:
    """The facts of one kind of case, in the order they are asked for."""

    label: LabelPath
    required: tuple[FieldName, ...]
    optional: tuple[FieldName, ...]

    def next_missing(
        self, known: Sequence[FieldName], asked: Mapping[str, int], declined: Sequence[str]
    ) -> FieldName | None:
        """Return the next fact to ask for, or ``None`` where enough is known or asking on would be a loop."""
        limits = [(name, MAX_ASKS_REQUIRED) for name in self.required]
        limits += [(name, MAX_ASKS_OPTIONAL) for name in self.optional]
        for name, limit in limits:
            if name not in known and name not in declined and asked.get(name, 0) < limit:
                return name
        return None


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms in force as one channel has them.

    Attributes:
        book: The business's templates.
        channel: Where the talk is.
    """

    book: FormBook
    channel: str

    def of(self, label: LabelPath) -> Form:
        """Return what the talk asks for: order number, model, fault code; the rest is for the ticket's form."""
        return form_of(choose(self.book, label, self.channel))


def form_of(template: Template) -> Form:
    """Return the facts of a template; what else it wants is never asked for in the talk."""
    required = tuple(FACTS[f.kind] for f in template.fields if f.kind in FACTS and f.required)
    optional = tuple(FACTS[f.kind] for f in template.fields if f.kind in FACTS and not f.required)
    return Form(template.label, required, optional)


def default_forms() -> Forms:
    """Return what holds before anybody has written a form."""
    return Forms(FORMS.default(), "")
