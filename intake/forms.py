"""Which facts a case needs, by its label: a table of the shop, not code (FM-04, TC-11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kit.errors import JiedaiError
from tickets.words import FieldName, LabelPath

MAX_ASKS_REQUIRED = 2  # a third time is a loop: the case is filed with the field missing, a person will ask
MAX_ASKS_OPTIONAL = 1


class FormsInvalid(JiedaiError):
    """The shop's forms file cannot be used."""

    code = "forms_invalid"


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


class Forms:
    """All forms of a shop; the longest label that fits wins."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self._forms = {form.label: form for form in forms}
        if () not in self._forms:
            raise FormsInvalid(
                "表单缺少默认行（label 为空）", "The forms need a row with an empty label", field="forms"
            )

    def of(self, label: LabelPath) -> Form:
        """Return the form of a label."""
        for length in range(len(label), -1, -1):
            if (form := self._forms.get(label[:length])) is not None:
                return form
        return self._forms[()]
