"""``jiedai eval``: measure the production services on a folder of data."""

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from api.cli.progress import bars
from api.migrations.runner import migrate
from api.wiring import make_embedded_index, make_encoder, make_reader
from evals.report import line
from evals.schemas import Options, System
from evals.service import SUITES, run_suite
from kit.db import Database
from kit.settings import Settings

app = typer.Typer(help="Measurements.", no_args_is_help=True)
_MISSED = 2


@app.command("list")
def show() -> None:
    """List the suites."""
    for name in SUITES:
        typer.echo(name)


@app.command()
def run(
    suite: Annotated[str, typer.Argument(help="Which suite; `jiedai eval list` names them.")],
    *,
    data: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Folder with the suite's files.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for report.json, report.html, failures.csv, junit.xml.")
    ] = None,
    baseline: Annotated[Path | None, typer.Option(exists=True, help="An accepted report.json to compare with.")] = None,
    shots: Annotated[int, typer.Option(min=0, help="intent: enrol this many examples a class; 0: all.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="intent: repeats with other draws.")] = 1,
) -> None:
    """Run a suite, print a line a metric, and exit 2 where a gate is missed."""
    settings = Settings()
    with tempfile.TemporaryDirectory() as folder, bars() as report:
        encoder = make_encoder(settings)
        system = System(
            encoder=encoder,
            reader=make_reader(settings),
            work_dir=Path(folder),
            make_database=_database,
            make_index=lambda where: make_embedded_index(where, encoder),
        )
        options = Options(report, shots=shots, seeds=seeds)
        result, verdicts = run_suite(suite, data, system, options, out=out, baseline=baseline)
    for name, metric in result.metrics.items():
        typer.echo(line(name, metric))
    missed = [v for v in verdicts if not v.holds]
    for verdict in missed:
        typer.echo(f"missed: {verdict.text}", err=True)
    if missed:
        raise typer.Exit(_MISSED)


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(exists=True, help="An earlier report.json.")],
    after: Annotated[Path, typer.Argument(exists=True, help="A later one.")],
) -> None:
    """Show the difference of two reports, a line a metric."""
    old, new = (json.loads(p.read_text(encoding="utf-8"))["metrics"] for p in (before, after))
    for name, metric in new.items():
        was = old.get(name)
        change = f"{metric['value'] - was['value']:+.4f}" if was else "new"
        typer.echo(f"{name:28} {metric['value']:8.4f} {change}")


def _database(folder: Path) -> Database:
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{folder / 'eval.db'}")
    migrate(database)
    return database
