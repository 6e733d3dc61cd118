"""A template as JSON Schema 2020-12 with hints for whoever draws it, so that programs and mini-programs can.

It states what it can: types, lengths, ranges, choices, patterns, what is required and what rules require or forbid.
What it cannot (order of dates, bounds of a day, check digits, sizes of pictures) stands in ``x-ui`` and ``x-rules``,
and the checker has the last word.
"""

from collections.abc import Mapping
from typing import Any

from tickets.forms.reading import MOST_FILES, form_of, most_chars
from tickets.forms.schemas import (
    CHOICES,
    MEDIA,
    MUST_BE_SECURE,
    WRITTEN,
    Condition,
    Dependency,
    FormField,
    Kind,
    Order,
    Rule,
    Template,
)

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_WIDGETS: Mapping[Kind, str] = {Kind.LONG_TEXT: "textarea", Kind.CHOICE: "select", Kind.MULTI_CHOICE: "checkboxes"}


def schema_of(template: Template, lang: str) -> dict[str, Any]:
    """Return the schema of what is handed in.

    Args:
        template: The form.
        lang: ``zh`` or ``en``, of titles and help.
    """
    conditions = [made for rule in template.rules if (made := _conditional(template, rule))]
    orders = [rule.model_dump(mode="json") for rule in template.rules if isinstance(rule, Order)]
    return {
        "$schema": DRAFT,
        "$id": f"urn:jiedai:form:{template.id}",
        "title": template.zh if lang == "zh" else template.en,
        "type": "object",
        "properties": {field.name: _property(field, place, lang) for place, field in enumerate(template.fields)},
        "required": [field.name for field in template.fields if field.required],
        "additionalProperties": False,
        **({"allOf": conditions} if conditions else {}),
        **({"x-rules": orders} if orders else {}),
    }


def _property(field: FormField, place: int, lang: str) -> dict[str, Any]:
    return {
        "title": field.zh if lang == "zh" else field.en,
        **_constraints(field),
        **({"writeOnly": True} if field.secure else {}),
        "x-ui": _hints(field, place, lang),
    }


def _hints(field: FormField, place: int, lang: str) -> dict[str, Any]:
    widget = "upload" if field.kind in MEDIA else _WIDGETS.get(field.kind, "input")
    hints: dict[str, Any] = {"order": place, "widget": widget, "kind": field.kind, "secure": field.secure}
    if words := field.help_zh if lang == "zh" else field.help_en:
        hints["help"] = words
    if field.choices:
        hints["names"] = {choice.value: choice.zh if lang == "zh" else choice.en for choice in field.choices}
    if field.kind is Kind.DATE:
        hints |= {name: str(day) for name, day in (("min", field.earliest), ("max", field.latest)) if day}
    if field.kind in MEDIA:
        hints |= {"min_bytes": field.min_bytes, "max_bytes": field.max_bytes, "min_pixels": field.min_pixels}
    return hints


def _constraints(field: FormField) -> dict[str, Any]:
    if field.kind in MEDIA:
        return _many(field, {"type": "string"}, MOST_FILES)
    if field.kind in CHOICES:
        one = {"type": "string", "enum": [choice.value for choice in field.choices]}
        return one if field.kind is Kind.CHOICE else _many(field, one, len(field.choices))
    if field.kind is Kind.NUMBER:
        bounds = (("minimum", field.least), ("maximum", field.most))
        return {"type": "number", **{name: value for name, value in bounds if value is not None}}
    text: dict[str, Any] = {"type": "string"}
    if field.kind in WRITTEN | MUST_BE_SECURE:
        text["minLength"] = max(1, int(field.least or 0))
    if field.kind in WRITTEN:
        text["maxLength"] = most_chars(field)
    if field.kind is Kind.DATE:
        text["format"] = "date"
    patterns = [f"^(?:{pattern})$" for pattern in (form_of(field.kind), field.pattern) if pattern]
    if len(patterns) == 1:
        text["pattern"] = patterns[0]
    elif patterns:
        text["allOf"] = [{"pattern": pattern} for pattern in patterns]
    return text


def _many(field: FormField, one: dict[str, Any], most: int) -> dict[str, Any]:
    least, limit = max(1, int(field.least or 0)), int(field.most if field.most is not None else most)
    return {"type": "array", "items": one, "minItems": least, "maxItems": limit, "uniqueItems": True}


def _conditional(template: Template, rule: Rule) -> dict[str, Any] | None:
    if not isinstance(rule, Dependency):
        return None
    then: dict[str, Any] = {}
    if rule.require:
        then["required"] = list(rule.require)
    if rule.forbid:
        then["properties"] = dict.fromkeys(rule.forbid, False)
    return {"if": _when(template, rule.when), "then": then}


def _when(template: Template, when: Condition) -> dict[str, Any]:
    there: dict[str, Any] = {"required": [when.field]}
    if not when.one_of:
        return there if when.present else {"not": there}
    values: dict[str, Any] = {"enum": list(when.one_of)}
    field = template.field(when.field)
    if field is not None and field.kind is Kind.MULTI_CHOICE:
        values = {"contains": values}
    return {**there, "properties": {when.field: values}}
