"""The ticket store's public face."""

from tickets.cases import CaseService
from tickets.conversations import BOT_NAME, ConversationService
from tickets.filing import QUEUE, DeskRules, TicketService
from tickets.people.passwords import PasswordHasher
from tickets.people.schemas import NewPerson
from tickets.people.service import PeopleService
from tickets.people.sessions import SESSION_LENGTH, StaffService
from tickets.people.tokens import PREFIX, TokenService
from tickets.repository.tickets import TicketQuery
from tickets.routing import RoutingRow
from tickets.seeing import SeenTickets
from tickets.sla import WORKING_ZONE, CalendarKind, SlaPolicy, SlaTarget

__all__ = [
    "BOT_NAME",
    "PREFIX",
    "QUEUE",
    "SESSION_LENGTH",
    "WORKING_ZONE",
    "CalendarKind",
    "CaseService",
    "ConversationService",
    "DeskRules",
    "NewPerson",
    "PasswordHasher",
    "PeopleService",
    "RoutingRow",
    "SeenTickets",
    "SlaPolicy",
    "SlaTarget",
    "StaffService",
    "TicketQuery",
    "TicketService",
    "TokenService",
]
