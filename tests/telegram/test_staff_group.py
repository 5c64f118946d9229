"""Staff work tickets from their group and their own chat: real HTTP against the strict local Bot API server."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import delete

from bot.app import App
from bot.clock import FixedClock
from bot.models import Delivery
from bot.staff import audit
from bot.staff.models import Staff
from tests.telegram.server import FakeTelegram
from tests.telegram.serving import webhook_settings
from tests.telegram.staff import (
    CHEN,
    FISHER,
    GROUP,
    LI,
    STRANGER,
    UNPAID,
    ZHOU,
    Member,
    begins_a_chat,
    bureau_at,
    card_of,
    card_of_first,
    employ,
    files,
    state_of,
)

TOLD = (
    "我叫张水生，是洪湖的，养老保险补贴去年的一直没给我，找了村里刘大富三回，他说钱早就花完了",
    "新堤街道",
    "给我补上，孙子要交学费",
    "13800138000",
    "可以告诉",
    "没错，交上去",
)
PERSONAL = ("张水生", "刘大富", "13800138000", "138****8000", "花完了", "学费")


async def test_a_new_ticket_is_a_card_without_anything_personal(bureau: App, server: FakeTelegram):
    number = await files(server, *TOLD)
    card = await server.expect_message(GROUP, number)
    assert "洪湖市新堤街道" in card.text
    assert "受理还剩" in card.text
    assert card.labels == ["我来办", "转办", "打开看"]
    zhou = Member(server, ZHOU)
    await begins_a_chat(server, ZHOU)
    zhou.presses("我来办")
    await server.expect_message(GROUP, "接手了")
    await server.expect_message(ZHOU, "经过")
    server.user(FISHER).sends("催一下")
    await server.expect_message(FISHER, "催过了")
    zhou.answers(card, "/note 查到了")
    await server.expect_message(GROUP, "写了备注")
    told = "\n".join(server.texts(GROUP))
    assert [word for word in PERSONAL if word in told] == []


async def test_of_a_confidential_matter_the_group_reads_the_category_only(bureau: App, server: FakeTelegram):
    number = await files(server, *UNPAID[:4], "保密", UNPAID[5])
    card = await server.expect_message(GROUP, number)
    assert "社保补贴" in card.text
    assert "没给我" not in card.text
    assert "保密件" in card.text


async def test_who_claims_has_it_and_the_second_is_told_who_was_first(bureau_on_each: App, server: FakeTelegram):
    bureau = bureau_on_each
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    card = card_of_first(server, number)
    for who in (ZHOU, LI):
        Member(server, who).presses("我来办", message=card)
    await server.expect_message(GROUP, "zhou接手了")
    await server.expect_message(GROUP, f"{number} 已经由 zhou 先接了")
    await server.expect_message(FISHER, "有人接手了")
    ticket = await state_of(bureau, number)
    assert ticket.state == "accepted"
    async with bureau.database.reading() as session:
        handler = await session.get(Staff, ticket.handler_id)
    assert handler is not None
    assert handler.username == "zhou"


async def test_answering_the_card_answers_the_person_and_the_case_is_closed_after_a_contact(
    bureau_on_each: App, server: FakeTelegram
):
    bureau = bureau_on_each
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


async def test_a_transfer_needs_a_reason_and_goes_on_with_its_clock(bureau_on_each: App, server: FakeTelegram):
    bureau = bureau_on_each
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


async def test_a_mass_matter_is_repeated_every_ten_minutes_until_somebody_has_it(
    bureau_on_each: App, server: FakeTelegram, clock: FixedClock
):
    number = await files(server, "我是洪湖的，老板欠我们二十几个人三个月工资", *UNPAID[1:])
    await server.expect_message(GROUP, number)
    assert "【加急】【群体】" in card_of_first(server, number).text
    for _ in range(2):
        clock.advance(minutes=11)
        again = await server.expect_message(GROUP, "还没人领")
    Member(server, ZHOU).presses("我来办", message=again)
    await server.expect_message(GROUP, "接手了")
    clock.advance(minutes=11)
    Member(server, ZHOU).sends("/note")
    await server.expect_message(GROUP, "哪一件")
    assert len([text for text in server.texts(GROUP) if text.startswith("【加急】【群体】还没人领")]) == 2


async def test_a_matter_that_was_not_solved_comes_back_to_the_group(bureau_on_each: App, server: FakeTelegram):
    bureau = bureau_on_each
    number = await files(server, *UNPAID)
    card = await server.expect_message(GROUP, number)
    zhou = Member(server, ZHOU)
    zhou.answers(card, "您好，正在查。")
    await server.expect_message(FISHER, "正在查")
    zhou.answers(card, "/done 补贴今天重发了")
    await server.expect_message(GROUP, "怎么办结的")
    zhou.presses("已解决")
    await server.expect_message(FISHER, "补贴今天重发了")
    server.user(FISHER).presses("没办好")
    again = await server.expect_message(GROUP, "群众说没办好，重办")
    assert number in again.text
    ticket = await state_of(bureau, number)
    assert (ticket.state, ticket.level) == ("working", 1)


async def test_the_contact_is_asked_for_first_where_nobody_has_spoken_with_the_person(
    bureau: App, server: FakeTelegram
):
    number = await files(server, *UNPAID)
    card = await server.expect_message(GROUP, number)
    zhou = Member(server, ZHOU)
    zhou.answers(card, "/done")
    await server.expect_message(GROUP, "怎么办结的")
    zhou.presses("依法解释")
    asked = await server.expect_message(GROUP, "先记一次联系")
    zhou.answers(asked, "电话说过了，他清楚")
    asked = await server.expect_message(GROUP, "写给群众的答复")
    zhou.answers(asked, "去年的补贴按文件只发到六月。")
    await server.expect_message(FISHER, "只发到六月")
    assert (await state_of(bureau, number)).closing == "explained"


async def test_a_clerk_of_another_county_is_told_the_same_as_of_an_unknown_number(bureau: App, server: FakeTelegram):
    number = await files(server, *UNPAID)
    card = await server.expect_message(GROUP, number)
    chen = Member(server, CHEN)
    chen.presses("我来办")
    theirs = await server.expect_message(GROUP, "不归您看")
    chen.answers(card, "我来问问")
    await server.expect_message(GROUP, "不归您看")
    unknown = "261124-00022"
    chen.sends(f"/note {unknown} 看看")
    nobodys = await server.expect_message(GROUP, "不归您看")
    assert nobodys.text == theirs.text.replace(number, unknown)
    ticket = await state_of(bureau, number)
    assert (ticket.handler_id, ticket.contacted_at) == (None, None)


async def test_what_staff_say_to_each_other_is_nothing_to_us_and_what_is_for_no_ticket_gets_a_hint(
    bureau: App, server: FakeTelegram
):
    number = await files(server, *UNPAID)
    card = await server.expect_message(GROUP, number)
    zhou = Member(server, ZHOU)
    before = len(server.texts(GROUP))
    zhou.sends("中午吃什么")
    zhou.sends("招人补贴多少")
    zhou.sends("/menu")
    await server.expect_message(GROUP, "/done 办结")
    assert len(server.texts(GROUP)) == before + 1
    zhou.presses("我来办", message=card)
    claimed = await server.expect_message(GROUP, "接手了")
    zhou.answers(claimed, "收到")
    await server.expect_message(GROUP, "/done 办结")
    zhou.answers(card, "转办")
    await server.expect_message(FISHER, "转办")
    assert not [text for text in server.texts(FISHER) if "收到" in text]


async def test_a_card_is_known_by_its_number_when_its_sending_is_long_forgotten(bureau: App, server: FakeTelegram):
    number = await files(server, *UNPAID)
    card = await server.expect_message(GROUP, number)
    async with bureau.database.transaction() as session:
        await session.execute(delete(Delivery))
    Member(server, ZHOU).answers(card, "您好，我是社保股的。")
    await server.expect_message(FISHER, "我是社保股的")
    await server.expect_message(GROUP, "回复了群众")


async def test_in_their_own_chat_a_clerk_works_by_number_and_may_leave_a_question(
    bureau_on_each: App, server: FakeTelegram
):
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    await begins_a_chat(server, ZHOU)
    zhou = server.user(ZHOU)
    zhou.sends(f"/note {number.replace('-', '')} 已查名单")
    await server.expect_message(ZHOU, "写了备注")
    zhou.sends(f"/reply {number}")
    await server.expect_message(ZHOU, "写给群众的话")
    zhou.sends("取消")
    await server.expect_message(ZHOU, "没有改动")
    zhou.sends(f"/reply {number}")
    await server.expect_message(ZHOU, "写给群众的话")
    zhou.presses("不写了")
    await server.expect_message(ZHOU, "没有改动")
    zhou.sends("公益岗有哪些活")
    await server.expect_message(ZHOU, "哪个地方")
    zhou.sends(f"/reply {number} 您好，我们在办。")
    await server.expect_message(ZHOU, "回复了群众")
    await server.expect_message(FISHER, "我们在办")
    assert len([text for text in server.texts(FISHER) if "工作人员" in text and "zhou" in text]) == 1


async def test_an_answer_to_another_message_than_a_tickets_is_the_usual_conversation(bureau: App, server: FakeTelegram):
    await begins_a_chat(server, ZHOU)
    zhou = server.user(ZHOU)
    zhou.sends("公益岗有哪些活")
    asked = await server.expect_message(ZHOU, "哪个地方")
    zhou.answers(asked, "洪湖")
    await server.expect_message(ZHOU, "洪湖")


async def test_somebody_who_is_not_of_the_staff_is_refused_everywhere(bureau_on_each: App, server: FakeTelegram):
    bureau = bureau_on_each
    number = await files(server, *UNPAID)
    card = await server.expect_message(GROUP, number)
    Member(server, STRANGER).answers(card, "我来办")
    await server.expect_message(GROUP, "只有登记过的工作人员")
    server.user(STRANGER).sends(f"/note {number} 看看")
    await server.expect_message(STRANGER, "只有登记过的工作人员")
    async with bureau.database.reading() as session:
        entries = await audit.list_entries(session)
    refused = [entry for entry in entries if entry.action == "refused"]
    assert [(entry.actor_kind, entry.subject_id) for entry in refused] == [("stranger", str(STRANGER))] * 2


async def test_a_long_ticket_comes_in_parts_and_its_first_part_can_be_answered(bureau: App, server: FakeTelegram):
    number = await files(server, *UNPAID)
    card = await server.expect_message(GROUP, number)
    await begins_a_chat(server, ZHOU)
    for _ in range(4):
        Member(server, ZHOU).answers(card, "/note " + "名单逐户核对过了。" * 150)
        await server.expect_message(GROUP, "写了备注")
    Member(server, ZHOU).presses("打开看", message=card)
    first = await server.expect_message(ZHOU, number)
    await server.until(lambda: [sent for sent in server.sent if sent.chat_id == ZHOU and "回复群众" in sent.labels])
    parts = [sent for sent in server.sent if sent.chat_id == ZHOU and sent.message_id >= first.message_id]
    assert len(parts) >= 2
    assert [bool(part.buttons) for part in parts] == [False] * (len(parts) - 1) + [True]
    server.user(ZHOU).answers(parts[0], "您好，核对好了。")
    await server.expect_message(FISHER, "核对好了")


async def test_by_webhook_it_is_the_same(server: FakeTelegram, tmp_path: Path, clock: FixedClock):
    settings = webhook_settings(server, tmp_path).model_copy(update={"telegram_rate": 0.0, "quiet_hours": ""})
    async with bureau_at(settings, clock) as app:
        await employ(app, clock.now())
        await server.until(lambda: server.webhook)
        number = await files(server, *UNPAID)
        card = await server.expect_message(GROUP, number)
        Member(server, ZHOU).presses("我来办")
        await server.expect_message(GROUP, "请先私聊我发 /start")
        Member(server, ZHOU).answers(card, "您好，我在查。")
        await server.expect_message(FISHER, "我在查")
        assert (await state_of(app, number)).state == "working"
    assert set(server.webhook_answers) == {200}
