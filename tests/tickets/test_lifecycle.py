"""LC-01 … LC-10: the whole table of both schemes, cell by cell, written down a second time by hand."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
import yaml

from tickets.lifecycle.engine import decide
from tickets.lifecycle.errors import GuardRefused, SchemeInvalid, StepNeeds, StepNotAllowed, TransitionRefused
from tickets.lifecycle.loading import bundled, scheme_from
from tickets.lifecycle.schemas import Doer, Given, Part, Patience, Scheme, Situation, TicketAction
from tickets.words import Stage, TicketStatus

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
ALL = Given(reason="because", fix="done", stage=None)

# One line a status; a column an action; the letter is the status afterwards, a dot is refused.
ABBREVIATIONS = {
    "n": "new", "t": "to_assign", "i": "in_progress", "w": "waiting_customer", "h": "on_hold", "e": "escalated",
    "v": "to_review", "s": "to_settle", "d": "resolved", "o": "reopened", "c": "closed",
}  # fmt: skip
ACTIONS = [
    "route", "assign", "reply", "ask_customer", "customer_wrote", "set_stage", "hold", "escalate", "resume", "submit",
    "send_back", "approve", "settle", "resolve", "confirm", "reopen", "close", "cancel", "expire", "merge",
]  # fmt: skip
FULL = """
n t i i w n . h e . . . . . d . . . c . c
t t i i w t . h e . . . . . d . . . c . c
i i i i w i i h e . v . . . d . . . c . c
w w w w . i . h e i . . . . d . . . c c c
h h h h w h . . e i . . . . d . . . c . c
e e e e w e e h e i v . . . d . . . c . c
v v v v . v . . . . . i s . d . . . . . c
s s s s . s . . . . . i . d . . . . . . c
d . . d . . . . . . . . . . . c o c . c .
o o i i w o . h e . v . . . d . . . c . c
c . . . . . . . . . . . . . . . . . . . .
"""
SIMPLE = """
n n i i w n . . . . . . . . d . . . c . c
i i i i w i . . . . . . . . d . . . c . c
w w w w . i . . . i . . . . d . . . c c c
d . . d . . . . . . . . . . . c i c . c .
c . . . . . . . . . . . . . . . . . . . .
"""


def grid(text: str) -> dict[tuple[str, str], str | None]:
    rows = [line.split() for line in text.strip().splitlines()]
    return {
        (ABBREVIATIONS[status], action): ABBREVIATIONS.get(cell)
        for status, *cells in rows
        for action, cell in zip(ACTIONS, cells, strict=True)
    }


def situation(status: TicketStatus, since: datetime = NOW, submitted_by: str = "") -> Situation:
    return Situation(status, since, submitted_by, NOW, Patience())


def ripe(status: TicketStatus, action: TicketAction) -> Situation:
    """A situation in which the guards of this cell hold."""
    old = NOW - timedelta(days=30)
    return situation(status, old if action is TicketAction.EXPIRE else NOW, "somebody else")


def stage_for(scheme: Scheme, status: TicketStatus, action: TicketAction) -> Stage | None:
    transition = scheme.table[status, action]
    return scheme.stages[transition.to][0] if "stage" in transition.needs else None


CELLS = [
    (name, status, action, target) for name, text in (("full", FULL), ("simple", SIMPLE))
    for (status, action), target in grid(text).items()
]  # fmt: skip


@pytest.mark.parametrize(("name", "status", "action", "target"), CELLS)
def test_every_cell_is_as_it_is_written_here(name: str, status: str, action: str, target: str | None) -> None:
    """LC-01, LC-03, LC-04, LC-06: nothing moves a ticket but the table; a closed one moves no more."""
    scheme, at, what = bundled()[name], TicketStatus(status), TicketAction(action)
    if target is None:
        with pytest.raises(TransitionRefused):
            decide(scheme, what, Doer("x", Part.LEAD), ALL, situation(at))
        return
    part = min(scheme.table[at, what].by)
    given = Given("because", "done", stage_for(scheme, at, what))
    assert decide(scheme, what, Doer("x", part), given, ripe(at, what)).to == target


@pytest.mark.parametrize("name", ["full", "simple"])
def test_the_grid_here_names_every_status_and_action(name: str) -> None:
    cells = {(s, a) for n, s, a, _ in CELLS if n == name}
    assert cells == set(product(bundled()[name].statuses, TicketAction))
    assert set(ACTIONS) == set(TicketAction)


ALLOWED = {
    Part.SYSTEM: {"route", "assign", "customer_wrote", "escalate", "resume", "expire", "merge"},
    Part.CUSTOMER: {"customer_wrote", "confirm", "reopen"},
    Part.AGENT: set(ACTIONS) - {"route", "customer_wrote", "send_back", "approve", "settle", "confirm", "expire"},
    Part.LEAD: set(ACTIONS) - {"route", "customer_wrote", "confirm", "expire"},
}


JUDGED = {
    (TicketStatus.TO_REVIEW, TicketAction.RESOLVE),
    (TicketStatus.TO_REVIEW, TicketAction.MERGE),
    (TicketStatus.TO_SETTLE, TicketAction.MERGE),
}
"""What is being reviewed, only a lead takes out of it."""


@pytest.mark.parametrize("part", list(Part))
@pytest.mark.parametrize("scheme", bundled().values(), ids=lambda s: s.name)
def test_who_may_take_which_step(scheme: Scheme, part: Part) -> None:
    """LC-10."""
    for (status, action), transition in scheme.table.items():
        expected = action in ALLOWED[part] and not (part is not Part.LEAD and (status, action) in JUDGED)
        assert (part in transition.by) == expected, (status, action)
        if not expected:
            with pytest.raises(StepNotAllowed):
                decide(scheme, action, Doer("x", part), ALL, ripe(status, action))


NEEDED = {
    "hold": {"reason"}, "escalate": {"reason", "stage"}, "set_stage": {"stage"}, "submit": {"fix"},
    "send_back": {"reason"}, "resolve": {"fix"}, "reopen": {"reason"}, "cancel": {"reason"},
    "merge": {"reason"},
}  # fmt: skip


@pytest.mark.parametrize("scheme", bundled().values(), ids=lambda s: s.name)
def test_what_a_step_must_be_given(scheme: Scheme) -> None:
    """LC-10: each mandatory field, left out by itself, is named in the refusal."""
    for (status, action), transition in scheme.table.items():
        assert transition.needs == NEEDED.get(action, set())
        for need in transition.needs:
            full = {"reason": "because", "fix": "done", "stage": stage_for(scheme, status, action)}
            lacking = Given(**{**full, need: None if need == "stage" else "  "})
            with pytest.raises(StepNeeds) as refused:
                decide(scheme, action, Doer("x", min(transition.by)), lacking, ripe(status, action))
            assert refused.value.field == need


def test_a_stage_belongs_to_its_status() -> None:
    """LC-02."""
    full, agent = bundled()["full"], Doer("x", Part.AGENT)
    for stage in Stage:
        fits = stage in full.stages[TicketStatus.IN_PROGRESS]
        given = Given(stage=stage)
        if fits:
            assert decide(full, TicketAction.SET_STAGE, agent, given, situation(TicketStatus.IN_PROGRESS))
        else:
            with pytest.raises(StepNeeds):
                decide(full, TicketAction.SET_STAGE, agent, given, situation(TicketStatus.IN_PROGRESS))


@pytest.mark.parametrize("part", [Part.CUSTOMER, Part.AGENT])
def test_the_confirm_window_ends_on_its_instant(part: Part) -> None:
    """LC-06: reopened within the window, not a moment after it."""
    full, window = bundled()["full"], Patience().confirm_window
    moment = timedelta(microseconds=1)
    inside = situation(TicketStatus.RESOLVED, NOW - window + moment)
    outside = situation(TicketStatus.RESOLVED, NOW - window)

    assert decide(full, TicketAction.REOPEN, Doer("x", part), ALL, inside).to is TicketStatus.REOPENED
    with pytest.raises(GuardRefused):
        decide(full, TicketAction.REOPEN, Doer("x", part), ALL, outside)
    system = Doer("system", Part.SYSTEM)
    assert decide(full, TicketAction.EXPIRE, system, ALL, outside).to is TicketStatus.CLOSED
    with pytest.raises(GuardRefused):
        decide(full, TicketAction.EXPIRE, system, ALL, inside)


@pytest.mark.parametrize(
    ("status", "action"), [("to_review", "approve"), ("to_review", "resolve"), ("to_settle", "settle")]
)
def test_nobody_approves_their_own_work(status: str, action: str) -> None:
    """SE-04."""
    at = situation(TicketStatus(status), submitted_by="gao")
    with pytest.raises(GuardRefused):
        decide(bundled()["full"], TicketAction(action), Doer("gao", Part.LEAD), ALL, at)
    assert decide(bundled()["full"], TicketAction(action), Doer("li", Part.LEAD), ALL, at)


def _scheme(**over: Any) -> dict[str, Any]:
    text = """
    name: mine
    initial: new
    steps:
      - {action: resolve, from: [new], to: resolved, by: [agent]}
      - {action: close, from: [resolved], to: closed, by: [agent]}
    """
    return {**yaml.safe_load(text), **over}


def _with_step(**step: Any) -> dict[str, Any]:
    data = _scheme()
    return {**data, "steps": [*data["steps"], {"by": ["agent"], **step}]}


def test_a_scheme_of_ones_own_runs_on_the_same_engine() -> None:
    """LC-04: schemes are data."""
    mine = scheme_from(_scheme())
    agent = Doer("x", Part.AGENT)
    assert decide(mine, TicketAction.RESOLVE, agent, Given(), situation(TicketStatus.NEW)).to is TicketStatus.RESOLVED
    with pytest.raises(TransitionRefused):
        decide(mine, TicketAction.HOLD, agent, ALL, situation(TicketStatus.NEW))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (_scheme(initial="begun"), "begun"),
        (_scheme(steps=[]), "closed"),
        (_with_step(action="close", **{"from": ["resolved"]}, to="closed"), "twice"),
        (_with_step(action="reply", **{"from": ["on_hold"]}, to="closed"), "on_hold"),
        (_with_step(action="hold", **{"from": ["new"]}, to="on_hold"), "on_hold"),
        (_with_step(action="reopen", **{"from": ["closed"]}, to="new"), "moves no more"),
        (_with_step(action="dance", **{"from": ["new"]}, to="closed"), "dance"),
        (_with_step(action="hold", to="on_hold"), "from"),
        ({"name": "mine"}, "initial"),
    ],
)
def test_a_scheme_that_contradicts_itself_is_refused_in_words(data: dict[str, Any], words: str) -> None:
    with pytest.raises(SchemeInvalid, match=words):
        scheme_from(data)
