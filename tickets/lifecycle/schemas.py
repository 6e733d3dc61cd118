"""What a scheme consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tickets.sla.words import PauseReason
from tickets.words import Stage, TicketStatus


class TicketAction(StrEnum):
    """What may happen to a ticket."""

    ROUTE = "route"
    ASSIGN = "assign"
    REPLY = "reply"
    ASK_CUSTOMER = "ask_customer"
    CUSTOMER_WROTE = "customer_wrote"
    SET_STAGE = "set_stage"
    HOLD = "hold"
    ESCALATE = "escalate"
    RESUME = "resume"
    SUBMIT = "submit"
    SEND_BACK = "send_back"
    APPROVE = "approve"
    SETTLE = "settle"
    RESOLVE = "resolve"
    CONFIRM = "confirm"
    REOPEN = "reopen"
    CLOSE = "close"
    CANCEL = "cancel"
    EXPIRE = "expire"
    MERGE = "merge"


class Part(StrEnum):
    """In which part somebody acts on a ticket; a transition says which parts may."""

    SYSTEM = "system"
    CUSTOMER = "customer"
    AGENT = "agent"
    LEAD = "lead"


class Need(StrEnum):
    """What a step must be given before it is taken."""

    REASON = "reason"
    FIX = "fix"
    STAGE = "stage"


class Guard(StrEnum):
    """What must be so, beside the status."""

    WINDOW_OPEN = "window_open"  # the customer may still say that it isn't solved
    TIME_IS_UP = "time_is_up"  # nobody said anything for as long as the settings give them
    ANOTHER_PERSON = "another_person"  # who approves is not who submitted


@dataclass(frozen=True, slots=True)
class Doer:
    """Who acts, and in which part."""

    name: str
    part: Part


SYSTEM = Doer("system:aftercare", Part.SYSTEM)
CUSTOMER = Doer("customer", Part.CUSTOMER)


@dataclass(frozen=True, slots=True)
class Transition:
    """One cell of the table.

    Attributes:
        to: The status afterwards.
        by: Who may.
        needs: What must be given.
        guards: What must hold.
    """

    to: TicketStatus
    by: frozenset[Part]
    needs: frozenset[Need] = frozenset()
    guards: frozenset[Guard] = frozenset()


@dataclass(frozen=True, slots=True)
class Scheme:
    """A whole lifecycle.

    Attributes:
        name: What tickets keep of it.
        initial: Where a ticket begins.
        table: (status, action) → transition; what is not in it is refused.
        stages: Status → what it can say more exactly; a status without stages is not in it.
        names: Status → (zh, en), where this scheme calls it otherwise than the usual.
    """

    name: str
    initial: TicketStatus
    table: Mapping[tuple[TicketStatus, TicketAction], Transition]
    stages: Mapping[TicketStatus, tuple[Stage, ...]]
    names: Mapping[TicketStatus, tuple[str, str]]

    @property
    def statuses(self) -> frozenset[TicketStatus]:
        """Every status a ticket of this scheme can have."""
        return frozenset({self.initial, *(t.to for t in self.table.values())})


@dataclass(frozen=True, slots=True)
class Choice:
    """A step that somebody may take now.

    Attributes:
        action: The step.
        needs: What it must be given.
        stages: Where it needs a stage: which there are.
    """

    action: TicketAction
    needs: frozenset[Need]
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the service waits for a customer.

    Attributes:
        confirm_window: After a ticket is resolved: how long it may be reopened; then it closes by itself.
        remind_after: Silence of a customer who was asked something until they are reminded, and between reminders.
        reminders: How many reminders.
        silence_closes_after: Silence until the ticket closes by itself.
        progress_every: Longest time without a word to the customer while a case is worked on; zero: no limit.
    """

    confirm_window: timedelta = timedelta(hours=72)
    remind_after: timedelta = timedelta(hours=24)
    reminders: int = 2
    silence_closes_after: timedelta = timedelta(days=7)
    progress_every: timedelta = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Situation:
    """What the guards look at.

    Attributes:
        status: Where the ticket stands.
        since: Since when.
        submitted_by: Who asked for approval; empty: nobody.
        now: The time.
        patience: The windows that guards measure by.
    """

    status: TicketStatus
    since: datetime
    submitted_by: str
    now: datetime
    patience: Patience


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody gives with a step; empty: nothing.

    Attributes:
        reason: Why, in words.
        fix: What was done about it, in words.
        stage: Which stage.
        pause: What is waited for, where the step lets the clocks stand still (SL-07).
        proof: What shows it: a waybill's number, a purchase order.
    """

    reason: str = ""
    fix: str = ""
    stage: Stage | None = None
    pause: PauseReason | None = None
    proof: str = ""

    def lacks(self, need: Need) -> bool:
        """Tell whether something asked for is not there."""
        value = getattr(self, need)
        return not (value.strip() if isinstance(value, str) else value)
