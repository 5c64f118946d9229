"""Imports one at a time: killed, taken over, forgotten."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.staff.audit import SYSTEM
from bot.staff.models import AuditEntry
from bot.staff.roles import Scope
from handlers.people.ledger import importing
from handlers.people.ledger.imports import ImportBusy, ImportMoved, RunState
from handlers.people.ledger.models import Contribution, ImportFile, ServiceRecord
from handlers.people.models import Person
from tests.handlers.people.ledger.desk import HONGHU, Desk
from tests.handlers.people.ledger.make import HEAD, ID, OTHER, ROW, number, sheet
from tests.handlers.people.ledger.test_importing import MONEY, SERVICE, count


def many() -> bytes:
    return sheet(HEAD, *(["示例某人", number(order=order), "", "", ""] for order in range(1, 250)))


async def test_two_at_once_are_refused(desk_on_each: Desk) -> None:
    first, second = await desk_on_each.take_in(sheet(HEAD, ROW)), await desk_on_each.take_in(sheet(HEAD, OTHER))
    await desk_on_each.confirm(first)
    with pytest.raises(ImportBusy):
        await desk_on_each.confirm(second)
    await desk_on_each.ledgers.runner.take(first.id)
    await desk_on_each.confirm(second)
    with pytest.raises(ImportMoved):
        await desk_on_each.confirm(first)


async def test_an_import_that_was_killed_goes_on_where_it_was(
    desk_on_each: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await desk_on_each.take_in(many())
    await desk_on_each.confirm(run)
    await desk_on_each.die_at(2, run)
    half = await desk_on_each.run(run.id)
    assert (half.state, await count(desk_on_each, Person)) == (str(RunState.GOING), importing.CHUNK)
    assert half.done_lines == importing.CHUNK
    # Its lease still holds; once that is over, whoever comes takes it.
    assert await desk_on_each.ledgers.runner.take_due() is None
    await desk_on_each.let_go(run)
    assert await desk_on_each.ledgers.runner.take_due() == run.id
    ended = await desk_on_each.run(run.id)
    assert ended.state == str(RunState.DONE)
    assert ended.counts == {"added": 249, "changed": 0, "same": 0, "refused": 0}
    assert await count(desk_on_each, Person) == 249


async def test_who_lost_the_lease_writes_nothing_more(desk_on_each: Desk) -> None:
    run = await desk_on_each.take_in(many())
    await desk_on_each.confirm(run)
    runner = desk_on_each.ledgers.runner
    real = runner._hold

    async def robbed(session: Any, run_id: int, token: str, **values: Any) -> None:
        await real(session, run_id, "somebody else", **values)

    runner._hold = robbed  # type: ignore[method-assign]  # another process takes it over at this very moment
    await runner.take(run.id)
    assert await count(desk_on_each, Person) == 0


async def test_the_file_is_gone_once_the_import_has_ended(desk_on_each: Desk) -> None:
    await desk_on_each.bring_in(sheet(HEAD, ROW))
    broken = await desk_on_each.take_in(b"PK\x03\x04")
    assert (broken.state, broken.error["code"]) == (str(RunState.BROKEN), "table_broken")
    dropped = await desk_on_each.take_in(sheet(HEAD, OTHER))
    async with desk_on_each.parts.database.transaction() as session:
        own = await desk_on_each.ledgers.imports.find(session, dropped.id, Scope(HONGHU), lock=True)
        await desk_on_each.ledgers.imports.drop(session, own, actor=SYSTEM)
    assert await count(desk_on_each, ImportFile) == 0


async def test_a_file_that_nobody_confirms_is_dropped_after_a_day(desk: Desk) -> None:
    run = await desk.take_in(sheet(HEAD, ROW))
    clock: Any = desk.parts.clock
    clock.advance(hours=23)
    await desk.ledgers.runner.act_once()
    assert (await desk.run(run.id)).state == str(RunState.WAITING)
    clock.advance(hours=2)
    await desk.ledgers.runner.act_once()
    assert (await desk.run(run.id)).state == str(RunState.DROPPED)
    assert await count(desk, ImportFile) == 0


async def test_the_file_lies_sealed_and_the_audit_holds_numbers_only(desk_on_each: Desk) -> None:
    content = sheet(HEAD, ROW)
    run = await desk_on_each.take_in(content)
    async with desk_on_each.parts.database.reading() as session:
        kept = await session.scalar(select(ImportFile.content))
        assert kept is not None
        assert content[:40] not in kept
        assert await desk_on_each.ledgers.imports.content_of(session, run.id) == content
    await desk_on_each.confirm(run)
    await desk_on_each.ledgers.runner.take(run.id)
    async with desk_on_each.parts.database.reading() as session:
        entries = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "ledger_imported"))).all()
    assert [entry.data["what"] for entry in entries] == ["confirmed", "done"]
    assert entries[1].data == {"what": "done", "template": "T2", "rows": 1, "added": 1}


async def test_the_same_file_is_known_again(desk: Desk) -> None:
    first = await desk.bring_in(sheet(HEAD, ROW))
    content = sheet(HEAD, OTHER)
    before = await desk.bring_in(content)
    again = await desk.take_in(content)
    async with desk.parts.database.reading() as session:
        found = await desk.ledgers.imports.same_file_before(session, again)
        assert found is not None
        assert found.id == before.id != first.id


async def test_who_is_deleted_takes_contributions_and_services_along(desk_on_each: Desk) -> None:
    await desk_on_each.bring_in(sheet(HEAD, ROW))
    await desk_on_each.bring_in(sheet(SERVICE, ["示例张三", ID, "宣讲", "2026-03-01", "", "", ""]))
    await desk_on_each.bring_in(sheet(MONEY, ["示例张三", ID, "居民", 2025, 200, "", "", "", ""]))
    person = await desk_on_each.person(ID)
    async with desk_on_each.parts.database.transaction() as session:
        await session.delete(await session.get_one(Person, person.id))
    assert (await count(desk_on_each, ServiceRecord), await count(desk_on_each, Contribution)) == (0, 0)
