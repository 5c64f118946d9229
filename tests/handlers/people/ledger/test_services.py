"""Services: what a place owes, what was given, who lacks what; each counted once."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from sqlalchemy import select

from bot.staff.roles import Scope
from handlers.people.ledger.lacking import Lacking, Sought, Standing
from handlers.people.ledger.models import ServiceRecord
from handlers.people.ledger.service_rules import ServiceHow, ServiceKind, Target, load_targets, say_done, target_of
from handlers.people.ledger.services import Given, ServiceUnfit
from handlers.people.person import Source
from tests.handlers.people.ledger.desk import HONGHU, LUOZHUANG, OTHER_TOWN, TOWN, Desk
from tests.handlers.people.ledger.make import number, sheet

BRIEFING = Given(ServiceKind.BRIEFING, date(2026, 3, 1), ServiceHow.ONSITE, "讲补贴")


def test_honghu_owes_its_fishers_1113() -> None:
    target = target_of(TOWN, 2026)
    assert target is not None
    assert [target.least[kind] for kind in ServiceKind] == [1, 1, 1, 3]
    assert target.source == "洪人社办〔2023〕7号 二、（一）"
    assert target.groups == {"retired_fisher"}
    assert target_of(TOWN, 2022) is None


def test_a_place_without_an_entry_owes_nothing_and_the_nearest_entry_counts() -> None:
    assert target_of(LUOZHUANG, 2026) is None
    assert target_of(None, 2026) is None
    province = Target("420000", "省", 2020, None, frozenset(), {ServiceKind.BRIEFING: 2}, "")
    sorted_by_loading = [one.region for one in load_targets()]
    assert sorted_by_loading.index(HONGHU) < sorted_by_loading.index("360000")
    assert target_of("421003", 2026, [*load_targets(), province]) is province


def test_what_is_lacking_is_the_difference() -> None:
    target = target_of(TOWN, 2026)
    assert target is not None
    assert target.lacking({"briefing": 1, "introduction": 2}) == {"guidance": 1, "training": 1, "introduction": 1}
    assert target.lacking({"briefing": 4, "guidance": 1, "training": 1, "introduction": 3}) == {}
    assert say_done({"briefing": 1, "introduction": 2}) == "1/0/0/2"


async def fishers(desk: Desk, count: int = 3) -> list[str]:
    """So many in one village, one more in another town, and one who is no fisher. -> their numbers"""
    numbers = [number(order=order) for order in range(1, count + 3)]
    rows = [["示例某人", one, "新堤街道", "东村", "专业"] for one in numbers[:count]]
    rows += [
        ["示例某人", numbers[count], "螺山镇", "西村", "兼业"],
        ["示例某人", numbers[count + 1], "新堤街道", "东村", ""],
    ]
    await desk.bring_in(sheet(["姓名", "身份证号", "乡镇", "村", "渔民类型"], *rows))
    return numbers


async def test_a_service_is_written_down_once_for_each(desk_on_each: Desk) -> None:
    ids = [(await desk_on_each.person(one)).id for one in await fishers(desk_on_each)]
    services, now = desk_on_each.ledgers.services, desk_on_each.parts.clock.now()
    for expected in (3, 0):
        async with desk_on_each.parts.database.transaction() as session:
            assert await services.record(session, ids[:3], BRIEFING, source=Source.STAFF, now=now) == expected
    again = Given(ServiceKind.BRIEFING, date(2026, 3, 1), None, "讲 补贴", result="都听了")
    other = Given(ServiceKind.BRIEFING, date(2026, 3, 1), None, "讲养老")
    async with desk_on_each.parts.database.transaction() as session:
        assert await services.record(session, ids[:1], again, source=Source.SAID, now=now) == 0
        assert await services.record(session, ids[:1], other, source=Source.SAID, now=now) == 1
    async with desk_on_each.parts.database.reading() as session:
        assert await services.count_of(session, ids[0], 2026) == {"briefing": 2}
        assert await services.count_of(session, ids[0], 2025) == {}
        of_one = select(ServiceRecord).where(ServiceRecord.person_id == ids[0]).order_by(ServiceRecord.id)
        kept = [(one.kind, services.open_row(one.row)["about"]) for one in await session.scalars(of_one)]
        assert kept == [("briefing", "讲补贴"), ("briefing", "讲养老")]


async def test_two_who_write_the_same_at_once_write_it_once(desk_on_each: Desk) -> None:
    ids = [(await desk_on_each.person(one)).id for one in await fishers(desk_on_each)]
    services, now = desk_on_each.ledgers.services, desk_on_each.parts.clock.now()

    async def write() -> None:
        async with desk_on_each.parts.database.transaction() as session:
            await services.record(session, ids, BRIEFING, source=Source.STAFF, now=now)

    await asyncio.gather(*(write() for _ in range(6)))
    async with desk_on_each.parts.database.reading() as session:
        assert len((await session.scalars(select(ServiceRecord))).all()) == len(ids)


async def test_what_is_still_to_come_is_not_written_down(desk: Desk) -> None:
    ids = [(await desk.person(one)).id for one in await fishers(desk)]
    ahead = Given(ServiceKind.TRAINING, date(2026, 11, 25))
    with pytest.raises(ServiceUnfit):
        async with desk.parts.database.transaction() as session:
            await desk.ledgers.services.record(session, ids, ahead, source=Source.STAFF, now=desk.parts.clock.now())
    async with desk.parts.database.reading() as session:
        assert (await session.scalars(select(ServiceRecord))).all() == []


async def test_who_lacks_what_is_counted_by_village(desk_on_each: Desk) -> None:
    numbers = await fishers(desk_on_each)
    ids = [(await desk_on_each.person(one)).id for one in numbers]
    services, now = desk_on_each.ledgers.services, desk_on_each.parts.clock.now()
    async with desk_on_each.parts.database.transaction() as session:
        await services.record(session, ids, BRIEFING, source=Source.STAFF, now=now)
        for kind in ServiceKind:
            for day in range(1, 4):
                whole = Given(kind, date(2026, 4, day))
                await services.record(session, ids[:1], whole, source=Source.STAFF, now=now)
    lacking, sought = Lacking(), Sought(Scope(HONGHU), 2026)
    async with desk_on_each.parts.database.reading() as session:
        assert await lacking.count(session, sought) == (4, 3)
        assert await lacking.matching(session, sought) == 3
        page = await lacking.page(session, sought, limit=10, offset=0)
        assert [one.id for one in page] == [ids[1], ids[2], ids[3]]
        assert page[0].given == {"briefing": 1, "guidance": 0, "training": 0, "introduction": 0}
        villages = await lacking.villages(session, sought)
        found = {(one.village, one.persons, one.lacking) for one in villages}
        assert found == {("东村", 3, 2), ("西村", 1, 1)}
        done = Sought(Scope(HONGHU), 2026, standing=Standing.DONE)
        assert [one.id for one in await lacking.page(session, done, limit=10, offset=0)] == [ids[0]]
        briefed = Sought(Scope(HONGHU), 2026, kind=ServiceKind.BRIEFING)
        assert await lacking.matching(session, briefed) == 0
        elsewhere = Sought(Scope(HONGHU), 2026, region=OTHER_TOWN)
        assert [one.id async for batch in lacking.every(session, elsewhere) for one in batch] == [ids[3]]
        assert await lacking.count(session, Sought(Scope(TOWN), 2026)) == (3, 2)
        assert await lacking.count(session, Sought(Scope(LUOZHUANG), 2026)) == (0, 0)
        assert await lacking.count(session, Sought(Scope(HONGHU), 2025)) == (4, 4)
        assert await lacking.count(session, Sought(Scope(HONGHU), 2020)) == (0, 0)
