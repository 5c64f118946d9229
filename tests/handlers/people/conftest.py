"""The whole program on each database, with persons of the bureau's ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import App, build
from bot.clock import FixedClock
from bot.models import Conversation
from bot.sealing import Sealer
from bot.settings import Settings
from handlers.people.models import Person as PersonRow
from handlers.people.register import Register
from tests.bureau import Person, wire_bureau


@dataclass
class House:
    """A program that runs, and ways to look into its register."""

    app: App
    clock: FixedClock
    register: Register
    sealer: Sealer

    async def add_of_ledger(self, **more: Any) -> int:
        """A person of the bureau's ledger. -> id"""
        name, phone = more.pop("name", "王小渔"), more.pop("phone", "13812345678")
        now = self.clock.now()
        values = {"region": "421083100", "village": "界牌村", "ledger_at": now, "created_at": now, "updated_at": now}
        row = PersonRow(
            name=self.sealer.seal(name, "person.name"),
            name_digest=self.sealer.digest(name),
            phone=self.sealer.seal(phone, "person.phone"),
            phone_digest=self.sealer.digest(phone),
            **(values | more),
        )
        async with self.app.database.transaction() as session:
            session.add(row)
            await session.flush()
            return row.id

    async def conversation_of(self, person: Person) -> int:
        async with self.app.database.reading() as session:
            found = await session.scalar(select(Conversation.id).where(Conversation.chat == person.address.key))
        assert found is not None
        return found

    async def row_of(self, person: Person) -> PersonRow | None:
        conversation = await self.conversation_of(person)
        async with self.app.database.reading() as session:
            return await self.register.find(session, conversation)


@pytest.fixture
def clock() -> FixedClock:
    """Tuesday, 24 November 2026, nine in the morning."""
    return FixedClock("2026-11-24T09:00:00+08:00")


@pytest.fixture
async def house(settings_on_each: Settings, clock: FixedClock) -> AsyncIterator[House]:
    async with build(settings_on_each, clock=clock, wire=wire_bureau) as app:
        yield House(app, clock, Register(), Sealer(app.keys, "people"))
