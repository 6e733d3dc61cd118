"""``jiedai bench``: speed beside a public peer, on this machine."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from api.bench.jobs import JobsOptions, run_jobs
from api.bench.lists.run import ListOptions, run_lists
from api.bench.schemas import Figure, line
from api.bench.sla import SlaOptions, run_sla
from api.cli.progress import bars
from kit.errors import JiedaiError
from kit.logging import configure_logging
from kit.settings import Settings

app = typer.Typer(help="Speed beside a public peer, on this machine, at equal durability.", no_args_is_help=True)

_LOCAL_BROKER = "amqp://guest:guest@127.0.0.1:5672//"
_LOCAL_POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


@app.command()
def jobs(
    *,
    count: Annotated[int, typer.Option("--jobs", min=2, help="Jobs a drain.")] = 4_000,
    pickups: Annotated[int, typer.Option(min=1, help="Jobs sent one at a time to an idle worker.")] = 300,
    enqueues: Annotated[int, typer.Option(min=1, help="Commits a round.")] = 500,
    rounds: Annotated[int, typer.Option(min=1, help="Repeats; the median counts.")] = 3,
    broker: Annotated[str | None, typer.Option(help="RabbitMQ; default: the setting, else this machine's.")] = None,
    postgres: Annotated[str, typer.Option(help="Server for a database that is made and dropped.")] = _LOCAL_POSTGRES,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure the embedded worker and the Celery driver beside bare Celery on RabbitMQ."""
    settings = Settings()
    configure_logging(as_json=settings.log_json)
    broker_url = broker or settings.jobs.broker_url.get_secret_value() or _LOCAL_BROKER
    options = JobsOptions(broker_url, postgres, jobs=count, pickups=pickups, enqueues=enqueues, rounds=rounds)
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="jiedai-bench-") as folder, bars() as report:
        figures = run_jobs(options, Path(folder), report, _say_skipped)
    _print(figures, as_json=as_json)
    typer.echo(f"load average {before:.2f} at the start, {os.getloadavg()[0]:.2f} at the end", err=True)


@app.command()
def tickets(
    *,
    count: Annotated[int, typer.Option("--tickets", min=100, max=2_000_000, help="Tickets a database.")] = 100_000,
    requests: Annotated[int, typer.Option(min=5, help="Measured calls behind each figure.")] = 200,
    words: Annotated[bool, typer.Option(help="Fill the search index too, and search it.")] = True,
    postgres: Annotated[str, typer.Option(help="Server for a database; empty: SQLite alone.")] = _LOCAL_POSTGRES,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure ticket lists and search on SQLite and PostgreSQL beside OFFSET paging and LIKE."""
    settings = Settings()
    configure_logging(as_json=settings.log_json)
    options = ListOptions(count, postgres, requests=requests, with_words=words)
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="jiedai-bench-") as folder, bars() as report:
        figures = run_lists(options, Path(folder), report, _say_skipped)
    _print(figures, as_json=as_json)
    typer.echo(f"load average {before:.2f} at the start, {os.getloadavg()[0]:.2f} at the end", err=True)


@app.command()
def sla(
    *,
    count: Annotated[int, typer.Option("--tickets", min=100, max=2_000_000, help="Tickets a database.")] = 200_000,
    sweeps: Annotated[int, typer.Option(min=5, help="Measured sweeps behind each figure.")] = 50,
    postgres: Annotated[str, typer.Option(help="Server for a database; empty: SQLite alone.")] = _LOCAL_POSTGRES,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure the sweep of service levels on SQLite and PostgreSQL beside a look at every running clock."""
    configure_logging(as_json=Settings().log_json)
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="jiedai-bench-") as folder, bars() as report:
        figures = run_sla(SlaOptions(count, postgres, sweeps=sweeps), Path(folder), report, _say_skipped)
    _print(figures, as_json=as_json)
    typer.echo(f"load average {before:.2f} at the start, {os.getloadavg()[0]:.2f} at the end", err=True)


def _say_skipped(error: JiedaiError) -> None:
    typer.echo(f"jiedai: {error.message('en')} / {error.message('zh')}", err=True)


def _print(figures: Mapping[str, Figure], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({name: figure.as_json() for name, figure in figures.items()}))
        return
    for name, figure in figures.items():
        typer.echo(line(name, figure))
