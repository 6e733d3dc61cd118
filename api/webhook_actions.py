"""What a person does about webhooks; the JSON routes and the page both call these, and each is in the audit."""

from collections.abc import Collection

from api.auditing import note
from api.wiring import Services
from kit.db import Session
from tickets.auditing import AuditAction
from tickets.schemas import StaffMember
from tickets.webhooks.schemas import Endpoint, WebhookEvent

_KIND = "webhook"


def add(
    services: Services, session: Session, member: StaffMember, url: str, events: Collection[WebhookEvent]
) -> tuple[Endpoint, str]:
    """Add an endpoint; raises as the service does."""
    endpoint, secret = services.webhooks.add(session, url, events, member.username)
    note(services, session, member, AuditAction.WEBHOOK_ADDED, (_KIND, endpoint.id), events=sorted(endpoint.events))
    return endpoint, secret


def rotate(services: Services, session: Session, member: StaffMember, endpoint_id: str) -> str:
    """Replace an endpoint's secret; raises as the service does."""
    secret = services.webhooks.rotate(session, endpoint_id)
    note(services, session, member, AuditAction.WEBHOOK_ROTATED, (_KIND, endpoint_id))
    return secret


def resend(services: Services, session: Session, member: StaffMember, delivery_id: str) -> None:
    """Send a delivery again; raises as the service does."""
    services.webhooks.resend(session, delivery_id)
    note(services, session, member, AuditAction.WEBHOOK_RESENT, ("delivery", delivery_id))


def perform(services: Services, session: Session, member: StaffMember, endpoint_id: str, act: str) -> None:
    """Send a test, pause or resume; raises as the service does."""
    service = services.webhooks
    do, action = {
        "test": (service.test, AuditAction.WEBHOOK_TESTED),
        "pause": (service.pause, AuditAction.WEBHOOK_PAUSED),
        "resume": (service.resume, AuditAction.WEBHOOK_RESUMED),
    }[act]
    do(session, endpoint_id)
    note(services, session, member, action, (_KIND, endpoint_id))
