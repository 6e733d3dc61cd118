"""Each notice that leaves the house: a row with its state, a job a try, a person where no try helped."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import structlog

from kit.clock import Clock
from kit.crypto import SealBroken, Vault
from kit.db import Session
from kit.jobs.errors import Superseded
from kit.jobs.queue import JobQueue
from kit.jobs.schemas import JobRequest, JobState
from tickets.notices import repository
from tickets.notices.errors import NoticeNotFound
from tickets.notices.models import NoticePlaceRow, NoticeRow
from tickets.notices.places import PlaceService
from tickets.notices.ports import Carrier
from tickets.notices.readers import owner_of
from tickets.notices.schemas import (
    BY_ADDRESS,
    PASSIVE,
    RETRY_PAUSES,
    SEND,
    Channel,
    Notice,
    NoticeState,
    NoticeText,
    Outcome,
    Parcel,
)
from tickets.notices.sealing import Envelope

_log = structlog.get_logger(__name__)
_FORGOTTEN = timedelta(minutes=15)  # a pending notice this long over its time has no job any more
_UNCLEAR_MOST = 500


class DeliveryService:
    """Sends notices and keeps what came of it.

    Args:
        vault: Opens words, addresses and secrets.
        clock: The time.
        queue: Where tries wait.
        carriers: What brings each channel's notices.
        keep: How long ended notices are kept.
    """

    def __init__(
        self,
        vault: Vault,
        clock: Clock,
        queue: JobQueue,
        carriers: Mapping[Channel, Carrier],
        *,
        keep: timedelta = timedelta(days=90),
    ) -> None:
        self._vault = vault
        self._clock = clock
        self._queue = queue
        self._carriers = carriers
        self._keep = keep
        self._envelope = Envelope(vault)

    def load(self, session: Session, notice_id: str) -> Parcel | Outcome:
        """Return what a notice sends, or why it cannot be sent at all.

        Raises:
            Superseded: It ended meanwhile.
        """
        row = repository.notice(session, notice_id)
        if row is None or row.state != NoticeState.PENDING:
            raise Superseded
        place = repository.place(session, row.place) if row.place else None
        if row.place and place is None:
            return Outcome("no_place", final=True)
        try:
            words = self._envelope.open(session, row.customer_id, row.id, row.words_sealed)
            to = self._address(session, row)
        except SealBroken:
            return Outcome("erased", final=True)
        if not to:
            return Outcome("no_address", final=True)
        return self._parcel(session, row, place, to, words[1 if row.lang.startswith("en") else 0])

    def send(self, parcel: Parcel | Outcome) -> Outcome:
        """Try once; whatever goes wrong on the way is an outcome."""
        return parcel if isinstance(parcel, Outcome) else self._carriers[parcel.channel].carry(parcel)

    def record(self, session: Session, notice_id: str, outcome: Outcome) -> None:
        """Write down what came of a try: delivered, to be tried again, or left to a person."""
        row = repository.notice(session, notice_id)
        if row is None or row.state != NoticeState.PENDING:
            return
        now = self._clock.now()
        row.attempts, row.error = row.attempts + 1, outcome.error[:80]
        if outcome.arrived:
            self._end(row, NoticeState.DELIVERED, now)
            repository.prune(session, now - self._keep)
        elif outcome.final or row.attempts > len(RETRY_PAUSES):
            self._end(row, NoticeState.FAILED, now)
            _log.error("notices.notice.failed", notice=row.id, channel=row.channel, why=row.error)
        else:
            self._wait(session, row, now + max(RETRY_PAUSES[row.attempts - 1], outcome.retry_after))

    def page(
        self, session: Session, states: Collection[NoticeState], limit: int, before: str | None = None
    ) -> list[Notice]:
        """Return a page of what left the house or went into chats, newest first."""
        unclear = self._unclear(session)
        return [repository.view(row, unclear) for row in repository.page(session, states, limit, before)]

    def of_ticket(self, session: Session, ticket_id: str, limit: int = 50) -> list[Notice]:
        """Return a ticket's notices, newest first."""
        return [repository.view(row) for row in repository.of_ticket(session, ticket_id, limit)]

    def resend(self, session: Session, notice_id: str, by: str) -> None:
        """Send a notice again that has ended, or of which nobody knows whether it arrived.

        Raises:
            NoticeNotFound: No such notice, it is still on its way, or it was read inside the house.
        """
        row = repository.notice(session, notice_id)
        if row is None or row.channel in PASSIVE:
            raise NoticeNotFound
        job_id = self._unclear(session).get(row.id)
        if job_id is not None:
            self._queue.retry(session, job_id, by, "resend")
            return
        now = self._clock.now()
        if row.state == NoticeState.PENDING and (row.next_at or now) > now - _FORGOTTEN:
            raise NoticeNotFound
        row.state, row.attempts, row.ended_at, row.error = NoticeState.PENDING, 0, None, ""
        self._wait(session, row, now)

    def confirm(self, session: Session, notice_id: str, by: str) -> None:
        """Record that a notice of unclear fate did arrive.

        Raises:
            NoticeNotFound: It is no such notice.
        """
        row, job_id = repository.notice(session, notice_id), self._unclear(session).get(notice_id)
        if row is None or job_id is None:
            raise NoticeNotFound
        self._queue.confirm_delivered(session, job_id, by, "arrived")
        self._end(row, NoticeState.DELIVERED, self._clock.now())

    def _unclear(self, session: Session) -> dict[str, str]:
        """Return notice → job of what was sent or not, nobody knows."""
        jobs = self._queue.listing(session, {JobState.DELIVERY_UNKNOWN}, _UNCLEAR_MOST)
        return {job.subject_id: job.job_id for job in jobs if job.kind == SEND.name}

    def _wait(self, session: Session, row: NoticeRow, at: datetime) -> None:
        row.next_at = at
        delay = max(at - self._clock.now(), timedelta())
        self._queue.enqueue(session, JobRequest(SEND, row.id, dedupe_key=f"{SEND.name}:{row.id}", delay=delay))

    def _end(self, row: NoticeRow, state: NoticeState, now: datetime) -> None:
        row.state, row.ended_at, row.next_at = state, now, None

    def _address(self, session: Session, row: NoticeRow) -> str:
        if row.channel not in BY_ADDRESS:
            return row.recipient
        # Not by audience: a test of a customer's template goes to whoever tries it.
        owner = row.recipient if row.recipient == row.customer_id else owner_of(row.recipient)
        sealed = repository.addresses(session, [owner]).get((owner, row.channel))
        return self._vault.open(session, owner, address_context(row.channel), sealed) if sealed else ""

    def _parcel(
        self, session: Session, row: NoticeRow, place: NoticePlaceRow | None, to: str, text: NoticeText
    ) -> Parcel:
        url, secret = PlaceService.opened(session, self._vault, place) if place else ("", "")
        facts = {"ticket": f"T-{row.ticket_number}", "ticketId": row.ticket_id, "event": row.event}
        return Parcel(row.id, Channel(row.channel), url, secret, to, text, facts, self._clock.now())


def address_context(channel: str) -> str:
    """Return what a sealed address is bound to."""
    return f"notice_addresses:{channel}"
