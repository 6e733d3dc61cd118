"""``jiedai quality``: scan recorded dialogues by the rules, without storing anything."""

import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from api.dialogues import Dialogue, read_dialogues
from quality.ruleset import load_rules
from quality.schemas import Transcript, Turn
from quality.service import QualityService

app = typer.Typer(help="Service quality.", no_args_is_help=True)


@app.command()
def scan(
    file: Annotated[Path, typer.Argument(help="A .jsonl or .jsonl.gz file of dialogues.")],
    *,
    show: Annotated[int, typer.Option(min=0, help="Print the evidence of this many findings.")] = 10,
) -> None:
    """Judge every dialogue of a file and count the findings by rule."""
    service = QualityService(load_rules())
    dialogues = list(read_dialogues(file))
    begun = time.monotonic()
    found = [(d, f) for d in dialogues for f in service.scan(transcript(d))]
    seconds = time.monotonic() - begun
    for dialogue, finding in found[:show]:
        typer.echo(f"{dialogue.id}  {finding.rule}  {'; '.join(e.quote for e in finding.evidence)[:120]}")
    for rule, count in Counter(f.rule for _, f in found).most_common():
        typer.echo(f"{rule:24} {count}")
    typer.echo(f"{len(dialogues)} dialogues, {len(dialogues) / max(seconds, 1e-9):.0f} a second")


def transcript(dialogue: Dialogue) -> Transcript:
    """Return a recorded dialogue as a transcript; a recording is complete."""
    turns = tuple(Turn(i, t.role, "", t.text, t.at, pictures=int(bool(t.image))) for i, t in enumerate(dialogue.turns))
    return Transcript(dialogue.id, turns, closed=True)
