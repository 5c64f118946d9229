"""What clerks ask of their supervisor and head: more time, another queue, who it is. Over the strict Bot API server."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bot.app import App
from bot.clock import FixedClock
from bot.staff import audit
from bot.staff.models import Staff
from handlers.tickets.models import Entry, Task, Ticket
from tests.telegram.methods import Sent
from tests.telegram.server import FakeTelegram
from tests.telegram.staff import (
    FISHER,
    GROUP,
    SUN,
    UNPAID,
    WU,
    ZHOU,
    Member,
    begins_a_chat,
    card_of_first,
    files,
    opens_privately,
    state_of,
)


async def entries_of(bureau: App, number: str) -> list[Entry]:
    async with bureau.database.reading() as session:
        return list(await session.scalars(select(Entry).join(Ticket).where(Ticket.number == number)))


async def claimed_by_zhou(server: FakeTelegram) -> str:
    """With its sheet open in zhou's own chat."""
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    await begins_a_chat(server, ZHOU)
    Member(server, ZHOU).presses("我来办", message=card_of_first(server, number))
    await server.expect_message(ZHOU, "经过")
    return number


async def asks_for_more_time(server: FakeTelegram) -> None:
    server.user(ZHOU).presses("申请延期")
    await server.expect_message(ZHOU, "延几天")
    server.user(ZHOU).presses("延 5 个工作日")
    await server.expect_message(ZHOU, "延期的原因")
    server.user(ZHOU).sends("银行回单要一周")
    await server.expect_message(ZHOU, "等主管批")


@pytest.mark.parametrize("granted", [True, False])
async def test_the_supervisor_grants_more_time_or_not(bureau_on_each: App, server: FakeTelegram, granted: bool):
    bureau = bureau_on_each
    number = await claimed_by_zhou(server)
    await begins_a_chat(server, SUN)
    before = (await state_of(bureau, number)).answer_due
    await asks_for_more_time(server)
    await server.expect_message(SUN, "要您批")
    server.user(SUN).presses("打开看")
    await server.expect_message(SUN, "银行回单要一周")
    if granted:
        server.user(SUN).presses("批准延期")
        await server.expect_message(SUN, "批了延期")
        await server.expect_message(FISHER, "多用几天")
    else:
        server.user(SUN).presses("不批")
        await server.expect_message(SUN, "不批的原因")
        server.user(SUN).sends("先把名单报来")
        await server.expect_message(SUN, "没批延期")
    await server.expect_message(ZHOU, "延期已批复")
    ticket = await state_of(bureau, number)
    assert ticket.state == "working"
    assert before is not None
    assert ticket.answer_due is not None
    assert (ticket.answer_due > before) is granted


async def test_where_no_leader_can_be_written_to_the_group_is_asked(bureau: App, server: FakeTelegram):
    number = await claimed_by_zhou(server)
    await asks_for_more_time(server)
    card = await server.expect_message(GROUP, "要您批")
    assert number in card.text
    assert "银行回单" not in card.text
    Member(server, ZHOU).presses("打开看", message=card)
    await server.expect_message(ZHOU, "经过")
    assert (await state_of(bureau, number)).state == "extending"


async def test_a_returned_ticket_is_given_elsewhere_by_the_supervisor(bureau_on_each: App, server: FakeTelegram):
    bureau = bureau_on_each
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    await begins_a_chat(server, ZHOU, SUN)
    await opens_privately(server, number, ZHOU)
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


async def test_who_it_is_in_a_confidential_matter_only_the_head_is_told_and_it_is_written_down(
    bureau_on_each: App, server: FakeTelegram
):
    bureau = bureau_on_each
    number = await files(server, *UNPAID)
    async with bureau.database.transaction() as session:
        await session.execute(update(Ticket).where(Ticket.number == number).values(confidential=True))
    await server.expect_message(GROUP, number)
    await begins_a_chat(server, ZHOU, WU)
    for who in (ZHOU, WU):
        sheet = await opens_privately(server, number, who)
        assert "不公开" in sheet.text
        assert "138****" not in sheet.text.partition("经过")[0]
        server.user(who).presses("看姓名电话")
        await server.expect_message(who, "查看的原因")
        server.user(who).sends("要上门核实")
    await server.expect_message(ZHOU, "保密件")
    told = await server.expect_message(WU, "张水生")
    assert "13800138000" in told.text
    assert not [text for text in server.texts(GROUP) if "张水生" in text]
    async with bureau.database.reading() as session:
        entries = await audit.list_entries(session)
    assert [entry.reason for entry in entries if entry.action == "unsealed"] == ["要上门核实"]


async def test_a_warning_comes_to_the_group_when_time_runs_out_and_when_it_has_run_out(
    bureau_on_each: App, server: FakeTelegram, clock: FixedClock
):
    bureau = bureau_on_each
    number = await files(server, *UNPAID)
    first = await server.expect_message(GROUP, number)
    assert "受理还剩" in first.text
    due = (await state_of(bureau, number)).accept_due
    assert due is not None
    left = (due - clock.now()).total_seconds()
    clock.advance(seconds=left * 0.9)
    near = await server.expect_message(GROUP, "受理时限用了八成")
    clock.advance(seconds=left * 0.1 + 60)
    late = await server.expect_message(GROUP, "受理超时")
    for card in (near, late):
        assert number in card.text
        assert card.labels == ["我来办", "转办", "打开看"]


async def test_the_supervisor_reads_the_answer_first_and_it_goes_out_as_it_was_handed_in(
    bureau_on_each: App, server: FakeTelegram
):
    bureau = bureau_on_each
    number = await claimed_by_zhou(server)
    await begins_a_chat(server, SUN)
    zhou, sun = server.user(ZHOU), server.user(SUN)
    zhou.sends(f"/contact {number} 电话说过了")
    await server.expect_message(ZHOU, "记了联系")
    Member(server, ZHOU).presses("打开看", message=card_of_first(server, number))
    await server.expect_message(ZHOU, "联系记录")
    for answer, verdict in (("补贴不发了。", "退回重办"), ("补贴今天重发了。", "办结")):
        zhou.presses("提交审核")
        await server.expect_message(ZHOU, "交主管审")
        zhou.sends(answer)
        await server.expect_message(ZHOU, "交主管审了")
        await server.expect_message(SUN, "要您审")
        sun.presses("打开看")
        await server.expect_message(SUN, answer)
        sun.presses(verdict)
        if verdict == "退回重办":
            await server.expect_message(SUN, "退回的原因")
            sun.sends("再核一遍名单")
            await server.expect_message(ZHOU, "退回重办")
    await server.expect_message(SUN, "怎么办结的")
    sun.presses("已解决")
    await server.expect_message(FISHER, "补贴今天重发了")
    assert not [text for text in server.texts(FISHER) if "补贴不发了" in text]
    assert (await state_of(bureau, number)).state == "answered"


async def answered_by_zhou(server: FakeTelegram) -> str:
    number = await claimed_by_zhou(server)
    zhou = Member(server, ZHOU)
    zhou.answers(card_of_first(server, number), "您好，正在查。")
    await server.expect_message(FISHER, "正在查")
    zhou.answers(card_of_first(server, number), "/done 补贴今天重发了")
    await server.expect_message(GROUP, "怎么办结的")
    zhou.presses("已解决")
    await server.expect_message(FISHER, "补贴今天重发了")
    return number


async def test_who_is_silent_is_called_and_what_they_said_is_written_down(
    bureau_on_each: App, server: FakeTelegram, clock: FixedClock
):
    bureau = bureau_on_each
    number = await answered_by_zhou(server)
    clock.advance(days=3)
    await server.expect_message(FISHER, "已经答复您了")
    clock.advance(days=3)
    await server.expect_message(ZHOU, "打个电话")
    server.user(ZHOU).presses("群众说办好了")
    await server.expect_message(ZHOU, "群众怎么说的")
    server.user(ZHOU).sends("钱到了，没意见")
    await server.expect_message(ZHOU, "记了")
    ticket = await state_of(bureau, number)
    assert (ticket.state, ticket.solved) == ("heard", True)


async def test_a_bad_rating_is_looked_into_and_the_result_ends_the_task(bureau_on_each: App, server: FakeTelegram):
    bureau = bureau_on_each
    number = await answered_by_zhou(server)
    server.user(FISHER).presses("办好了")
    await server.expect_message(FISHER, "您满意吗")
    server.user(FISHER).presses("不满意")
    task = await server.expect_message(ZHOU, "问清原因")
    assert number in task.text
    server.user(ZHOU).presses("写结果", message=task)
    await server.expect_message(ZHOU, "写结果")
    server.user(ZHOU).sends("嫌慢，已道歉")
    await server.expect_message(ZHOU, "写了结果")
    async with bureau.database.reading() as session:
        assert (await session.scalars(select(Task.done_at))).one() is not None


async def sheet_of_answered(server: FakeTelegram, number: str, who: int) -> Sent:
    Member(server, who).presses("打开看", message=card_of_first(server, number))
    return await server.expect_message(who, "答复意见")


async def test_a_leader_opens_an_answered_ticket_again_for_somebody_else_one_level_up(
    bureau_on_each: App, server: FakeTelegram
):
    bureau = bureau_on_each
    number = await answered_by_zhou(server)
    answered = await state_of(bureau, number)
    await begins_a_chat(server, SUN)
    assert "重办" in (await sheet_of_answered(server, number, SUN)).labels
    server.user(SUN).presses("重办")
    await server.expect_message(SUN, "重办的原因")
    assert (await state_of(bureau, number)).state == "answered"
    server.user(SUN).sends("卡上没有到账，再查")
    await server.expect_message(SUN, "重办了")
    ticket = await state_of(bureau, number)
    assert (ticket.state, ticket.level, ticket.solved) == ("working", 1, False)
    assert ticket.handler_id not in (None, answered.handler_id)
    assert ticket.answer_due is not None
    await server.expect_message(FISHER, number)
    moves = [entry for entry in await entries_of(bureau, number) if entry.data.get("move") == "reopen"]
    assert [(entry.role, entry.data["from"]) for entry in moves] == [("supervisor", "answered")]


async def test_a_clerk_is_not_offered_to_open_it_again_and_an_old_button_does_not_help(
    bureau_on_each: App, server: FakeTelegram
):
    bureau = bureau_on_each
    number = await answered_by_zhou(server)
    assert "重办" not in (await sheet_of_answered(server, number, ZHOU)).labels
    await begins_a_chat(server, SUN)
    await sheet_of_answered(server, number, SUN)
    async with bureau.database.transaction() as session:
        await session.execute(update(Staff).where(Staff.telegram_id == str(SUN)).values(role="clerk"))
    server.user(SUN).presses("重办")
    await server.expect_message(SUN, "重办的原因")
    before = await entries_of(bureau, number)
    server.user(SUN).sends("再查")
    await server.expect_message(SUN, "不能这样办")
    ticket = await state_of(bureau, number)
    assert (ticket.state, ticket.level) == ("answered", 0)
    assert len(await entries_of(bureau, number)) == len(before)
