"""The words of rules: when they are asked, what they may look at, what they may do (AR-02, AR-03)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tickets.words import Priority, Stage, TicketStatus, Zone


class When(StrEnum):
    """What makes the rules be asked."""

    FILED = "filed"
    CLASSIFIED = "classified"
    ROUTED = "routed"
    UPDATED = "updated"
    CUSTOMER_MESSAGE = "customer_message"
    SUGGESTION_MADE = "suggestion_made"
    SUGGESTION_DECIDED = "suggestion_decided"
    SLA_WARNED = "sla_warned"
    SLA_BREACHED = "sla_breached"
    REPEATED = "repeated"


class Do(StrEnum):
    """What a rule may do."""

    ASSIGN = "assign"
    NOTIFY = "notify"
    START_TIMER = "start_timer"
    SET = "set"
    RAISE = "raise"
    TAG = "tag"
    REPLY = "reply"
    ESCALATE = "escalate"
    MERGE = "merge"
    WEBHOOK = "webhook"
    CLOSE = "close"


class Kind(StrEnum):
    """Of what kind a field's value is."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    YES_NO = "yes_no"
    LIST = "list"


class SlaState(StrEnum):
    """How a ticket's clocks stand."""

    NONE = "none"
    RUNNING = "running"
    WARNED = "warned"
    BREACHED = "breached"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class FieldType:
    """What a field holds.

    Attributes:
        kind: Of what kind.
        choices: For ``Kind.CHOICE``: which values there are.
        personal: Holds what a customer wrote: judged, but not kept in the trace of a firing.
        column: The column of a ticket whose change is a change of this field; empty: no ``updated`` tells of it.
    """

    kind: Kind
    choices: tuple[str, ...] = ()
    personal: bool = False
    column: str = ""


def _choice(*values: str, column: str = "") -> FieldType:
    return FieldType(Kind.CHOICE, values, column=column)


_TEXT, _NUMBER, _YES_NO = FieldType(Kind.TEXT), FieldType(Kind.NUMBER), FieldType(Kind.YES_NO)
_BLOCKERS = ("missing_fact", "no_knowledge", "contradiction", "policy", "needs_human")

FIELDS: Mapping[str, FieldType] = {
    "priority": _choice(*Priority, column="priority"),
    "status": _choice(*TicketStatus, column="status"),
    "stage": _choice("", *Stage, column="stage"),
    "type": FieldType(Kind.TEXT, column="label"),
    "label": FieldType(Kind.TEXT, column="label"),
    "labelSource": _choice("", "ai", "person"),
    "tags": FieldType(Kind.LIST),
    "channel": _TEXT,
    "region": _TEXT,
    "customerTier": _TEXT,
    "group": FieldType(Kind.TEXT, column="group_id"),
    "assignee": FieldType(Kind.TEXT, column="assignee"),
    "confidence": _NUMBER,
    "zone": _choice(*Zone),
    "orderPresent": _YES_NO,
    "orderNo": _TEXT,
    "productLine": _TEXT,
    "model": _TEXT,
    "faultCode": _TEXT,
    "reopenedCount": _NUMBER,
    "followUps": _NUMBER,
    "urges": _NUMBER,
    "slaState": _choice(*SlaState),
    "hoursOpen": _NUMBER,
    "hoursInStatus": _NUMBER,
    "title": FieldType(Kind.TEXT, personal=True),
    "description": FieldType(Kind.TEXT, personal=True),
    "message": FieldType(Kind.TEXT, personal=True),
    "suggestion": _choice("", "draft", *_BLOCKERS),
    "suggestionVerdict": _choice("", "open", "accepted", "edited", "rejected"),
}
"""Every field that a condition may name. ``label`` is the path with slashes; an empty text stands for nothing."""

COLUMNS = frozenset(field.column for field in FIELDS.values()) - {""}
"""Columns whose change asks the rules of ``When.UPDATED``."""
