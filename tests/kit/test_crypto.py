from pathlib import Path

import pytest

from kit.crypto import PersonKey, SealBroken, Vault, load_master_secret
from kit.db import Database


@pytest.fixture
def vault() -> Vault:
    return Vault(b"s" * 32)


def test_a_lone_surrogate_and_nul_come_back_as_sent(database: Database, vault: Vault) -> None:
    """The raw message is kept, whatever it holds."""
    raw = "a\ud800b\x00c"

    with database.transaction() as session:
        sealed = vault.seal(session, "p1", "messages.text:1", raw)

        assert vault.open(session, "p1", "messages.text:1", sealed) == raw
        assert b"a" not in sealed[13:] or raw.encode("utf-8", "surrogatepass") not in sealed


def test_a_value_moved_to_another_row_does_not_open(database: Database, vault: Vault) -> None:
    """A53: associated data binds a value to its row."""
    with database.transaction() as session:
        sealed = vault.seal(session, "p1", "messages.text:1", "张三的地址")

        with pytest.raises(SealBroken):
            vault.open(session, "p1", "messages.text:2", sealed)
        with pytest.raises(SealBroken):
            vault.open(session, "p1", "messages.text:1", sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_another_persons_key_does_not_open_a_value(database: Database, vault: Vault) -> None:
    with database.transaction() as session:
        sealed = vault.seal(session, "p1", "c", "secret")
        vault.seal(session, "p2", "c", "other")

        with pytest.raises(SealBroken):
            vault.open(session, "p2", "c", sealed)


def test_erasing_the_key_erases_the_person(database: Database, vault: Vault) -> None:
    """SE-05: once the key row is gone, nothing of the person can be read."""
    with database.transaction() as session:
        sealed = vault.seal(session, "p1", "c", "secret")
        session.delete(session.get_one(PersonKey, "p1"))
        session.flush()

        with pytest.raises(SealBroken):
            vault.open(session, "p1", "c", sealed)


def test_the_master_secret_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "master.key"

    first = load_master_secret("", path)

    assert len(first) == 32
    assert load_master_secret("", path) == first
    assert path.stat().st_mode & 0o077 == 0
    assert load_master_secret("configured", path) == b"configured"
