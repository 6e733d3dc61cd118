"""Facts that service levels state; the subject is the ticket."""

from dataclasses import dataclass

from kit.events import Event


@dataclass(frozen=True, slots=True)
class SlaWarned(Event):
    """A target will be missed soon.

    Attributes:
        clock: Kind of the clock (``tickets.sla.words.ClockKind``).
        clock_id: Which.
    """

    clock: str = ""
    clock_id: str = ""


@dataclass(frozen=True, slots=True)
class SlaBreached(Event):
    """A target was missed; attributes as ``SlaWarned``."""

    clock: str = ""
    clock_id: str = ""


@dataclass(frozen=True, slots=True)
class SlaEscalated(Event):
    """Somebody above is called: by the matrix, by dwell time, or at once in an emergency.

    Attributes:
        level: ``emergency``, ``dwell_lead``, ``dwell_supervisor``, or the number of the matrix's rung from ``1``.
        to: Whom (``tickets.sla.words.EscalateTo``).
        clock: Kind of the clock that caused it; empty for an emergency.
    """

    level: str = ""
    to: tuple[str, ...] = ()
    clock: str = ""
