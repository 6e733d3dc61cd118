"""A template as the editor's page has it, to the book's JSON and back; a page without script carries all of it."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_PLACE = re.compile(r"(field|rule)\.(\d{1,3})\.([a-z_]{1,20})")
_NUMBERS = ("least", "most", "min_pixels", "min_bytes", "max_bytes")
_TEXTS = ("name", "kind", "zh", "en", "help_zh", "help_en", "pattern", "earliest", "latest")
NEW_FIELD: Mapping[str, Any] = {"name": "", "kind": "text", "zh": "", "en": ""}
_BLANK_FIELD: Mapping[str, Any] = dict.fromkeys((*_TEXTS, *_NUMBERS), "") | {"required": False, "secure": False}
NEW_RULE: Mapping[str, Any] = {"kind": "dependency", "when": {"field": ""}, "require": [], "forbid": []}


def template_of(own: Mapping[str, str]) -> dict[str, Any]:
    """Return the template that a page sends, as the book writes it; whether it is one, the book says."""
    rows: dict[str, dict[int, dict[str, str]]] = {"field": {}, "rule": {}}
    for name, value in own.items():
        if match := _PLACE.fullmatch(name):
            rows[match[1]].setdefault(int(match[2]), {})[match[3]] = value.strip()
    return {
        "id": own.get("id", "").strip(),
        "label": [part for part in own.get("label", "").strip().split("/") if part],
        "channels": _list(own.get("channels", "")),
        "zh": own.get("zh", ""),
        "en": own.get("en", ""),
        "unmet": own.get("unmet", "refuse"),
        "fields": [_field(rows["field"][place]) for place in sorted(rows["field"])],
        "rules": [_rule(rows["rule"][place]) for place in sorted(rows["rule"])],
    }


def changed(template: dict[str, Any], do: str) -> dict[str, Any]:
    """Return a template after one of the page's buttons: ``add_field``, ``up:2``, ``drop_rule:0`` and the like."""
    verb, _, where = do.partition(":")
    place = int(where) if where.isdigit() else -1
    fields, rules = list(template["fields"]), list(template["rules"])
    if verb == "add_field":
        fields.append(dict(NEW_FIELD))
    elif verb == "add_rule":
        rules.append(dict(NEW_RULE))
    elif verb == "drop" and 0 <= place < len(fields):
        del fields[place]
    elif verb == "drop_rule" and 0 <= place < len(rules):
        del rules[place]
    elif verb in {"up", "down"}:
        other = place + (1 if verb == "down" else -1)
        if 0 <= place < len(fields) and 0 <= other < len(fields):
            fields[place], fields[other] = fields[other], fields[place]
    return {**template, "fields": fields, "rules": rules}


def replaced(
    templates: Sequence[Mapping[str, Any]], of: str, template: Mapping[str, Any] | None
) -> list[Mapping[str, Any]]:
    """Return the book's templates with one put in the place of ``of``, at the end, or (``None``) taken out."""
    kept = [template if one["id"] == of else one for one in templates]
    if template is not None and not any(one["id"] == of for one in templates):
        kept.append(template)
    return [one for one in kept if one is not None]


def filled(template: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return a template with every place the page shows, or ``None`` where it has not even the shape of one."""
    if template is None:
        return None
    fields, rules = template.get("fields", []), template.get("rules", [])
    if not all(isinstance(rows, list) and all(isinstance(r, dict) for r in rows) for rows in (fields, rules)):
        return None
    return {
        "id": "",
        "zh": "",
        "en": "",
        "unmet": "refuse",
        **template,
        "label": _joined(template.get("label"), "/"),
        "channels": _joined(template.get("channels"), ", "),
        "fields": [{**_BLANK_FIELD, **f, "choices": _choices_text(f.get("choices"))} for f in fields],
        "rules": [_shown_rule(rule) for rule in rules],
    }


def parsed(text: str) -> dict[str, Any] | None:
    """Return a template written as JSON, or ``None`` where it is no JSON object."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def as_json(template: Mapping[str, Any]) -> str:
    """Return a template as JSON for people."""
    return json.dumps(template, ensure_ascii=False, indent=2)


def _shown_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    when = rule.get("when")
    found: Mapping[str, Any] = when if isinstance(when, dict) else {}
    condition = "one_of" if found.get("one_of") else "present" if found.get("present", True) else "absent"
    order = rule.get("kind") == "order"
    return {
        "kind": "order" if order else "dependency",
        "field": rule.get("first", "") if order else found.get("field", ""),
        "when": condition,
        "values": _joined(found.get("one_of"), ", "),
        "require": rule.get("second", "") if order else _joined(rule.get("require"), ", "),
        "forbid": _joined(rule.get("forbid"), ", "),
        "zh": rule.get("zh", ""),
        "en": rule.get("en", ""),
    }


def _joined(parts: object, mark: str) -> str:
    return mark.join(str(part) for part in parts) if isinstance(parts, list) else str(parts or "")


def _choices_text(choices: object) -> str:
    """Return choices as the page has them: a line each, ``value | 中文 | English``."""
    rows = [c for c in choices if isinstance(c, dict)] if isinstance(choices, list) else []
    return "\n".join(f"{c.get('value', '')} | {c.get('zh', '')} | {c.get('en', '')}" for c in rows)


def _field(row: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {name: row[name] for name in _TEXTS if row.get(name)}
    found |= {name: _number(row[name]) for name in _NUMBERS if row.get(name)}
    found |= {name: True for name in ("required", "secure") if row.get(name) == "true"}
    if choices := [_choice(line) for line in row.get("choices", "").splitlines() if line.strip()]:
        found["choices"] = choices
    return {"name": "", "zh": "", "en": "", **found}


def _choice(line: str) -> dict[str, str]:
    value, zh, en = ([part.strip() for part in line.split("|")] + ["", ""])[:3]
    return {"value": value, "zh": zh or value, "en": en or zh or value}


def _rule(row: Mapping[str, str]) -> dict[str, Any]:
    words = {name: row[name] for name in ("zh", "en") if row.get(name)}
    if row.get("kind") == "order":
        return {"kind": "order", "first": row.get("field", ""), "second": row.get("require", ""), **words}
    when: dict[str, Any] = {"field": row.get("field", "")}
    if row.get("when") == "one_of":
        when["one_of"] = _list(row.get("values", ""))
    elif row.get("when") == "absent":
        when["present"] = False
    return {
        "kind": "dependency",
        "when": when,
        "require": _list(row.get("require", "")),
        "forbid": _list(row.get("forbid", "")),
        **words,
    }


def _list(text: str) -> list[str]:
    return [part for part in re.split(r"[\s,，、]+", text) if part]


def _number(text: str) -> object:
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text  # the book says what is wrong with it
