"""Does the imports that are due, one at a time, whichever process takes them; the loop `ledgers` of `serve`.

A process that dies leaves its lease to run out; the next goes on behind the last row that was committed.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from io import BytesIO
from typing import Any

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database
from bot.errors import DatabaseAway
from bot.log import describe_fault
from bot.staff import audit
from bot.staff.roles import Scope
from handlers.people.ledger.columns import Template
from handlers.people.ledger.faults import BadTable
from handlers.people.ledger.importing import Importer, write_plans
from handlers.people.ledger.imports import Imports, RunState
from handlers.people.ledger.models import ImportRun
from handlers.people.ledger.plans import Plan, Verdict

log = structlog.get_logger(__name__)

LEASE_SECONDS = 8.0
"""Renewed all the time; a step takes a fraction of a second."""
POLL_SECONDS = 3.0
BEAT_SECONDS = 1.0
"""Where nothing is to be written, how often it is written down how far it has come."""
KEPT_FOR = timedelta(hours=24)
"""How long a file waits for its confirmation."""


class _LeaseLost(Exception):
    """Another process has taken the import over."""


class Runner:
    def __init__(self, database: Database, clock: Clock, imports: Imports, importer: Importer) -> None:
        self._database = database
        self._clock = clock
        self._imports = imports
        self._importer = importer

    async def run(self) -> None:
        """Look at files and do imports, for ever."""
        while True:
            self._imports.wake.clear()
            if not await self.act_once():
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._imports.wake.wait()

    async def act_once(self) -> bool:
        """Take one import that is due. -> whether there was one"""
        await self._drop_forgotten()
        return await self.take_due() is not None

    async def take_due(self) -> int | None:
        """The same. -> its id"""
        async with self._database.reading() as session:
            due: int | None = await session.scalar(self._due(ImportRun.id).limit(1))
        if due is not None:
            await self.take(due)
        return due

    async def take(self, run_id: int) -> None:
        """Work on this one, unless somebody else does."""
        token = uuid.uuid4().hex
        async with self._database.transaction() as session:
            wanted = self._due(ImportRun).where(ImportRun.id == run_id).with_for_update()
            run: ImportRun | None = await session.scalar(wanted)
            if run is None:
                return
            run.holder, run.held_until = token, self._clock.wall() + LEASE_SECONDS
        await self._work(run, token)

    async def is_going(self) -> bool:
        """Whether an import is being done, or was when its process died."""
        going = select(ImportRun.id).where(ImportRun.state == str(RunState.GOING)).limit(1)
        async with self._database.reading() as session:
            return await session.scalar(going) is not None

    def _due(self, what: Any) -> Any:
        return (
            select(what)
            .where(
                ImportRun.state.in_([str(RunState.READING), str(RunState.GOING)]),
                or_(ImportRun.held_until.is_(None), ImportRun.held_until < self._clock.wall()),
            )
            .order_by(ImportRun.id)
        )

    async def _work(self, run: ImportRun, token: str) -> None:
        """Look at it or do it, whichever is next."""
        try:
            async with self._database.reading() as session:
                content = await self._imports.content_of(session, run.id)
            async with self._beating(run.id, token):
                if run.state == str(RunState.READING):
                    await self._look(run, token, content)
                else:
                    await self._do(run, token, content)
        except _LeaseLost:
            log.warning("import_taken_over", run=run.id)
        except BadTable as error:
            await self._finish(run, token, RunState.BROKEN, error={"code": error.code, **error.data})
        except DatabaseAway:
            raise  # it stays as it is; whoever takes it next goes on
        except Exception as error:
            # What it stumbled over it would stumble over again; what is committed stays, and doing it again is safe.
            log.error("import_failed", run=run.id, **describe_fault(error))
            await self._finish(run, token, RunState.BROKEN, error={"code": "import_failed"})

    async def _look(self, run: ImportRun, token: str, content: bytes) -> None:
        wanted = Template(run.wanted) if run.wanted else None
        ledger, _ = await self._importer.open(
            BytesIO(content), scope=Scope(run.region), wanted=wanted, now=self._clock.now()
        )
        found = await ledger.look()
        await self._finish(
            run,
            token,
            RunState.WAITING,
            template=found.template,
            findings=found.as_json(),
            counts=found.counts,
            rows=found.rows,
        )

    async def _do(self, run: ImportRun, token: str, content: bytes) -> None:
        ledger, taker = await self._importer.open(
            BytesIO(content), scope=Scope(run.region), wanted=Template(run.template), now=self._clock.now()
        )
        before, last_beat = dict(run.counts), 0.0

        async def write(plans: Sequence[Plan], done: int) -> None:
            nonlocal last_beat
            if not plans and self._clock.wall() - last_beat < BEAT_SECONDS:
                return
            last_beat = self._clock.wall()
            async with self._database.transaction() as session:
                # The lease first: whoever lost it must not write.
                await self._hold(session, run.id, token, done_lines=done, counts=_sum(before, ledger.findings.counts))
                if plans:
                    await write_plans(session, taker, plans, now=self._clock.now())

        async for _ in ledger.run(write, after=run.done_lines):
            pass
        findings = ledger.findings.as_json() if run.done_lines == 0 else run.findings
        rows = ledger.findings.rows if run.done_lines == 0 else run.rows
        counts = _sum(before, ledger.findings.counts)
        await self._finish(run, token, RunState.DONE, counts=counts, findings=findings, rows=rows)

    @asynccontextmanager
    async def _beating(self, run_id: int, token: str) -> AsyncIterator[None]:
        """Holds on to it while something takes long."""
        task = asyncio.create_task(self._beat(run_id, token))
        try:
            yield
        finally:
            task.cancel()

    async def _beat(self, run_id: int, token: str) -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            with suppress(_LeaseLost, DatabaseAway):
                async with self._database.transaction() as session:
                    await self._hold(session, run_id, token)

    async def _hold(self, session: AsyncSession, run_id: int, token: str, **values: Any) -> None:
        """Write down how far it has come, and hold on to it. Raises _LeaseLost."""
        done = await session.execute(
            update(ImportRun)
            .where(ImportRun.id == run_id, ImportRun.holder == token)
            .values(held_until=self._clock.wall() + LEASE_SECONDS, **values)
            .execution_options(synchronize_session=False)
        )
        if not done.rowcount:  # type: ignore[attr-defined]  # of an UPDATE there is one
            raise _LeaseLost

    async def _finish(self, run: ImportRun, token: str, state: RunState, **values: Any) -> None:
        async with self._database.transaction() as session:
            await self._hold(session, run.id, token, **values)
            kept = await session.get_one(ImportRun, run.id, populate_existing=True)
            kept.holder = kept.held_until = None
            if state is RunState.WAITING:
                kept.state = str(state)
                return
            await self._imports.end(session, kept, state)
            if state is RunState.DONE:
                await self._imports.note(session, kept, _whose(kept), "done")

    async def _drop_forgotten(self) -> None:
        old = select(ImportRun.id).where(
            ImportRun.state == str(RunState.WAITING), ImportRun.created_at < self._clock.now() - KEPT_FOR
        )
        async with self._database.reading() as session:
            forgotten = (await session.scalars(old)).all()
        for run_id in forgotten:
            async with self._database.transaction() as session:
                run = await session.get(ImportRun, run_id, with_for_update=True)
                if run is not None and run.state == str(RunState.WAITING):
                    await self._imports.end(session, run, RunState.DROPPED)


def _whose(run: ImportRun) -> audit.Actor:
    """The program did it for somebody, in whose place's record it stands."""
    if run.staff_id is None:
        return audit.Actor(audit.ActorKind.COMMAND)
    return audit.Actor(audit.ActorKind.STAFF, run.staff_id)


def _sum(before: dict[str, int], now: dict[str, int]) -> dict[str, int]:
    return {str(verdict): before.get(verdict, 0) + now.get(verdict, 0) for verdict in Verdict}
