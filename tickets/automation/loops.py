"""Do rules set off each other without end? Found out before anything happens, as far as that can be decided.

What a rule writes is followed as a known value ("priority is P1 now") into the rules that are asked at updates; a rule
whose condition cannot hold with it is not set off. Walking in a circle through the same rules with the same values
means that nothing would end it. What is not decided here is held by the chain and the daily limit at run time.
"""

from collections.abc import Iterator, Mapping, Sequence

from tickets.automation.actions import Action, Assign, Close, Escalate, Merge, Raise, SetField
from tickets.automation.conditions import Condition, Fact, Unknown, comparisons, judge
from tickets.automation.schemas import Rule
from tickets.automation.words import FIELDS, When
from tickets.words import Priority, TicketStatus

Known = Mapping[str, str]
_ANYTHING = "\0"  # no value of any field
_MOST_STEPS = 5_000
_ORDER = list(Priority)


def endless(rules: Sequence[Rule]) -> list[str]:
    """Return names of rules that set off each other without end, the first one again at the end; empty: none do."""
    walk = _Walk([rule for rule in rules if When.UPDATED in rule.when])
    for rule in rules:
        circle = walk.circle_from(rule, {}, [])
        if circle:
            return circle
    return []


class _Walk:
    """Follows what rules write; each place (a rule, the values known) is looked at once."""

    def __init__(self, listening: Sequence[Rule]) -> None:
        self._listening = listening
        self._done: set[tuple[str, frozenset[tuple[str, str]]]] = set()

    def circle_from(self, rule: Rule, known: Known, path: list[tuple[str, frozenset[tuple[str, str]]]]) -> list[str]:
        place = (rule.name, frozenset(known.items()))
        if place in path:
            return [name for name, _ in path[path.index(place) :]] + [rule.name]
        if place in self._done or len(self._done) > _MOST_STEPS:
            return []
        path.append(place)
        for after, changed in _outcomes(rule, known):
            for follower in self._listening:
                if follower.watches() & changed and _may_hold(follower.if_, after):
                    circle = self.circle_from(follower, after, path)
                    if circle:
                        return circle
        path.pop()
        self._done.add(place)
        return []


def _outcomes(rule: Rule, known: Known) -> Iterator[tuple[Known, frozenset[str]]]:
    """Go through what may be known, and may have changed, after each way a rule can go."""
    for _, actions in rule.ways():
        states: list[tuple[dict[str, str], frozenset[str]]] = [(dict(known), frozenset())]
        for action in actions:
            states = [
                (after, changed | more)
                for before, changed in states
                for after, more in _effects(action, before, rule.if_)
            ]
        yield from ((after, changed) for after, changed in states if changed)


def _effects(
    action: Action, known: dict[str, str], condition: Condition | None
) -> list[tuple[dict[str, str], frozenset[str]]]:
    match action:
        case SetField():
            return [_written(known, condition, {action.field: action.value})]
        case Raise():
            return _raised(action, known, condition)
        case Escalate():
            return [_written(known, condition, {"status": TicketStatus.ESCALATED, "stage": action.stage})]
        case Close() | Merge():
            return [_written(known, condition, {"status": TicketStatus.CLOSED})]
        case Assign():
            name, value = ("assignee", action.person) if action.person else ("group_id", action.group)
            after, changed = _written(known, condition, {name: value})
            loose = {"status", "stage"} | ({"assignee"} if action.group else set())
            return [({k: v for k, v in after.items() if k not in loose}, changed | (loose if changed else set()))]
        case _:
            return [(known, frozenset())]


def _written(
    known: dict[str, str], condition: Condition | None, values: Mapping[str, str]
) -> tuple[dict[str, str], frozenset[str]]:
    """Return what is known after writing values, and which of them may be other than before."""
    changed = {name for name, value in values.items() if set(_befores(name, known, condition)) != {value}}
    return {**known, **values}, frozenset(changed)


def _raised(
    action: Raise, known: dict[str, str], condition: Condition | None
) -> list[tuple[dict[str, str], frozenset[str]]]:
    found = {}
    for before in _befores("priority", known, condition):
        after = raised(Priority(before), action)
        changed = frozenset({"priority"}) if after != before else frozenset()
        found[after, changed] = ({**known, "priority": str(after)}, changed)
    return list(found.values())


def raised(priority: Priority, action: Raise) -> Priority:
    """Return the priority after raising: up by steps, not above the limit, never down."""
    up = max(_ORDER.index(priority) - action.steps, _ORDER.index(action.until))
    return _ORDER[min(up, _ORDER.index(priority))]


def _befores(column: str, known: Known, condition: Condition | None) -> list[str]:
    """Return what a column may have held with the condition: each choice, or each value it names and one other."""
    if column in known:
        return [known[column]]
    named = [name for name, field in FIELDS.items() if field.column == column]
    choices = [choice for name in named for choice in FIELDS[name].choices]
    values = choices or [*_mentioned(named, condition), _ANYTHING]
    return [value for value in values if _may_hold(condition, {**known, column: value})]


def _mentioned(fields: Sequence[str], condition: Condition | None) -> list[str]:
    found: list[str] = []
    for name, comparison in comparisons(condition):
        if name in fields:
            value = comparison.said()[1][1]
            found += [v for v in (value if isinstance(value, tuple) else (value,)) if isinstance(v, str)]
    return found


def _may_hold(condition: Condition | None, known: Known) -> bool:
    def look(name: str) -> Fact | type[Unknown]:
        return known.get(FIELDS[name].column, Unknown) if FIELDS[name].column else Unknown

    return condition is None or judge(condition, look) is not False
