"""The ticket store's public face."""

from tickets.cases import CaseService
from tickets.conversations import BOT_NAME, ConversationService
from tickets.filing import QUEUE, DeskRules, TicketService
from tickets.people import StaffService
from tickets.routing import RoutingRow
from tickets.sla import WORKING_ZONE, CalendarKind, SlaPolicy, SlaTarget

__all__ = [
    "BOT_NAME",
    "QUEUE",
    "WORKING_ZONE",
    "CalendarKind",
    "CaseService",
    "ConversationService",
    "DeskRules",
    "RoutingRow",
    "SlaPolicy",
    "SlaTarget",
    "StaffService",
    "TicketService",
]
