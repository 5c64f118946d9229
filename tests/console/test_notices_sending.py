"""Who approves a notice, two who write at once, what happens while it is sent, and who is told in person."""

from __future__ import annotations

import asyncio
import json
import re

from sqlalchemy import and_, select

from bot.models import Conversation, Message
from handlers.notices.campaign import Reason, Standing, State
from handlers.notices.models import Recipient
from handlers.people.person import Group
from tests.console.notices import PATH, WORDS, change, count_in, kept, people, ready, row, run, version_in, write
from tests.console.site import Answer, ConsoleSite
from tests.handlers.tickets.bureau import LUOZHUANG

# -- two people, two places -------------------------------------------------------------------------------------


async def test_two_who_write_at_once_do_not_undo_each_other(console: ConsoleSite) -> None:
    zhou, li = await console.sign_in("zhou"), await console.sign_in("li")
    await write(zhou)
    seen = version_in(await zhou.get(f"{PATH}/1/content"))
    assert (await change(li, "content", **{**WORDS, "title": "李改的标题"})).status == 303
    page = await zhou.post(f"{PATH}/1/content", **{**WORDS, "title": "周改的标题", "version": seen})
    assert page.status == 409
    assert "李改的标题" in page.text
    assert 'value="周改的标题"' in page.text
    assert (await kept(console)).title == "李改的标题"
    again = await zhou.post(f"{PATH}/1/content", **{**WORDS, "title": "周改的标题", "version": version_in(page)})
    assert again.status == 303
    late = await zhou.post(f"{PATH}/1/audience", **row(0, "region", value="洪湖市"), recent="7", version=seen)
    assert late.status == 409


async def test_what_is_changed_has_to_be_approved_again(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await ready(console, clerk)
    await change(clerk, "content", **{**WORDS, "title": "改过的"})
    assert (await clerk.post(f"{PATH}/1/start")).status == 422
    assert (await kept(console)).state == State.DRAFT


async def test_what_was_changed_after_it_was_read_is_not_approved(console: ConsoleSite) -> None:
    clerk, leader = await console.sign_in("zhou"), await console.sign_in("sun")
    await people(console)
    await write(clerk)
    seen = version_in(await leader.get(f"{PATH}/1/send"))
    await change(clerk, "content", **{**WORDS, "text": "改成了别的"})
    page = await leader.post(f"{PATH}/1/approve", version=seen)
    assert page.status == 409
    assert "改成了别的" in page.text
    assert (await kept(console)).state == State.DRAFT
    assert (await leader.post(f"{PATH}/1/approve", version=version_in(page))).status == 303
    assert (await kept(console)).state == State.APPROVED


async def test_a_correction_reaches_nobody_else_of_another_place(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await people(console, 2, Group.DIBAO, region=LUOZHUANG)
    await people(console, 1, Group.DIBAO)
    await write(clerk, kind="correction", text="原来说{old}，现在是{new}", old="最高15万元", new="最高20万元")
    await change(clerk, "audience", **row(0, "group", value="dibao"), recent="7", do="count")
    assert count_in(await clerk.get(f"{PATH}/1/audience")) == "1"
    theirs = row(0, "told", value="luozhuang-2016-poverty-relief.startup-loan-firm")
    assert (await change(clerk, "audience", **theirs, recent="7", do="count")).status == 422


async def test_above_the_size_another_one_approves(console: ConsoleSite) -> None:
    await people(console, 501)
    clerk, colleague = await console.sign_in("zhou"), await console.sign_in("li")
    leader = await console.sign_in("sun")
    await write(clerk)
    for at in (clerk, colleague):
        assert not (await at.get(f"{PATH}/1/send")).has_action("notice-approve")
        assert (await at.post(f"{PATH}/1/approve")).status == 422
    assert (await kept(console)).state == State.DRAFT
    assert (await leader.get(f"{PATH}/1")).location == f"{PATH}/1/send"
    assert (await leader.get(f"{PATH}/1/send")).has_action("notice-approve")
    await leader.post(f"{PATH}/1/approve")
    assert (await kept(console)).state == State.APPROVED


async def test_where_many_more_are_found_than_were_approved_another_one_approves_these(console: ConsoleSite) -> None:
    await people(console, 400)
    clerk, leader = await console.sign_in("zhou"), await console.sign_in("sun")
    await write(clerk)
    await clerk.post(f"{PATH}/1/approve")
    await people(console, 101)
    await clerk.post(f"{PATH}/1/start")
    await run(console, 1, until=State.PAUSED)
    assert (await kept(console)).reason == Reason.GROWN
    assert badge(await leader.get(PATH)) == "1"
    assert not (await clerk.get(f"{PATH}/1")).has_action("notice-resume")
    assert (await clerk.post(f"{PATH}/1/resume")).status == 422
    assert (await leader.get(f"{PATH}/1")).has_action("notice-resume")
    assert (await leader.post(f"{PATH}/1/resume")).status == 303
    assert ((await kept(console)).state, badge(await leader.get(PATH))) == (State.RUNNING, "0")


def badge(page: Answer) -> str:
    """The number beside the notices in the side bar; empty where this person has none."""
    found = re.search(r'data-count="notices"[^>]*>(\d+)<', page.text)
    return found[1] if found else ""


async def test_what_waits_for_approval_is_counted_for_whoever_may_give_it(console_on_each: ConsoleSite) -> None:
    console = console_on_each
    await people(console, 501)
    clerk, leader, elsewhere = [await console.sign_in(name) for name in ("zhou", "sun", "boss")]
    await write(clerk)
    assert (badge(await leader.get(PATH)), badge(await clerk.get(PATH))) == ("0", "")
    assert (await clerk.post(f"{PATH}/1/ask")).location.endswith("done=notice_asked")
    assert not (await clerk.get(f"{PATH}/1/send")).has_action("notice-ask")
    page = await leader.get(PATH)
    assert badge(page) == "1"
    assert page.has_action("notice-decide")
    assert not (await clerk.get(PATH)).has_action("notice-decide")
    assert badge(await elsewhere.get(PATH)) in ("", "0")
    await leader.post(f"{PATH}/1/approve")
    assert badge(await leader.get(PATH)) == "0"


async def test_what_is_changed_or_ones_own_waits_for_nobody(console: ConsoleSite) -> None:
    await people(console, 501)
    leader, head = await console.sign_in("sun"), await console.sign_in("head")
    await write(leader)
    await leader.post(f"{PATH}/1/ask")
    assert (badge(await leader.get(PATH)), badge(await head.get(PATH))) == ("0", "1")
    await change(leader, "content", **WORDS)
    assert badge(await head.get(PATH)) == "0"
    await leader.post(f"{PATH}/1/ask")
    await leader.post(f"{PATH}/1/stop")
    assert badge(await head.get(PATH)) == "0"


async def test_a_notice_of_another_place_is_not_there(console: ConsoleSite) -> None:
    clerk, stranger = await console.sign_in("zhou"), await console.sign_in("stranger")
    await ready(console, clerk)
    for step in ("", "/content", "/audience", "/test", "/send", "/live", "/in-person"):
        assert (await stranger.get(f"{PATH}/1{step}")).status == 404
        assert (await clerk.get(f"{PATH}/99{step}")).status == 404
    for act in ("content", "audience", "test", "approve", "schedule", "start", "pause", "stop"):
        assert (await stranger.post(f"{PATH}/1/{act}", **WORDS, at="2026-11-25T10:00")).status == 404
    assert "渔民政策有变化" not in (await stranger.get(PATH)).text


async def test_who_drafts_no_notices_sees_none(console: ConsoleSite) -> None:
    for name in ("auditor", "admin"):
        assert (await (await console.sign_in(name)).get(PATH)).status == 403
    helper = await console.sign_in("helper")
    assert not (await helper.get(PATH)).has_action("notice-new")
    assert (await helper.get(f"{PATH}/new")).status == 403
    assert (await helper.post(PATH, **WORDS)).status == 403


# -- while it is sent -------------------------------------------------------------------------------------------


async def test_it_is_paused_goes_on_and_is_stopped_once(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await ready(console, clerk)
    await clerk.post(f"{PATH}/1/start")
    for act, state in (("pause", State.PAUSED), ("resume", State.RUNNING), ("stop", State.STOPPED)):
        assert (await clerk.get(f"{PATH}/1")).has_action(f"notice-{act}")
        assert (await clerk.post(f"{PATH}/1/{act}")).location == f"{PATH}/1?done=notice_{act}"
        assert (await kept(console)).state == state
    assert (await clerk.post(f"{PATH}/1/stop")).status == 422
    assert not (await clerk.get(f"{PATH}/1")).has_action("notice-stop")


async def test_the_numbers_come_by_themselves_while_the_page_is_open(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await ready(console, clerk, 3)
    await clerk.post(f"{PATH}/1/start")
    states: list[str] = []
    async with asyncio.timeout(20), clerk.http.get(f"{PATH}/1/live") as stream:
        assert stream.content_type == "text/event-stream"
        sending = asyncio.create_task(run(console, 1))
        async for line in stream.content:
            if line.startswith(b"data: "):
                news = json.loads(line[6:])
                states.append(news["state"])
                last = news["numbers"]
        await sending
    assert states[-1] == State.DONE
    assert 'data-sent="3"' in last


async def test_a_test_goes_to_ones_own_chat_and_to_nobody_else(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await people(console, 2)
    await write(clerk)
    assert (await clerk.post(f"{PATH}/1/test")).location == f"{PATH}/1/test?done=notice_tested"
    async with console.bureau.app.database.reading() as session:
        where = (Message.conversation_id == Conversation.id, Message.template == "notices/notice")
        chats = list(await session.scalars(select(Conversation.chat).join(Message, and_(*where))))
    assert chats == ["101"]


async def test_without_a_chat_of_ones_own_a_test_says_why_it_cannot_go(console: ConsoleSite) -> None:
    await console.bureau.hire("offline")
    clerk = await console.sign_in("offline")
    await write(clerk)
    page = await clerk.post(f"{PATH}/1/test")
    assert page.status == 422
    assert 'role="alert"' in page.text


# -- told in person ---------------------------------------------------------------------------------------------


async def test_whom_no_channel_reaches_their_helper_tells_and_records(console_on_each: ConsoleSite) -> None:
    console = console_on_each
    clerk, helper = await console.sign_in("zhou"), await console.sign_in("helper")
    await people(console, 2, chat=False)
    await ready(console, clerk, 1)
    await clerk.post(f"{PATH}/1/start")
    await run(console, 1)
    assert (await clerk.get(f"{PATH}/1")).has_action("notice-in-person")
    assert (await helper.get(PATH)).has_action("notice-in-person")
    page = await helper.get(f"{PATH}/1/in-person")
    assert "洪湖市的渔民" in page.text
    ids = re.findall(r'name="told" value="(\d+)"', page.text)
    assert len(ids) == 2
    done = await helper.post(f"{PATH}/1/in-person", [("told", ids[0]), ("told", "x")])
    assert done.location.endswith("done=notice_told")
    async with console.bureau.app.database.reading() as session:
        states = {str(one.id): one.state for one in await session.scalars(select(Recipient))}
    assert states[ids[0]] == Standing.TOLD_IN_PERSON
    assert states[ids[1]] == Standing.UNREACHABLE
    assert (await helper.get(f"{PATH}/1/in-person")).has_action("notice-untold")
    await helper.post(f"{PATH}/1/in-person", [("untold", ids[0]), ("untold", ids[1])])
    async with console.bureau.app.database.reading() as session:
        after = {str(one.id): (one.state, one.told_by) for one in await session.scalars(select(Recipient))}
    assert {after[one] for one in ids} == {(Standing.UNREACHABLE, None)}


async def test_an_audience_without_any_chat_goes_to_the_list_of_the_helper(console_on_each: ConsoleSite) -> None:
    console = console_on_each
    clerk, helper = await console.sign_in("zhou"), await console.sign_in("helper")
    await people(console, 3, chat=False)
    await write(clerk)
    assert count_in(await clerk.get(f"{PATH}/1/audience")) == "0"
    assert (await clerk.get(f"{PATH}/1/send")).has_action("notice-approve")
    assert (await clerk.post(f"{PATH}/1/approve")).location.endswith("done=notice_approve")
    await clerk.post(f"{PATH}/1/start")
    await run(console, 1)
    page = await helper.get(f"{PATH}/1/in-person")
    assert len(re.findall(r'name="told" value="(\d+)"', page.text)) == 3
