"""``jiedai kb``: the knowledge base."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.context import opened
from api.cli.progress import bars
from api.indexing import sync_index
from knowledge.schemas import Audience, Scope

app = typer.Typer(help="Knowledge base.", no_args_is_help=True)


@app.command("import")
def import_articles(folder: Annotated[Path, typer.Argument(help="Folder of Markdown articles.")]) -> None:
    """Import articles; unchanged ones are left alone, new versions come into force by their dates."""
    with opened() as services, bars() as report:
        with services.database.transaction() as session:
            result = services.knowledge.import_articles(session, folder)
        sync_index(services, report)
    counts = (
        (result.added, "added"),
        (result.new_versions, "in a new version"),
        (result.questions_changed, "with other questions"),
        (result.unchanged, "unchanged"),
        (len(result.refused), "refused"),
    )
    typer.echo(f"{result.total} files: {', '.join(f'{n} {what}' for n, what in counts if n)}")
    for refusal in result.refused:
        typer.echo(f"refused {refusal.source}: {refusal.reason_en} / {refusal.reason_zh}", err=True)
    if result.refused:
        raise typer.Exit(1)


@app.command()
def rebuild() -> None:
    """Build the vector index anew from the database."""
    with opened() as services, bars() as report:
        sync_index(services, report, everything=True)


@app.command("test")
def hit_test(
    question: Annotated[str, typer.Argument(help="A customer's question.")],
    *,
    agent: Annotated[bool, typer.Option(help="Search what agents may see, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=50)] = 5,
) -> None:
    """Show what a question finds, with the scores of both arms."""
    audience = Audience.AGENT if agent else Audience.CUSTOMER
    with opened() as services, services.database.reading() as session:
        scope = Scope(at=datetime.now(UTC), audience=audience)
        for hit in services.knowledge.search(session, question, scope, limit):
            passage = hit.passage
            name = f"{passage.article_id} v{passage.version}"
            typer.echo(f"{hit.score:6.3f}  {name}  {passage.title} · {passage.heading}")
            typer.echo(f"        {passage.text[:100]}")
