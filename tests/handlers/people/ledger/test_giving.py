"""Ledgers that go out: what came in comes back, masked where it must be, village by village."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from bot.staff.roles import Scope
from handlers.people.ledger.choosing import Choice
from handlers.people.ledger.columns import Kind, Template, load_columns
from handlers.people.ledger.giving import Book
from handlers.people.ledger.labels import say_value
from handlers.people.ledger.service_rules import ServiceKind
from handlers.people.ledger.services import Given
from handlers.people.models import Person
from handlers.people.person import Employment, Source
from tests.handlers.people.ledger.desk import HONGHU, LUOZHUANG, OTHER_TOWN, Desk
from tests.handlers.people.ledger.make import HEAD, ID, OTHER, OTHER_ID, ROW, number, sheet
from tests.handlers.people.ledger.test_importing import MONEY, full

RICH = {
    "户主": "示例户主",
    "与户主关系": "本人",
    "渔船编号": "鄂洪渔0001",
    "就业状态": "已就业",
    "就业形式": "灵活就业",
    "单位": "=示例水产",
    "起始时间": "2021.3",
    "月收入": "4,500元左右",
    "参保险种": "未参保",
    "困难类别": "低保边缘",
    "帮扶责任人": "示例干部",
    "最近回访": "2026-10-01",
    "备注": "电话13800001234找示例张三\n第二行",
    "县": "洪湖市",
    "户类型": "脱贫户",
    "人均纯收入": "12000",
    "住址": "新堤街道示例路1号",
}


async def give(desk: Desk, book: Book, *, unmasked: bool, scope: str = HONGHU, **more: Any) -> list[dict[str, Any]]:
    file = await give_file(desk, book, unmasked=unmasked, scope=scope, **more)
    active = load_workbook(BytesIO(file)).active
    assert active is not None
    head, *rows = active.iter_rows()
    assert not [cell for row in rows for cell in row if cell.data_type == "f"]
    names = [str(cell.value) for cell in head]
    return [dict(zip(names, (cell.value for cell in row), strict=True)) for row in rows]


async def give_file(desk: Desk, book: Book, *, unmasked: bool, scope: str = HONGHU, **more: Any) -> bytes:
    file = BytesIO()
    async with desk.parts.database.reading() as session:
        choice = Choice(Scope(scope), **more)
        await desk.ledgers.giving.write(session, choice, book, file, year=2026, unmasked=unmasked)
    return file.getvalue()


async def test_what_goes_out_in_full_comes_in_again_and_changes_nothing(desk_on_each: Desk) -> None:
    await desk_on_each.bring_in(full(**RICH))
    await desk_on_each.bring_in(sheet(HEAD, OTHER))
    before = await desk_on_each.person(ID)
    content = await give_file(desk_on_each, Book.PERSONS, unmasked=True)
    run = await desk_on_each.bring_in(content)
    assert run.findings["faults"] == []
    assert run.findings["unknown_columns"] == []
    assert run.counts == {"added": 0, "changed": 0, "same": 2, "refused": 0}
    assert (await desk_on_each.person(ID)).version == before.version


async def test_it_fills_an_empty_database_with_the_same_persons(desk: Desk) -> None:
    await desk.bring_in(full(**RICH))
    content = await give_file(desk, Book.PERSONS, unmasked=True)
    groups, person = await desk.groups(ID), await desk.person(ID)
    async with desk.parts.database.transaction() as session:
        await session.delete(await session.get_one(Person, person.id))
    await desk.bring_in(content)
    again = await desk.person(ID)
    assert await desk.groups(ID) == groups
    kept = ("region", "village", "birth_year", "gender", "employment", "work_form", "skills", "phone_digest")
    assert [getattr(again, name) for name in kept] == [getattr(person, name) for name in kept]
    assert desk.said(again) == desk.said(person)


async def test_masked_it_shows_nobody(desk_on_each: Desk) -> None:
    await desk_on_each.bring_in(full(**RICH))
    (row,) = await give(desk_on_each, Book.PERSONS, unmasked=False)
    told = str(row)
    private = (
        "示例张三",
        "示例户主",
        "13800001234",
        "0716-2421234",
        ID,
        ID[6:14],
        "1968-01-03",
        "示例路1号",
        "鄂洪渔0001",
    )
    assert [words for words in private if words in told] == []
    assert (row["就业状态"], row["村"], row["出生日期"]) == ("已就业", "示例村", "1968")


async def test_what_staff_set_right_goes_out(desk: Desk) -> None:
    await desk.bring_in(sheet(HEAD, ROW))
    person = await desk.person(ID)
    async with desk.parts.database.transaction() as session:
        own = await session.get_one(Person, person.id)
        own.village, own.employment, own.skills = "新村", str(Employment.EMPLOYED), ["电焊", "开船"]
        own.region = OTHER_TOWN
    (row,) = await give(desk, Book.PERSONS, unmasked=True)
    assert [row[name] for name in ("乡镇", "村", "就业状态", "技能特长")] == ["螺山镇", "新村", "已就业", "电焊、开船"]


async def test_a_villages_book_holds_its_persons_their_services_and_contributions(desk_on_each: Desk) -> None:
    await desk_on_each.bring_in(sheet(HEAD, OTHER, ROW))
    await desk_on_each.bring_in(sheet(MONEY, ["示例张三", ID, "居民", 2024, 200, 100, "", "", "待补"]))
    await desk_on_each.bring_in(sheet(MONEY, ["示例张三", ID, "居民", 2025, 1200.5, 600, 600, "", "已发"]))
    person = await desk_on_each.person(ID)
    async with desk_on_each.parts.database.transaction() as session:
        given = Given(ServiceKind.BRIEFING, date(2026, 3, 1), about="讲补贴")
        await desk_on_each.ledgers.services.record(
            session, [person.id], given, source=Source.STAFF, now=desk_on_each.parts.clock.now()
        )
    rows = await give(desk_on_each, Book.VILLAGE, unmasked=False)
    assert [row["村"] for row in rows] == ["示例村", "样板村"]
    first = rows[0]
    assert [first[name] for name in ("2026宣讲", "2026介绍", "2026完成")] == [1, 0, "1/0/0/0"]
    assert [first[name] for name in ("缴费年度险种", "缴费金额", "实补", "补贴状态")] == [
        "2025 居民",
        "1200.5",
        "600",
        "已发",
    ]
    assert [row["村"] for row in await give(desk_on_each, Book.VILLAGE, unmasked=False, village="样板村")] == ["样板村"]
    assert await give(desk_on_each, Book.VILLAGE, unmasked=True, scope=LUOZHUANG) == []


async def test_who_is_known_from_a_chat_alone_goes_into_no_ledger(desk: Desk) -> None:
    await desk.bring_in(sheet(HEAD, OTHER))
    now = desk.parts.clock.now()
    async with desk.parts.database.transaction() as session:
        session.add(Person(created_at=now, updated_at=now, region=OTHER_TOWN, village="样板村"))
    rows = await give(desk, Book.PERSONS, unmasked=True)
    assert [row["身份证号"] for row in rows] == [OTHER_ID]


async def test_many_persons_come_in_order_and_each_once(desk: Desk) -> None:
    numbers = [number(born=born, order=order) for born in ("19680103", "19680104") for order in range(1, 600)]
    rows = [["示例某人", one, "", "新堤", f"村{place % 7}"] for place, one in enumerate(numbers)]
    await desk.bring_in(sheet(HEAD, *rows))
    out = await give(desk, Book.VILLAGE, unmasked=True)
    assert len({row["身份证号"] for row in out}) == len(out) == len(rows)
    assert [row["村"] for row in out] == sorted(row["村"] for row in out)
    assert [row["序号"] for row in out] == list(range(1, len(rows) + 1))


def test_every_closed_word_goes_out_as_it_comes_in() -> None:
    columns = load_columns()
    for template in Template:
        for one in columns.fields[template].values():
            if one.kind is Kind.CHOICE:
                for value in columns.values_of(one.values):
                    assert columns.choose(one.values, say_value(one.name, value)) == value, (one.name, value)
