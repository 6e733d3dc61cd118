"""Keeps imports: a file is checked, a person says go, and its lines are filed in small transactions."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

from kit.clock import Clock
from kit.crypto import Vault
from kit.db import Session
from kit.errors import JiedaiError
from kit.ids import new_id
from kit.text import displayable
from tickets.entries.priorities import PriorityScheme
from tickets.imports import repository
from tickets.imports.errors import BadRowsPresent, ImportNotFound, ImportNotReady, NothingToImport
from tickets.imports.models import ImportChunkRow, TicketImportRow
from tickets.imports.schemas import BadCell, Checked, GoodLine, Import, ImportMode, ImportState

CHUNK = 50
"""Lines a transaction: short enough that nobody waits long for the database."""

KEPT = timedelta(days=7)
_REPORT_CELLS = 10_000
_NEWEST = 20
_REFUSAL_CHARS = 300


class ImportService:
    """Stores what was brought and how far it got; what a line means is none of its business."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    def bring(
        self, session: Session, content: bytes, *, file_name: str, source: str, scheme: PriorityScheme, actor: str
    ) -> str:
        """Keep a file, sealed, until it is checked; returns the import's id."""
        import_id = new_id()
        row = TicketImportRow(
            id=import_id,
            file_name=displayable(file_name)[-200:],
            source=source,
            scheme=scheme,
            state=ImportState.CHECKING,
            created_by=actor,
            created_at=self._clock.now(),
            content_sealed=self._vault.seal_bytes(session, _person(import_id), _context("content", import_id), content),
        )
        repository.add(session, row)
        return import_id

    def content(self, session: Session, import_id: str) -> bytes | None:
        """Return the file; ``None`` once it was checked."""
        row = self._row(session, import_id)
        if row.content_sealed is None or row.state != ImportState.CHECKING:
            return None
        return self._vault.open_bytes(session, _person(import_id), _context("content", import_id), row.content_sealed)

    def get(self, session: Session, import_id: str) -> Import:
        """Return an import.

        Raises:
            ImportNotFound: No such import.
        """
        return _view(self._row(session, import_id))

    def newest(self, session: Session) -> list[Import]:
        """Return the newest imports."""
        return [_view(row) for row in repository.newest(session, _NEWEST)]

    def refuse(self, session: Session, import_id: str, refused: JiedaiError) -> None:
        """Note that the file as a whole cannot be used, and drop it."""
        row = self._row(session, import_id)
        row.state, row.content_sealed = ImportState.REFUSED, None
        row.refusal_zh = displayable(refused.message_zh)[:_REFUSAL_CHARS]
        row.refusal_en = displayable(refused.message_en)[:_REFUSAL_CHARS]
        session.flush()

    def save_check(self, session: Session, import_id: str, checked: Checked) -> None:
        """Keep what a file holds, good lines and bad places, and drop the file."""
        row = self._row(session, import_id)
        if row.state != ImportState.CHECKING:
            return
        row.state, row.content_sealed, row.encoding = ImportState.CHECKED, None, checked.encoding
        row.rows, row.bad, row.known = checked.rows, checked.bad_rows, checked.known
        self._write_report(session, row, checked.bad)
        parts = [checked.good[at : at + CHUNK] for at in range(0, len(checked.good), CHUNK)]
        repository.add_chunks(session, [self._chunk(session, import_id, n, part) for n, part in enumerate(parts)])

    def begin(self, session: Session, import_id: str, mode: ImportMode) -> None:
        """Let a checked import run.

        Raises:
            ImportNotReady: It isn't checked, or it runs already.
            BadRowsPresent: All or nothing, and a line is bad: it is nothing.
            NothingToImport: No good line.
        """
        row = self._held(session, import_id)
        if row.state != ImportState.CHECKED:
            raise ImportNotReady(row.state)
        if mode is ImportMode.ALL and row.bad:
            raise BadRowsPresent(row.bad, row.rows)
        if row.rows == row.bad:
            raise NothingToImport
        row.state = ImportState.RUNNING
        session.flush()

    def next_lines(self, session: Session, import_id: str) -> tuple[int, list[GoodLine]] | None:
        """Return the lines that are next, with their ordinal; ``None``: nothing more, or it was cancelled."""
        if self._row(session, import_id).state != ImportState.RUNNING:
            return None
        row = repository.first_chunk(session, import_id)
        if row is None:
            return None
        text = self._vault.open(session, _person(import_id), _context(str(row.ordinal), import_id), row.lines_sealed)
        return row.ordinal, [GoodLine(number, fields) for number, fields in json.loads(text)]

    def take(self, session: Session, import_id: str, ordinal: int) -> bool:
        """Take lines for this transaction; ``False`` where they are filed already or it was cancelled meanwhile."""
        running = self._held(session, import_id).state == ImportState.RUNNING
        return running and repository.remove_chunk(session, import_id, ordinal)

    def advance(self, session: Session, import_id: str, lines: int, filed: int, failed: Sequence[BadCell]) -> bool:
        """Count lines that were worked on and tell whether more wait."""
        row = self._row(session, import_id)
        row.done, row.filed = row.done + lines, row.filed + filed
        if failed:
            row.bad += len({cell.row for cell in failed})
            row.done -= len({cell.row for cell in failed})
            self._write_report(session, row, [*self.bad_cells(session, import_id), *failed])
        more = repository.waiting(session, import_id) > 0
        if not more:
            row.state = ImportState.DONE
        session.flush()
        return more

    def cancel(self, session: Session, import_id: str) -> None:
        """Stop; tickets that were filed stay, lines that wait are dropped.

        Raises:
            ImportNotReady: It is over.
        """
        row = self._held(session, import_id)
        if row.state not in {ImportState.CHECKING, ImportState.CHECKED, ImportState.RUNNING}:
            raise ImportNotReady(row.state)
        row.state, row.content_sealed = ImportState.CANCELLED, None
        repository.remove_chunks(session, import_id)

    def bad_cells(self, session: Session, import_id: str) -> list[BadCell]:
        """Return what is wrong with a file, in its order, the first ten thousand places."""
        row = self._row(session, import_id)
        if row.report_sealed is None:
            return []
        text = self._vault.open(session, _person(import_id), _context("report", import_id), row.report_sealed)
        return [BadCell(**cell) for cell in json.loads(text)]

    def forget(self, session: Session) -> int:
        """Delete imports that are a week old and return how many."""
        return repository.delete_before(session, self._clock.now() - KEPT)

    def _write_report(self, session: Session, row: TicketImportRow, bad: Sequence[BadCell]) -> None:
        text = json.dumps([asdict(cell) for cell in bad[:_REPORT_CELLS]], ensure_ascii=False)
        row.report_sealed = self._vault.seal(session, _person(row.id), _context("report", row.id), text)

    def _chunk(self, session: Session, import_id: str, ordinal: int, lines: Sequence[GoodLine]) -> ImportChunkRow:
        text = json.dumps([[line.row, dict(line.fields)] for line in lines], ensure_ascii=False)
        sealed = self._vault.seal(session, _person(import_id), _context(str(ordinal), import_id), text)
        return ImportChunkRow(import_id=import_id, ordinal=ordinal, lines_sealed=sealed)

    def _row(self, session: Session, import_id: str) -> TicketImportRow:
        row = repository.get(session, import_id)
        if row is None:
            raise ImportNotFound
        return row

    def _held(self, session: Session, import_id: str) -> TicketImportRow:
        row = repository.lock(session, import_id)
        if row is None:
            raise ImportNotFound
        return row


def _person(import_id: str) -> str:
    """Return whose key seals an import: its own, since it holds many people's words."""
    return f"import:{import_id}"


def _context(what: str, import_id: str) -> str:
    return f"ticket_imports.{what}:{import_id}"


def _view(row: TicketImportRow) -> Import:
    return Import(
        id=row.id,
        file_name=row.file_name,
        source=row.source,
        scheme=PriorityScheme(row.scheme),
        state=ImportState(row.state),
        encoding=row.encoding,
        refusal=(row.refusal_zh, row.refusal_en),
        rows=row.rows,
        bad=row.bad,
        known=row.known,
        done=row.done,
        filed=row.filed,
        created_by=row.created_by,
        created_at=row.created_at,
    )
