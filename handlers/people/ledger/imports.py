"""Imports as rows: a file comes in, is looked at, confirmed, dropped. `running` does the work."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import after_commit
from bot.errors import UserFacingError
from bot.sealing import Sealer
from bot.staff import audit
from bot.staff.roles import Scope
from handlers.people.ledger.columns import Template
from handlers.people.ledger.models import ImportFile, ImportRun
from handlers.people.ledger.services import keyed_digest

FILE, FILE_NAME = "import.file", "import.name"
"""Contexts of what is sealed."""
MOST_NAME = 120


class RunState(StrEnum):
    READING = "reading"  # to be looked at
    WAITING = "waiting"  # to be confirmed
    GOING = "going"
    DONE = "done"
    BROKEN = "broken"  # cannot be read
    DROPPED = "dropped"  # not wanted, or nobody confirmed it


MOVES: dict[RunState, frozenset[RunState]] = {
    RunState.READING: frozenset({RunState.WAITING, RunState.BROKEN, RunState.DROPPED}),
    RunState.WAITING: frozenset({RunState.GOING, RunState.DROPPED}),
    RunState.GOING: frozenset({RunState.DONE, RunState.BROKEN}),
    RunState.DONE: frozenset(),
    RunState.BROKEN: frozenset(),
    RunState.DROPPED: frozenset(),
}


class NoSuchImport(UserFacingError):
    """Not there, or not theirs."""

    code = "no_such_import"


class ImportBusy(UserFacingError):
    """Another import is going on: one at a time."""

    code = "import_busy"


class ImportMoved(UserFacingError):
    """It is not in the state any more in which this can be done."""

    code = "import_moved"


@dataclass(frozen=True)
class SealedFile:
    """A file as it is kept while its import is in hand."""

    digest: str
    sealed: bytes = field(repr=False)


class Imports:
    """Use cases, in the caller's session."""

    def __init__(self, sealer: Sealer, clock: Clock) -> None:
        self._sealer = sealer
        self._clock = clock
        self.wake = asyncio.Event()
        """Set when there is work, for the loop of this process."""

    async def seal_file(self, content: bytes) -> SealedFile:
        """Before the transaction: a large file takes a moment."""
        return await asyncio.to_thread(self._seal, content)

    def _seal(self, content: bytes) -> SealedFile:
        text = base64.b64encode(content).decode()
        return SealedFile(keyed_digest(self._sealer, content), self._sealer.seal(text, FILE))

    async def take_in(
        self,
        session: AsyncSession,
        file: SealedFile,
        *,
        name: str,
        region: str,
        staff_id: int | None,
        wanted: Template | None = None,
        state: RunState = RunState.READING,
    ) -> ImportRun:
        """A file, to be looked at; or one that was looked at already, then with `wanted`."""
        run = ImportRun(
            state=str(state),
            template=str(wanted or ""),
            wanted=str(wanted or ""),
            region=region,
            staff_id=staff_id,
            file_name=self._sealer.seal(name[:MOST_NAME], FILE_NAME),
            digest=file.digest,
            created_at=self._clock.now(),
            counts={},
            findings={},
            error={},
            done_lines=0,
            rows=0,
        )
        session.add(run)
        await session.flush()
        session.add(ImportFile(run_id=run.id, content=file.sealed))
        await session.flush()
        after_commit(session, self.wake.set)
        return run

    async def find(self, session: AsyncSession, run_id: int, scope: Scope, *, lock: bool = False) -> ImportRun:
        """Raises NoSuchImport for one of another place, too."""
        wanted = select(ImportRun).where(ImportRun.id == run_id)
        run = await session.scalar(wanted.with_for_update() if lock else wanted)
        if run is None or not scope.covers(run.region):
            raise NoSuchImport(id=run_id)
        return run

    async def confirm(self, session: AsyncSession, run: ImportRun, *, actor: audit.Actor) -> None:
        """Let it be done. Raises ImportBusy, ImportMoved."""
        check_move(run, RunState.GOING)
        try:
            async with session.begin_nested():
                run.turn = "import"
                run.state, run.confirmed_at = str(RunState.GOING), self._clock.now()
                run.counts, run.holder, run.held_until = {}, None, None
                await session.flush()
        except IntegrityError:
            raise ImportBusy from None
        await self.note(session, run, actor, "confirmed")
        after_commit(session, self.wake.set)

    async def drop(self, session: AsyncSession, run: ImportRun, *, actor: audit.Actor) -> None:
        """Not wanted. Raises ImportMoved."""
        check_move(run, RunState.DROPPED)
        await self.end(session, run, RunState.DROPPED)
        await self.note(session, run, actor, "dropped")

    async def list_runs(self, session: AsyncSession, scope: Scope, *, limit: int = 50) -> Sequence[ImportRun]:
        """The newest first."""
        prefix = scope.prefix if scope.prefix is not None else scope.region
        return (
            await session.scalars(
                select(ImportRun)
                .where(ImportRun.region.startswith(prefix, autoescape=True))
                .order_by(ImportRun.id.desc())
                .limit(limit)
            )
        ).all()

    async def same_file_before(self, session: AsyncSession, run: ImportRun) -> ImportRun | None:
        """The last import of this very file."""
        return await session.scalar(
            select(ImportRun)
            .where(ImportRun.digest == run.digest, ImportRun.state == str(RunState.DONE), ImportRun.id < run.id)
            .order_by(ImportRun.id.desc())
            .limit(1)
        )

    def name_of(self, run: ImportRun) -> str:
        return self._sealer.open(run.file_name, FILE_NAME)

    async def content_of(self, session: AsyncSession, run_id: int) -> bytes:
        """Raises NoSuchImport once it has ended."""
        sealed = await session.scalar(select(ImportFile.content).where(ImportFile.run_id == run_id))
        if sealed is None:
            raise NoSuchImport(id=run_id)
        return await asyncio.to_thread(lambda: base64.b64decode(self._sealer.open(sealed, FILE)))

    async def end(self, session: AsyncSession, run: ImportRun, state: RunState) -> None:
        """However it ends, the file goes."""
        run.state, run.ended_at, run.turn = str(state), self._clock.now(), None
        await session.execute(delete(ImportFile).where(ImportFile.run_id == run.id))
        await session.flush()

    async def note(self, session: AsyncSession, run: ImportRun, actor: audit.Actor, what: str) -> None:
        """An audit row, without names."""
        data = {"what": what, "template": run.template, "rows": run.rows, **{k: v for k, v in run.counts.items() if v}}
        subject = audit.Subject("import", str(run.id))
        await audit.append(
            session, audit.AuditAction.LEDGER_IMPORTED, actor=actor, subject=subject, at=self._clock.now(), data=data
        )


def check_move(run: ImportRun, to: RunState) -> None:
    """Raises ImportMoved."""
    if to not in MOVES[RunState(run.state)]:
        raise ImportMoved(state=run.state)
