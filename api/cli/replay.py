"""``jiedai replay``: recorded dialogues through the pipeline."""

import json
from pathlib import Path
from typing import Annotated

import typer

from api.cli.context import opened
from api.cli.progress import bars
from api.dialogues import read_dialogues
from api.replaying import Replayer
from api.seed import seed
from kit.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def replay(
        file: Annotated[Path, typer.Argument(help="A .jsonl or .jsonl.gz file of dialogues.")],
        *,
        as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object last.")] = False,
    ) -> None:
        """Send recorded dialogues down the same way as live traffic; running it again creates nothing twice."""
        settings = Settings()
        dialogues = list(read_dialogues(file))
        # Nobody types here: there is no burst to wait for.
        quick = settings.model_copy(update={"intake": settings.intake.model_copy(update={"quiet_window_ms": 0})})
        with opened(settings=quick) as services, bars() as report:
            seed(services, report)
            result = Replayer(services, report).run(file, dialogues)
        if as_json:
            typer.echo(json.dumps(result.as_json(), ensure_ascii=False))
            return
        for name, value in result.as_json().items():
            typer.echo(f"{name:18} {value}")
