"""A logical archive of everything: a zip of one JSONL file a table, and a manifest. Restores to either database.

So it is also the way from SQLite to PostgreSQL. Tables are read from the database itself, not from the models:
an archive of an older version is filled in at its own version and then brought up to date.
"""

from __future__ import annotations

import base64
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, Date, DateTime, LargeBinary, MetaData, Table, func, insert, null, select, text
from sqlalchemy.exc import SQLAlchemyError

from bot import migrations
from bot.database import Database, explain
from bot.errors import StartupError
from bot.keys import KEY_FILE
from bot.serving import only_server
from bot.settings import Settings

FORMAT = 1
MANIFEST = "manifest.json"
BATCH = 500


async def write_backup(settings: Settings, file: Path, *, with_key: bool = False) -> dict[str, int]:
    """Write the archive; running processes go on meanwhile. -> rows by table"""
    if file.exists():  # noqa: ASYNC240  # a command's one look; nobody else waits
        raise StartupError(f"{file} is there already: choose another name", exit_code=2)
    database = Database(settings.async_database_url)
    draft = file.with_name(f"{file.name}.part")
    try:
        # Made for our eyes only: it holds all that people wrote.
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            async with database.snapshot() as connection:
                counts = await connection.run_sync(_dump, archive, with_key)
            if with_key:
                archive.writestr(KEY_FILE, _key_text(settings))
        draft.replace(file)
    except OSError as error:
        raise StartupError(f"{file}: cannot be written ({error.strerror or error})", exit_code=2) from None
    except SQLAlchemyError as error:
        raise explain(error) from None
    finally:
        draft.unlink(missing_ok=True)
        await database.close()
    return counts


async def read_backup(settings: Settings, file: Path, *, with_key: bool = False) -> dict[str, int]:
    """Fill an empty database from the archive, all or nothing. -> rows by table"""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest["format"] != FORMAT:
                raise StartupError(f"{file} was written by a newer program", exit_code=3)
            key = archive.read(KEY_FILE).decode() if with_key else None
            _check_key(settings, key)
            with only_server(settings):
                counts = await _fill(settings, archive, manifest)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        words = "it has no key" if with_key and isinstance(error, KeyError) else "it is no archive of ours, or damaged"
        raise StartupError(f"{file}: {words} ({type(error).__name__})", exit_code=2) from None
    if key is not None:
        _write_key(settings, key)
    return counts


async def _fill(settings: Settings, archive: zipfile.ZipFile, manifest: Mapping[str, Any]) -> dict[str, int]:
    database = Database(settings.async_database_url)
    try:
        async with database.engine.begin() as connection:
            return await connection.run_sync(_load, archive, str(manifest["version"]))
    except (SQLAlchemyError, OSError) as error:
        raise explain(error) from None
    finally:
        await database.close()


def _dump(connection: Connection, archive: zipfile.ZipFile, with_key: bool) -> dict[str, int]:
    version = migrations.version_of(connection)
    if version is None:
        raise StartupError("the database is empty: nothing to back up", exit_code=3)
    counts: dict[str, int] = {}
    for table in _tables(connection):
        with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as out:
            counts[table.name] = 0
            for row in connection.execution_options(yield_per=BATCH).execute(select(table)).mappings():
                line = {column: _pack(value) for column, value in row.items()}
                out.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
                counts[table.name] += 1
    manifest = {
        "format": FORMAT,
        "version": version,
        "made_at": datetime.now(UTC).isoformat(),  # when the file was made, not a time of the bureau
        "tables": counts,
        "with_key": with_key,
    }
    archive.writestr(MANIFEST, json.dumps(manifest, indent=2))
    return counts


def _load(connection: Connection, archive: zipfile.ZipFile, version: str) -> dict[str, int]:
    if not migrations.is_known(version):
        raise StartupError(f"the archive has version {version}, newer than this program", exit_code=3)
    tables = _tables(connection)
    for table in tables:
        if connection.scalar(select(func.count()).select_from(table)):
            raise StartupError(f"the database is not empty ({table.name}): restore into a new one", exit_code=3)
    if migrations.version_of(connection) not in {None, version}:
        MetaData().drop_all(connection)
        for table in reversed(tables):
            table.drop(connection)
        connection.execute(text("DROP TABLE alembic_version"))
    migrations.migrate(connection, version)
    counts: dict[str, int] = {}
    for table in _tables(connection):
        counts[table.name] = _fill_table(connection, table, archive)
    migrations.migrate(connection)
    return counts


def _fill_table(connection: Connection, table: Table, archive: zipfile.ZipFile) -> int:
    count = 0
    with archive.open(f"tables/{table.name}.jsonl") as lines:
        for batch in _batches(lines, table):
            connection.execute(insert(table), batch)
            count += len(batch)
    if connection.dialect.name == "postgresql" and "id" in table.c and count:
        # Ids were given by us: the next one must not be given again.
        sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table.name})
        if sequence:
            last = connection.scalar(select(func.max(table.c.id)))
            connection.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})
    return count


def _batches(lines: Any, table: Table) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for line in lines:
        row = json.loads(line)
        batch.append({column.name: _unpack(row[column.name], column.type) for column in table.columns})
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _tables(connection: Connection) -> list[Table]:
    """Everything in the database, those first to which others refer."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != "alembic_version"]


def _pack(value: Any) -> Any:
    match value:
        case datetime():
            # SQLite forgets the zone; all our times are UTC.
            return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
        case date():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return value


def _unpack(value: Any, kind: Any) -> Any:
    if value is None:
        # Else a JSON column would hold the word null.
        return null() if isinstance(kind, JSON) else None
    if isinstance(kind, DateTime):
        at = datetime.fromisoformat(value)
        return at if kind.timezone else at.replace(tzinfo=None)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    return value


def _key_text(settings: Settings) -> str:
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    return (settings.data_dir / KEY_FILE).read_text(encoding="utf-8")


def _check_key(settings: Settings, key: str | None) -> None:
    path = settings.data_dir / KEY_FILE
    if key is None:
        return
    if settings.secret_key is not None:
        raise StartupError("SHANGAN_SECRET_KEY is set: restore without --with-key", exit_code=2)
    if path.exists() and path.read_text(encoding="utf-8").strip() != key.strip():
        raise StartupError(f"{path} holds another key: move it away first", exit_code=2)


def _write_key(settings: Settings, key: str) -> None:
    path = settings.data_dir / KEY_FILE
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(key)
