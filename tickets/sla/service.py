"""Service levels' public face: how a ticket stands, why, what time does to its clocks; rules checked and saved."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from kit.db import Session
from kit.errors import Issue
from tickets.books.errors import BookInvalid
from tickets.books.schemas import Edition
from tickets.books.service import checked
from tickets.ledger import Ledger
from tickets.lifecycle.schemas import Doer, Given, TicketAction
from tickets.sla import repository
from tickets.sla.adapters.calendar_files import days_off
from tickets.sla.announcing import raised
from tickets.sla.calendars import CALENDARS, Calendars, SpecialDay
from tickets.sla.errors import (
    CalendarInUse,
    ClockNotFound,
    NotAPersonsReason,
    NotBreached,
    PauseNeeds,
    UnknownPriority,
    UnknownTimer,
)
from tickets.sla.explaining import explain, walked
from tickets.sla.hours import FAR
from tickets.sla.judging import Rules
from tickets.sla.models import ClockRow, PauseRow
from tickets.sla.policies import SERVICE_LEVELS, ServiceLevels
from tickets.sla.recomputing import preview, recompute
from tickets.sla.schemas import (
    Attainment,
    ClockState,
    Explanation,
    Figures,
    Moves,
    SlaClock,
    SlaPause,
    TicketSla,
)
from tickets.sla.ticket_clocks import stops_of
from tickets.sla.words import (
    AROUND_THE_CLOCK,
    GIVEN_REASONS,
    PAUSABLE,
    BreachCause,
    ClockKind,
    PauseReason,
    Promise,
)
from tickets.words import Priority, TicketStatus
from tickets.working import WorkService

_MOST = 500  # tickets a sweep; the next sweep takes the following


class SlaService:
    """What others ask of service levels.

    Args:
        ledger: What every verb on tickets stands on; its keeper follows every step by itself.
        work: Takes the steps that pauses are.
    """

    def __init__(self, ledger: Ledger, work: WorkService) -> None:
        self._ledger = ledger
        self._work = work
        self._keeper = ledger.clocks

    def status(self, session: Session, ticket_id: str) -> TicketSla:
        """Return how a ticket stands.

        Raises:
            TicketNotFound: No such ticket.
        """
        row = self._ledger.row(session, ticket_id)
        pauses = repository.pauses(session, row.id)
        clocks = tuple(self._view(clock, pauses) for clock in repository.clocks(session, row.id))
        running = [clock for clock in clocks if clock.ended_at is None and clock.due_at is not None]
        first = min(running, key=lambda clock: clock.due_at or FAR, default=None)
        shown = (SlaPause(p.since, p.until, PauseReason(p.reason), p.by, p.proof_id) for p in pauses)
        return TicketSla(clocks, tuple(shown), first)

    def explain(self, session: Session, ticket_id: str, kind: ClockKind) -> Explanation:
        """Say why the newest clock of a kind is due when it is.

        Raises:
            TicketNotFound: No such ticket.
            ClockNotFound: It has none of that kind.
        """
        found = [e for e in self.explanations(session, ticket_id) if e.clock.kind is kind]
        if not found:
            raise ClockNotFound(kind)
        return found[-1]

    def explanations(self, session: Session, ticket_id: str) -> list[Explanation]:
        """Return every clock of a ticket with its explanation, in the order in which they started."""
        row = self._ledger.row(session, ticket_id)
        pauses = repository.pauses(session, row.id)
        found = []
        for clock in repository.clocks(session, row.id):
            rules = self._keeper.rules_at(session, clock.sla_version, clock.calendars_version)
            walk = walked(rules, clock, stops_of(pauses))
            lines = explain(rules, clock, walk)
            due = walk.due_at if clock.minutes else None
            found.append(Explanation(self._view(clock, pauses), due, walk.left, lines))
        return found

    def start_timer(self, session: Session, ticket_id: str, target_name: str, doer: Doer) -> SlaClock:
        """Start a timer of the book, as rules do (SL-15); one that runs already is left as it is.

        Raises:
            TicketNotFound, TicketArchived: No such ticket, or it is closed.
            UnknownTimer: The book has no such timer.
        """
        row = self._ledger.writable(session, ticket_id)
        timers = self._keeper.rules(session).levels.timers
        target = timers.get(target_name)
        if target is None:
            raise UnknownTimer(target_name, timers)
        clock = self._keeper.start_timer(session, row, target_name, target, self._ledger.clock.now())
        due = clock.due_at.isoformat() if clock.due_at else ""
        self._ledger.note(session, row, doer.name, "timer_started", {"name": target_name, "due": due})
        return self._view(clock, repository.pauses(session, row.id))

    def pause(self, session: Session, ticket_id: str, reason: PauseReason, proof: str, doer: Doer) -> None:
        """Hold a ticket because of something outside, with what proves it (SL-07).

        Raises:
            PauseNeeds: No proof.
            NotAPersonsReason: A reason that only the lifecycle pauses for.
            TransitionRefused, StepNotAllowed: Its state does not allow it, or not for this person.
        """
        if not proof.strip():
            raise PauseNeeds("proof")
        self.hold(session, ticket_id, Given(reason=proof, pause=reason, proof=proof), doer)

    def hold(self, session: Session, ticket_id: str, given: Given, doer: Doer) -> None:
        """Take the lifecycle's step that pauses, with reason and proof; raises as ``pause``, the step's own first."""
        self._work.allowed(session, ticket_id, TicketAction.HOLD, doer, given)
        if given.pause is None:
            raise PauseNeeds("pause")
        if given.pause not in GIVEN_REASONS:
            raise NotAPersonsReason(given.pause)
        if not given.proof.strip():
            raise PauseNeeds("proof")
        self._work.take(session, ticket_id, TicketAction.HOLD, doer, given)

    def resume(self, session: Session, ticket_id: str, doer: Doer) -> None:
        """Let a held ticket's clocks run again; raises as ``WorkService.take``."""
        self._work.take(session, ticket_id, TicketAction.RESUME, doer)

    def set_cause(
        self, session: Session, ticket_id: str, clock_id: str, doer: Doer, *, cause: BreachCause, words: str
    ) -> None:
        """Let a person say why a target was missed (SL-09).

        Raises:
            ClockNotFound: Not of this ticket.
            NotBreached: It was not missed.
        """
        row = self._ledger.row(session, ticket_id)
        clock = repository.clock(session, clock_id)
        if clock is None or clock.ticket_id != row.id:
            raise ClockNotFound
        if clock.breached_at is None:
            raise NotBreached
        clock.cause, clock.cause_words = cause, words.strip()[:300]
        clock.cause_by, clock.cause_at = doer.name, self._ledger.clock.now()
        self._ledger.note(session, row, doer.name, "sla_cause", {"clock": clock.kind, "cause": cause})

    def due(self, session: Session) -> list[tuple[str, str]]:
        """Return (ticket id, conversation id) of tickets whose clocks have something to tell; costs what is due."""
        return repository.due(session, self._ledger.clock.now(), _MOST)

    def attend(self, session: Session, ticket_id: str) -> None:
        """Tell what a ticket's clocks have to tell: warnings, breaches, escalations; nothing where it was told."""
        row = self._ledger.row(session, ticket_id)
        for told in self._keeper.attend(session, row, self._ledger.clock.now()):
            if told.raises and TicketStatus(row.status) is not TicketStatus.CLOSED:
                row.priority = raised(Priority(row.priority))
            self._ledger.tell(session, row, told)

    def recompute(self, session: Session, after: str = "") -> str | None:
        """Judge the next batch of running clocks by the rules in force; see ``recomputing.recompute``."""
        return recompute(session, self._keeper.rules(session), after, self._ledger.clock.now())

    def figures(self, session: Session, since: timedelta) -> Figures:
        """Return how well targets were kept, and why they were not (SL-09)."""
        begin = self._ledger.clock.now() - since
        lines = repository.attainment(session, begin)
        return Figures(
            tuple(Attainment(ClockKind(k), Priority(p), total, missed) for k, p, total, missed in lines),
            repository.causes(session, begin),
        )

    def levels(self, session: Session) -> Edition[ServiceLevels]:
        """Return the service levels in force."""
        return self._keeper.books.current(session, SERVICE_LEVELS)

    def calendars(self, session: Session) -> Edition[Calendars]:
        """Return the calendars in force."""
        return self._keeper.books.current(session, CALENDARS)

    def rank_of(self, session: Session, scheme: str, word: str) -> Priority:
        """Return the internal rank of a scheme's word, so that one scheme's P1 is never another's (CL-14).

        Raises:
            UnknownPriority: The scheme, or the word in it, is unknown.
        """
        levels = self.levels(session).body
        ranks = {r.key: r for s in levels.schemes if s.name == scheme for r in s.ranks}
        found = next((r for key, r in ranks.items() if key.lower() == word.strip().lower()), None)
        if found is None:
            raise UnknownPriority(scheme, word, ranks)
        return found.rank

    def save_levels(
        self, session: Session, raw: Mapping[str, object], *, base_version: int, actor: str, note: str = ""
    ) -> Edition[ServiceLevels]:
        """Save service levels; raises as ``BookService.save``, also where a target names no calendar."""
        _known(checked(SERVICE_LEVELS, raw), self.calendars(session).body)
        return self._keeper.books.save(session, SERVICE_LEVELS, raw, base_version=base_version, actor=actor, note=note)

    def save_calendars(
        self, session: Session, raw: Mapping[str, object], *, base_version: int, actor: str, note: str = ""
    ) -> Edition[Calendars]:
        """Save calendars.

        Raises:
            CalendarInUse: A target counts by one that is left out.
            BookInvalid, BookChanged: As ``BookService.save``.
        """
        names = {calendar.name for calendar in checked(CALENDARS, raw).calendars}
        for place, name in self.levels(session).body.calendars_used():
            if name not in names | {AROUND_THE_CLOCK}:
                raise CalendarInUse(name, place)
        return self._keeper.books.save(session, CALENDARS, raw, base_version=base_version, actor=actor, note=note)

    def with_days_off(self, raw: Mapping[str, object], name: str, data: bytes) -> Calendars:
        """Return calendars with the days off of a calendar file in one of them; days written there before stay.

        Args:
            raw: Calendars as JSON has them; nothing is saved.
            name: Which of them.
            data: An iCalendar file.

        Raises:
            CalendarFileUnreadable: No days off can be read from it.
            BookInvalid: The calendars are none, or have none of that name.
        """
        body = checked(CALENDARS, raw)
        found = next((calendar for calendar in body.calendars if calendar.name == name), None)
        if found is None:
            raise BookInvalid([Issue("calendars", f"没有日历「{name}」", f"there is no calendar {name!r}")])
        written = {special.day for special in found.days}
        new = [SpecialDay(day=d, name=words) for d, words in days_off(data).items() if d not in written]
        days = sorted([*found.days, *new], key=lambda special: special.day)
        changed = found.model_copy(update={"days": tuple(days)})
        return body.model_copy(update={"calendars": tuple(changed if c.name == name else c for c in body.calendars)})

    def preview(
        self,
        session: Session,
        levels: Mapping[str, object] | None = None,
        calendars: Mapping[str, object] | None = None,
    ) -> Moves:
        """Count the due times that rules would move before they are saved; raises as the saving would."""
        new = checked(SERVICE_LEVELS, levels) if levels is not None else self.levels(session).body
        days = checked(CALENDARS, calendars) if calendars is not None else self.calendars(session).body
        _known(new, days)
        return preview(session, Rules(new, days, 0, 0))

    def _view(self, clock: ClockRow, pauses: Sequence[PauseRow]) -> SlaClock:
        return SlaClock(
            id=clock.id,
            kind=ClockKind(clock.kind),
            name=clock.name,
            state=_state(clock, pauses, self._ledger.clock.now()),
            promise=Promise(clock.promise) if clock.promise else None,
            minutes=clock.minutes,
            calendar=clock.calendar,
            started_at=clock.started_at,
            due_at=clock.due_at,
            warn_at=clock.warn_at,
            ended_at=clock.ended_at,
            met_at=clock.met_at,
            met_by=clock.met_by or "",
            breached_at=clock.breached_at,
            ai_answered_at=clock.ai_answered_at,
            cause=BreachCause(clock.cause) if clock.cause else None,
            cause_words=clock.cause_words or "",
            cause_by=clock.cause_by or "",
        )


def _state(clock: ClockRow, pauses: Sequence[PauseRow], now: datetime) -> ClockState:
    if clock.ended_at is not None:
        if clock.breached_at is not None:
            return ClockState.MISSED
        return ClockState.MET if clock.met_at is not None else ClockState.ENDED
    if not clock.minutes:
        return ClockState.NONE
    if clock.due_at is not None and clock.due_at <= now:
        return ClockState.LATE
    if ClockKind(clock.kind) in PAUSABLE and any(pause.until is None for pause in pauses):
        return ClockState.PAUSED
    near = clock.warn_at is not None and clock.warn_at <= now
    return ClockState.NEAR if near else ClockState.RUNNING


def _known(levels: ServiceLevels, calendars: Calendars) -> None:
    names = {calendar.name for calendar in calendars.calendars} | {AROUND_THE_CLOCK}
    wrong = [
        Issue(place, f"没有日历「{name}」", f"there is no calendar {name!r}")
        for place, name in levels.calendars_used()
        if name not in names
    ]
    if wrong:
        raise BookInvalid(wrong)
