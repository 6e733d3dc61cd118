"""``jiedai doctor``: is the installation well?"""

import typer

from api.doctor import examine
from kit.clock import SystemClock
from kit.db import Database
from kit.logging import configure_logging
from kit.settings import Settings

_ILL = 1


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def doctor() -> None:
        """Check database, schema and the audit's chain; the exit code is 1 where something is wrong."""
        settings = Settings()
        configure_logging(as_json=settings.log_json)
        database = Database(settings.resolved_database_url())
        try:
            findings = list(examine(database, SystemClock()))
        finally:
            database.dispose()
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.well else 'FAIL'}  {finding.en} / {finding.zh}")
        if not all(finding.well for finding in findings):
            raise typer.Exit(_ILL)
