"""Which rules hold: a pure function of the rules and the facts, so that the same facts always give the same actions."""

import hashlib
from collections.abc import Collection, Sequence

from tickets.automation.conditions import Facts, fields_of, holds
from tickets.automation.schemas import Branch, Chosen, Rule
from tickets.automation.words import FIELDS, When

HIDDEN = "…"
"""What stands in a trace for a customer's words."""


def choose(
    rules: Sequence[Rule], when: When, facts: Facts, ticket_id: str, *, changed: Collection[str] = ()
) -> list[Chosen]:
    """Return the rules that hold, in their order, up to the first that says stop.

    Args:
        rules: In their order.
        when: What happened.
        facts: The ticket as it stands, the same for every rule.
        ticket_id: Whose branch is chosen.
        changed: For ``When.UPDATED``: columns that changed; only rules that look at one of them are asked.
    """
    chosen = []
    for rule in rules:
        if not asked(rule, when, changed) or not holds(rule.if_, facts):
            continue
        chosen.append(way_of(rule, facts, ticket_id))
        if rule.stop:
            break
    return chosen


def asked(rule: Rule, when: When, changed: Collection[str] = ()) -> bool:
    """Tell whether a rule is asked when something happens."""
    if not rule.enabled or when not in rule.when:
        return False
    return when is not When.UPDATED or not rule.watches().isdisjoint(changed)


def way_of(rule: Rule, facts: Facts, ticket_id: str) -> Chosen:
    """Return what a rule that holds does for a ticket: always the same branch for the same ticket."""
    used = {name: HIDDEN if FIELDS[name].personal else facts.get(name) for name in sorted(fields_of(rule.if_))}
    if not rule.branches:
        return Chosen(rule, "", rule.then, used)
    branch = _branch(rule, ticket_id)
    return Chosen(rule, branch.name, branch.then, used)


def _branch(rule: Rule, ticket_id: str) -> Branch:
    total = sum(branch.weight for branch in rule.branches)
    digest = hashlib.sha256(f"{rule.name}\n{ticket_id}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") % total
    for branch in rule.branches:
        if place < branch.weight:
            return branch
        place -= branch.weight
    raise AssertionError(place)  # the weights add up to the total
