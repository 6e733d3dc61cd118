"""Decides what a suggestion says before anybody words it: the steps, the facts, the question, the blocker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from copilot.cues import RULED, Ask, mood_of
from copilot.drafting import Fact, facts_of
from copilot.ports import ProgressBook, RecordedState
from copilot.procedure import Matter, Procedure, ProcedureFinder, line_in
from copilot.schemas import Blocker, BlockerKind, SuggestedStep
from copilot.thread import Thread
from copilot.wording import Phrase, Question, Reason, blocker, conflict, phrase, question
from kit.db import Session
from knowledge.schemas import Audience, Hit, Passage
from tickets.schemas import Ticket
from tickets.words import FieldName, FieldState

# What a person must decide is not answered by a procedure meanwhile.
_SILENT = frozenset({BlockerKind.CONTRADICTION, BlockerKind.NEEDS_HUMAN})


@dataclass(frozen=True, slots=True)
class Plan:
    """What a suggestion is made of.

    Attributes:
        opening: Courtesy at the beginning of the draft.
        facts: What the draft may state, in order; still to be grounded.
        closing: The one question; empty: none.
        clause: The rule that governs a refund, exchange or compensation, for the agent.
        state: The recorded state that answers a question about progress.
    """

    lang: str
    procedure: Procedure
    steps: tuple[SuggestedStep, ...] = ()
    opening: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    closing: str = ""
    clause: Passage | None = None
    state: RecordedState | None = None
    blocker: Blocker | None = None
    hits: tuple[Hit, ...] = ()


class Planner:
    """Plans suggestions.

    Args:
        finder: Finds what to go by.
        progress: Recorded nodes of after-sales orders.
        line_names: Product line → how customers call it.
    """

    def __init__(
        self, finder: ProcedureFinder, progress: ProgressBook | None, line_names: Mapping[str, Sequence[str]]
    ) -> None:
        self._finder = finder
        self._progress = progress
        self._line_names = line_names

    def plan(self, session: Session, ticket: Ticket, thread: Thread, line: str | None) -> Plan:
        """Plan a suggestion for a ticket; see ``SuggestionService.suggest``."""
        lang, asks, matter = thread.lang, thread.asks(), self._matter(ticket, thread, line)
        if Ask.SAFETY in asks:
            return self._danger(session, thread, matter)
        if thread.solved() and not asks:
            closing = question(Question.ANYTHING_ELSE, lang)
            return Plan(lang, Procedure(), opening=(phrase(Phrase.GLAD, lang),), closing=closing)
        conflicts = [f.name for f in ticket.fields if f.state is FieldState.CONFLICT]
        unclear = {FieldName.MODEL, FieldName.FAULT_CODE}.intersection(conflicts)
        procedure = Procedure() if unclear else self._finder.find(session, matter)
        clause, rule_hits = self._finder.policy(session, matter) if RULED & asks.keys() else (None, [])
        state = self._progress.newest(session, ticket) if self._progress and Ask.PROGRESS in asks else None
        steps = _steps(procedure, thread)
        known_order = ticket.field(FieldName.ORDER_NO) is not None
        stop = _ruled(lang, asks, state=state, known_order=known_order)
        if stop is None and state is None:  # a recorded state is the answer
            stop = _unruled(lang, procedure, steps)
        if conflicts:
            stop = conflict(conflicts[0], lang)
        hits = (*procedure.hits, *rule_hits)
        plan = Plan(lang, procedure, steps, clause=clause, state=state, blocker=stop, hits=hits)
        return plan if thread.awaits_customer else _spoken(plan, thread, asks)

    def _danger(self, session: Session, thread: Thread, matter: Matter) -> Plan:
        found = self._finder.danger(session, matter)
        stop = blocker(Reason.SAFETY, thread.lang, Question.SAFE)
        steps = _steps(found, thread)
        # No courtesy first: the first sentence asks after the people.
        return Plan(thread.lang, found, steps, closing=stop.question, blocker=stop, hits=found.hits)

    def _matter(self, ticket: Ticket, thread: Thread, line: str | None) -> Matter:
        said = " ".join(m.raw.strip() for m in thread.open) or ticket.description
        everything = "\n".join([ticket.summary.title, ticket.description, *(m.raw for m in thread.customer)])
        return Matter(
            label=ticket.summary.label,
            line=line or line_in(everything, self._line_names),
            model=_known(ticket, FieldName.MODEL),
            code=_known(ticket, FieldName.FAULT_CODE),
            words=said,
            lang=thread.lang,
        )


def _spoken(plan: Plan, thread: Thread, asks: Mapping[Ask, int]) -> Plan:
    """Add what the draft says."""
    step = next((s for s in plan.steps if s.is_next), None)
    stop = plan.blocker
    facts = () if stop is not None and stop.kind in _SILENT else _sayable(plan, step, ruled=bool(RULED & asks.keys()))
    native = tuple(f for f in facts if f.passage.lang[:2] == plan.lang[:2])
    # What a code means is said once; a step is said again as long as nobody reports on it.
    row = plan.procedure.code_row
    told = tuple(f for f in native if f.passage is not row or not thread.said_by_us(f.text))
    if facts and not native and stop is None:
        stop = blocker(Reason.OTHER_LANGUAGE, plan.lang)
    upset = any(mood_of(m.raw) == "upset" for m in thread.open)
    opening = [phrase(Phrase.SORRY if upset else Phrase.ACKNOWLEDGE, plan.lang)]
    wants_money = Ask.MONEY in asks and Ask.PROGRESS not in asks
    if wants_money:
        opening.append(phrase(Phrase.MONEY, plan.lang))
    closing = stop.question if stop is not None else ""
    if step is not None and told and not closing:
        closing = question(Question.OUTCOME, plan.lang)
    if not (told or closing or plan.state or wants_money):
        opening = []
    return Plan(
        lang=plan.lang,
        procedure=plan.procedure,
        steps=plan.steps,
        opening=tuple(opening),
        facts=told,
        closing=closing,
        clause=plan.clause,
        state=plan.state,
        blocker=stop,
        hits=plan.hits,
    )


def _sayable(plan: Plan, step: SuggestedStep | None, *, ruled: bool) -> tuple[Fact, ...]:
    """Return what the customer may be told: nothing from agents' own articles, no general answer where rules decide."""
    article = plan.procedure.article
    if article is not None and article.audience is not Audience.CUSTOMER:
        return ()
    if ruled and plan.procedure.answer is not None:
        return ()
    return tuple(facts_of(plan.procedure, step, plan.lang))


def _steps(procedure: Procedure, thread: Thread) -> tuple[SuggestedStep, ...]:
    """Return the steps with those already done; the first of the others is next."""
    done = thread.done(procedure.steps)
    following = next((s.number for s in procedure.steps if s.number not in done), None)
    return tuple(
        SuggestedStep(
            number=s.number,
            action=s.action,
            expected=s.expected,
            otherwise=s.otherwise,
            passage_id=s.passage_id,
            done_seq=done[s.number].seq if s.number in done else None,
            done_words=done[s.number].words if s.number in done else "",
            is_next=s.number == following,
        )
        for s in procedure.steps
    )


def _ruled(lang: str, asks: Mapping[Ask, int], *, state: RecordedState | None, known_order: bool) -> Blocker | None:
    """Return the blocker for what no procedure may decide: progress without a record, money, a superior."""
    order = None if known_order else Question.ORDER_NO
    if Ask.PROGRESS in asks and state is None:
        return blocker(Reason.NO_RECORDED_STATE, lang, order)
    if Ask.MONEY in asks and state is None:
        return blocker(Reason.MONEY, lang, order)
    return blocker(Reason.ESCALATION, lang) if Ask.ESCALATION in asks else None


def _unruled(lang: str, procedure: Procedure, steps: Sequence[SuggestedStep]) -> Blocker | None:
    """Return the blocker for a procedure that cannot be chosen or is at its end."""
    if (stop := procedure.stop) is not None:
        return blocker(stop.reason, lang, stop.ask, stop.value)
    if steps and procedure.article is not None and not any(step.is_next for step in steps):
        return blocker(Reason.STEPS_DONE, lang, value=procedure.article.title)
    return None


def _known(ticket: Ticket, name: FieldName) -> str:
    """Return a fact's normal form, empty where it is missing or contradictory."""
    found = ticket.field(name)
    return found.normal if found is not None and found.state is not FieldState.CONFLICT else ""
