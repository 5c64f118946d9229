"""Ledgers over a database, for tests: a file is taken in, confirmed and done as staff and the loop do it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import Parts, build_parts
from bot.clock import FixedClock
from bot.database import Database
from bot.keys import load_keys
from bot.migrations import upgrade
from bot.settings import Settings
from bot.staff.audit import SYSTEM
from bot.staff.roles import Scope
from handlers.people.ledger import running
from handlers.people.ledger.desk import Ledgers, make_ledgers
from handlers.people.ledger.imports import RunState
from handlers.people.ledger.models import ImportRun
from handlers.people.models import Person, PersonGroup, Wish
from knowledge.regions import Regions, load_regions

HONGHU, LUOZHUANG, ALL = "421083", "371311", "000000"
TOWN, OTHER_TOWN = "421083001", "421083100"


@cache
def regions() -> Regions:
    return load_regions()


class Killed(BaseException):
    """No handler of ours sees it, as none sees a SIGKILL."""


@dataclass
class Desk:
    parts: Parts
    ledgers: Ledgers

    async def take_in(self, content: bytes, region: str = HONGHU) -> ImportRun:
        """Uploaded and looked at."""
        sealed = await self.ledgers.imports.seal_file(content)
        async with self.parts.database.transaction() as session:
            run = await self.ledgers.imports.take_in(session, sealed, name="台账.xlsx", region=region, staff_id=None)
        await self.ledgers.runner.take(run.id)
        return await self.run(run.id)

    async def confirm(self, run: ImportRun) -> None:
        async with self.parts.database.transaction() as session:
            own = await self.ledgers.imports.find(session, run.id, Scope(run.region), lock=True)
            await self.ledgers.imports.confirm(session, own, actor=SYSTEM)

    async def die_at(self, write: int, run: ImportRun) -> None:
        """Half an import: killed at the n-th small step that writes."""
        real, writes = running.write_plans, 0

        async def write_then_die(*given: Any, **more: Any) -> None:
            nonlocal writes
            writes += 1
            if writes == write:
                raise Killed
            await real(*given, **more)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(running, "write_plans", write_then_die)
            with pytest.raises(Killed):
                await self.ledgers.runner.take(run.id)

    async def let_go(self, run: ImportRun) -> None:
        """The lease of whoever was killed is over."""
        async with self.parts.database.transaction() as session:
            (await session.get_one(ImportRun, run.id)).held_until = 0.0

    async def bring_in(self, content: bytes, region: str = HONGHU) -> ImportRun:
        """The whole way."""
        run = await self.take_in(content, region)
        assert run.state == str(RunState.WAITING), run.error
        await self.confirm(run)
        await self.ledgers.runner.take(run.id)
        ended = await self.run(run.id)
        assert ended.state == str(RunState.DONE), ended.error
        return ended

    async def run(self, run_id: int) -> ImportRun:
        async with self.parts.database.reading() as session:
            return await session.get_one(ImportRun, run_id)

    async def person(self, number: str) -> Person:
        async with self.parts.database.reading() as session:
            digest = self.ledgers.sealer.digest(number)
            return (await session.scalars(select(Person).where(Person.id_digest == digest))).one()

    async def groups(self, number: str) -> dict[str, str]:
        """Group -> source."""
        person = await self.person(number)
        async with self.parts.database.reading() as session:
            rows = await session.scalars(select(PersonGroup).where(PersonGroup.person_id == person.id))
            return {row.name: row.source for row in rows}

    async def wishes(self, number: str) -> set[tuple[str, str]]:
        person = await self.person(number)
        async with self.parts.database.reading() as session:
            rows = await session.scalars(select(Wish).where(Wish.person_id == person.id))
            return {(row.kind, row.trade) for row in rows}

    def said(self, person: Person) -> dict[str, Any]:
        """What the ledger says of somebody."""
        assert person.ledger is not None
        found: dict[str, Any] = json.loads(self.ledgers.sealer.open(person.ledger, "person.ledger"))
        return found


@asynccontextmanager
async def open_desk(settings: Settings, clock: FixedClock) -> AsyncIterator[Desk]:
    database = Database(settings.async_database_url)
    try:
        await upgrade(database)
        parts = build_parts(settings, database, keys=load_keys(settings), clock=clock)
        yield Desk(parts, make_ledgers(parts, regions()))
    finally:
        await database.close()
