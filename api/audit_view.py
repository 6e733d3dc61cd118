"""What a person sees of the audit: records with names and ticket numbers, and how far the chain reaches."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from api.rendering import texts
from api.wiring import Services
from kit.audit.schemas import AuditQuery, AuditRecord
from kit.db import Session
from kit.text import displayable
from tickets.auditing import TICKET_PREFIX, AuditAction
from tickets.errors import TicketNotFound
from tickets.service import WORKING_ZONE

PAGE = 50
EXPORT_ROWS = 50_000
_NUMBER = re.compile(r"(?:[Tt]-)?(\d{1,9})")
_NOTHING = "-"  # a subject that no record has
_ID_CHARS = 8
# The kinds of entries that a timeline may have; their words are those of the desk.
_EVENT_WORDS = "event_"


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What a list shows, as a person typed it.

    Attributes:
        subject: A ticket's number, or the id of whatever it is.
        since: First day, on the shop's clock.
        until: Last day.
    """

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None

    def parts(self) -> dict[str, str]:
        """Return this as the parts of an address, without what is empty."""
        named = {
            "actor": self.actor,
            "action": self.action,
            "subject": self.subject,
            "from": self.since.isoformat() if self.since else "",
            "to": self.until.isoformat() if self.until else "",
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class AuditLine:
    """A record with what a person needs to read it.

    Attributes:
        subject: What it was done to, in words.
        number: Of the ticket it is about, where it is about one.
        facts: Its data, a line each.
        private: What was sealed with the customer's key, as text; empty: nothing was.
    """

    record: AuditRecord
    subject: str
    number: int | None
    facts: tuple[str, ...]
    private: str


def actions(lang: str) -> dict[str, str]:
    """Return every action with its word, those of timelines last."""
    words = texts(lang)
    own = {str(action): words[f"audit_{action}"] for action in AuditAction}
    events = {key.removeprefix(_EVENT_WORDS): word for key, word in words.items() if key.startswith(_EVENT_WORDS)}
    return own | {f"{TICKET_PREFIX}{kind}": word for kind, word in events.items()}


def query_of(services: Services, session: Session, wanted: AuditFilter, before: str | None = None) -> AuditQuery:
    """Return what is asked of the store."""
    return AuditQuery(
        actor=displayable(wanted.actor).strip(),
        action=wanted.action,
        subject_id=_subject_id(services, session, displayable(wanted.subject).strip()),
        since=_midnight(wanted.since) if wanted.since else None,
        until=_midnight(wanted.until + timedelta(days=1)) if wanted.until and wanted.until < date.max else None,
        before=before,
    )


def audit_page(services: Services, session: Session, query: AuditQuery) -> tuple[list[AuditLine], str | None]:
    """Return a page of records, newest first, and the id to go on from."""
    found = services.audit.page(session, query, PAGE + 1)
    shown = found[:PAGE]
    return _lines(services, session, shown), shown[-1].id if len(found) > PAGE else None


def all_lines(services: Services, session: Session, query: AuditQuery, *, batch: int = 500) -> Iterator[AuditLine]:
    """Yield the records of a filter, newest first, at most ``EXPORT_ROWS``."""
    left = EXPORT_ROWS
    while left > 0:
        found = services.audit.page(session, query, min(batch, left), with_private=False)
        yield from _lines(services, session, found)
        if len(found) < min(batch, left):
            return
        left -= len(found)
        query = replace(query, before=found[-1].id)


def _lines(services: Services, session: Session, found: Sequence[AuditRecord]) -> list[AuditLine]:
    """Return records with names and numbers, in two queries whatever their number."""
    numbers = services.tickets.numbers(session, {record.subject_id for record in found})
    names = services.staff.names(session)
    return [_line(record, numbers.get(record.subject_id), names) for record in found]


def _line(record: AuditRecord, number: int | None, names: Mapping[str, str]) -> AuditLine:
    subject = f"T-{number}" if number else names.get(record.subject_id, record.subject_id)
    private = json.dumps(record.private, ensure_ascii=False) if record.private else ""
    return AuditLine(record, subject, number, tuple(_facts(record.data)), private)


def _facts(data: Mapping[str, Any]) -> Iterator[str]:
    for name, value in data.items():
        if name == "changes" and isinstance(value, dict):
            for column, (before, after) in value.items():
                yield f"{column}: {_said(before)} → {_said(after)}"
        elif name != "entry" and value not in (None, "", []):
            yield f"{name}: {_said(value)}"


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return "–" if value in (None, "") else str(value)


def _subject_id(services: Services, session: Session, typed: str) -> str:
    """Return the id that is meant: a ticket's where a number is typed."""
    number = _NUMBER.fullmatch(typed)
    if number is None:
        return typed
    try:
        return services.tickets.by_number(session, int(number[1])).summary.id
    except TicketNotFound:
        return _NOTHING


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), WORKING_ZONE)
