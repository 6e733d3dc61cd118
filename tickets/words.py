"""The ticket store's fixed words and ids: what a status, a role, a field may be called."""

from enum import StrEnum
from typing import NewType

CustomerId = NewType("CustomerId", str)
ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)
AttachmentId = NewType("AttachmentId", str)
CaseId = NewType("CaseId", str)
TicketId = NewType("TicketId", str)
LabelPath = tuple[str, ...]
"""A path in the taxonomy: (type,), (type, cause) or (type, cause, detail)."""
TRIAGE = "triage"
"""The group that sees what nobody else is sure of."""


class Role(StrEnum):
    """Who speaks in a conversation."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class FieldName(StrEnum):
    """Facts that intake collects."""

    ORDER_NO = "order_no"
    MODEL = "model"
    FAULT_CODE = "fault_code"


class Verdict(StrEnum):
    """What a validator says of a value."""

    VALID = "valid"  # the shop's records know it
    UNKNOWN = "unknown"  # well formed, but no record
    INVALID = "invalid"  # cannot be such a value


class FieldState(StrEnum):
    """Where a field stands for the customer."""

    PROPOSED = "proposed"
    CONFLICT = "conflict"  # contradictory values, none of them chosen
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"  # typed in by the customer or an agent


class TicketStatus(StrEnum):
    """Main states of a ticket (LC-01, LC-03); how one leads to another is in ``tickets/lifecycle/schemes``."""

    NEW = "new"
    TO_ASSIGN = "to_assign"
    IN_PROGRESS = "in_progress"
    WAITING_CUSTOMER = "waiting_customer"
    ON_HOLD = "on_hold"  # an external wait: a carrier, a supplier, the weather
    ESCALATED = "escalated"
    TO_REVIEW = "to_review"
    TO_SETTLE = "to_settle"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"


class Stage(StrEnum):
    """What a status says more exactly: where work stands (LC-02), or to whom it was escalated (LC-03)."""

    DIAGNOSING = "diagnosing"
    AWAITING_MATERIAL = "awaiting_material"
    AWAITING_VISIT = "awaiting_visit"
    AWAITING_PARTS = "awaiting_parts"
    CALLED = "called"
    L2 = "l2"
    L3 = "l3"
    VENDOR = "vendor"


class CloseKind(StrEnum):
    """How a ticket ended (LC-08)."""

    SOLVED = "solved"
    USER_CONFIRMED = "user_confirmed"
    AUTOMATIC = "automatic"
    NOT_NEEDED = "not_needed"
    MERGED = "merged"  # it goes on in another ticket (DM-05)


class RecordKind(StrEnum):
    """What people write down beside the talk with the customer; the customer sees none of it."""

    NOTE = "note"  # LC-15
    WORKAROUND = "workaround"  # LC-12: the three apart
    ROOT_CAUSE = "root_cause"
    FINAL_FIX = "final_fix"
    REMOTE_ASSISTANCE = "remote_assistance"  # LC-18
    PAUSE_PROOF = "pause_proof"  # SL-07


class Priority(StrEnum):
    """Internal rank: P1 is the most urgent."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class Zone(StrEnum):
    """What a prediction may do: act by itself, be offered, or be left to a person."""

    AUTO = "auto"
    SUGGEST = "suggest"
    HUMAN = "human"


class Handler(StrEnum):
    """Who answers the customer at the moment."""

    BOT = "bot"
    AGENT = "agent"


class CaseStatus(StrEnum):
    """Where a case stands before it is a ticket."""

    COLLECTING = "collecting"
    PRESENTED = "presented"  # the confirm card is out
    ANSWERED = "answered"  # the knowledge base answered it; no ticket was needed
    FILED = "filed"


class StaffRole(StrEnum):
    """Roles of staff; what each may do is the table in ``tickets.rights``."""

    AGENT = "agent"
    QA = "qa"
    LEAD = "lead"
    OUTLET = "outlet"
    WAREHOUSE = "warehouse"
    FINANCE = "finance"
    ADMIN = "admin"
