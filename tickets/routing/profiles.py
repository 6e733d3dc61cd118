"""People's profiles for assignment, their presence, and customers' standing; each change is in the audit."""

from dataclasses import replace

from kit.audit.schemas import Act
from kit.audit.service import AuditLog
from kit.db import Session
from kit.text import displayable
from tickets.auditing import AuditAction, staff_act
from tickets.errors import CustomerNotFound
from tickets.ledger import Ledger
from tickets.people.errors import PersonNotFound, UnknownLine
from tickets.routing.errors import AssigneeUnfit, MentorUnfit
from tickets.routing.repository import customers, people
from tickets.routing.schemas import Profile, Standing

_WORD_CHARS = 40
_MOST = 50


class ProfileService:
    """Keeps what routing knows of people and customers.

    Args:
        ledger: What every verb on tickets stands on.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._audit = AuditLog(ledger.vault, ledger.clock)
        self._lines = ledger.rules.lines

    def profile(self, session: Session, username: str) -> Profile:
        """Return somebody's profile; who has none takes everything."""
        return people.profile(session, username)

    def profiles(self, session: Session) -> dict[str, Profile]:
        """Return everybody's profile who has one."""
        return people.profiles(session)

    def save(self, session: Session, profile: Profile, actor: str) -> None:
        """Write somebody's profile.

        Raises:
            PersonNotFound: No such person.
            UnknownLine: A product line that the shop doesn't have.
            MentorUnfit: The mentor is the person, is not there, or is a newcomer too.
        """
        if people.user(session, profile.username) is None:
            raise PersonNotFound
        if not set(profile.lines) <= self._lines:
            raise UnknownLine
        if profile.mentor:
            self._check_mentor(session, profile)
        regions = tuple(dict.fromkeys(_word(region) for region in profile.regions if _word(region)))[:_MOST]
        wanted = replace(profile, regions=regions, issues=profile.issues[:_MOST])
        before = people.profile(session, profile.username)
        if wanted == before:
            return
        people.save_profile(session, wanted)
        self._audit.record(session, staff_act(actor, AuditAction.PROFILE_CHANGED, wanted.username, **_seen(wanted)))

    def set_presence(self, session: Session, username: str, actor: str, *, on_duty: bool) -> None:
        """Go on or off duty; off duty, nothing is assigned (what one has stays).

        Raises:
            PersonNotFound: No such person.
        """
        profile = people.profile(session, username)
        if people.user(session, username) is None:
            raise PersonNotFound
        if profile.on_duty != on_duty:
            people.save_profile(session, replace(profile, on_duty=on_duty))
            self._audit.record(session, staff_act(actor, AuditAction.PRESENCE_SET, username, on_duty=on_duty))

    def standing(self, session: Session, customer_id: str) -> Standing:
        """Return what routing knows of a customer."""
        return customers.standing(session, customer_id)

    def save_standing(self, session: Session, customer_id: str, standing: Standing, actor: str) -> None:
        """Write what routing knows of a customer; tickets are ranked by it from their next routing on (RT-05, RT-06).

        Raises:
            CustomerNotFound: No such customer.
            AssigneeUnfit: The success manager isn't on the staff.
        """
        if not customers.has_customer(session, customer_id):
            raise CustomerNotFound
        manager = people.user(session, standing.success_manager) if standing.success_manager else None
        if standing.success_manager and (manager is None or not manager.active):
            raise AssigneeUnfit(standing.success_manager)
        wanted = replace(standing, level=_word(standing.level), region=_word(standing.region))
        customers.save_standing(session, customer_id, wanted)
        said = {"manager": wanted.success_manager, "level": wanted.level}
        self._audit.record(session, Act(actor, AuditAction.STANDING_SAVED, "customer", customer_id, said))

    def _check_mentor(self, session: Session, profile: Profile) -> None:
        mentor = people.user(session, profile.mentor)
        is_newcomer = people.profile(session, profile.mentor).newcomer
        if mentor is None or not mentor.active or mentor.username == profile.username or is_newcomer:
            raise MentorUnfit


def _word(text: str) -> str:
    return displayable(text).strip()[:_WORD_CHARS]


def _seen(profile: Profile) -> dict[str, object]:
    """Return what the audit keeps of a profile."""
    return {
        "lines": list(profile.lines),
        "regions": list(profile.regions),
        "issues": ["/".join(path) for path in profile.issues],
        "level": profile.level,
        "capacity": profile.capacity,
        "newcomer": profile.newcomer,
        "mentor": profile.mentor,
        "handle_minutes": profile.handle_minutes,
    }
