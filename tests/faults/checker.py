"""Judges a history against the store: what was acknowledged and is lost, what happened twice, what is stuck.

Lost is more than a missing row: a message whose turn nobody ever took up, or a filed ticket that never was classified,
routed or given a suggestion, is lost to the people who wait for it although every job says "done".
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from faults.history import Seen
from faults.store import Store, StoredConversation, StoredJob, StoredMessage

from api.pipeline import ROUTINES

PLANTED = frozenset({"jobs.heartbeat", *(routine.kind.name for routine in ROUTINES)})
"""Kinds that are planted whatever happens: one of them may have just begun to wait."""

_UNDERSTAND = "intake.understand"
_SUGGEST = {"copilot.suggest", "copilot.suggest_on"}
_OVER = {"done", "cancelled"}
_OPEN = {"due", "leased"}
_CREATED = "ticket.created"
_ONCE = ("filed", "classified", "routed", "prediction")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement; each offence is a sentence.

    Attributes:
        acknowledged: Messages that the service said it has.
        maybe: Messages that were tried and never acknowledged: they may be there once, or not at all.
        lost: Acknowledged and not there, or there and without effect.
        doubled: One cause, two effects.
        stuck: Jobs that still wait, run or were set aside.
        told: Arrivals of webhooks; the same id may come twice.
    """

    acknowledged: int
    maybe: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    stuck: tuple[str, ...]
    told: int = 0

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.stuck)

    def __str__(self) -> str:
        parts = [f"{self.acknowledged} acknowledged, {self.maybe} maybe"]
        for name, found in (("lost", self.lost), ("doubled", self.doubled), ("stuck", self.stuck)):
            parts += [f"{len(found)} {name}", *(f"  {sentence}" for sentence in found[:10])]
        return "\n".join(parts)


def judge(history: Sequence[Seen], store: Store, *, told: bool = True) -> Verdict:
    """Judge a history against the store.

    Args:
        history: What the client saw.
        store: What is there, read after the last job ended.
        told: Whether somebody outside was to be told of every ticket.
    """
    acknowledged = {(s.conversation, s.client_id) for s in history if s.kind == "acknowledged"}
    tried = {(s.conversation, s.client_id) for s in history if s.kind == "tried"}
    return Verdict(
        acknowledged=len(acknowledged),
        maybe=len(tried - acknowledged),
        lost=(
            *_lost_messages(history, store),
            *_unanswered(history, store),
            *_unworked(history, store),
            *(_untold(history, store) if told else ()),
        ),
        doubled=(
            *_doubled_messages(history, store, tried),
            *_doubled_answers(store),
            *_doubled_tickets(history, store),
            *_doubled_steps(store),
            *_doubled_suggestions(store),
            *_doubled_news(history),
        ),
        stuck=tuple(
            f"job {job.id} {job.kind} of {job.subject} is {job.state} after {job.attempts}: {job.last_error[:200]}"
            for job in store.jobs
            if job.state not in _OVER and not (job.kind in PLANTED and job.state in _OPEN)
        ),
        told=sum(s.kind == "told" for s in history),
    )


def _lost_messages(history: Iterable[Seen], store: Store) -> Iterator[str]:
    """Yield what was acknowledged and isn't there as it was acknowledged."""
    rows = {m.id: m for m in store.messages}
    for seen in history:
        if seen.kind != "acknowledged":
            continue
        row = rows.get(seen.message_id)
        if row is None:
            yield f"{_name(seen)}: no row {seen.message_id}"
        elif (row.conversation, row.seq, row.external_id) != (seen.conversation, seen.number, _external(seen)):
            yield f"{_name(seen)}: row {row.id} is message {row.external_id} at {row.seq}, not at {seen.number}"


def _unanswered(history: Iterable[Seen], store: Store) -> Iterator[str]:
    """Yield messages that nobody took up: not understood, no job after them, or no answer where the bot answers."""
    conversations = {c.id: c for c in store.conversations}
    talks = _talks(store)
    last_done = {job.subject: job.done_at for job in _done(store, {_UNDERSTAND})}  # in the order of their end
    for seen in history:
        if seen.kind != "acknowledged" or seen.conversation not in conversations:
            continue
        conversation = conversations[seen.conversation]
        if conversation.understood_seq < seen.number:
            yield f"{_name(seen)}: understood up to {conversation.understood_seq} of {conversation.customer_seq}"
        elif last_done.get(seen.conversation, 0.0) < _time_of(talks[seen.conversation], seen.number):
            yield f"{_name(seen)}: no {_UNDERSTAND} was done after it"
    for conversation in store.conversations:
        if conversation.handler == "bot" and not _is_answered(conversation, talks[conversation.id]):
            yield f"{conversation.id}: nothing was said after message {conversation.customer_seq}"


def _unworked(history: Iterable[Seen], store: Store) -> Iterator[str]:
    """Yield confirmations without their ticket, and tickets that stand half way."""
    numbers = {(t.conversation, t.number) for t in store.tickets}
    for seen in history:
        if seen.kind == "confirmed" and (seen.conversation, seen.number) not in numbers:
            yield f"{_name(seen)}: ticket {seen.number} was acknowledged and is not there"
    steps = {(s.ticket, s.kind) for s in store.steps}
    for ticket in store.tickets:
        missing = [kind for kind in (*_ONCE, "suggestion") if (ticket.id, kind) not in steps]
        if missing:
            yield f"ticket {ticket.number}: never {', '.join(missing)}"


def _untold(history: Iterable[Seen], store: Store) -> Iterator[str]:
    """Yield news that never arrived: a ticket nobody was told of, a delivery that its receiver has not seen."""
    arrived = {s.message_id for s in history if s.kind == "told"}
    created = {d.about for d in store.deliveries if d.event == _CREATED}
    yield from (f"ticket {t.number}: nobody was told of it" for t in store.tickets if t.id not in created)
    for delivery in store.deliveries:
        if delivery.state != "delivered":
            yield f"webhook {delivery.id} {delivery.event}: {delivery.state}"
        elif f"msg_{delivery.id}" not in arrived:
            yield f"webhook {delivery.id} {delivery.event}: never arrived"
    yield from (f"webhook {s.message_id}: its signature is wrong" for s in history if s.kind == "forged")


def _doubled_news(history: Iterable[Seen]) -> Iterator[str]:
    """Yield tickets whose beginning was told under two ids: a receiver drops a second arrival by its id alone."""
    ids: dict[str, set[str]] = defaultdict(set)
    for seen in history:
        if seen.kind == "told" and seen.client_id == _CREATED:
            ids[seen.conversation].add(seen.message_id)
    yield from (f"ticket {t}: told under {len(found)} ids" for t, found in ids.items() if len(found) > 1)


def _doubled_messages(history: Iterable[Seen], store: Store, tried: set[tuple[str, str]]) -> Iterator[str]:
    """Yield client ids with two rows or two acknowledged ids, and rows that nobody sent."""
    rows = Counter((m.conversation, m.external_id) for m in store.messages if m.role == "customer")
    for (conversation, external_id), n in rows.items():
        if n > 1:
            yield f"{conversation}: {n} rows of {external_id}"
        if (conversation, external_id.removeprefix(f"{conversation}:")) not in tried:
            yield f"{conversation}: a row of {external_id}, which nobody sent"
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    for seen in history:
        if seen.kind == "acknowledged":
            ids[seen.conversation, seen.client_id].add(seen.message_id)
    yield from (f"{c} {i}: acknowledged as {sorted(found)}" for (c, i), found in ids.items() if len(found) > 1)


def _doubled_answers(store: Store) -> Iterator[str]:
    """Yield turns that were answered by two units of work; what a confirmation says is counted by its ticket."""
    for conversation, talk in _talks(store).items():
        units: set[int] = set()
        for message in talk:
            if message.role == "customer":
                units = set()
            elif message.role == "bot" and message.kind != "filed" and message.unit not in units:
                if units:
                    yield f"{conversation}: answered again at {message.seq}"
                units.add(message.unit)


def _doubled_tickets(history: Iterable[Seen], store: Store) -> Iterator[str]:
    """Yield cases with two tickets, numbers given twice, and confirmations that were given two numbers."""
    for name, counted in (
        ("case", Counter(t.case for t in store.tickets)),
        ("number", Counter(str(t.number) for t in store.tickets)),
        ("confirmed case", Counter(case for case, _ in _confirmed(history))),
    ):
        yield from (f"{name} {key}: {n} tickets" for key, n in counted.items() if n > 1)
    filed = Counter(m.conversation for m in store.messages if m.kind == "filed")
    tickets = Counter(t.conversation for t in store.tickets)
    for conversation, n in filed.items():
        if n > tickets[conversation]:
            yield f"{conversation}: {n} announcements of {tickets[conversation]} tickets"


def _doubled_steps(store: Store) -> Iterator[str]:
    """Yield tickets to which something was done twice that is done once."""
    numbers = {t.id: t.number for t in store.tickets}
    counted = Counter((s.ticket, s.kind) for s in store.steps if s.kind in _ONCE)
    yield from (f"ticket {numbers.get(t, t)}: {kind} {n} times" for (t, kind), n in counted.items() if n > 1)


def _doubled_suggestions(store: Store) -> Iterator[str]:
    """Yield suggestions without a job of their own.

    Jobs of one conversation never run at once; each is marked done and then writes, in one transaction, at most one
    suggestion a ticket. So a suggestion belongs to the last such job marked before it, and no job may have two.
    """
    ends: dict[str, list[float]] = defaultdict(list)
    for job in _done(store, _SUGGEST):
        ends[job.subject].append(job.done_at)
    tickets = {t.id: t for t in store.tickets}
    taken: set[tuple[str, float]] = set()
    for step in store.steps:
        if step.kind != "suggestion" or step.ticket not in tickets:
            continue
        ticket = tickets[step.ticket]
        possible = sorted(ends[ticket.id] + ends[ticket.conversation])
        place = bisect_right(possible, step.at) - 1
        if place < 0 or (ticket.id, possible[place]) in taken:
            yield f"ticket {ticket.number}: a suggestion of {step.at:.3f} beyond its causes"
        else:
            taken.add((ticket.id, possible[place]))


def _talks(store: Store) -> dict[str, list[StoredMessage]]:
    talks: dict[str, list[StoredMessage]] = {c.id: [] for c in store.conversations}
    for message in sorted(store.messages, key=lambda m: m.seq):
        talks.setdefault(message.conversation, []).append(message)
    return talks


def _is_answered(conversation: StoredConversation, talk: Sequence[StoredMessage]) -> bool:
    return not conversation.customer_seq or any(
        m.role != "customer" and m.seq > conversation.customer_seq for m in talk
    )


def _time_of(talk: Iterable[StoredMessage], seq: int) -> float:
    return next((m.at for m in talk if m.seq == seq), 0.0)


def _done(store: Store, kinds: set[str]) -> list[StoredJob]:
    return sorted((j for j in store.jobs if j.kind in kinds and j.state == "done"), key=lambda job: job.done_at)


def _confirmed(history: Iterable[Seen]) -> set[tuple[str, int]]:
    return {(s.client_id, s.number) for s in history if s.kind == "confirmed"}


def _external(seen: Seen) -> str:
    return f"{seen.conversation}:{seen.client_id}"


def _name(seen: Seen) -> str:
    return f"{seen.conversation} {seen.client_id}"
