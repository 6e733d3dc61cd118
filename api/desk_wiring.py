"""The part of the composition root that builds what the business keeps rules for; ``api.wiring`` calls it once."""

from dataclasses import dataclass

from api.notice_wiring import NoticeServices
from kit.audit.service import AuditLog
from kit.idempotency.service import AnswerKeeper
from tickets.amending import AmendService
from tickets.books.service import BookService
from tickets.csat.service import SurveyService
from tickets.entries.service import EntryService
from tickets.erasing.service import ErasureService
from tickets.forms.overview import FormOverview
from tickets.forms.ports import FactReader
from tickets.forms.service import FormService
from tickets.imports.service import ImportService
from tickets.lists.service import ListService
from tickets.lists.views import SavedViewService
from tickets.merging.finding import DuplicateFinder
from tickets.merging.follow_ups import FollowUps
from tickets.merging.service import MergeService
from tickets.routing.books import RoutingBook
from tickets.routing.profiles import ProfileService
from tickets.routing.service import RoutingService
from tickets.routing.sharing import SharingService
from tickets.routing.taking import TakingService
from tickets.routing.waiting import WaitingService
from tickets.service import CaseService, ConversationService, Ledger, SlaService, TicketService, WorkService


@dataclass(frozen=True)
class DeskServices:
    """What tickets are worked with beside their own verbs."""

    books: BookService
    forms: FormService
    form_overview: FormOverview
    lists: ListService
    views: SavedViewService
    amend: AmendService
    entries: EntryService
    answers: AnswerKeeper
    merging: MergeService
    follow_ups: FollowUps
    duplicates: DuplicateFinder
    erasing: ErasureService
    notices: NoticeServices
    sla: SlaService
    imports: ImportService
    routing: RoutingService
    routes: RoutingBook
    taking: TakingService
    waiting: WaitingService
    sharing: SharingService
    profiles: ProfileService
    surveys: SurveyService


def build_desk(
    ledger: Ledger,
    work: WorkService,
    *,
    conversations: ConversationService,
    notices: NoticeServices,
    read_fact: FactReader,
) -> DeskServices:
    """Build the services that stand on the ledger.

    Args:
        ledger: What every verb on tickets stands on.
        work: The verbs themselves.
        conversations: Where customers' words are kept.
        notices: What tells people of things.
        read_fact: Judges what somebody typed as an order number, a model or a fault code.
    """
    lists, audit = ListService(ledger.vault, ledger.clock), AuditLog(ledger.vault, ledger.clock)
    merging, follow_ups = MergeService(ledger, conversations), FollowUps(ledger)
    routing = RoutingService(ledger)
    return DeskServices(
        books=ledger.books,
        forms=FormService(ledger, read_fact),
        form_overview=FormOverview(ledger),
        lists=lists,
        views=SavedViewService(ledger.clock),
        amend=AmendService(ledger),
        entries=EntryService(ledger, conversations, CaseService(ledger.clock), TicketService(ledger)),
        answers=AnswerKeeper(ledger.vault, ledger.clock),
        merging=merging,
        follow_ups=follow_ups,
        duplicates=DuplicateFinder(ledger, merging, follow_ups),
        erasing=ErasureService(ledger.vault, ledger.clock, audit, lists.forget_customer),
        notices=notices,
        sla=SlaService(ledger, work),
        imports=ImportService(ledger.vault, ledger.clock),
        routing=routing,
        routes=RoutingBook(ledger),
        taking=TakingService(ledger),
        waiting=WaitingService(ledger, routing),
        sharing=SharingService(ledger),
        profiles=ProfileService(ledger),
        surveys=SurveyService(ledger, conversations, notices.told, notices.links),
    )
