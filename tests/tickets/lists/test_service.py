"""Lists: each order visits each ticket once, filters narrow, nothing forged is followed, plans use the indexes."""

import base64
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite

from factories import Store
from kit.crypto import Vault
from kit.db import Database, Session
from tickets.lists.errors import CursorForeign
from tickets.lists.repository import lines as repository
from tickets.lists.schemas import COUNT_BOUND, Count, Filter, Key, Line, ListQuery, Sort
from tickets.lists.service import ListService
from tickets.rights import DataScope, Sight
from tickets.words import Priority, TicketStatus

BOTH_WAYS = HealthCheck.function_scoped_fixture
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def walk(lists: ListService, session: Session, sort: Sort, limit: int = 3, **narrowed: object) -> list[Line]:
    """Read a whole list page by page."""
    found: list[Line] = []
    cursor = ""
    while True:
        query = ListQuery(Filter(**narrowed), sort, cursor=cursor, limit=limit)
        page = lists.page(session, query)
        found += page.lines
        if not page.after:
            return found
        cursor = page.after


def numbers(lists: ListService, session: Session, visible_to: Sight | None = None, **narrowed: object) -> set[int]:
    """Return the numbers of a list's tickets."""
    page = lists.page(session, ListQuery(Filter(**narrowed), limit=200, visible_to=visible_to))
    return {line.ticket.number for line in page.lines}


class TestPaging:
    @settings(max_examples=8, deadline=None, suppress_health_check=[BOTH_WAYS])
    @given(sort=st.sampled_from(Sort), limit=st.integers(1, 4), seed=st.integers(0, 2**16))
    def test_each_ticket_is_visited_once_while_others_are_filed(
        self, store: Store, lists: ListService, make, *, sort: Sort, limit: int, seed: int
    ) -> None:
        """LC-16: what was there at the start is shown exactly once, in order, whatever is filed meanwhile."""
        chance = random.Random(seed)

        def file(session: Session) -> int:
            due = None if chance.random() < 0.3 else NOW + timedelta(hours=chance.randrange(4))
            return make(session, priority=chance.choice(list(Priority)), resolve_due_at=due)

        with store.database.transaction() as session:
            there = {file(session) for _ in range(7)}
        seen: list[Line] = []
        cursor, filed = "", 0
        while True:
            with store.database.reading() as session:
                page = lists.page(session, ListQuery(Filter(), sort, cursor=cursor, limit=limit))
            seen += [line for line in page.lines if line.ticket.number in there]
            if not page.after:
                break
            cursor = page.after
            if (filed := filed + 1) <= 6:
                with store.database.transaction() as session:
                    file(session)

        assert sorted(line.ticket.number for line in seen) == sorted(there)
        assert seen == sorted(seen, key=lambda line: _order(line, sort))

    def test_the_last_page_says_that_it_is_the_last(self, store: Store, lists: ListService, make) -> None:
        with store.database.transaction() as session:
            for _ in range(4):
                make(session)

            page = lists.page(session, ListQuery(limit=4))

        assert (len(page.lines), page.after) == (4, "")

    def test_a_list_in_pieces_is_the_list(self, store: Store, lists: ListService, make) -> None:
        with store.database.transaction() as session:
            made = [make(session) for _ in range(5)]

        pages = list(lists.pages(store.database, ListQuery(sort=Sort.OLDEST), chunk=2))

        assert [line.ticket.number for page in pages for line in page.lines] == made

    def test_submitters_are_opened_in_one_go_and_an_erased_one_is_blank(
        self, store: Store, lists: ListService, make
    ) -> None:
        """LC-16, SE-08."""
        with store.database.transaction() as session:
            made = [make(session) for _ in range(3)]
            erased = store.tickets.by_number(session, made[0]).customer_id
            session.execute(text("DELETE FROM person_keys WHERE person_id = :id"), {"id": erased})
        with store.database.reading() as session:
            page = lists.page(session, ListQuery(sort=Sort.OLDEST, submitters=True))

        assert [line.submitter for line in page.lines] == ["", "张三", "张三"]


class TestCursor:
    def _cursor(self, store: Store, lists: ListService, make) -> str:
        with store.database.transaction() as session:
            for _ in range(3):
                make(session)
            return lists.page(session, ListQuery(sort=Sort.NEWEST, limit=1)).after

    def _refused(self, store: Store, lists: ListService, cursor: str, sort: Sort = Sort.NEWEST) -> None:
        with store.database.reading() as session, pytest.raises(CursorForeign) as refused:
            lists.page(session, ListQuery(sort=sort, cursor=cursor))
        assert refused.value.field == "cursor"

    def test_one_of_another_order_is_refused(self, store: Store, lists: ListService, make) -> None:
        self._refused(store, lists, self._cursor(store, lists, make), Sort.OLDEST)

    @pytest.mark.parametrize("cursor", ["x", "!!!!", "漏水", "AAAA", "a" * 199, "=", "WyJuZXdlc3QiLDAsMV0"])
    def test_whatever_is_no_cursor_is_refused(self, store: Store, lists: ListService, cursor: str) -> None:
        self._refused(store, lists, cursor)

    def test_every_changed_byte_is_noticed(self, store: Store, lists: ListService, make) -> None:
        cursor = self._cursor(store, lists, make)
        raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        for place in range(len(raw)):
            changed = bytearray(raw)
            changed[place] ^= 1
            self._refused(store, lists, base64.urlsafe_b64encode(bytes(changed)).decode().rstrip("="))

    def test_one_of_another_installation_is_refused(self, store: Store, lists: ListService, make) -> None:
        elsewhere = ListService(Vault(b"o" * 32), store.clock)

        self._refused(store, lists, self._cursor(store, elsewhere, make))


class TestFilter:
    def test_each_part_narrows(self, store: Store, lists: ListService, make) -> None:
        """LC-16: status, group, person, nobody, priority, channel, times, overdue."""
        with store.database.transaction() as session:
            first = make(session, priority="P1", status="in_progress", group_id="repair", assignee="li")
            second = make(session, status="waiting_customer", group_id="logistics", channel="wechat")
            late = make(session, resolve_due_at=NOW - timedelta(hours=1))
            closed = make(session, status="closed", resolve_due_at=NOW - timedelta(days=1))
            everything = {first, second, late, closed}
            midway = store.tickets.by_number(session, late).summary.created_at

        with store.database.reading() as session:

            def found(**narrowed: object) -> set[int]:
                return numbers(lists, session, **narrowed)

            assert found() == everything
            assert found(open_only=True) == everything - {closed}
            assert found(statuses=frozenset({TicketStatus.IN_PROGRESS})) == {first}
            assert found(statuses=frozenset({TicketStatus.IN_PROGRESS, TicketStatus.CLOSED})) == {first, closed}
            assert found(statuses=frozenset(TicketStatus)) == everything
            assert found(group="logistics") == {second}
            assert found(assignee="li") == {first}
            assert found(unassigned=True) == everything - {first}
            assert found(priorities=frozenset({Priority.P1})) == {first}
            assert found(priorities=frozenset({Priority.P1, Priority.P3})) == everything
            assert found(channel="wechat") == {second}
            assert found(overdue=True) == {late}
            assert found(created_from=midway) == {late, closed}
            assert found(created_to=midway) == {first, second}
            assert found(updated_from=midway, updated_to=midway + timedelta(seconds=1)) == {late}

    def test_a_type_holds_what_is_under_it(self, store: Store, lists: ListService, make) -> None:
        path = ["quality", "malfunction", "no_power"]
        with store.database.transaction() as session:
            deep = make(session, label=path, label_type="quality")
            other = make(session, label=["quality", "noise"], label_type="quality")
            make(session, label=["logistics"], label_type="logistics")

            assert numbers(lists, session, label=("quality",)) == {deep, other}
            assert numbers(lists, session, label=("quality", "malfunction")) == {deep}
            assert numbers(lists, session, label=tuple(path)) == {deep}
            assert numbers(lists, session, label=("quality", "no_power")) == set()

    def test_nobody_sees_more_than_they_may(self, store: Store, lists: ListService, make) -> None:
        """A08: one hook narrows pages, counts and what bulk actions may touch."""
        with store.database.transaction() as session:
            ours = make(session, group_id="repair")
            own = make(session, group_id="logistics", assignee="li")
            foreign = make(session, group_id="logistics", assignee="wang")
            mine = Sight(DataScope.GROUP, "li", "repair", ("*",))

            assert numbers(lists, session, mine) == {ours, own}
            assert numbers(lists, session, Sight(DataScope.OWN, "nobody", None, ())) == set()
            assert numbers(lists, session, Sight(DataScope.ALL, "li", None, ())) == {ours, own, foreign}
            assert lists.counts(session, {"all": Filter()}, mine) == {"all": Count(2)}
            assert set(lists.visible(session, [ours, own, foreign, 4711], mine)) == {ours, own}


def test_a_count_stops_at_its_bound() -> None:
    assert [str(Count(n)) for n in (0, 999, COUNT_BOUND)] == ["0", "999", "999+"]


PLANS = [
    (Filter(open_only=True), Sort.URGENCY, "ix_tickets_open_priority"),
    (Filter(open_only=True), Sort.NEWEST, "ix_tickets_open_created"),
    (Filter(open_only=True), Sort.DUE, "ix_tickets_open_due"),
    (Filter(open_only=True, group="repair"), Sort.URGENCY, "ix_tickets_open_group"),
    (Filter(open_only=True, assignee="li"), Sort.URGENCY, "ix_tickets_open_assignee"),
    (Filter(open_only=True, unassigned=True), Sort.URGENCY, "ix_tickets_open_"),  # PostgreSQL takes the one by priority
    (Filter(), Sort.NEWEST, "ix_tickets_created"),
    (Filter(), Sort.OLDEST, "ix_tickets_created"),
    (Filter(), Sort.URGENCY, "ix_tickets_priority"),
    (Filter(), Sort.DUE, "ix_tickets_due"),
    (Filter(statuses=frozenset({TicketStatus.CLOSED})), Sort.NEWEST, "ix_tickets_status"),
    (Filter(group="repair"), Sort.NEWEST, "ix_tickets_group"),
    (Filter(assignee="li"), Sort.NEWEST, "ix_tickets_assignee"),
    (Filter(label=("quality",)), Sort.NEWEST, "ix_tickets_label_type"),
]


@pytest.mark.parametrize(("wanted", "sort", "index"), PLANS)
def test_a_page_runs_along_an_index(database: Database, wanted: Filter, sort: Sort, index: str) -> None:
    """LC-16: first and following pages; neither sorts."""
    values = {Sort.URGENCY: "P2"}
    conditions = repository.conditions_of(wanted, None, NOW)
    for after in (None, Key(values.get(sort, NOW), 4711)):
        plan = _plan(database, repository.listed(conditions, sort, (), after, 50))

        assert index in plan
        assert "TEMP B-TREE" not in plan
        assert "Sort" not in plan


def test_a_search_runs_along_its_own_index(database: Database) -> None:
    statement = repository.listed([], Sort.NEWEST, (11, 12), Key(NOW, 4711), 50)

    plan = _plan(database, statement)

    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan
    assert plan.count("SEARCH" if database.is_sqlite else "pk_ticket_terms") >= 2


def _plan(database: Database, statement) -> str:
    dialect = sqlite.dialect() if database.is_sqlite else postgresql.dialect()
    if database.is_sqlite:
        with database.engine.connect() as connection:
            rows = connection.execute(text("EXPLAIN QUERY PLAN " + _literal(statement, dialect)))
            return "\n".join(str(row[-1]) for row in rows)
    with database.engine.connect() as connection:
        # An empty table is read whole, and rightly so: the question is whether the index can serve.
        for name in ("seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin"):
            connection.exec_driver_sql(f"SET enable_{name} = off")
        rows = connection.execute(text("EXPLAIN " + _literal(statement, dialect)))
        return "\n".join(str(row[0]) for row in rows)


def _literal(statement, dialect) -> str:
    written = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return str(written).replace(":", "\\:")  # the colons of times are no parameters


def _order(line: Line, sort: Sort) -> tuple:
    ticket = line.ticket
    if sort is Sort.NEWEST:
        return (-ticket.created_at.timestamp(), -ticket.number)
    if sort is Sort.OLDEST:
        return (ticket.created_at.timestamp(), ticket.number)
    if sort is Sort.URGENCY:
        return (ticket.priority, ticket.number)
    due = ticket.resolve_due_at
    return (due is None, due.timestamp() if due else 0.0, ticket.number)
