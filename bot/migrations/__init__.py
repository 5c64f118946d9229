"""Alembic migrations, hand-written, importing no models: what they did once must not change with the models.

One straight line of versions for all services; `upgrade()` brings a database to the newest, inside one transaction.
"""

from __future__ import annotations

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from bot.database import Database, explain
from bot.errors import StartupError

_ADVISORY_LOCK = 5_111_048


def _script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", "bot:migrations")
    return ScriptDirectory.from_config(config)


def newest_version() -> str:
    """The version that this code knows as the newest."""
    head = _script().get_current_head()
    assert head is not None
    return head


async def current_version(database: Database) -> str | None:
    """The version of the database; None when it is empty."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(_current)


async def upgrade(database: Database) -> tuple[str | None, str]:
    """Bring the database to the newest version; raise StartupError(3) if that cannot be. -> (before, after)"""
    try:
        async with database.engine.begin() as connection:
            if not database.is_sqlite:
                # Processes that start together must not migrate together.
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            return await connection.run_sync(_upgrade)
    except (SQLAlchemyError, OSError) as error:
        raise explain(error) from None


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection) -> tuple[str | None, str]:
    script = _script()
    before, head = _current(connection), script.get_current_head()
    assert head is not None
    if before is not None and before not in {revision.revision for revision in script.walk_revisions()}:
        raise StartupError(
            f"the database has version {before}, newer than this program ({head}): install the newer program",
            exit_code=3,
        )
    if before != head:
        config = script_config = Config()
        config.set_main_option("script_location", "bot:migrations")
        with EnvironmentContext(
            script_config, script, fn=lambda rev, _: script._upgrade_revs("head", rev)
        ) as context:
            context.configure(connection=connection, target_metadata=None)
            context.run_migrations()
    else:
        # A read-only file must be noticed now, not at the first message.
        connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
    return before, head
