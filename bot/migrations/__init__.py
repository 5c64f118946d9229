"""Alembic migrations, hand-written, importing no models: what they did once must not change with the models.

One straight line of versions for all services; `upgrade()` brings a database to the newest, inside one transaction.
"""

from __future__ import annotations

from functools import cache

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from bot.database import Database, explain
from bot.errors import StartupError

_ADVISORY_LOCK = 5_111_048


@cache
def _script() -> ScriptDirectory:
    """All versions; their files are read and compiled once, for several ask at each start."""
    config = Config()
    config.set_main_option("script_location", "bot:migrations")
    return ScriptDirectory.from_config(config)


def newest_version() -> str:
    """The version that this code knows as the newest."""
    head = _script().get_current_head()
    assert head is not None
    return head


async def current_version(database: Database) -> str | None:
    """The version of the database; None when it is empty. Raises StartupError(3) for one newer than this program."""
    async with database.engine.connect() as connection:
        found = await connection.run_sync(version_of)
    if found is not None and not is_known(found):
        raise _too_new(found)
    return found


async def upgrade(database: Database) -> tuple[str | None, str]:
    """Bring the database to the newest version; raise StartupError(3) if that cannot be. -> (before, after)"""
    try:
        database.make_folder()
        async with database.engine.begin() as connection:
            if not database.is_sqlite:
                # Processes that start together must not migrate together.
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            before = await connection.run_sync(version_of)
            await connection.run_sync(migrate)
            return before, newest_version()
    except (SQLAlchemyError, OSError) as error:
        raise explain(error) from None


def version_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def is_known(version: str) -> bool:
    return version in {revision.revision for revision in _script().walk_revisions()}


def migrate(connection: Connection, to: str = "head") -> None:
    """Run the migrations that are missing, in the caller's transaction."""
    script, before = _script(), version_of(connection)
    if before is not None and not is_known(before):
        raise _too_new(before)
    with EnvironmentContext(Config(), script, fn=lambda revision, _: script._upgrade_revs(to, revision)) as context:
        context.configure(connection=connection, target_metadata=None)
        context.run_migrations()
    # A read-only file must be noticed now, not at the first message.
    connection.execute(text("UPDATE alembic_version SET version_num = version_num"))


def _too_new(version: str) -> StartupError:
    return StartupError(
        f"the database has version {version}, newer than this program ({newest_version()}): install the newer one",
        exit_code=3,
    )
