"""A small reading of JSON Schema 2020-12, written from the specification and not from our exporter, to compare with."""

from collections.abc import Mapping
from typing import Any

import re2

_TYPES: Mapping[str, Any] = {"object": dict, "array": list, "string": str, "number": (int, float)}


def fits(schema: Any, value: Any) -> bool:
    """Tell whether a value is valid."""
    if isinstance(schema, bool):
        return schema
    return all(_CHECKS[key](schema, value) for key in schema if key in _CHECKS)


def _type(schema: Any, value: Any) -> bool:
    return isinstance(value, _TYPES[schema["type"]]) and not isinstance(value, bool)


def _properties(schema: Any, value: Any) -> bool:
    if not isinstance(value, dict):
        return True
    return all(fits(sub, value[name]) for name, sub in schema["properties"].items() if name in value)


def _additional(schema: Any, value: Any) -> bool:
    assert schema["additionalProperties"] is False
    return not isinstance(value, dict) or value.keys() <= schema["properties"].keys()


def _pattern(schema: Any, value: Any) -> bool:
    return not isinstance(value, str) or re2.search(schema["pattern"], value) is not None


def _unique(_: Any, value: Any) -> bool:
    return not isinstance(value, list) or len({repr(one) for one in value}) == len(value)


def _branch(schema: Any, value: Any) -> bool:
    return not fits(schema["if"], value) or fits(schema["then"], value)


def _long(schema: Any, value: Any) -> bool:
    return not isinstance(value, str) or schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 10**9)


def _large(schema: Any, value: Any) -> bool:
    if not isinstance(value, int | float):
        return True
    return schema.get("minimum", value) <= value <= schema.get("maximum", value)


def _many(schema: Any, value: Any) -> bool:
    return not isinstance(value, list) or schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 10**9)


_CHECKS: Mapping[str, Any] = {
    "type": _type,
    "properties": _properties,
    "additionalProperties": _additional,
    "required": lambda s, v: not isinstance(v, dict) or set(s["required"]) <= v.keys(),
    "enum": lambda s, v: v in s["enum"],
    "pattern": _pattern,
    "minLength": _long,
    "maxLength": _long,
    "minimum": _large,
    "maximum": _large,
    "minItems": _many,
    "maxItems": _many,
    "uniqueItems": _unique,
    "items": lambda s, v: not isinstance(v, list) or all(fits(s["items"], one) for one in v),
    "contains": lambda s, v: not isinstance(v, list) or any(fits(s["contains"], one) for one in v),
    "not": lambda s, v: not fits(s["not"], v),
    "allOf": lambda s, v: all(fits(sub, v) for sub in s["allOf"]),
    "if": _branch,
}
"""Whatever the exporter writes must be here or be an annotation; a test compares the two lists."""

ANNOTATIONS = {"$schema", "$id", "title", "format", "writeOnly", "x-ui", "x-rules", "then"}


def keywords(schema: Any) -> set[str]:
    """Return every keyword of a schema, names of properties aside."""
    if isinstance(schema, list):
        return {key for one in schema for key in keywords(one)}
    if not isinstance(schema, dict):
        return set()
    found = set(schema)
    for key, sub in schema.items():
        if key == "properties":
            found |= {word for one in sub.values() for word in keywords(one)}
        elif not key.startswith("x-") and key != "enum":
            found |= keywords(sub)
    return found
