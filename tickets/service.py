"""The ticket store's public face."""

from tickets.aftercare import AftercareService
from tickets.cases import CaseService
from tickets.conversations import BOT_NAME, ConversationService
from tickets.filing import PERSON, TicketService
from tickets.ledger import QUEUE, DeskRules, Ledger
from tickets.lifecycle.engine import DONE
from tickets.lifecycle.schemas import Choice, Doer, Given, Need, Part, Patience, Scheme, TicketAction
from tickets.people.passwords import PasswordHasher
from tickets.people.schemas import NewPerson
from tickets.people.service import PeopleService
from tickets.people.sessions import SESSION_LENGTH, StaffService
from tickets.people.tokens import PREFIX, TokenService
from tickets.routing.book import ROUTING
from tickets.seeing import SeenTickets
from tickets.sla.service import SlaService
from tickets.sla.words import WORKING_ZONE
from tickets.working import STEPS, WorkService, part_of

__all__ = [
    "BOT_NAME",
    "DONE",
    "PERSON",
    "PREFIX",
    "QUEUE",
    "ROUTING",
    "SESSION_LENGTH",
    "STEPS",
    "WORKING_ZONE",
    "AftercareService",
    "CaseService",
    "Choice",
    "ConversationService",
    "DeskRules",
    "Doer",
    "Given",
    "Ledger",
    "Need",
    "NewPerson",
    "Part",
    "PasswordHasher",
    "Patience",
    "PeopleService",
    "Scheme",
    "SeenTickets",
    "SlaService",
    "StaffService",
    "TicketAction",
    "TicketService",
    "TokenService",
    "WorkService",
    "part_of",
]
