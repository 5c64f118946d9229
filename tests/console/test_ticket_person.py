"""Who a ticket is from and what it is about, as staff see it and put it right."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.messages import Address, ChannelName
from bot.staff.models import AuditEntry
from bot.staff.roles import Role
from handlers.tickets.cabinet import Person as Complainer
from handlers.tickets.ticket import Category
from tests.console.site import ConsoleSite
from tests.console.test_ticket import log, path_of, thread
from tests.handlers.tickets.bureau import HONGHU, LUOZHUANG

# -- the person ---------------------------------------------------------------------------------------------


async def test_the_full_name_is_shown_once_for_a_reason_that_is_kept(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    clerk = await console.sign_in("zhou")
    path = path_of(number)
    assert (await clerk.post(f"{path}/unseal", text=" ")).status == 422
    told = await clerk.post(f"{path}/unseal", text="要打电话核卡号")
    assert told.status == 200
    assert "示例·张某" in told.text
    assert "13800001234" in told.text
    assert told.headers["Cache-Control"] == "no-store"
    again = await clerk.get(path)
    assert "13800001234" not in again.text
    assert "要打电话核卡号" in log(again)
    async with console.bureau.app.database.reading() as session:
        rows = await session.execute(
            select(AuditEntry.action, AuditEntry.reason).where(AuditEntry.subject_id == number)
        )
    assert ("unmasked", "要打电话核卡号") in [tuple(row) for row in rows]


async def test_who_a_confidential_matter_is_from_only_leaders_outside_its_queue_are_told(console: ConsoleSite) -> None:
    number = await console.bureau.file(confidential=True)
    for name, status in (("zhou", 422), ("sun", 422), ("head", 200), ("auditor", 200)):
        page = await (await console.sign_in(name)).post(f"{path_of(number)}/unseal", text="查办")
        assert page.status == status, name
        assert ("13800001234" in page.text) is (status == 200)


async def test_other_matters_of_the_person_are_listed_as_far_as_one_may_see_them(console: ConsoleSite) -> None:
    bureau = console.bureau
    await bureau.queue("监察", category=Category.LABOUR)
    await bureau.hire("wang", Role.CLERK, HONGHU, "监察")
    number = await bureau.file(about="补贴没到账")
    await bureau.file(about="第二件同聊天")
    await bureau.file("elsewhere", about="第三件同电话")
    await bureau.file(about="别队列的", category=Category.LABOUR)
    await bureau.file(about="别县的", region=LUOZHUANG)
    await bureau.file(about="保密的", confidential=True)
    await bureau.file("else", about="别人的", person=Complainer("李某", "13900009999"))
    page = await (await console.sign_in("zhou")).get(path_of(number))
    for about in ("第二件同聊天", "第三件同电话"):
        assert about in page.text
    for about in ("别队列的", "别县的", "保密的", "别人的"):
        assert about not in page.text
    assert "别队列的" in (await (await console.sign_in("sun")).get(path_of(number))).text


async def test_a_confidential_matter_is_linked_to_nothing(console: ConsoleSite) -> None:
    bureau = console.bureau
    await bureau.file(about="公开的一件")
    number = await bureau.file(about="保密的", confidential=True)
    assert "公开的一件" not in (await (await console.sign_in("head")).get(path_of(number))).text


@pytest.mark.parametrize("confidential", [False, True])
async def test_complainants_of_a_joint_matter_are_counted_and_masked(console: ConsoleSite, confidential: bool) -> None:
    others = tuple(Complainer(f"王大{at}", f"1391234000{at}") for at in range(3))
    number = await console.bureau.file(others=others, confidential=confidential)
    page = await (await console.sign_in("zhou")).get(path_of(number))
    assert "另有 3 人" in page.text
    assert "王大1" not in page.text
    assert "13912340001" not in page.text
    assert ("王*1" in page.text) is not confidential


# -- facts --------------------------------------------------------------------------------------------------


async def test_a_fact_is_put_right_with_a_reason_and_what_it_was_is_kept(console: ConsoleSite) -> None:
    number = await console.bureau.file(facts={"amount": "4800元", "amount_yuan": 4800.0, "people": 4})
    clerk = await console.sign_in("zhou")
    fields = {"fact.amount": "8400元", "fact.people": "5", "fact.wish": ""}
    assert (await clerk.post(f"{path_of(number)}/facts", [], text="", **fields)).status == 422
    assert (await clerk.post(f"{path_of(number)}/facts", text="群众说反了", **fields)).status == 303
    assert (await console.bureau.ticket(number)).facts == {"amount": "8400元", "amount_yuan": 8400.0, "people": 5}
    said = log(await clerk.get(path_of(number)))
    assert "4800元 → 8400元" in said
    assert "群众说反了" in said


@pytest.mark.parametrize(
    ("words", "yuan"),
    [
        ("八千四", 8400.0),
        ("1万2千元", 12000.0),
        ("两千多块", 2000.0),
        ("8400", 8400.0),
        ("说不清", None),
        ("", None),
    ],
)
async def test_a_sum_put_right_by_hand_keeps_its_figure(console: ConsoleSite, words: str, yuan: float | None) -> None:
    number = await console.bureau.file(facts={"amount": "4800元", "amount_yuan": 4800.0})
    clerk = await console.sign_in("zhou")
    done = await clerk.post(f"{path_of(number)}/facts", [("fact.amount", words)], text="群众说错了")
    assert done.status == 303
    assert (await console.bureau.ticket(number)).facts == {"amount": words, "amount_yuan": yuan}


async def test_nothing_changed_is_no_change(console: ConsoleSite) -> None:
    number = await console.bureau.file(facts={"amount": "4800元"})
    clerk = await console.sign_in("zhou")
    fields = {"fact.amount": "4800元", "fact.owner": "x"}
    assert (await clerk.post(f"{path_of(number)}/facts", text="看看", **fields)).status == 422
    assert "facts" not in await console.bureau.kinds(number)


async def test_what_a_clerk_writes_of_one_ticket_is_not_in_the_thread_of_another(console: ConsoleSite) -> None:
    bureau = console.bureau
    first, second = await bureau.file(about="一"), await bureau.file(about="二")
    for number in (first, second):
        await bureau.do("zhou", "claim", number)
    await bureau.do("zhou", "reply", second, "第二件的话")
    clerk = await console.sign_in("zhou")
    assert "第二件的话" not in thread(await clerk.get(path_of(first)))
    assert "第二件的话" in thread(await clerk.get(path_of(second)))
    address = Address(ChannelName.TERMINAL, "person")
    shown = await bureau.app.conversation.history(address)
    assert any("第二件的话" in message.text for message in shown)
