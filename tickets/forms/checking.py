"""Checks a form against its template, all places at once. A table, no guess: the same form has the same findings."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from tickets.forms.reading import read_value
from tickets.forms.schemas import Condition, Dependency, Kind, Order, Template
from tickets.forms.values import Checked, Fault, Finding, StoredFile, Values


def check(template: Template, values: Values, files: Mapping[str, StoredFile], today: date) -> Checked:
    """Compare what was handed in with what the template asks for.

    Args:
        template: The form.
        values: Field → value, as JSON has it; may be anything.
        files: The ticket's stored files by id.
        today: Day of the check, in the shop's zone.
    """
    given = cleaned(values)
    kept: dict[str, object] = {}
    wrong: dict[str, Finding] = {}
    for field in template.fields:
        if field.name in given:
            kept[field.name], finding = read_value(field, given[field.name], files, today)
            if finding is not None:
                wrong[field.name] = finding
    needed = {field.name for field in template.fields if field.required}
    general: list[Finding] = []
    for rule in template.rules:
        if isinstance(rule, Order):
            general += _out_of_order(template, rule, kept, wrong)
        elif holds(rule.when, kept):
            needed.update(rule.require)
            _judge(template, rule, kept, wrong)
    for name in needed:
        if name not in kept and name not in wrong:
            wrong[name] = _missing(template, name)
    strangers = [
        Finding(name[:80], Fault.UNKNOWN, f"没有字段「{name[:80]}」", f"there is no field {name[:80]!r}")
        for name in sorted(given.keys() - {f.name for f in template.fields})
    ]
    ordered = [wrong[f.name] for f in template.fields if f.name in wrong]
    in_order = tuple(f.name for f in template.fields if f.name in needed)
    bad = wrong.keys() | {finding.field for finding in general}
    met = tuple(name for name in in_order if name not in bad)
    return Checked(kept, (*strangers, *ordered, *general), in_order, met)


def cleaned(values: Values) -> dict[str, object]:
    """Return what is really there: an empty text or list, or nothing, says nothing."""
    return {str(name): value for name, value in values.items() if not _is_empty(value)}


def holds(when: Condition, values: Values) -> bool:
    """Tell whether a condition applies."""
    there = when.field in values
    if not when.one_of:
        return there == when.present
    value = values.get(when.field)
    if isinstance(value, list):
        return any(one in when.one_of for one in value)
    return there and str(value) in when.one_of


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value == []


def _judge(template: Template, rule: Dependency, kept: Values, wrong: dict[str, Finding]) -> None:
    for name in rule.require:
        if name not in kept and name not in wrong:
            wrong[name] = _missing(template, name, rule.zh, rule.en)
    for name in rule.forbid:
        field = template.field(name)
        if name in kept and name not in wrong and field is not None:
            zh = rule.zh or "在这种情况下不需要填写"
            en = rule.en or "has no place here in this case"
            wrong[name] = Finding(name, Fault.NOT_ALLOWED, f"「{field.zh}」{zh}", f"{field.en}: {en}")


def _missing(template: Template, name: str, zh: str = "", en: str = "") -> Finding:
    field = template.field(name)
    assert field is not None  # the book is checked when it is saved
    because_zh, because_en = (f"（{zh}）" if zh else ""), (f" ({en})" if en else "")
    return Finding(name, Fault.MISSING, f"请填写「{field.zh}」{because_zh}", f"{field.en} is missing{because_en}")


def _out_of_order(template: Template, rule: Order, kept: Values, wrong: Mapping[str, Finding]) -> list[Finding]:
    pair = [template.field(name) for name in (rule.first, rule.second)]
    if any(field is None or field.name not in kept or field.name in wrong for field in pair):
        return []
    first, second = (field for field in pair if field is not None)
    if _rank(first.kind, kept[first.name]) <= _rank(second.kind, kept[second.name]):
        return []
    zh = rule.zh or f"「{first.zh}」不能晚于或大于「{second.zh}」"
    en = rule.en or f"{first.en} must not be above {second.en}"
    return [Finding(second.name, Fault.UNFIT, zh, en)]


def _rank(kind: Kind, value: object) -> Decimal:
    if kind is Kind.DATE:
        return Decimal(date.fromisoformat(str(value)).toordinal())
    return Decimal(str(value))
