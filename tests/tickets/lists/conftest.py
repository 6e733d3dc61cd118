"""A store with people and a way to make tickets that differ."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from factories import Store, make_ticket
from kit.db import Session
from tickets.lists.service import ListService
from tickets.models import TicketRow
from tickets.words import Priority, StaffRole

PEOPLE = (("li", StaffRole.AGENT, "repair"), ("wang", StaffRole.AGENT, "logistics"), ("gao", StaffRole.LEAD, "repair"))
Make = Callable[..., int]


@pytest.fixture
def lists(store: Store) -> ListService:
    return ListService(store.vault, store.clock)


@pytest.fixture
def people(store: Store) -> None:
    with store.database.transaction() as session:
        for username, role, group in PEOPLE:
            store.staff.save(
                session, username=username, name=username, role=role, group_id=group, password="a-long-one"
            )


@pytest.fixture
def make(store: Store, people: None) -> Make:
    """Make a ticket a minute after the last one, with columns set as named, and return its number."""

    def made(session: Session, **columns: object) -> int:
        store.clock.instant += timedelta(minutes=1)  # type: ignore[attr-defined]  # the standing clock of the tests
        ticket = make_ticket(store, session, Priority(columns.pop("priority", "P3")))
        if columns:
            session.execute(update(TicketRow).where(TicketRow.id == ticket.summary.id).values(**columns))
            session.expire_all()
        return ticket.summary.number

    return made
