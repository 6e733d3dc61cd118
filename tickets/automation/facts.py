"""Facts: what rules may look at, read from the store for many tickets in a fixed number of queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
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
from tickets.sla import repository as sla_repository
from tickets.words import FieldName, Role, Zone

_WORSE = (SlaState.RUNNING, SlaState.WARNED, SlaState.BREACHED)
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
            clock_states(session, ids),
            repository.regions(session, ids),
            now=now,
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


@dataclass(frozen=True, slots=True)
class _Own:
    """What the ticket store itself holds of some tickets."""

    tags: Mapping[str, tuple[str, ...]]
    levels: Mapping[str, str]
    fields: Mapping[str, Mapping[str, str]]
    predictions: Mapping[str, tuple[float, str]]
    clocks: Mapping[str, SlaState]
    regions: Mapping[str, str]
    now: datetime

    def of(self, row: TicketRow) -> dict[str, Fact]:
        fields = self.fields.get(row.id, {})
        confidence, zone = self.predictions.get(row.id, (None, Zone.HUMAN))
        return {
            "priority": row.priority,
            "status": row.status,
            "stage": row.stage,
            "type": row.label_type,
            "label": "/".join(row.label),
            "labelSource": row.label_source,
            "tags": self.tags.get(row.id, ()),
            "channel": row.channel,
            "region": self.regions.get(row.id, ""),
            "customerTier": self.levels.get(row.customer_id, ""),
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
            "slaState": SlaState.DONE if row.status in DONE else self.clocks.get(row.id, SlaState.NONE),
            "hoursOpen": _hours(self.now, row.created_at),
            "hoursInStatus": _hours(self.now, row.status_since),
            "title": row.title,
        }


def clock_states(session: Session, ticket_ids: Collection[str]) -> dict[str, SlaState]:
    """Return how the running clocks of tickets stand: the worst of each; a ticket without any is not in it."""
    found: dict[str, SlaState] = {}
    for clock in sla_repository.running_of(session, ticket_ids):
        state = SlaState.BREACHED if clock.breached_at else SlaState.WARNED if clock.warned_at else SlaState.RUNNING
        found[clock.ticket_id] = max(found.get(clock.ticket_id, state), state, key=_WORSE.index)
    return found


def _hours(now: datetime, since: datetime) -> float:
    return round((now - since).total_seconds() / 3600, 2)


_OWN = frozenset(FIELDS) - {"followUps", "urges", "suggestion", "suggestionVerdict"}
"""Fields that the ticket store itself can tell."""
