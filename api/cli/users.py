"""``jiedai user``: staff who may sign in."""

from typing import Annotated

import typer

from api.cli.context import opened
from tickets.auditing import COMMAND
from tickets.people.schemas import NewPerson, PersonChange
from tickets.rights import ALL_LINES
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
        line: Annotated[list[str] | None, typer.Option(help="Product line; give it again for more.")] = None,
        password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    ) -> None:
        """Add a member of staff, or change one and set a new password."""
        change = PersonChange(name, role, group, tuple(line or (ALL_LINES,)))
        with opened() as services, services.database.transaction() as session:
            if services.staff.knows(session, username):
                services.people.reset_password(session, username, COMMAND, password)
                services.people.activate(session, username, COMMAND)
                services.people.change(session, username, change, COMMAND)
            else:
                services.people.add(session, NewPerson(username, change), password, COMMAND)
        typer.echo(f"{username} may sign in as {role}")

    @users.command("deactivate")
    def deactivate(username: Annotated[str, typer.Argument(help="Who leaves.")]) -> None:
        """Let somebody go: sessions and tokens end at once."""
        with opened() as services, services.database.transaction() as session:
            services.people.deactivate(session, username, COMMAND)
        typer.echo(f"{username} may no longer sign in")

    @users.command("list")
    def show() -> None:
        """List active staff."""
        with opened() as services, services.database.reading() as session:
            for member in services.staff.members(session):
                typer.echo(f"{member.username:16} {member.role:9} {member.group_id or '-':12} {member.name}")
