"""``jiedai classify``: the classifier."""

import json
from typing import Annotated

import typer

from api.cli.context import opened
from api.cli.progress import bars
from api.seed import training_examples

app = typer.Typer(help="Classifier.", no_args_is_help=True)


@app.command()
def train() -> None:
    """Train on the shop's labelled utterances and print the honest figures."""
    with opened() as services, bars() as report:
        services.classification.train(
            training_examples(services), lambda done, total: report("classifier", done, total)
        )
        typer.echo(json.dumps(services.classification.report(), ensure_ascii=False, indent=1))


@app.command()
def predict(text: Annotated[str, typer.Argument(help="A customer's words.")]) -> None:
    """Show the label, its probability and zone, and the alternatives."""
    with opened() as services:
        services.classification.load()
        prediction = services.classification.predict(text)
    typer.echo(f"{'/'.join(prediction.label) or '-'}  {prediction.probability:.3f}  {prediction.zone}")
    typer.echo(prediction.reason)
    for path, probability in prediction.alternatives:
        typer.echo(f"  {probability:.3f}  {'/'.join(path)}")
