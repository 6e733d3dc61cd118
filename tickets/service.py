"""The ticket store's public face."""

from tickets.aftercare import AftercareService
from tickets.cases import CaseService
from tickets.conversations import BOT_NAME, ConversationService
from tickets.filing import TicketService
from tickets.ledger import QUEUE, DeskRules, Ledger
from tickets.lifecycle.engine import DONE
from tickets.lifecycle.schemas import Choice, Doer, Given, Need, Part, Patience, Scheme, TicketAction
from tickets.people import StaffService
from tickets.repository.tickets import TicketQuery
from tickets.routing import RoutingRow
from tickets.sla import WORKING_ZONE, CalendarKind, SlaPolicy, SlaTarget
from tickets.working import STEPS, WorkService

__all__ = [
    "BOT_NAME",
    "DONE",
    "QUEUE",
    "STEPS",
    "WORKING_ZONE",
    "AftercareService",
    "CalendarKind",
    "CaseService",
    "Choice",
    "ConversationService",
    "DeskRules",
    "Doer",
    "Given",
    "Ledger",
    "Need",
    "Part",
    "Patience",
    "RoutingRow",
    "Scheme",
    "SlaPolicy",
    "SlaTarget",
    "StaffService",
    "TicketAction",
    "TicketQuery",
    "TicketService",
    "WorkService",
]
