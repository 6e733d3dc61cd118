"""What the screen of rules shows: each rule as a sentence, figures, the trace, and what a draft would do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.rules_form import PARAMETERS
from api.wiring import Services
from kit.db import Session
from kit.errors import JiedaiError
from tickets.automation.actions import Action
from tickets.automation.conditions import Condition
from tickets.automation.schemas import Rule, RuleFigures
from tickets.automation.service import raw_of

_WORDED = {"status": "status_", "stage": "stage_", "zone": "zone_"}
_SHOWN_CHARS = 60


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A line of the list.

    Attributes:
        says: Its condition as a sentence; empty: it has none.
        does: Branch → its actions as words.
    """

    rule: Rule
    says: str
    does: Sequence[tuple[str, str]]
    figures: RuleFigures


def shown_rules(services: Services, session: Session, t: Mapping[str, str]) -> list[ShownRule]:
    """Return the rules in force, in their order."""
    rules = services.automation.keeper.current(session).body.rules
    figures = services.automation.keeper.figures(session, [rule.name for rule in rules])
    return [
        ShownRule(
            rule,
            sentence(rule.if_, t) if rule.if_ else "",
            [(branch, t["rule_joint"].join(deed(action, t) for action in actions)) for branch, actions in rule.ways()],
            figures[rule.name],
        )
        for rule in rules
    ]


def sentence(condition: Condition, t: Mapping[str, str], *, inner: bool = False) -> str:
    """Return a condition in words."""
    name, value = condition.said()
    operator = name.rstrip("_")
    if operator in {"and", "or"}:
        said = f" {t[f'rule_{operator}']} ".join(sentence(part, t, inner=True) for part in value)
        return f"（{said}）" if inner and len(value) > 1 else said
    if operator == "not":
        return f"{t['rule_not']}（{sentence(value, t)}）"
    field, compared = value
    shown = compared if isinstance(compared, tuple) else (compared,)
    word = t["op_startsWith" if operator == "starts_with" else f"op_{operator}"]
    return f"{t[f'fact_{field}']} {word} {t['list_joint'].join(_value(field, one, t) for one in shown)}"


def deed(action: Action, t: Mapping[str, str]) -> str:
    """Return an action in words."""
    given = action.model_dump(exclude_defaults=True)
    values = [given[name] for name in PARAMETERS[action.action] if name in given]
    words = [", ".join(v) if isinstance(v, tuple) else str(v)[:_SHOWN_CHARS] for v in values]
    return f"{t[f'do_{action.action}']} {' '.join(words)}".strip()


def _value(field: str, value: object, t: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return t.get(f"{_WORDED[field]}{value}", str(value)) if field in _WORDED else str(value) or "–"


def with_rule(services: Services, session: Session, of: str, rule: Mapping[str, object]) -> dict[str, object]:
    """Return the book in force with a rule in the place of one of that name, or at the end."""
    book = raw_of(services.automation.keeper.current(session).body)
    rules = list(book.get("rules", []))  # type: ignore[call-overload]
    place = next((n for n, known in enumerate(rules) if of and known["name"] == of), len(rules))
    return {**book, "rules": [*rules[:place], dict(rule), *rules[place + 1 :]]}


def rearranged(services: Services, session: Session, of: str, act: str) -> dict[str, object]:
    """Return the book in force with one rule moved, switched or taken away."""
    book = raw_of(services.automation.keeper.current(session).body)
    rules = list(book.get("rules", []))  # type: ignore[call-overload]
    place = next((n for n, rule in enumerate(rules) if rule["name"] == of), -1)
    if place < 0:
        return book
    rule = rules.pop(place)
    if act in {"up", "down"}:
        rules.insert(max(place + (1 if act == "down" else -1), 0), rule)
    elif act in {"on", "off"}:
        switched = {key: value for key, value in rule.items() if key != "enabled"}
        rules.insert(place, switched if act == "on" else {**switched, "enabled": False})
    return {**book, "rules": rules}


def wrong_places(error: JiedaiError | None, lang: str) -> list[str]:
    """Return each place that is wrong, in words."""
    if error is None:
        return []
    reasons = [(i.field, i.reason_zh if lang == "zh" else i.reason_en) for i in error.issues]
    return [f"{_short(field)}{reason}" for field, reason in reasons] or [error.message(lang)]


def _short(field: str) -> str:
    parts = field.split(".")
    place = ".".join(parts[2:] if parts[0] == "rules" and len(parts) > 1 else parts)
    return f"{place}: " if place else ""
