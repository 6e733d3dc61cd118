"""``jiedai user-add``: staff who may sign in."""

from typing import Annotated

import typer

from api.cli.context import opened
from tickets.words import StaffRole


def register(app: typer.Typer) -> None:
    """Add the commands."""
    users = typer.Typer(help="Staff.", no_args_is_help=True)
    app.add_typer(users, name="user")

    @users.command("add")
    def add(
        username: Annotated[str, typer.Argument(help="Name to sign in with.")],
        *,
        name: Annotated[str, typer.Option(help="Name that customers and colleagues see.")],
        role: Annotated[StaffRole, typer.Option(help="What this person may do.")] = StaffRole.AGENT,
        group: Annotated[str | None, typer.Option(help="Skill group.")] = None,
        password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    ) -> None:
        """Add a member of staff, or give one a new password."""
        with opened() as services, services.database.transaction() as session:
            services.staff.save(session, username=username, name=name, role=role, group_id=group, password=password)
        typer.echo(f"{username} may sign in as {role}")

    @users.command("list")
    def show() -> None:
        """List active staff."""
        with opened() as services, services.database.reading() as session:
            for member in services.staff.members(session):
                typer.echo(f"{member.username:16} {member.role:6} {member.group_id or '-':12} {member.name}")
