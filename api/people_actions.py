"""What a person does about staff; the JSON routes and the page both call these."""

from api.wiring import Services
from kit.db import Session
from tickets.people.passwords import temporary_password
from tickets.people.schemas import NewPerson
from tickets.schemas import StaffMember

ACTS = ("deactivate", "activate", "reset-password")


def add(services: Services, session: Session, member: StaffMember, new: NewPerson, password: str = "") -> str:
    """Add a member of staff; raises as the service does.

    Returns:
        The password where none was given and one was made; it is kept nowhere.
    """
    made = "" if password else temporary_password()
    services.people.add(session, new, password or made, member.username)
    return made


def perform(services: Services, session: Session, member: StaffMember, username: str, act: str) -> str:
    """Let somebody go or in again, or reset the password; raises as the service does.

    Returns:
        The new password, where one was made.
    """
    if act == "reset-password":
        return services.people.reset_password(session, username, member.username)
    do = services.people.deactivate if act == "deactivate" else services.people.activate
    do(session, username, member.username)
    return ""
