"""``jiedai move``: the installation's data to another database."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.context import owned
from api.cli.progress import bars
from api.moving.repository import opened_target
from api.moving.service import MovedTable, move
from kit.db import Database
from kit.logging import configure_logging
from kit.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("move")
    def run(
        to: Annotated[str, typer.Option(help="URL of an empty database: postgresql+psycopg://… or sqlite:///….")],
        as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    ) -> None:
        """Copy everything from the configured database to another one, compare, and say what to set."""
        settings = Settings()
        configure_logging(as_json=settings.log_json)
        source, target = Database(settings.resolved_database_url()), opened_target(to)
        try:
            with owned(settings), bars() as progress:
                moved = move(source, target, progress)
        finally:
            source.dispose()
            target.dispose()
        if as_json:
            total = sum(table.rows for table in moved)
            typer.echo(json.dumps({"tables": [asdict(table) for table in moved], "rows": total}))
            return
        _print(moved, target)


def _print(moved: list[MovedTable], target: Database) -> None:
    for table in moved:
        typer.echo(f"{table.rows:>10,}  {table.checksum[:12]}  {table.name}")
    typer.echo(f"{sum(table.rows for table in moved):>10,}  in {len(moved)} tables, equal on both sides")
    typer.echo(f"Now set JIEDAI_DATABASE_URL={target.url.render_as_string()} and keep the data folder with its key.")
