"""Runs the migrations without an alembic.ini: the database is the caller's."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from kit.db import Database, available

_LOCK = 7_305_161  # any number that nobody else in this database locks
_FOLDER = Path(__file__).parent


def migrate(database: Database) -> None:
    """Bring the schema up to date.

    Args:
        database: Whose schema; the connection is handed to Alembic's environment.

    Raises:
        DatabaseUnavailable: The database is away.
    """
    config = _config()
    with available(), database.engine.begin() as connection:
        if not database.is_sqlite:  # several processes start at once: one migrates, the others wait and find it done
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def schema_state(database: Database) -> tuple[str | None, str | None]:
    """Return the revision that a database has and the one that this version needs; changes nothing.

    Raises:
        DatabaseUnavailable: The database is away.
    """
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with available(), database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision(), head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    return config
