"""The command's root: settings, logging, and one place where expected errors become one sentence."""

import sys

import typer

from api.cli import (
    bench,
    classify,
    demo,
    doctor,
    evals,
    kb,
    move,
    quality,
    replay,
    serve,
    tickets,
    tokens,
    users,
    worker,
)
from kit.errors import JiedaiError

app = typer.Typer(
    name="jiedai", no_args_is_help=True, pretty_exceptions_enable=False, help="Jiedai: after-sales intake and copilot."
)
for module in (serve, worker, demo, replay, users, doctor, move):
    module.register(app)
for name, group in (
    ("kb", kb.app),
    ("classify", classify.app),
    ("quality", quality.app),
    ("eval", evals.app),
    ("bench", bench.app),
    ("token", tokens.app),
    ("tickets", tickets.app),
):
    app.add_typer(group, name=name)

_FAILED = 1


def main() -> None:
    """Run the command; an expected failure is one sentence on stderr and exit code 1."""
    try:
        app()
    except JiedaiError as error:
        typer.echo(f"jiedai: {error.message('en')} / {error.message('zh')}", err=True)
        sys.exit(_FAILED)
