"""The search box: by number, name, phone and words, and never what is not theirs."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers.tickets.cabinet import Person
from handlers.tickets.models import SearchTerms, Ticket
from handlers.tickets.search import pairs_of
from tests.console.site import PASSWORD, ConsoleSite, StaffBrowser
from tests.console.test_queue import numbers
from tests.handlers.tickets.bureau import LUOZHUANG

SPOKEN = str.maketrans("0123456789", "〇一二三四五六七八九")
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


async def found(at: StaffBrowser, typed: str) -> list[str]:
    async with at.http.get("/staff/search", params={"q": typed}, allow_redirects=False) as answer:
        if answer.status == 303:
            return [answer.headers["Location"].rpartition("/")[2]]
        assert answer.status == 200
        return numbers(await answer.text())


@pytest.mark.parametrize(
    "written",
    [
        lambda number: number,
        lambda number: number.replace("-", ""),
        lambda number: number.translate(WIDE),
        lambda number: number.translate(SPOKEN).replace("-", "杠"),
        lambda number: f"工单{number}办得怎样",
    ],
    ids=["as it is", "without dash", "full width", "spoken", "in a sentence"],
)
async def test_a_number_leads_straight_to_its_ticket(console: ConsoleSite, written: object) -> None:
    at = await console.sign_in("zhou")
    number = await console.bureau.file()
    await console.bureau.file()
    assert await found(at, written(number)) == [number]  # type: ignore[operator]


async def test_name_phone_its_last_digits_and_words_find_a_ticket(console_on_each: ConsoleSite) -> None:
    at = await console_on_each.sign_in("zhou")
    bureau = console_on_each.bureau
    number = await bureau.file(
        about="九月的岗位补贴没发", person=Person("示例·欧阳某", "13900005678"), facts={"employer": "示例蓝鲸水产公司"}
    )
    await bureau.file(about="想学电焊", person=Person("示例·王某", "13800009999"))
    for typed in (
        "示例·欧阳某",
        "示例欧阳某",
        "13900005678",
        "+86 139-0000-5678",
        "５６７８",
        "岗位补贴",
        "补贴 蓝鲸",
        "蓝鲸水产",
    ):
        assert await found(at, typed) == [number], typed
    for typed in ("欧阳", "139000", "没有这样的话", "1234", "贴补 鲸蓝"):
        assert await found(at, typed) == [], typed


async def test_somebody_who_joined_is_found_by_their_phone(console: ConsoleSite) -> None:
    at = await console.sign_in("zhou")
    number = await console.bureau.file(others=(Person("示例·何某", "13700001111"),))
    assert await found(at, "13700001111") == [number]


async def test_nobody_finds_what_is_another_countys(console_on_each: ConsoleSite) -> None:
    stranger = await console_on_each.sign_in("stranger")
    sun = await console_on_each.sign_in("sun")
    bureau = console_on_each.bureau
    number = await bureau.file(about="九月的岗位补贴没发", person=Person("示例·欧阳某", "13900005678"))
    other = await bureau.file(about="九月的岗位补贴没发", region=LUOZHUANG)
    for typed in (number, "示例·欧阳某", "13900005678", "5678"):
        assert await found(stranger, typed) == [], typed
    assert await found(stranger, "岗位补贴") == [other]
    assert await found(sun, "岗位补贴") == [number]


@pytest.mark.parametrize("typed", ["%", "_", "%%", "补%贴", "' OR 1=1 --", "\\", "*", "补_", "\x00", "🙂", "{" * 300])
async def test_what_a_database_or_a_page_could_read_is_plain_characters(console: ConsoleSite, typed: str) -> None:
    at = await console.sign_in("zhou")
    await console.bureau.file()
    assert await found(at, typed) == []


async def test_markup_that_is_typed_is_shown_as_it_was_typed(console: ConsoleSite) -> None:
    at = await console.sign_in("zhou")
    async with at.http.get("/staff/search", params={"q": '"><script>alert(1)</script>'}) as answer:
        assert "<script>alert" not in await answer.text()


async def test_a_changed_fact_is_found_and_what_it_was_is_not(console: ConsoleSite) -> None:
    at = await console.sign_in("zhou")
    bureau = console.bureau
    number = await bureau.file(facts={"employer": "示例旧公司厂"})
    await bureau.do("zhou", "claim", number)
    await bureau.do("zhou", "change_facts", number, {"employer": "示例新矿山"}, reason="听错了")
    assert await found(at, "新矿山") == [number]
    assert await found(at, "旧公司") == []


async def test_what_is_erased_is_found_no_more_by_name_phone_or_words(console: ConsoleSite) -> None:
    at = await console.sign_in("zhou")
    bureau = console.bureau
    ended = await bureau.file("one", about="九月的岗位补贴没发", person=Person("示例·欧阳某", "13900005678"))
    await bureau.solve("zhou", ended)
    await bureau.say("confirm_solved", ended, chat="one")
    still_open = await bureau.file("two", about="想学电焊手艺", person=Person("示例·王某", "13800009999"))
    for chat in ("one", "two"):
        conversation = await bureau.chat(chat)
        async with bureau.work() as session:
            await bureau.office.filing.erase(session, conversation, now=bureau.now)
    for typed in ("示例·欧阳某", "13900005678", "5678", "岗位补贴", "示例·王某", "13800009999", "9999"):
        assert await found(at, typed) == [], typed
    assert await found(at, "电焊手艺") == [still_open]
    await bureau.wait(days=31)
    await at.sign_in("zhou", PASSWORD)
    assert await found(at, "岗位补贴") == []


async def test_tickets_from_before_there_was_a_search_are_filled_in(console_on_each: ConsoleSite) -> None:
    at = await console_on_each.sign_in("zhou")
    bureau = console_on_each.bureau
    number = await bureau.file()
    async with bureau.work() as session:
        ticket = (await session.scalars(select(Ticket))).one()
        ticket.search_key = ""
        await session.delete((await session.scalars(select(SearchTerms))).one())
    assert await found(at, "到账") == []
    await bureau.office.cabinet.search.fill(bureau.app.database)
    assert await found(at, "到账") == [number]


async def test_neither_name_nor_number_lies_open_in_the_index(console: ConsoleSite) -> None:
    await console.bureau.file(about="我的电话 13800001234", person=Person("示例·张某", "13800001234"))
    async with console.bureau.app.database.reading() as session:
        terms = (await session.scalars(select(SearchTerms.terms))).one().split()
    assert not pairs_of("13800001234 示例·张某") & set(terms)
