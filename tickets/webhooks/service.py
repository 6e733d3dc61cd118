"""Webhooks: who is told what, and each delivery from the fact to the receiver's "got it"."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import structlog

from kit.clock import Clock
from kit.crypto import Vault
from kit.db import Session
from kit.ids import new_id
from kit.jobs.errors import Superseded
from kit.jobs.queue import JobQueue
from kit.jobs.schemas import JobRequest
from kit.outbound.ports import Poster
from kit.outbound.targets import check_url
from tickets.webhooks import repository
from tickets.webhooks.errors import DeliveryNotFound, EndpointInactive, EndpointKnown, EndpointNotFound
from tickets.webhooks.models import WebhookDeliveryRow, WebhookEndpointRow
from tickets.webhooks.schemas import (
    DELIVER,
    LONGEST_QUIET,
    RETRY_PAUSES,
    ROTATION,
    DeliveryState,
    Endpoint,
    EndpointState,
    Fact,
    WebhookDelivery,
    WebhookEvent,
)
from tickets.webhooks.sending import Outcome, Outgoing, attempt
from tickets.webhooks.signing import new_secret

_log = structlog.get_logger(__name__)
_GIVE_UP_AFTER = sum(RETRY_PAUSES, timedelta())


class WebhookService:
    """Keeps endpoints and deliveries (WH-01 … WH-04).

    Args:
        vault: Seals the signing secrets.
        clock: The time.
        queue: Where deliveries wait for their turn.
        poster: Sends.
        private_hosts: Hosts inside our own network that may be endpoints.
        keep: How long ended deliveries are kept.
    """

    def __init__(
        self,
        vault: Vault,
        clock: Clock,
        queue: JobQueue,
        poster: Poster,
        *,
        private_hosts: Collection[str] = (),
        keep: timedelta = timedelta(days=30),
    ) -> None:
        self._vault = vault
        self._clock = clock
        self._queue = queue
        self._poster = poster
        self._private_hosts = private_hosts
        self._keep = keep

    def add(self, session: Session, url: str, events: Collection[WebhookEvent], actor: str) -> tuple[Endpoint, str]:
        """Add an endpoint and return it with its secret, which is not shown again.

        Args:
            session: The unit of work.
            url: Where to send.
            events: What it is told; empty: everything.
            actor: Who adds it.

        Raises:
            TargetRefused: Not an address that may be called.
            EndpointKnown: It is an endpoint already.
        """
        url = check_url(url, self._private_hosts)
        if repository.endpoint_of(session, url) is not None:
            raise EndpointKnown
        endpoint_id, secret = new_id(), new_secret()
        row = WebhookEndpointRow(
            id=endpoint_id,
            url=url,
            events=sorted(events),
            secret_sealed=self._seal(session, endpoint_id, secret),
            created_by=actor,
            created_at=self._clock.now(),
        )
        repository.add(session, row)
        return repository.endpoint_view(row), secret

    def rotate(self, session: Session, endpoint_id: str) -> str:
        """Replace an endpoint's secret and return the new one; for a day both sign.

        Raises:
            EndpointNotFound: No such endpoint.
        """
        row = self._endpoint(session, endpoint_id)
        secret = new_secret()
        row.replaced_sealed, row.rotating_until = row.secret_sealed, self._clock.now() + ROTATION
        row.secret_sealed = self._seal(session, endpoint_id, secret)
        return secret

    def pause(self, session: Session, endpoint_id: str) -> None:
        """Send nothing more to an endpoint; what is on its way is cancelled.

        Raises:
            EndpointNotFound: No such endpoint.
        """
        row = self._endpoint(session, endpoint_id)
        self._switch_off(session, row, EndpointState.PAUSED)

    def resume(self, session: Session, endpoint_id: str) -> None:
        """Send to an endpoint again, from now on.

        Raises:
            EndpointNotFound: No such endpoint.
        """
        row = self._endpoint(session, endpoint_id)
        row.state, row.quiet_until = EndpointState.ACTIVE, None

    def endpoints(self, session: Session) -> list[Endpoint]:
        """Return all endpoints, oldest first."""
        return [repository.endpoint_view(row) for row in repository.endpoints(session)]

    def deliveries(
        self, session: Session, endpoint_id: str, limit: int, before: str | None = None
    ) -> Sequence[WebhookDelivery]:
        """Return a page of an endpoint's deliveries, newest first, after the one with id ``before``.

        Raises:
            EndpointNotFound: No such endpoint.
        """
        self._endpoint(session, endpoint_id)
        return [repository.delivery_view(row) for row in repository.deliveries(session, endpoint_id, limit, before)]

    @staticmethod
    def anybody_listens(session: Session) -> bool:
        """Tell whether there is an endpoint that is told anything."""
        return repository.anybody_listens(session)

    def tell(self, session: Session, fact: Fact) -> None:
        """Put a fact on its way to every endpoint that wants it and has not been given it."""
        known = repository.known_facts(session, fact.id)
        for row in repository.endpoints(session):
            wanted = not row.events or fact.event in row.events
            if wanted and row.state == EndpointState.ACTIVE and row.id not in known:
                self._enqueue(session, row, fact)

    def find(self, session: Session, address: str) -> Endpoint | None:
        """Return the endpoint that has an id or a URL, or ``None``."""
        row = repository.endpoint(session, address) or repository.endpoint_of(session, address)
        return repository.endpoint_view(row) if row is not None else None

    def tell_one(self, session: Session, endpoint_id: str, fact: Fact) -> None:
        """Put a fact on its way to one endpoint, whatever else it is told; the same fact goes once.

        Raises:
            EndpointNotFound: No such endpoint.
            EndpointInactive: It is switched off.
        """
        row = self._endpoint(session, endpoint_id)
        if row.state != EndpointState.ACTIVE:
            raise EndpointInactive
        if row.id not in repository.known_facts(session, fact.id):
            self._enqueue(session, row, fact)

    def test(self, session: Session, endpoint_id: str) -> None:
        """Send a fact without content to one endpoint.

        Raises:
            EndpointNotFound: No such endpoint.
            EndpointInactive: It is switched off.
        """
        row = self._endpoint(session, endpoint_id)
        if row.state != EndpointState.ACTIVE:
            raise EndpointInactive
        row.quiet_until = None
        self._enqueue(session, row, Fact(f"test:{new_id()}", WebhookEvent.TEST, {}))

    def resend(self, session: Session, delivery_id: str) -> None:
        """Send a delivery that has ended once more, under the same id, so that a receiver that has it drops it.

        Raises:
            DeliveryNotFound: No such delivery, or it is still on its way.
            EndpointInactive: Its endpoint is switched off.
        """
        row = repository.delivery(session, delivery_id)
        if row is None or row.state == DeliveryState.PENDING:
            raise DeliveryNotFound
        if self._endpoint(session, row.endpoint_id).state != EndpointState.ACTIVE:
            raise EndpointInactive
        row.state, row.attempts, row.ended_at = DeliveryState.PENDING, 0, None
        self._wait(session, row, self._clock.now())

    def load(self, session: Session, delivery_id: str) -> Outgoing:
        """Return what a delivery sends.

        Raises:
            Superseded: It ended meanwhile, or its endpoint was switched off.
        """
        row = repository.delivery(session, delivery_id)
        if row is None or row.state != DeliveryState.PENDING:
            raise Superseded
        endpoint = self._endpoint(session, row.endpoint_id)
        # The same id on every try is what lets a receiver drop a second arrival.
        quiet = endpoint.quiet_until is not None and endpoint.quiet_until > self._clock.now()
        signers = self._signers(session, endpoint)
        return Outgoing(f"msg_{row.id}", endpoint.url, row.body.encode(), signers, held=quiet)

    def send(self, outgoing: Outgoing) -> Outcome:
        """Try once; whatever goes wrong on the way is an outcome. Nothing goes to an endpoint that is left alone."""
        if outgoing.held:
            return Outcome(held=True)
        return attempt(self._poster, outgoing, self._clock.now())

    def record(self, session: Session, delivery_id: str, outcome: Outcome) -> None:
        """Write down what came of a try: delivered, to be tried again, or given up."""
        row = repository.delivery(session, delivery_id)
        if row is None or row.state != DeliveryState.PENDING:
            return
        endpoint = self._endpoint(session, row.endpoint_id)
        now = self._clock.now()
        if outcome.held:
            self._wait(session, row, max(now, endpoint.quiet_until or now))
            return
        row.attempts, row.status, row.error = row.attempts + 1, outcome.status, outcome.error
        if outcome.arrived:
            endpoint.last_success_at, endpoint.quiet_until = now, None
            self._end(row, DeliveryState.DELIVERED, now)
            repository.prune(session, now - self._keep)
        elif outcome.gone:
            self._end(row, DeliveryState.FAILED, now)
            self._switch_off(session, endpoint, EndpointState.GONE)
        elif row.attempts > len(RETRY_PAUSES):
            self._end(row, DeliveryState.FAILED, now)
            if (endpoint.last_success_at or endpoint.created_at) < now - _GIVE_UP_AFTER:
                self._switch_off(session, endpoint, EndpointState.FAILING)
        else:
            at = now + max(RETRY_PAUSES[row.attempts - 1], outcome.retry_after)
            # One failure is the delivery's own; a second one on its retry says that the endpoint is in trouble.
            quiet = now + max(LONGEST_QUIET if row.attempts > 1 else timedelta(), outcome.retry_after)
            endpoint.quiet_until = max(endpoint.quiet_until or quiet, quiet)
            self._wait(session, row, at)

    def _enqueue(self, session: Session, endpoint: WebhookEndpointRow, fact: Fact) -> None:
        now = self._clock.now()
        body = {"event": fact.event, **fact.body, "timestamp": int(now.timestamp())}
        row = WebhookDeliveryRow(
            endpoint_id=endpoint.id,
            fact_id=fact.id,
            event=fact.event,
            body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
            created_at=now,
        )
        repository.add(session, row)
        self._wait(session, row, max(now, endpoint.quiet_until or now))

    def _wait(self, session: Session, row: WebhookDeliveryRow, at: datetime) -> None:
        """Let a delivery be tried at an instant."""
        row.next_at = at
        delay = max(at - self._clock.now(), timedelta())
        self._queue.enqueue(session, JobRequest(DELIVER, row.id, delay=delay))

    def _end(self, row: WebhookDeliveryRow, state: DeliveryState, now: datetime) -> None:
        row.state, row.ended_at, row.next_at = state, now, None

    def _switch_off(self, session: Session, row: WebhookEndpointRow, state: EndpointState) -> None:
        row.state = state
        session.flush()
        repository.cancel_pending(session, row.id, self._clock.now())
        if state is not EndpointState.PAUSED:
            _log.error("webhooks.endpoint.switched_off", endpoint=row.id, why=str(state))

    def _endpoint(self, session: Session, endpoint_id: str) -> WebhookEndpointRow:
        row = repository.endpoint(session, endpoint_id)
        if row is None:
            raise EndpointNotFound
        return row

    def _signers(self, session: Session, row: WebhookEndpointRow) -> tuple[str, ...]:
        rotating = row.replaced_sealed is not None and (row.rotating_until or self._clock.now()) > self._clock.now()
        sealed = [row.secret_sealed, row.replaced_sealed] if rotating else [row.secret_sealed]
        return tuple(self._vault.open(session, _owner(row.id), _CONTEXT, one) for one in sealed if one is not None)

    def _seal(self, session: Session, endpoint_id: str, secret: str) -> bytes:
        return self._vault.seal(session, _owner(endpoint_id), _CONTEXT, secret)


_CONTEXT = "webhook_endpoints.secret"


def _owner(endpoint_id: str) -> str:
    return f"webhook:{endpoint_id}"
