from itertools import product

import pytest

from tickets.errors import TransitionRefused
from tickets.lifecycle import TRANSITIONS, TicketAction, next_status
from tickets.words import TicketStatus

S, A = TicketStatus, TicketAction


@pytest.mark.parametrize(("status", "action"), list(product(TicketStatus, TicketAction)))
def test_every_pair_is_either_in_the_table_or_refused(status: TicketStatus, action: TicketAction) -> None:
    """LC-01, LC-10: nothing moves a ticket but the table."""
    if (status, action) in TRANSITIONS:
        assert next_status(status, action) in TicketStatus
    else:
        with pytest.raises(TransitionRefused):
            next_status(status, action)


@pytest.mark.parametrize("action", list(TicketAction))
def test_a_closed_ticket_moves_no_more(action: TicketAction) -> None:
    """LC-06."""
    with pytest.raises(TransitionRefused):
        next_status(S.CLOSED, action)


@pytest.mark.parametrize(
    ("status", "action", "expected"),
    [
        (S.NEW, A.ROUTE, S.TO_ASSIGN),
        (S.TO_ASSIGN, A.ASSIGN, S.IN_PROGRESS),
        (S.IN_PROGRESS, A.ASK_CUSTOMER, S.WAITING_CUSTOMER),
        (S.WAITING_CUSTOMER, A.CUSTOMER_WROTE, S.IN_PROGRESS),
        (S.IN_PROGRESS, A.RESOLVE, S.RESOLVED),
        (S.RESOLVED, A.REOPEN, S.IN_PROGRESS),
        (S.RESOLVED, A.CLOSE, S.CLOSED),
    ],
)
def test_the_usual_way_of_a_ticket(status: TicketStatus, action: TicketAction, expected: TicketStatus) -> None:
    assert next_status(status, action) is expected
