from datetime import timedelta

import pytest

from factories import Store
from kit.db import Session
from tickets.errors import SignInRefused, TooManyAttempts
from tickets.people.sessions import SESSION_LENGTH
from tickets.words import StaffRole


def _add(store: Store, session: Session, username: str = "wang") -> None:
    store.staff.save(
        session, username=username, name="王工", role=StaffRole.AGENT, group_id="repair", password="right horse"
    )


def test_the_right_password_opens_a_session_and_sign_out_ends_it(store: Store) -> None:
    """A15: dead at once."""
    with store.database.transaction() as session:
        _add(store, session)
        token = store.staff.sign_in(session, "wang", "right horse")
        member = store.staff.whoami(session, token)
        store.staff.sign_out(session, token)

        assert member is not None
        assert (member.username, member.role) == ("wang", StaffRole.AGENT)
        assert store.staff.whoami(session, token) is None


def test_a_session_ends_by_itself(store: Store) -> None:
    with store.database.transaction() as session:
        _add(store, session)
        token = store.staff.sign_in(session, "wang", "right horse")
        store.clock.instant += SESSION_LENGTH + timedelta(seconds=1)

        assert store.staff.whoami(session, token) is None


def test_wrong_name_and_wrong_password_read_the_same(store: Store) -> None:
    """A16."""
    with store.database.transaction() as session:
        _add(store, session)
        with pytest.raises(SignInRefused) as wrong_password:
            store.staff.sign_in(session, "wang", "wrong")
        with pytest.raises(SignInRefused) as wrong_name:
            store.staff.sign_in(session, "nobody", "wrong")

    assert str(wrong_password.value) == str(wrong_name.value)


def test_the_sixth_try_within_a_quarter_of_an_hour_is_not_even_hashed(store: Store) -> None:
    """A16."""
    with store.database.transaction() as session:
        _add(store, session)
        for _ in range(5):
            with pytest.raises(SignInRefused):
                store.staff.sign_in(session, "wang", "wrong")
        with pytest.raises(TooManyAttempts):
            store.staff.sign_in(session, "wang", "right horse")
        store.clock.instant += timedelta(minutes=16)

        assert store.staff.sign_in(session, "wang", "right horse")
