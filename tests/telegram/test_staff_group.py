"""Staff work tickets from their group and their own chat: real HTTP against the strict local Bot API server."""

from __future__ import annotations

from bot.app import App
from bot.clock import FixedClock
from bot.staff import audit
from tests.telegram.server import FakeTelegram
from tests.telegram.staff import (
    FISHER,
    GROUP,
    LI,
    STRANGER,
    SUN,
    UNPAID,
    ZHOU,
    Member,
    card_of,
    card_of_first,
    files,
    state_of,
)


async def test_a_new_ticket_is_a_card_without_anything_personal(bureau: App, server: FakeTelegram):
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    told = "\n".join(server.texts(GROUP))
    assert "张水生" not in told
    assert "13800138000" not in told
    assert "138****8000" not in told


async def test_who_claims_has_it_and_the_second_is_told_who_was_first(bureau: App, server: FakeTelegram):
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    Member(server, ZHOU).presses("我来办")
    await server.expect_message(GROUP, "zhou接手了")
    await server.expect_message(FISHER, "有人接手了")
    Member(server, LI).presses("我来办", message=card_of_first(server, number))
    await server.expect_message(GROUP, "由 zhou 先接了")
    assert (await state_of(bureau, number)).state == "accepted"


async def test_answering_the_card_answers_the_person_and_the_case_is_closed_after_a_contact(
    bureau: App, server: FakeTelegram
):
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    zhou = Member(server, ZHOU)
    zhou.answers(card_of_first(server, number), "您好，我在查发放名单。")
    await server.expect_message(FISHER, "我在查发放名单")
    zhou.answers(card_of_first(server, number), "/note 名单里有他")
    await server.expect_message(GROUP, "写了备注")
    assert not [text for text in server.texts(FISHER) if "名单里有他" in text]
    zhou.answers(card_of_first(server, number), "/done")
    await server.expect_message(GROUP, "怎么办结的")
    zhou.presses("已解决")
    await server.expect_message(GROUP, "写给群众的答复")
    zhou.answers(card_of(server, "写给群众的答复"), "补贴今天重发了，请查卡。")
    await server.expect_message(FISHER, "补贴今天重发了")
    assert (await state_of(bureau, number)).state == "answered"
    server.user(FISHER).presses("办好了")
    await server.expect_message(FISHER, "您满意吗")
    server.user(FISHER).presses("不满意")
    await server.expect_message(FISHER, "没让您满意")
    ticket = await state_of(bureau, number)
    assert (ticket.state, ticket.solved, ticket.satisfaction) == ("heard", True, "dissatisfied")


async def test_the_sheet_goes_to_the_clerks_own_chat_once_they_have_begun_one(bureau: App, server: FakeTelegram):
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    zhou = Member(server, ZHOU)
    zhou.presses("打开看")
    await server.expect_message(GROUP, "/start")
    server.user(ZHOU).sends("/start")
    await server.until(lambda: server.texts(ZHOU))
    zhou.presses("打开看", message=card_of_first(server, number))
    await server.expect_message(ZHOU, "张*生")
    server.user(ZHOU).presses("写备注")
    await server.expect_message(ZHOU, "群众看不到")
    server.user(ZHOU).sends("已查，卡号少一位")
    await server.expect_message(ZHOU, "写了备注")
    server.user(ZHOU).sends("公益岗有哪些活")
    await server.expect_message(ZHOU, "哪个地方")


async def test_only_registered_staff_act_and_others_leave_a_line_in_the_audit(bureau: App, server: FakeTelegram):
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    Member(server, STRANGER).presses("我来办")
    await server.expect_message(GROUP, "只有登记过的工作人员")
    async with bureau.database.reading() as session:
        entries = await audit.list_entries(session)
    assert [entry.action for entry in entries if entry.actor_kind == "stranger"] == ["refused"]
    assert (await state_of(bureau, number)).handler_id is None


async def test_a_transfer_needs_a_reason_and_goes_on_with_its_clock(bureau: App, server: FakeTelegram):
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    before = (await state_of(bureau, number)).answer_due
    zhou = Member(server, ZHOU)
    zhou.presses("转办")
    await server.expect_message(GROUP, "转给哪一类")
    zhou.presses("劳动监察")
    await server.expect_message(GROUP, "转办的原因")
    zhou.answers(card_of(server, "转办的原因"), "是欠薪，不是补贴")
    await server.expect_message(GROUP, "转办了")
    ticket = await state_of(bureau, number)
    assert (ticket.category, ticket.state, ticket.answer_due) == ("labour", "waiting", before)


async def test_a_returned_ticket_is_given_elsewhere_by_the_supervisor(bureau: App, server: FakeTelegram):
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    for who in (ZHOU, SUN):
        server.user(who).sends("/start")
        await server.until(lambda who=who: server.texts(who))
    Member(server, ZHOU).presses("打开看", message=card_of_first(server, number))
    await server.expect_message(ZHOU, "张*生")
    server.user(ZHOU).presses("退单")
    await server.expect_message(ZHOU, "退单的原因")
    server.user(ZHOU).sends("不归社保")
    await server.expect_message(SUN, "要您定去处")
    server.user(SUN).presses("打开看")
    await server.expect_message(SUN, "退单：不归社保")
    server.user(SUN).presses("转办")
    await server.expect_message(SUN, "转给哪一类")
    server.user(SUN).presses("劳动监察")
    await server.expect_message(SUN, "改派的原因")
    server.user(SUN).sends("按欠薪办")
    await server.expect_message(SUN, "改派了")
    assert (await state_of(bureau, number)).state == "waiting"


async def test_a_mass_matter_is_repeated_until_somebody_has_it(
    bureau: App, server: FakeTelegram, clock: FixedClock
):
    number = await files(server, "我是洪湖的，老板欠我们二十几个人三个月工资", *UNPAID[1:])
    await server.expect_message(GROUP, number)
    clock.advance(minutes=11)
    await server.expect_message(GROUP, "还没人领")
    assert "【加急】【群体】" in card_of_first(server, number).text
    Member(server, ZHOU).presses("我来办")
    await server.expect_message(GROUP, "接手了")
