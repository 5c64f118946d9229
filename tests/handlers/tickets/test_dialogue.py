"""What a person can do with a ticket in the chat, beyond the conversations as data."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import App, build, build_parts
from bot.clock import FixedClock
from bot.models import Conversation
from bot.sealing import Sealer
from bot.settings import Settings
from bot.staff.accounts import add_account
from bot.staff.audit import SYSTEM
from bot.staff.models import Staff
from bot.staff.passwords import NewPassword
from bot.staff.roles import Role
from handlers.tickets.models import Complainant, Entry, EntryContent, Ticket
from handlers.tickets.office import make_kinds, make_office
from handlers.tickets.ticket import Closing
from tests.bureau import Person, knowing, wire_bureau

MATTER = (
    "老板欠我们二十几个人三个月工资，在示例水产公司",
    "新堤街道",
    "把钱要回来",
    "张水生 13800138000",
    "可以告诉",
)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock("2026-11-24T10:14:00+08:00")


@pytest.fixture
async def bureau(settings: Settings, clock: FixedClock) -> AsyncIterator[App]:
    async with build(settings, clock=clock, wire=wire_bureau) as app:
        yield app


async def file_a_matter(bureau: App, name: str = "fisher") -> tuple[Person, str]:
    person = Person(bureau, name, region="洪湖市")
    for words in (*MATTER, "没错，交上去"):
        await person.say(words)
    assert person.templates == ["tickets/filed"], person.text
    return person, person.text.partition("编号")[2].strip()[:12]


async def test_name_and_phone_of_a_form_are_sealed_while_it_waits(bureau: App):
    person = Person(bureau, "fisher", region="洪湖市")
    for words in MATTER:
        await person.say(words)
    async with bureau.database.reading() as session:
        states = str((await session.scalars(select(Conversation.states))).one())
    assert "tickets" in states
    assert "13800138000" not in states
    assert "张水生" not in states


async def test_a_number_of_somebody_else_and_one_that_does_not_exist_sound_the_same(bureau: App):
    _, number = await file_a_matter(bureau)
    stranger = Person(bureau, "stranger")
    await stranger.say(f"查一下{number}办到哪了")
    theirs = stranger.text
    await stranger.say("查一下261124-99994办到哪了")
    assert "没有查到" in theirs
    assert stranger.text in (theirs, stranger.text)
    assert "工资" not in theirs


async def test_from_another_device_the_code_of_the_staff_opens_it_and_a_wrong_one_does_not(
    bureau: App, clock: FixedClock
):
    _, number = await file_a_matter(bureau)
    async with bureau.database.reading() as session:
        ticket = (await session.scalars(select(Ticket))).one()
    code = await give_code(bureau, ticket, clock)
    other = Person(bureau, "other device")
    await other.say(f"{number} 13800138000 000000")
    assert "对不上" in other.text
    await other.say(f"{number} 13900139000 {code}")
    assert "对不上" in other.text
    await other.say(f"{number} 13800138000 {code}")
    assert other.templates == ["tickets/status"]
    await other.say("我那个事咋样了")
    assert other.templates == ["tickets/status"]
    assert number in other.text


async def test_who_says_it_is_not_solved_hears_once_that_it_is_worked_again(bureau: App, clock: FixedClock):
    person, number = await file_a_matter(bureau)
    office, now = make_office(bureau_parts(bureau), knowing().book.regions), clock.now()
    async with bureau.database.transaction() as session:
        sun = await hire_a_leader(session, now)
        await office.desk.claim(session, sun, number, now=now)
        await office.desk.record_contact(session, sun, number, "打过电话", how="phone", now=now)
        await office.desk.answer(session, sun, number, "补发了", closing=Closing.SOLVED, now=now)
    await person.say("没办好，钱没到")
    news = [one.template for one in person.replies if one.data.get("what") == "reopened"]
    assert news == ["tickets/news"]
    assert person.templates[-1] == "tickets/news"


async def hire_a_leader(session: AsyncSession, now: datetime) -> Staff:
    password = NewPassword("x", "x", must_change=False)
    return await add_account(
        session, "sun", role=Role.SUPERVISOR, region="421083", password=password, actor=SYSTEM, now=now
    )


async def give_code(bureau: App, ticket: Ticket, clock: FixedClock) -> str:
    office = make_office(bureau_parts(bureau), knowing().book.regions)
    async with bureau.database.transaction() as session:
        staff = await hire_a_leader(session, clock.now())
        return await office.desk.give_code(session, staff, ticket.number, now=clock.now())


def bureau_parts(bureau: App):  # type: ignore[no-untyped-def]  # as `bot.app` builds them
    parts = build_parts(bureau.settings, bureau.database, keys=bureau.keys, clock=bureau.clock)
    parts.book.add(make_kinds())
    return parts


async def test_who_names_the_number_of_a_group_matter_joins_it(bureau: App):
    _, number = await file_a_matter(bureau)
    mate = Person(bureau, "mate")
    await mate.say(f"编号{number}，我也没拿到，算我一个")
    assert "算上您了" in mate.text
    await mate.say("我那个事咋样了")
    assert number in mate.text


JOINS = "编号{}，我也没拿到，算我一个，13800138001"


async def joins(bureau: App, number: str) -> Person:
    mate = Person(bureau, "mate")
    await mate.say(JOINS.format(number))
    return mate


async def told_in(bureau: App) -> tuple[str, int]:
    """The state of the one ticket, and how many have joined it."""
    async with bureau.database.reading() as session:
        state = (await session.scalars(select(Ticket.state))).one()
        return state, await session.scalar(select(func.count()).select_from(Complainant)) or 0


@pytest.mark.parametrize("yes", ["是", "撤", "撤吧", "嗯撤了", "我不参加了"])
async def test_who_joined_cannot_take_it_back_for_the_others_but_can_leave_it(bureau: App, yes: str):
    _, number = await file_a_matter(bureau)
    mate = await joins(bureau, number)
    await mate.say("撤回")
    assert mate.templates == ["tickets/leave_ask"]
    assert await told_in(bureau) == ("waiting", 1)
    await mate.say(yes)
    assert mate.templates == ["tickets/say"]
    assert await told_in(bureau) == ("waiting", 0)
    await mate.say("我那个事咋样了")
    assert number not in mate.text


async def test_whoever_leaves_by_their_own_view_is_told_nothing_more_and_may_join_again(bureau: App):
    fisher, number = await file_a_matter(bureau)
    mate = await joins(bureau, number)
    await mate.say("我那个事咋样了")
    assert "我不参加了" in mate.labels
    await mate.press("我不参加了")
    assert await told_in(bureau) == ("waiting", 0)
    async with bureau.database.reading() as session:
        kinds = list(await session.scalars(select(Entry.kind).order_by(Entry.seq)))
    assert kinds == ["opened", "joined", "left"]
    await mate.say(JOINS.format(number))
    assert await told_in(bureau) == ("waiting", 1)
    await fisher.say("我那个事咋样了")
    assert "我不参加了" not in fisher.labels


@pytest.mark.parametrize("no", ["不", "不撤", "先别撤", "先留着"])
async def test_who_is_asked_whether_to_take_it_back_may_say_no(bureau: App, no: str):
    fisher, _ = await file_a_matter(bureau)
    await fisher.say("撤回")
    await fisher.say(no)
    assert fisher.templates == ["tickets/say"]
    assert (await told_in(bureau))[0] == "waiting"


@pytest.mark.parametrize("yes", ["撤", "撤吧", "嗯撤了", "对，撤", "是的", "不办了"])
async def test_who_is_asked_whether_to_take_it_back_says_yes_in_many_ways(bureau: App, yes: str):
    fisher, _ = await file_a_matter(bureau)
    await fisher.say("我不想告了，撤了吧")
    assert fisher.templates == ["tickets/withdraw_ask"]
    await fisher.say(yes)
    assert (await told_in(bureau))[0] == "withdrawn"


async def test_a_single_word_that_takes_back_is_asked_about_first(bureau: App):
    fisher, _ = await file_a_matter(bureau)
    await fisher.say("撤")
    assert fisher.templates == ["tickets/withdraw_ask"]
    await fisher.say("算了")
    assert fisher.templates == ["tickets/withdraw_ask"]  # 算了, take it back? or 算了, leave it?
    assert (await told_in(bureau))[0] == "waiting"


async def test_a_phone_number_is_half_hidden_in_what_was_told(bureau: App):
    await file_a_matter(bureau)
    async with bureau.database.reading() as session:
        told = "\n".join((await session.scalars(select(EntryContent.text))).all())
    assert "13800138000" not in told
    assert "138****8000" in told


async def test_a_phone_told_after_filing_can_be_called_and_another_s_does_not_take_its_place(bureau: App):
    person = Person(bureau, "impatient", region="洪湖市")
    for words in ("转人工", "别问那么多 快点", "我电话13800138000"):
        await person.say(words)
    assert await phone(bureau) == "13800138000"
    await person.say("我那个事咋样了")
    await person.press("补充情况")
    await person.say("老板的电话是13871234567")
    assert await phone(bureau) == "13800138000"


async def phone(bureau: App) -> str:
    async with bureau.database.reading() as session:
        sealed = (await session.scalars(select(Ticket.phone))).one()
    assert sealed is not None
    return Sealer(bureau.keys, "tickets").open(sealed, "ticket.phone")


async def test_what_is_kept_names_the_matters_and_deleting_cuts_them_off(bureau: App):
    person, _ = await file_a_matter(bureau)
    await person.say("我的资料")
    assert "反映的事：1" in person.text
    await person.say("删除我的资料")
    await person.press("都删掉")
    await person.say("我的诉求")
    assert "没有查到" in person.text
    async with bureau.database.reading() as session:
        ticket = (await session.scalars(select(Ticket))).one()
    assert (ticket.conversation_id, ticket.name, ticket.phone, ticket.state) == (None, None, None, "waiting")
