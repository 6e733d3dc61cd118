"""The one engine under every scheme: is this step in the table, may this person take it, is all given that it needs?"""

from collections.abc import Callable, Mapping

from tickets.lifecycle.errors import GuardRefused, StepNeeds, StepNotAllowed, TransitionRefused
from tickets.lifecycle.schemas import (
    Choice,
    Doer,
    Given,
    Guard,
    Need,
    Part,
    Scheme,
    Situation,
    TicketAction,
    Transition,
)
from tickets.words import TicketStatus

DONE = frozenset({TicketStatus.RESOLVED, TicketStatus.CLOSED})
"""States in which nobody works on a ticket any more."""


def decide(scheme: Scheme, action: TicketAction, doer: Doer, given: Given, situation: Situation) -> Transition:
    """Return the transition that a step is.

    Args:
        scheme: The ticket's lifecycle.
        action: What is to happen.
        doer: By whom.
        given: With which words.
        situation: How the ticket stands.

    Raises:
        TransitionRefused: The table has no such cell.
        StepNotAllowed: Others may do this, this person may not.
        StepNeeds: Something it needs is not given, or is no stage of that status.
        GuardRefused: It would be allowed, but not as things stand.
    """
    transition = scheme.table.get((situation.status, action))
    if transition is None:
        raise TransitionRefused(situation.status, action)
    if doer.part not in transition.by:
        raise StepNotAllowed(action)
    for need in sorted(transition.needs):
        if given.lacks(need):
            raise StepNeeds(need, action)
    if given.stage is not None and given.stage not in scheme.stages.get(transition.to, ()):
        raise StepNeeds("stage", action)
    for guard in sorted(transition.guards):
        if not _GUARDS[guard](doer, situation):
            raise GuardRefused(guard)
    return transition


def choices(scheme: Scheme, status: TicketStatus, part: Part) -> list[Choice]:
    """Return the steps that the table offers to a part, in the order of the actions; guards are judged when taken."""
    found = ((action, scheme.table.get((status, action))) for action in TicketAction)
    return [
        Choice(action, t.needs, scheme.stages.get(t.to, ()) if Need.STAGE in t.needs else ())
        for action, t in found
        if t is not None and part in t.by
    ]


def _window_open(_: Doer, situation: Situation) -> bool:
    return situation.now < situation.since + situation.patience.confirm_window


def _time_is_up(_: Doer, situation: Situation) -> bool:
    patience, resolved = situation.patience, situation.status is TicketStatus.RESOLVED
    given = patience.confirm_window if resolved else patience.silence_closes_after
    return situation.now >= situation.since + given


def _another_person(doer: Doer, situation: Situation) -> bool:
    return doer.name != situation.submitted_by


_GUARDS: Mapping[Guard, Callable[[Doer, Situation], bool]] = {
    Guard.WINDOW_OPEN: _window_open,
    Guard.TIME_IS_UP: _time_is_up,
    Guard.ANOTHER_PERSON: _another_person,
}
