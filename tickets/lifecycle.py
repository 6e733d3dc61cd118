"""The lifecycle as one table: (status, event) → status. Whatever is not in it is refused."""

from enum import StrEnum

from tickets.errors import TransitionRefused
from tickets.words import TicketStatus


class TicketAction(StrEnum):
    """What may happen to a ticket."""

    ROUTE = "route"
    ASSIGN = "assign"
    REPLY = "reply"
    ASK_CUSTOMER = "ask_customer"
    CUSTOMER_WROTE = "customer_wrote"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    CLOSE = "close"


_S, _A = TicketStatus, TicketAction

TRANSITIONS: dict[tuple[TicketStatus, TicketAction], TicketStatus] = {
    (_S.NEW, _A.ROUTE): _S.TO_ASSIGN,
    (_S.TO_ASSIGN, _A.ROUTE): _S.TO_ASSIGN,
    (_S.IN_PROGRESS, _A.ROUTE): _S.IN_PROGRESS,
    (_S.WAITING_CUSTOMER, _A.ROUTE): _S.WAITING_CUSTOMER,
    (_S.NEW, _A.ASSIGN): _S.IN_PROGRESS,
    (_S.TO_ASSIGN, _A.ASSIGN): _S.IN_PROGRESS,
    (_S.IN_PROGRESS, _A.ASSIGN): _S.IN_PROGRESS,
    (_S.WAITING_CUSTOMER, _A.ASSIGN): _S.WAITING_CUSTOMER,
    (_S.NEW, _A.REPLY): _S.IN_PROGRESS,
    (_S.TO_ASSIGN, _A.REPLY): _S.IN_PROGRESS,
    (_S.IN_PROGRESS, _A.REPLY): _S.IN_PROGRESS,
    (_S.WAITING_CUSTOMER, _A.REPLY): _S.WAITING_CUSTOMER,
    (_S.RESOLVED, _A.REPLY): _S.RESOLVED,
    (_S.IN_PROGRESS, _A.ASK_CUSTOMER): _S.WAITING_CUSTOMER,
    (_S.NEW, _A.CUSTOMER_WROTE): _S.NEW,
    (_S.TO_ASSIGN, _A.CUSTOMER_WROTE): _S.TO_ASSIGN,
    (_S.IN_PROGRESS, _A.CUSTOMER_WROTE): _S.IN_PROGRESS,
    (_S.WAITING_CUSTOMER, _A.CUSTOMER_WROTE): _S.IN_PROGRESS,
    (_S.NEW, _A.RESOLVE): _S.RESOLVED,
    (_S.TO_ASSIGN, _A.RESOLVE): _S.RESOLVED,
    (_S.IN_PROGRESS, _A.RESOLVE): _S.RESOLVED,
    (_S.WAITING_CUSTOMER, _A.RESOLVE): _S.RESOLVED,
    (_S.RESOLVED, _A.REOPEN): _S.IN_PROGRESS,
    (_S.RESOLVED, _A.CLOSE): _S.CLOSED,
}

DONE = frozenset({_S.RESOLVED, _S.CLOSED})
"""States in which nobody works on a ticket any more."""


def next_status(status: TicketStatus, action: TicketAction) -> TicketStatus:
    """Return the status after an action.

    Raises:
        TransitionRefused: The table has no such row.
    """
    try:
        return TRANSITIONS[status, action]
    except KeyError:
        raise TransitionRefused(status, action) from None
