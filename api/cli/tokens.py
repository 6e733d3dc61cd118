"""``jiedai token``: keys for programs."""

from datetime import timedelta
from typing import Annotated

import typer

from api.cli.context import opened
from tickets.auditing import COMMAND
from tickets.rights import Right

app = typer.Typer(help="API tokens.", no_args_is_help=True)


@app.command("add")
def add(
    username: Annotated[str, typer.Argument(help="Its owner, for whom it acts.")],
    *,
    name: Annotated[str, typer.Option(help="What it is for.")],
    scope: Annotated[list[Right], typer.Option(help="What it may do, of what its owner may; give it again for more.")],
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="How long it lives; else until revoked.")] = None,
) -> None:
    """Make a token and print its secret, which is shown this once."""
    with opened() as services, services.database.transaction() as session:
        expires = services.clock.now() + timedelta(days=days) if days else None
        token, secret = services.tokens.issue(session, username, name, scope, actor=COMMAND, expires_at=expires)
    typer.echo(f"{token.id}\n{secret}")


@app.command("list")
def show() -> None:
    """List tokens that are not revoked, newest first."""
    with opened() as services, services.database.reading() as session:
        for token in services.tokens.tokens(session):
            until = token.expires_at.isoformat(timespec="minutes") if token.expires_at else "-"
            used = token.last_used_at.isoformat(timespec="minutes") if token.last_used_at else "-"
            typer.echo(
                f"{token.id}  {token.username:16} until {until}  used {used}  {token.name}  {','.join(token.scopes)}"
            )


@app.command("revoke")
def revoke(token_id: Annotated[str, typer.Argument(help="Its id, from the list.")]) -> None:
    """End a token at once."""
    with opened() as services, services.database.transaction() as session:
        services.tokens.revoke(session, token_id, COMMAND)
    typer.echo(f"{token_id} is revoked")
