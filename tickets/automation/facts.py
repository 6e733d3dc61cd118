"""Facts: what rules may look at, read from the store for many tickets in a fixed number of queries."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import takewhile

from kit.crypto import Vault
from kit.db import Session
from tickets.automation import repository
from tickets.automation.conditions import Fact, Facts
from tickets.automation.ports import Witness
from tickets.automation.words import FIELDS, SlaState
from tickets.lifecycle.engine import DONE
from tickets.models import TicketRow
from tickets.repository import conversations as conversation_repository
from tickets.words import FieldName, Role, Zone

_WARNED_AT = 0.75  # of the time given
_BURST = 10  # messages looked back for what the customer said in one go


class FactReader:
    """Reads the facts of tickets.

    Args:
        vault: Opens what customers wrote, where a rule asks for it.
        witnesses: Who knows more; what a later one tells replaces what was known.
    """

    def __init__(self, vault: Vault, witnesses: Sequence[Witness]) -> None:
        self._vault = vault
        self._witnesses = witnesses

    def available(self) -> frozenset[str]:
        """Return the fields that can be told in this installation."""
        return _OWN | {name for witness in self._witnesses for name in witness.names}

    def read(
        self, session: Session, rows: Sequence[TicketRow], needed: Collection[str], now: datetime
    ) -> dict[str, Facts]:
        """Return ticket id → facts.

        Args:
            session: The unit of work.
            rows: The tickets.
            needed: Fields that somebody asks for; what is dear is read only if it is among them.
            now: The time.
        """
        ids = [row.id for row in rows]
        own = _Own(
            repository.tags(session, ids),
            repository.levels(session, {row.customer_id for row in rows}),
            repository.fields(session, ids),
            repository.predictions(session, ids),
            now,
        )
        found: dict[str, dict[str, Fact]] = {row.id: own.of(row) for row in rows}
        for witness in self._witnesses:
            if not witness.names.isdisjoint(needed):
                for ticket_id, told in witness.tell(session, found).items():
                    found[ticket_id].update(told)
        for row in rows:
            self._words(session, row, needed, found[row.id])
        return dict(found)

    def _words(self, session: Session, row: TicketRow, needed: Collection[str], facts: dict[str, Fact]) -> None:
        """Open what the customer wrote, where a rule asks for it."""
        if "description" in needed:
            context = f"tickets.description:{row.id}"
            facts["description"] = self._vault.open(session, row.customer_id, context, row.description_sealed)
        if "message" in needed:
            facts["message"] = self._last_words(session, row)

    def _last_words(self, session: Session, row: TicketRow) -> str:
        talk = conversation_repository.get(session, row.conversation_id)
        if talk is None:
            return ""
        after = max(talk.customer_seq - _BURST, 0)
        messages = conversation_repository.messages(session, self._vault, talk, after, talk.customer_seq - after)
        burst = list(takewhile(lambda message: message.role is Role.CUSTOMER, reversed(messages)))
        return "\n".join(message.raw for message in reversed(burst))


class _Own:
    """What the ticket store itself holds of some tickets."""

    def __init__(
        self,
        tags: Mapping[str, tuple[str, ...]],
        levels: Mapping[str, str],
        fields: Mapping[str, Mapping[str, str]],
        predictions: Mapping[str, tuple[float, str]],
        now: datetime,
    ) -> None:
        self._tags = tags
        self._levels = levels
        self._fields = fields
        self._predictions = predictions
        self._now = now

    def of(self, row: TicketRow) -> dict[str, Fact]:
        fields = self._fields.get(row.id, {})
        confidence, zone = self._predictions.get(row.id, (None, Zone.HUMAN))
        return {
            "priority": row.priority,
            "status": row.status,
            "stage": row.stage,
            "type": row.label_type,
            "label": "/".join(row.label),
            "labelSource": row.label_source,
            "tags": self._tags.get(row.id, ()),
            "channel": row.channel,
            "customerTier": self._levels.get(row.customer_id, ""),
            "group": row.group_id or "",
            "assignee": row.assignee or "",
            "confidence": confidence,
            "zone": zone,
            "orderPresent": bool(fields.get(FieldName.ORDER_NO)),
            "orderNo": fields.get(FieldName.ORDER_NO, ""),
            "productLine": row.line,
            "model": fields.get(FieldName.MODEL, ""),
            "faultCode": fields.get(FieldName.FAULT_CODE, ""),
            "reopenedCount": row.reopened_count,
            "slaState": sla_state(row, self._now),
            "hoursOpen": _hours(self._now, row.created_at),
            "hoursInStatus": _hours(self._now, row.status_since),
            "title": row.title,
        }


def sla_state(row: TicketRow, now: datetime) -> SlaState:
    """Return how a ticket's clocks stand: the worse of first response and resolution."""
    if row.status in DONE:
        return SlaState.DONE
    due = [at for at in (row.resolve_due_at, None if row.first_responded_at else row.first_response_due_at) if at]
    if not due:
        return SlaState.NONE
    if min(due) < now:
        return SlaState.BREACHED
    near = any(now >= row.created_at + (at - row.created_at) * _WARNED_AT for at in due)
    return SlaState.WARNED if near else SlaState.RUNNING


def _hours(now: datetime, since: datetime) -> float:
    return round((now - since).total_seconds() / 3600, 2)


_OWN = frozenset(FIELDS) - {"region", "followUps", "urges", "suggestion", "suggestionVerdict"}
"""Fields that the ticket store itself can tell."""
