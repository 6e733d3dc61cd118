"""``jiedai tickets``: many tickets at once."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api import importing
from api.cli.context import opened
from api.cli.progress import bars
from api.wiring import Services
from kit.progress import ProgressReport
from tickets.auditing import COMMAND
from tickets.entries.priorities import PriorityScheme
from tickets.imports.schemas import BadCell, Import, ImportMode, ImportState

app = typer.Typer(help="Tickets.", no_args_is_help=True)
_BAD = 1
_SHOWN = 20


@app.callback()
def group() -> None:
    """Keep the group a group while it has one command."""


@app.command("import")
def bring(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A .csv or .xlsx file.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only.")] = False,
    good_only: Annotated[bool, typer.Option("--good-only", help="Import the good rows where others are bad.")] = False,
    source: Annotated[str, typer.Option(help="The system it comes from, one lower-case word.")] = "import",
    scheme: Annotated[PriorityScheme, typer.Option(help="How it counts priorities.")] = PriorityScheme.P1_P4,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object last.")] = False,
) -> None:
    """Import tickets from a file; one bad row and nothing is imported, unless --good-only. Again: nothing twice."""
    with opened() as services, bars() as progress:
        with services.database.transaction() as session:
            import_id = services.desk.imports.bring(
                session, file.read_bytes(), file_name=file.name, source=source, scheme=scheme, actor=COMMAND
            )
        cells = _check(services, import_id, progress)
        if not dry_run:
            _run(services, import_id, ImportMode.GOOD if good_only else ImportMode.ALL, progress)
        with services.database.reading() as session:
            brought = services.desk.imports.get(session, import_id)
    _print(brought, cells, as_json=as_json)
    if brought.bad and not good_only:
        sys.exit(_BAD)


def _check(services: Services, import_id: str, progress: ProgressReport) -> list[BadCell]:
    imports = services.desk.imports
    with services.database.reading() as session:
        content, brought = imports.content(session, import_id), imports.get(session, import_id)
        assert content is not None
        checked = importing.check(services, session, content, brought, progress)
    with services.database.transaction() as session:
        imports.save_check(session, import_id, checked)
    return list(checked.bad)


def _run(services: Services, import_id: str, mode: ImportMode, progress: ProgressReport) -> None:
    imports = services.desk.imports
    with services.database.reading() as session:
        brought = imports.get(session, import_id)
    if mode is ImportMode.ALL and brought.bad:
        return
    with services.database.transaction() as session:
        imports.begin(session, import_id, mode)
    while brought.state is not ImportState.DONE:
        with services.database.reading() as session:
            part = imports.next_lines(session, import_id)
        if part is None:
            return
        with services.database.transaction() as session:
            importing.file_next(services, session, brought, part)
            brought = imports.get(session, import_id)
        progress("imported", brought.done, brought.good)


def _print(brought: Import, cells: list[BadCell], *, as_json: bool) -> None:
    if as_json:
        told = {name: getattr(brought, name) for name in ("encoding", "rows", "good", "bad", "known", "filed")}
        told |= {"state": str(brought.state), "errors": [asdict(cell) for cell in cells]}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    counts = f"{brought.rows} rows, {brought.bad} bad, {brought.known} known, {brought.filed} tickets made"
    typer.echo(f"{brought.encoding}: {counts}")
    for cell in cells[:_SHOWN]:
        typer.echo(f"row {cell.row}, {cell.column}: {cell.reason_en} / {cell.reason_zh}")
    if len(cells) > _SHOWN:
        typer.echo(f"… and {len(cells) - _SHOWN} more; --json has all of them")
