"""Keeping staff and tokens, on both databases."""

from datetime import timedelta

import pytest

from factories import Store
from kit.audit.schemas import AuditQuery
from kit.audit.service import AuditLog
from kit.db import Session
from tickets.books.service import SEED
from tickets.people.errors import (
    ExpiryPassed,
    GroupNotFound,
    LastAdministrator,
    NameRequired,
    OldPasswordWrong,
    PasswordTooWeak,
    PersonKnown,
    PersonNotFound,
    ScopeTooWide,
    TokenNotFound,
    UnknownLine,
    UsernameRefused,
)
from tickets.people.passwords import PasswordHasher, check_password, temporary_password
from tickets.people.schemas import NewPerson, PersonChange
from tickets.people.service import PeopleService
from tickets.people.sessions import StaffService
from tickets.people.tokens import TokenService
from tickets.rights import Right
from tickets.words import StaffRole

GOOD = "right horse battery"
R = StaffRole


class FastHasher(PasswordHasher):
    """Hashes as the real one does, but in no time: what is tested here is who may, not Argon2."""

    def hash(self, password: str) -> str:
        return f"hashed:{password}"

    def fits(self, password: str, hashed: str | None) -> bool:
        return hashed == f"hashed:{password}"


class Office:
    """The services on one store."""

    def __init__(self, store: Store, clock) -> None:
        self.audit = AuditLog(store.vault, clock)
        hasher = FastHasher()
        self.people = PeopleService(clock, hasher, self.audit, ("washer", "tv"))
        self.staff = StaffService(clock, hasher)
        self.tokens = TokenService(clock, self.audit)

    def add(self, session: Session, username: str = "li", role: StaffRole = R.AGENT, **changed) -> None:
        parts = {"name": "李", "role": role, "group_id": "repair", "lines": ("*",), **changed}
        self.people.add(session, NewPerson(username, PersonChange(**parts)), GOOD, "boss")

    def told(self, session: Session) -> list[str]:
        """What was recorded, first to last, without what the store began with."""
        records = reversed(self.audit.page(session, AuditQuery(), 100))
        return [record.action for record in records if record.actor != SEED]


@pytest.fixture
def office(store: Store, clock) -> Office:
    return Office(store, clock)


@pytest.fixture
def session(store: Store):
    with store.database.transaction() as session:
        yield session


class TestPasswords:
    @pytest.mark.parametrize(
        "password", ["short", "九个字符的密码不行啊", "password123", "PASSWORD123", "1234567890", "aaaaaaaaaaaa"]
    )
    def test_one_that_is_guessed_first_is_refused(self, password: str) -> None:
        password = password[:9] if password.startswith("九") else password
        with pytest.raises(PasswordTooWeak):
            check_password(password, "li")

    @pytest.mark.parametrize("password", ["wang.xiaoming", "WANG.xiaoming", "gnimoaix.gnaw"])
    def test_the_user_name_is_no_password(self, password: str) -> None:
        with pytest.raises(PasswordTooWeak):
            check_password(password, "wang.xiaoming")

    def test_what_the_house_makes_is_good_enough(self) -> None:
        assert temporary_password() != temporary_password()
        check_password(temporary_password(), "li")

    def test_the_real_hasher_knows_its_own_hash_and_nothing_else(self) -> None:
        hasher = PasswordHasher()
        hashed = hasher.hash(GOOD)

        assert hasher.fits(GOOD, hashed)
        assert not hasher.fits("other", hashed)
        assert not hasher.fits(GOOD, None)


class TestPeople:
    def test_somebody_is_added_changed_and_let_go(self, office: Office, session: Session) -> None:
        """SE-01, SE-09: each step is in the audit."""
        office.add(session)
        token = office.staff.sign_in(session, "li", GOOD)
        change = PersonChange("李工", R.LEAD, None, ("tv", "washer"))
        office.people.change(session, "li", change, "boss")
        changed = office.staff.whoami(session, token)
        office.people.deactivate(session, "li", "boss")

        assert changed is not None
        assert (changed.name, changed.role, changed.group_id, changed.lines) == ("李工", R.LEAD, None, ("tv", "washer"))
        assert office.staff.whoami(session, token) is None
        office.people.activate(session, "li", "boss")
        assert office.staff.whoami(session, token) is None  # a session does not come back to life
        assert office.told(session) == ["person.added", "person.changed", "person.deactivated", "person.activated"]
        record = office.audit.page(session, AuditQuery(action="person.changed"), 1)[0]
        assert record.data["changes"]["role"] == ["agent", "lead"]

    def test_letting_go_ends_tokens_too(self, office: Office, session: Session) -> None:
        office.add(session)
        _, secret = office.tokens.issue(session, "li", "x", {Right.WORK}, actor="boss")

        office.people.deactivate(session, "li", "boss")
        office.people.activate(session, "li", "boss")

        assert office.tokens.whois(session, secret) is None

    @pytest.mark.parametrize(
        "username", ["", "L", "Li", "李", "li qing", "../x", "customer", "bot", "a" * 41, "-li", "a\0b"]
    )
    def test_what_is_no_user_name_is_refused(self, office: Office, session: Session, username: str) -> None:
        with pytest.raises(UsernameRefused):
            office.add(session, username)

    @pytest.mark.parametrize(
        ("changed", "error"),
        [
            ({"name": " \u200b"}, NameRequired),
            ({"group_id": "nowhere"}, GroupNotFound),
            ({"lines": ("boat",)}, UnknownLine),
        ],
    )
    def test_what_does_not_exist_is_refused(self, office: Office, session: Session, changed, error) -> None:
        with pytest.raises(error):
            office.add(session, **changed)

    def test_a_name_is_given_once(self, office: Office, session: Session) -> None:
        office.add(session)
        with pytest.raises(PersonKnown):
            office.add(session)
        with pytest.raises(PersonNotFound):
            office.people.deactivate(session, "nobody", "boss")

    def test_the_last_administrator_stays(self, office: Office, session: Session) -> None:
        office.add(session, "one", R.ADMIN)
        office.add(session, "two", R.ADMIN)
        demoted = PersonChange("李", R.LEAD, None, ("*",))
        office.people.change(session, "one", demoted, "two")

        with pytest.raises(LastAdministrator):
            office.people.change(session, "two", demoted, "two")
        with pytest.raises(LastAdministrator):
            office.people.deactivate(session, "two", "two")
        office.people.change(session, "two", PersonChange("新名", R.ADMIN, None, ("*",)), "two")
        assert office.people.person(session, "two").name == "新名"

    def test_a_new_password_ends_what_was_open(self, office: Office, session: Session) -> None:
        office.add(session)
        first = office.staff.sign_in(session, "li", GOOD)
        made = office.people.reset_password(session, "li", "boss")
        second = office.staff.sign_in(session, "li", made)
        with pytest.raises(OldPasswordWrong):
            office.people.change_password(session, "li", GOOD, "another good one")
        with pytest.raises(PasswordTooWeak):
            office.people.change_password(session, "li", made, "short")
        office.people.change_password(session, "li", made, "another good one")

        assert [office.staff.whoami(session, token) for token in (first, second)] == [None, None]
        assert office.staff.sign_in(session, "li", "another good one")
        assert office.told(session)[-2:] == ["person.password_reset", "person.password_changed"]


class TestTokens:
    @pytest.mark.parametrize(
        "scopes", [set(), {Right.READ_AUDIT}, {Right.WORK, Right.EXPORT}, {Right.OWN_ACCOUNT}, {Right.MANAGE_PEOPLE}]
    )
    def test_it_gets_nothing_that_its_owner_has_not(self, office: Office, session: Session, scopes: set[Right]) -> None:
        office.add(session)
        with pytest.raises(ScopeTooWide):
            office.tokens.issue(session, "li", "x", scopes, actor="boss")

    def test_not_even_an_administrators_may_keep_people(self, office: Office, session: Session) -> None:
        office.add(session, role=R.ADMIN)
        with pytest.raises(ScopeTooWide):
            office.tokens.issue(session, "li", "x", {Right.MANAGE_PEOPLE}, actor="boss")

    def test_what_cannot_be_is_refused(self, office: Office, session: Session, clock) -> None:
        office.add(session)
        with pytest.raises(PersonNotFound):
            office.tokens.issue(session, "nobody", "x", {Right.WORK}, actor="boss")
        with pytest.raises(NameRequired):
            office.tokens.issue(session, "li", " ", {Right.WORK}, actor="boss")
        with pytest.raises(ExpiryPassed):
            office.tokens.issue(session, "li", "x", {Right.WORK}, actor="boss", expires_at=clock.now())
        with pytest.raises(TokenNotFound):
            office.tokens.revoke(session, "01a20130-0000-7000-8000-000000000000", "boss")

    def test_only_its_hash_is_kept(self, office: Office, session: Session) -> None:
        office.add(session)
        token, secret = office.tokens.issue(session, "li", "机器人", {Right.WORK}, actor="boss")

        stored = str(session.connection().exec_driver_sql("SELECT * FROM api_tokens").all())

        assert secret.removeprefix("jd_") not in stored
        assert office.tokens.tokens(session) == [token]

    def test_it_ends_by_time_or_by_hand(self, office: Office, session: Session, clock) -> None:
        office.add(session)
        end = clock.now() + timedelta(days=1)
        _, by_time = office.tokens.issue(session, "li", "x", {Right.WORK}, actor="boss", expires_at=end)
        token, by_hand = office.tokens.issue(session, "li", "y", {Right.WORK}, actor="boss")
        found, stale = office.tokens.whois(session, by_time)
        assert (found.username, found.scopes, found.token == stale != "") == ("li", {Right.WORK}, True)

        clock.instant = end
        office.tokens.revoke(session, token.id, "boss")

        assert [office.tokens.whois(session, secret) for secret in (by_time, by_hand)] == [None, None]
        assert office.told(session)[-3:] == ["token.issued", "token.issued", "token.revoked"]
