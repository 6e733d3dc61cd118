"""The audit on both databases: nothing is changed, and whoever changes it in spite of that is found out."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import DBAPIError

from kit.audit.schemas import FIRST, GRACE, Act, AuditQuery, Break, Private
from kit.audit.sealing import Sealer
from kit.audit.service import AuditLog
from kit.crypto import PersonKey, Vault
from kit.db import Database

GUARDS = ("audit_records_no_update", "audit_records_no_delete", "audit_seals_no_update", "audit_seals_no_delete")
_FORGE = """
INSERT INTO audit_records (id, at, actor, action, subject_kind, subject_id, data, person_id, seal)
SELECT 'forged', at, actor, action, subject_kind, 'tx', data, person_id, seal FROM audit_records
WHERE seal = 2 AND subject_id = 't0'
"""


@pytest.fixture
def log(clock) -> AuditLog:
    return AuditLog(Vault(b"k" * 32), clock)


@pytest.fixture
def sealer(clock) -> Sealer:
    return Sealer(clock)


def _record(database: Database, log: AuditLog, count: int = 1, **changed) -> None:
    with database.transaction() as session:
        for number in range(count):
            act = {"actor": "li", "action": "thing.done", "subject_kind": "thing", "subject_id": f"t{number}"}
            log.record(session, Act(**{**act, **changed}))


def _seal(database: Database, sealer: Sealer, batch: int = 1000) -> int:
    with database.transaction() as session:
        return sealer.seal(session, batch=batch)


def _verify(database: Database, sealer: Sealer):
    with database.reading() as session:
        return sealer.verify(session)


def _run(database: Database, statement: str, *, guarded: bool = True) -> None:
    """Run a statement as somebody with the database's password would, with the guards taken away first if need be."""
    with database.engine.execution_options(jiedai_writes=True).begin() as connection:
        for guard in () if guarded else GUARDS:
            table = guard.split("_no_")[0]
            connection.exec_driver_sql(f"DROP TRIGGER {guard}" + ("" if database.is_sqlite else f" ON {table}"))
        connection.exec_driver_sql(statement)


@pytest.fixture
def sealed(database: Database, log: AuditLog, sealer: Sealer, clock) -> Database:
    """Six records under two seals."""
    for _ in range(2):
        _record(database, log, 3, data={"ratio": 0.1, "name": "何青", "list": [1, None, {"b": True}]})
        clock.instant += GRACE
        assert _seal(database, sealer) == 3
    return database


class TestDatabaseRefuses:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_records SET actor = 'nobody'",
            "UPDATE audit_records SET data = '{}'",
            "UPDATE audit_records SET at = '2020-01-01 00:00:00'",
            "UPDATE audit_records SET seal = NULL",
            "UPDATE audit_records SET seal = 9",
            "DELETE FROM audit_records",
            "UPDATE audit_seals SET hash = 'x'",
            "DELETE FROM audit_seals",
        ],
    )
    def test_what_is_sealed_cannot_be_changed(self, sealed: Database, sealer: Sealer, statement: str) -> None:
        """SE-09."""
        with pytest.raises(DBAPIError, match="append-only"):
            _run(sealed, statement)

        assert _verify(sealed, sealer).broken is None

    @pytest.mark.parametrize(
        "statement", ["UPDATE audit_records SET action = 'x'", "UPDATE audit_records SET action = 'x', seal = 1"]
    )
    def test_what_is_not_sealed_yet_cannot_either(self, database: Database, log: AuditLog, statement: str) -> None:
        """SE-09."""
        _record(database, log)

        with pytest.raises(DBAPIError, match="append-only"):
            _run(database, statement)
        with pytest.raises(DBAPIError, match="append-only"):
            _run(database, "DELETE FROM audit_records")


class TestChain:
    def test_it_is_whole_and_says_how_far_it_reaches(self, sealed: Database, log: AuditLog, sealer: Sealer) -> None:
        """SE-09."""
        _record(sealed, log)

        found = _verify(sealed, sealer)

        assert (found.broken, found.how) == (None, None)
        assert (found.state.seals, found.state.sealed, found.state.unsealed) == (2, 6, 1)
        assert found.state.head != FIRST

    def test_without_records_it_is_whole(self, database: Database, sealer: Sealer) -> None:
        assert _verify(database, sealer).broken is None
        assert _seal(database, sealer) == 0

    @pytest.mark.parametrize(
        ("statement", "seal", "how"),
        [
            ("UPDATE audit_records SET actor = 'nobody' WHERE seal = 2", 2, Break.CHANGED),
            ("UPDATE audit_records SET data = '{}' WHERE seal = 1 AND subject_id = 't1'", 1, Break.CHANGED),
            ("UPDATE audit_records SET at = '2020-01-01 00:00:00' WHERE seal = 1", 1, Break.CHANGED),
            ("DELETE FROM audit_records WHERE seal = 1 AND subject_id = 't2'", 1, Break.MISSING),
            ("UPDATE audit_records SET seal = NULL WHERE seal = 2", 2, Break.MISSING),
            (
                _FORGE,
                2,
                Break.ADDED,
            ),
            ("UPDATE audit_seals SET hash = previous WHERE number = 1", 1, Break.CHANGED),
            ("UPDATE audit_seals SET previous = hash WHERE number = 2", 2, Break.CHANGED),
            ("DELETE FROM audit_seals WHERE number = 1", 1, Break.SEAL_MISSING),
            ("DELETE FROM audit_seals WHERE number = 2", 2, Break.SEAL_MISSING),
        ],
    )
    def test_it_tells_what_was_done_to_it(
        self, sealed: Database, sealer: Sealer, statement: str, seal: int, how: Break
    ) -> None:
        """SE-09: by somebody who may take the guards away."""
        _run(sealed, statement, guarded=False)

        found = _verify(sealed, sealer)

        assert (found.broken, found.how) == (seal, how)

    def test_a_record_is_sealed_no_sooner_than_its_transaction_has_surely_ended(
        self, database: Database, log: AuditLog, sealer: Sealer, clock
    ) -> None:
        _record(database, log)
        assert _seal(database, sealer) == 0

        clock.instant += GRACE

        assert _seal(database, sealer) == 1

    def test_a_record_that_commits_late_is_in_the_next_seal(
        self, database: Database, log: AuditLog, sealer: Sealer, clock
    ) -> None:
        """Its id is smaller than those of the seal before; the chain stays whole."""
        if database.is_sqlite:
            pytest.skip("one writer at a time: nobody commits late")
        with database.transaction() as late:
            log.record(late, Act("late", "thing.done", "thing", "t"))
            late.flush()
            _record(database, log, 2)
            clock.instant += GRACE
            assert _seal(database, sealer) == 2

        assert _seal(database, sealer) == 1
        assert _verify(database, sealer).broken is None
        with database.reading() as session:
            (record,) = log.page(session, AuditQuery(actor="late"), 5)
        assert record.seal == 2

    def test_many_records_take_several_seals(self, database: Database, log: AuditLog, sealer: Sealer, clock) -> None:
        _record(database, log, 7)
        clock.instant += GRACE

        assert [_seal(database, sealer, batch=3) for _ in range(4)] == [3, 3, 1, 0]
        assert _verify(database, sealer).state.sealed == 7

    def test_two_sealers_at_once_make_one_chain(self, database: Database, log: AuditLog, sealer: Sealer, clock) -> None:
        _record(database, log, 20)
        clock.instant += GRACE
        ready = threading.Barrier(4)
        taken = []

        def work() -> None:
            ready.wait()
            taken.extend(_seal(database, sealer, batch=4) for _ in range(4))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        while _seal(database, sealer, batch=4):
            pass

        found = _verify(database, sealer)
        assert (found.broken, found.state.sealed, found.state.unsealed) == (None, 20, 0)
        assert sum(taken) <= 20


class TestPrivate:
    def test_what_a_person_wrote_is_sealed_and_erased_with_the_person(
        self, database: Database, log: AuditLog, sealer: Sealer, clock
    ) -> None:
        """SE-09, SE-11: the chain hashes the ciphertext, so erasing the key leaves it whole."""
        _record(database, log, private=Private("p1", {"text": "我叫张三"}))
        clock.instant += GRACE
        _seal(database, sealer)
        with database.reading() as session:
            (before,) = log.page(session, AuditQuery(), 5)
            raw = session.connection().exec_driver_sql("SELECT private_sealed FROM audit_records").scalar_one()

        with database.transaction() as session:
            session.execute(delete(PersonKey))

        with database.reading() as session:
            (after,) = log.page(session, AuditQuery(), 5)
        assert before.private == {"text": "我叫张三"}
        assert "张三".encode() not in bytes(raw)
        assert (after.private, after.erased) == (None, True)
        assert _verify(database, sealer).broken is None


class TestReading:
    def test_pages_go_back_in_time_and_filters_narrow(self, database: Database, log: AuditLog, clock) -> None:
        for hour in range(3):
            _record(database, log, 2, actor=f"u{hour % 2}")
            clock.instant += timedelta(hours=1)
        start = clock.instant - timedelta(hours=3)

        with database.reading() as session:
            first = log.page(session, AuditQuery(), 4)
            rest = log.page(session, AuditQuery(before=first[-1].id), 4)
            later = log.page(session, AuditQuery(since=start + timedelta(hours=1)), 9)
            earlier = log.page(session, AuditQuery(until=start + timedelta(hours=1)), 9)
            of_one = log.page(session, AuditQuery(actor="u1", subject_id="t0", action="thing.done"), 9)

        ids = [record.id for record in (*first, *rest)]
        assert ids == sorted(ids, reverse=True)
        assert (len(ids), len(later), len(earlier), len(of_one)) == (6, 4, 2, 1)

    def test_odd_characters_do_no_harm(self, database: Database, log: AuditLog, sealer: Sealer, clock) -> None:
        odd = {"data": {"a\0": "\ud800 \0"}, "actor": "a\0\ud800", "subject_id": "x" * 500}
        _record(database, log, private=Private("p", {"t": "\ud800\0"}), **odd)
        clock.instant += GRACE
        _seal(database, sealer)

        assert _verify(database, sealer).broken is None
