"""Replay: recorded dialogues down the same way as live traffic, and a count of what the store holds afterwards."""

import mimetypes
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from api.dialogues import Dialogue, DialogueTurn
from api.pipeline import handlers
from api.wiring import Services
from kit.db import Session
from kit.jobs.schemas import JobState
from kit.jobs.worker import Worker
from kit.progress import ProgressReport
from kit.text import is_blank
from tickets.schemas import IncomingFile, IncomingMessage, Ticket
from tickets.words import ConversationId, FieldName, Role

CHANNEL = "replay"
_PAUSE_SECONDS = 0.05  # while a job's pause before a retry, or a dead worker's lease, runs out


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What the store holds after a replay.

    Attributes:
        lost: Turns of the file that the store does not have.
        doubled: Turns or tickets that the store has more than once.
        errors: Jobs set aside as dead.
        new_messages: Messages this run added; 0 where it ran before.
    """

    dialogues: int
    messages: int
    errors: int
    lost: int
    doubled: int
    tickets: int
    seconds: float
    fields: int
    predictions: int
    suggestions: int
    blockers: int
    findings: int
    new_messages: int
    seconds_by_step: dict[str, float]

    def as_json(self) -> dict[str, object]:
        """Return the report as plain JSON."""
        return asdict(self)


class Replayer:
    """Sends dialogues through the pipeline of these services."""

    def __init__(self, services: Services, progress: ProgressReport) -> None:
        self._services = services
        self._progress = progress
        self._worker = Worker(
            services.database, services.clock, services.local_doorbell, handlers(services), services.settings.jobs
        )

    def run(self, path: Path, dialogues: Sequence[Dialogue]) -> ReplayReport:
        """Replay dialogues; what was replayed before is not stored again.

        Args:
            path: The file they came from; its name is the channel's account, pictures lie beside it.
            dialogues: What to replay.
        """
        begun, steps = time.monotonic(), dict[str, float]()
        with self._services.database.reading() as session:
            before = self._services.conversations.tally(session, channel=CHANNEL, account=path.name)[1]
        ids: list[ConversationId] = []
        for done, dialogue in enumerate(dialogues, 1):
            ids.append(self._store(path, dialogue))
            self._progress("stored", done, len(dialogues))
        steps["store"] = time.monotonic() - begun
        steps["understand"] = self._drain("understood", len(dialogues))
        for conversation_id in ids:
            self._file(conversation_id)
        steps["classify_suggest_judge"] = self._drain("worked", 4 * len(dialogues))
        seconds = time.monotonic() - begun
        return self._report(path, dialogues, ids, before=before, seconds=seconds, steps=steps)

    def _store(self, path: Path, dialogue: Dialogue) -> ConversationId:
        conversations = self._services.conversations
        with self._services.database.transaction() as session:
            conversation_id = conversations.ensure(
                session, channel=CHANNEL, account=path.name, external_user=dialogue.id, name="", lang="zh"
            )
            for index, turn in enumerate(dialogue.turns):
                self._say(session, conversation_id, path, turn, f"{dialogue.id}:{index}")
        return conversation_id

    def _say(
        self, session: Session, conversation_id: ConversationId, path: Path, turn: DialogueTurn, external_id: str
    ) -> None:
        conversations = self._services.conversations
        if is_blank(turn.text) and not turn.image:
            return
        if turn.role is Role.CUSTOMER:
            message = IncomingMessage(external_id, turn.text, _files(path, turn), turn.at)
            conversations.receive(session, conversation_id, message)
            return
        author = "agent" if turn.role is Role.AGENT else "bot"
        conversations.say(
            session, conversation_id, turn.role, turn.text, author=author, external_id=external_id, sent_at=turn.at
        )

    def _file(self, conversation_id: ConversationId) -> None:
        services = self._services
        with services.database.transaction() as session:
            if not services.tickets.of_conversation(session, conversation_id):
                services.intake.file_known(session, conversation_id, "replay")
            services.conversations.end(session, conversation_id)

    def _drain(self, what: str, total: int) -> float:
        begun = time.monotonic()
        done = 0
        while not self._idle():
            if self._worker.run_one():
                done += 1
                self._progress(what, min(done, total), total)
            else:
                self._worker.sweep()  # an earlier run may have been killed half way: its jobs are taken over
                time.sleep(_PAUSE_SECONDS)
        self._progress(what, total, total)
        return time.monotonic() - begun

    def _idle(self) -> bool:
        with self._services.database.reading() as session:
            return self._services.queue.idle(session)

    def _report(
        self,
        path: Path,
        dialogues: Sequence[Dialogue],
        ids: Sequence[ConversationId],
        *,
        before: int,
        seconds: float,
        steps: dict[str, float],
    ) -> ReplayReport:
        services = self._services
        expected = sum(bool(not is_blank(t.text) or t.image) for d in dialogues for t in d.turns)
        with services.database.reading() as session:
            _, messages, distinct = services.conversations.tally(session, channel=CHANNEL, account=path.name)
            tickets = [services.tickets.of_conversation(session, i) for i in ids]
            flat = [ticket for many in tickets for ticket in many]
            suggestions = [services.suggestions.newest(session, t.summary.id) for t in flat]
            findings = sum(len(services.quality.of_conversation(session, i)) for i in ids)
            dead = services.queue.counts(session).get(JobState.DEAD, 0)
        return ReplayReport(
            dialogues=len(dialogues),
            messages=messages,
            errors=dead,
            lost=max(0, expected - distinct),
            doubled=(messages - distinct) + sum(max(0, len(many) - 1) for many in tickets),
            tickets=len(flat),
            seconds=round(seconds, 2),
            fields=sum(_fields(t) for t in flat),
            predictions=sum(t.prediction is not None for t in flat),
            suggestions=sum(s is not None and s.suggestion.blocker is None for s in suggestions),
            blockers=sum(s is not None and s.suggestion.blocker is not None for s in suggestions),
            findings=findings,
            new_messages=messages - before,
            seconds_by_step={name: round(value, 2) for name, value in steps.items()},
        )


def _fields(ticket: Ticket) -> int:
    return sum(ticket.field(name) is not None for name in FieldName)


def _files(path: Path, turn: DialogueTurn) -> tuple[IncomingFile, ...]:
    if not turn.image:
        return ()
    picture = path.parent / turn.image
    media_type = mimetypes.guess_type(picture.name)[0] or "application/octet-stream"
    return (IncomingFile(picture.name, media_type, picture.read_bytes()),)
