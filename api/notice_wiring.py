"""The part of the composition root that builds notices and what carries them."""

from collections.abc import Mapping
from dataclasses import dataclass

from kit.jobs.queue import JobQueue
from kit.live import LiveSignal
from kit.settings import Settings
from tickets.notices.delivery import DeliveryService
from tickets.notices.facts import Reporter
from tickets.notices.inbox import InboxService
from tickets.notices.links import Links
from tickets.notices.places import PlaceService
from tickets.notices.ports import Carrier
from tickets.notices.schemas import Channel
from tickets.notices.service import NoticeService
from tickets.service import ConversationService, Ledger, StaffService


@dataclass(frozen=True)
class NoticeServices:
    """What tells people of things: who is told what, how it is sent, where it is read."""

    told: NoticeService
    delivery: DeliveryService
    inbox: InboxService
    places: PlaceService
    links: Links


@dataclass(frozen=True)
class Surroundings:
    """What notices need beside the ledger."""

    conversations: ConversationService
    staff: StaffService
    queue: JobQueue
    live: LiveSignal
    carriers: Mapping[Channel, Carrier]


def build_notices(settings: Settings, ledger: Ledger, around: Surroundings) -> NoticeServices:
    """Build the services.

    Args:
        settings: The configuration.
        ledger: What every verb on tickets stands on.
        around: Whom notices reach, and how.
    """
    limits, vault, clock = settings.notices, ledger.vault, ledger.clock
    links = Links(vault, public_url(settings))
    reporter = Reporter(ledger, around.staff, links)
    return NoticeServices(
        told=NoticeService(
            reporter,
            around.staff,
            books=ledger.books,
            conversations=around.conversations,
            queue=around.queue,
            clock=clock,
            live=around.live,
        ),
        delivery=DeliveryService(vault, clock, around.queue, around.carriers, keep=limits.keep),
        inbox=InboxService(vault, clock),
        places=PlaceService(vault, clock, limits.private_hosts),
        links=links,
    )


def public_url(settings: Settings) -> str:
    """Return where customers reach this installation."""
    web = settings.web
    return web.public_url or f"http://{web.host}:{web.port}"
