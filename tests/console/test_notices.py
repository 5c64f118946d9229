"""Notices as a clerk composes them: words, audience with its numbers, approval, sending, and who is told in person."""

from __future__ import annotations

import asyncio
import io
import json
import re
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.async_api import Browser, Page
from sqlalchemy import and_, select

from bot.background import supervise
from bot.messages import Address, ChannelName
from bot.models import Conversation, Message
from bot.transcript import add_conversation, where_of
from handlers.notices.campaign import MOST_TEXT, Standing, State
from handlers.notices.labels import names_of
from handlers.notices.models import Campaign, GivenAnswer, Recipient
from handlers.people.models import Consent, Person, PersonChat, PersonGroup
from handlers.people.person import Group, Purpose
from tests.console.site import PASSWORD, Answer, ConsoleSite, StaffBrowser
from tests.console.test_look import LOOKS, faults_of
from tests.console.test_offers import publish
from tests.handlers.tickets.bureau import HONGHU, LUOZHUANG, TOWN

PATH = "/staff/notices"
WORDS = {
    "kind": "policy",
    "title": "渔民政策有变化",
    "place": "洪湖市",
    "text": "{place}的渔民，{clause}说的事，打 12333 问。",
    "clause": "honghu-2023-fishers.startup-loan",
}


async def people(console: ConsoleSite, count: int = 1, *groups: Group, chat: bool = True, region: str = TOWN) -> None:
    """Persons who want notices, with a web chat or without any."""
    now = console.now
    async with console.bureau.work() as session:
        for number in range(count):
            person = Person(created_at=now, updated_at=now, region=region)
            session.add(person)
            await session.flush()
            session.add(Consent(person_id=person.id, purpose=str(Purpose.NOTICES), given=True, at=now))
            for group in groups:
                session.add(PersonGroup(person_id=person.id, name=str(group), source="said", at=now))
            if chat:
                address = Address(ChannelName.WEBCHAT, f"{person.id}-{number}", "")
                await add_conversation(session, address, now=now, greeted=True)
                row = (await session.scalars(select(Conversation).filter_by(**where_of(address)))).one()
                session.add(PersonChat(person_id=person.id, conversation_id=row.id, at=now))


async def kept(console: ConsoleSite, number: int = 1) -> Campaign:
    async with console.bureau.app.database.reading() as session:
        return await session.get_one(Campaign, number)


async def all_kept(console: ConsoleSite) -> list[Campaign]:
    async with console.bureau.app.database.reading() as session:
        return list(await session.scalars(select(Campaign).order_by(Campaign.id)))


async def write(at: StaffBrowser, **more: str) -> Answer:
    return await at.post(PATH, **{**WORDS, **more})


async def change(at: StaffBrowser, step: str, number: int = 1, **more: str) -> Answer:
    """Posts the form of a step with the version that the page shows now, or the one that is given."""
    page = await at.get(f"{PATH}/{number}/{step}")
    return await at.post(f"{PATH}/{number}/{step}", **{"version": version_in(page), **more})


def version_in(page: Answer) -> str:
    return page.text.partition('name="version" value="')[2].partition('"')[0]


def row(number: int, key: str, join: str = "and", **fields: str) -> dict[str, str]:
    given = {"key": key, "join": join, **fields}
    return {f"{name}.{number}": value for name, value in given.items()}


def numbers_in(page: Answer) -> list[str]:
    """Of the rows, how many are left after each."""
    return re.findall(r'class="n num">\D*(\d+)', page.text)


def count_in(page: Answer) -> str:
    return page.text.partition('class="count"><b class="num">')[2].partition("<")[0]


async def ready(console: ConsoleSite, at: StaffBrowser, count: int = 2) -> None:
    """A notice to so many, written and approved."""
    await people(console, count)
    await write(at)
    assert (await at.post(f"{PATH}/1/approve")).location.endswith("done=notice_approve")


async def run(console: ConsoleSite, number: int, *, until: State = State.DONE) -> None:
    """The background loop of the notices, until the campaign stands so."""
    loops = [service.loops["notices"] for service in console.bureau.app.services.services if "notices" in service.loops]
    tasks = [asyncio.create_task(supervise("test", loop)) for loop in loops]
    try:
        async with asyncio.timeout(20):
            while (await kept(console, number)).state != str(until):  # noqa: ASYNC110  # rows set no event
                await asyncio.sleep(0.02)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


# -- from the first word to the last recipient ------------------------------------------------------------------


async def test_a_notice_is_written_counted_approved_and_sent(console_on_each: ConsoleSite) -> None:
    console = console_on_each
    await people(console, 3, Group.RETIRED_FISHER)
    await people(console, 2)
    clerk = await console.sign_in("zhou")
    assert (await write(clerk)).location == f"{PATH}/1/audience"
    rows = row(0, "region", value="洪湖市") | row(1, "group", value="retired_fisher")
    done = await change(clerk, "audience", **rows, recent="7", do="next")
    assert done.location == f"{PATH}/1/test"
    page = await clerk.get(f"{PATH}/1/audience")
    assert numbers_in(page) == ["5", "3"]
    assert count_in(page) == "3"
    shown = await clerk.get(f"{PATH}/1/test")
    assert "洪湖市的渔民，洪人社办〔2023〕7号 二、（六）说的事" in shown.text
    await clerk.post(f"{PATH}/1/approve")
    assert (await clerk.post(f"{PATH}/1/start")).location == f"{PATH}/1?done=notice_start"
    await run(console, 1)
    page = await clerk.get(f"{PATH}/1")
    assert (await kept(console)).state == State.DONE
    assert 'data-sent="3" data-of="3"' in page.text
    assert not page.has_action("notice-pause")


async def test_the_list_says_how_far_each_is(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    assert not (await clerk.get(PATH)).has_action("notice-open")
    await ready(console, clerk, 4)
    await clerk.post(f"{PATH}/1/start")
    await run(console, 1)
    await write(clerk, title="还在写的")
    page = await clerk.get(PATH)
    assert 'data-sent="4" data-of="4"' in page.text
    assert page.text.index("还在写的") < page.text.index(WORDS["title"])


async def test_each_kind_begins_with_words_of_its_own(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    pages = [(await clerk.get(f"{PATH}/new?kind={kind}")).text for kind in ("fair", "pension", "correction")]
    starts = [page.partition("<textarea")[2].partition("</textarea>")[0] for page in pages]
    assert len(set(starts)) == 3
    assert "{" + names_of("variable")["old"] + "}" in starts[2]


@pytest.mark.parametrize("text", ["{时间}在{地点}", "{when}在{where}", "{ 时间 }在{where}"])
async def test_variables_are_written_in_words_and_kept_by_their_names(console: ConsoleSite, text: str) -> None:
    clerk = await console.sign_in("zhou")
    await write(clerk, text=text, when="周六", where="新堤")
    assert (await kept(console)).texts == {"all": "{when}在{where}"}
    assert "{时间}在{地点}</textarea>" in (await clerk.get(f"{PATH}/1/content")).text
    assert "周六在新堤" in (await clerk.get(f"{PATH}/1/test")).text


# -- what is wrong, at its field --------------------------------------------------------------------------------


async def test_a_variable_that_nothing_is_known_for_is_named_where_it_is_filled_in(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    done = await write(clerk, kind="fair", text="{when}在{where}有招聘会")
    assert done.location == f"{PATH}/1/content?check=1"
    page = await clerk.get(done.location)
    assert {name for name in WORDS | {"when": "", "where": ""} if f'id="f-{name}-e"' in page.text} == {"when", "where"}
    await people(console)
    assert (await clerk.post(f"{PATH}/1/approve")).location == f"{PATH}/1/content?check=1"
    assert (await kept(console)).state == State.DRAFT


async def test_a_name_in_braces_that_is_no_variable_is_a_fault_of_the_text(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    page = await clerk.get((await write(clerk, text="{tittle}有变化")).location)
    assert 'id="f-text-e"' in page.text
    assert "{tittle}" in page.text


async def test_a_text_of_5000_characters_is_refused_and_given_back(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    long = "字" * 5000
    page = await write(clerk, text=long)
    assert page.status == 422
    assert 'id="f-text-e"' in page.text
    assert str(MOST_TEXT) in page.text
    assert long in page.text
    assert await all_kept(console) == []


async def test_the_words_of_one_channel_are_measured_by_themselves(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    page = await write(clerk, **{"text.webchat": "字" * 4097})
    assert page.status == 422
    assert 'id="f-text.webchat-e"' in page.text
    assert 'id="f-text-e"' not in page.text


async def test_title_and_place_are_asked_for_at_their_fields(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    for fields, at in (({"title": " "}, "title"), ({"place": "武汉市"}, "place"), ({"place": "不知哪里"}, "place")):
        page = await write(clerk, **fields)
        assert page.status == 422
        assert f'id="f-{at}-e"' in page.text
        assert WORDS["text"] in page.text
    assert await all_kept(console) == []


async def test_an_empty_audience_is_said_and_cannot_be_approved(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await write(clerk)
    assert count_in(await clerk.get(f"{PATH}/1/audience")) == "0"
    page = await clerk.get(f"{PATH}/1/send")
    assert not page.has_action("notice-approve")
    assert (await clerk.post(f"{PATH}/1/approve")).location == f"{PATH}/1/audience"
    assert (await kept(console)).state == State.DRAFT


@pytest.mark.parametrize("at", ["2026-11-24T08:59", "2020-01-01T09:00", "明天上午", ""])
async def test_a_time_that_has_passed_or_is_none_is_a_fault_at_its_field(console: ConsoleSite, at: str) -> None:
    clerk = await console.sign_in("zhou")
    await ready(console, clerk)
    page = await clerk.post(f"{PATH}/1/schedule", at=at)
    assert page.status == 422
    assert 'id="f-at-e"' in page.text
    assert (await kept(console)).state == State.APPROVED


async def test_a_time_to_come_is_kept_and_can_be_set_anew(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await ready(console, clerk)
    for hour in ("10", "11"):
        done = await clerk.post(f"{PATH}/1/schedule", at=f"2026-11-25T{hour}:30")
        assert done.location == f"{PATH}/1/send?done=notice_schedule"
        assert 'value="2026-11-25T' + hour in (await clerk.get(f"{PATH}/1/send")).text
    assert (await kept(console)).state == State.SCHEDULED


# -- what it advertises, and what came of it --------------------------------------------------------------------


async def test_a_notice_of_an_offer_begins_with_what_is_known_of_it(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    code = await publish(clerk, console)
    page = await clerk.get(f"{PATH}/new?kind=training&offer={code}")
    assert f'value="{code}"' in page.text
    assert 'value="叉车班"' in page.text
    done = await write(clerk, kind="training", title="叉车班", text="{when}在{where}，还有{seats}个名额", offer=code)
    assert done.location == f"{PATH}/1/audience"
    shown = (await clerk.get(f"{PATH}/1/test")).text
    assert "新堤街道办事处，还有2个名额" in shown
    assert "<li>" in shown.partition("seen-opts")[2]


async def test_an_offer_that_is_not_there_is_a_fault_at_its_field(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    page = await clerk.get((await write(clerk, offer="9999")).location)
    assert 'id="f-offer-e"' in page.text


async def test_what_came_of_it_stands_beside_the_others(console_on_each: ConsoleSite) -> None:
    console = console_on_each
    clerk = await console.sign_in("zhou")
    await ready(console, clerk, 3)
    await clerk.post(f"{PATH}/1/start")
    await run(console, 1)
    await write(clerk, title="第二个")
    await change(clerk, "audience", 2, **row(0, "region", value="洪湖市"), recent="0", do="count")
    await clerk.post(f"{PATH}/2/approve")
    await clerk.post(f"{PATH}/2/start")
    await run(console, 2)
    async with console.bureau.work() as session:
        (await session.scalars(select(Conversation).where(Conversation.chat.like("%-0")))).one().seen_seq = 1
    page = await clerk.get(f"{PATH}/1/results")
    assert "第二个" in page.text
    assert "33.3%" in page.text
    async with clerk.http.get(f"{PATH}/results.xlsx") as answer:
        sheet = load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None
    titles = [line[1] for line in sheet.iter_rows(min_row=2, values_only=True)]
    assert titles == ["第二个", WORDS["title"]]
    stranger = await console.sign_in("stranger")
    assert (await stranger.get(f"{PATH}/1/results")).status == 404


async def test_a_correction_is_for_those_who_were_told_what_is_not_so_any_more(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await people(console, 3)
    async with console.bureau.work() as session:
        first, second, _ = await session.scalars(select(PersonChat.conversation_id).order_by(PersonChat.id))
        policy = {"policy": "honghu-2023-fishers", "provision": "startup-loan", "at": console.now}
        session.add(GivenAnswer(conversation_id=first, fact="amount", words="0123456789abcdef", **policy))
        session.add(GivenAnswer(conversation_id=second, **{**policy, "provision": "job-fair"}))
    await write(clerk, kind="correction", text="原来说{old}，现在是{new}", old="最高15万元", new="最高20万元")
    page = await clerk.get(f"{PATH}/1/audience")
    assert count_in(page) == "1"
    assert "startup-loan" in str((await kept(console)).audience)
    rows = row(0, "told", value="honghu-2023-fishers.startup-loan", before="2026-11-24T08:00:00+08:00")
    await change(clerk, "audience", **rows, recent="7", do="count")
    assert count_in(await clerk.get(f"{PATH}/1/audience")) == "0"
    unknown = await write(clerk, kind="correction", clause="honghu-2023-fishers.no-such")
    assert unknown.status == 422
    assert 'id="f-clause-e"' in unknown.text


# -- the rows of the audience -----------------------------------------------------------------------------------


async def test_rows_are_added_joined_and_taken_away_by_plain_buttons(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await people(console, 2, Group.RETIRED_FISHER)
    await people(console, 1, Group.DIBAO)
    await people(console, 4)
    await write(clerk)
    base = row(0, "region", value="洪湖市")
    assert (await change(clerk, "audience", **base, recent="7", do="add", add="group")).status == 303
    assert numbers_in(await clerk.get(f"{PATH}/1/audience")) == ["7", "2"]
    rows = base | row(1, "group", value="retired_fisher") | row(2, "group", "or", value="dibao")
    await change(clerk, "audience", **rows, recent="7", do="count")
    assert numbers_in(await clerk.get(f"{PATH}/1/audience")) == ["7", "2", "1"]
    await change(clerk, "audience", **rows, recent="7", do="drop.1")
    assert (await kept(console)).audience == {"any": [{"region": [HONGHU]}, {"group": ["dibao"]}]}


async def test_a_row_that_cannot_be_read_is_named_and_what_was_typed_stays(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await write(clerk)
    rows = row(0, "region", value="不知哪里") | row(1, "age", **{"from": "六十", "to": ""})
    page = await change(clerk, "audience", **rows, recent="7", do="next")
    assert page.status == 422
    assert 'id="row-0-e"' in page.text
    assert 'id="row-1-e"' in page.text
    assert 'value="不知哪里"' in page.text
    assert 'value="六十"' in page.text
    assert (await kept(console)).audience == {"region": [HONGHU]}


async def test_the_last_row_and_a_wrong_number_of_days_are_refused(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await write(clerk)
    base = row(0, "region", value="洪湖市")
    for more in ({"do": "drop.0", "recent": "7"}, {"do": "count", "recent": "一周"}, {"do": "count", "recent": "400"}):
        assert (await change(clerk, "audience", **base, **more)).status == 422
    assert (await kept(console)).audience == {"region": [HONGHU]}


async def test_ten_are_shown_with_the_reason_and_half_hidden(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await people(console, 12, Group.RETIRED_FISHER)
    await write(clerk)
    rows = row(0, "region", value="洪湖市") | row(1, "group", value="retired_fisher")
    await change(clerk, "audience", **rows, recent="7", do="count")
    page = await clerk.get(f"{PATH}/1/audience")
    assert page.text.count('data-l="为什么"') == 10
    assert "是退捕渔民" in page.text
    assert page.has_action("notice-samples")


async def test_a_rule_of_a_script_is_counted_and_left_as_it_is(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await people(console, 2, Group.DIBAO)
    await write(clerk)
    nested = {"all": [{"region": [HONGHU]}, {"any": [{"group": ["dibao"]}, {"group": ["tekun"]}]}]}
    async with console.bureau.work() as session:
        (await session.get_one(Campaign, 1)).audience = nested
    page = await clerk.get(f"{PATH}/1/audience")
    assert count_in(page) == "2"
    assert not page.has_action("notice-row-add")
    assert (await kept(console)).audience == nested


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


# -- as a browser draws it --------------------------------------------------------------------------------------


async def signed_in(console: ConsoleSite, browser: Browser, name: str = "zhou", **context: Any) -> Page:
    await console.sign_in(name)  # gives them the password
    page = await (await browser.new_context(**context)).new_page()
    await page.goto(f"{console.url}staff/login")
    await page.fill("#u", name)
    await page.fill("#p", PASSWORD)
    await page.click("[data-action=sign-in]")
    return page


@pytest.mark.browser
async def test_every_page_of_a_notice_is_whole_at_every_size(console: ConsoleSite, browser: Browser) -> None:
    await people(console, 12, Group.RETIRED_FISHER)
    await people(console, 2, chat=False)
    clerk = await console.sign_in("zhou")
    await write(clerk)
    rows = (
        row(0, "region", value="洪湖市")
        | row(1, "wish", "or", value="work")
        | row(2, "asked", "or", value="jobs", days="30")
    )
    await change(clerk, "audience", **rows, recent="7", do="count")
    await clerk.post(f"{PATH}/1/approve")
    await write(clerk, text="{when}见", kind="correction")
    await write(clerk)
    await clerk.post(f"{PATH}/3/approve")
    await clerk.post(f"{PATH}/3/start")
    await run(console, 3)
    page = await signed_in(console, browser)
    found = {}
    for path in (
        "",
        "/new",
        "/2/content?check=1",
        "/1/audience",
        "/1/test",
        "/1/send",
        "/3",
        "/3/results",
        "/3/in-person",
    ):
        for width, theme, size in LOOKS:
            mark = "&" if "?" in path else "?"
            address = f"{console.url.rstrip('/')}{PATH}{path}{mark}theme={theme}&size={size}"
            if wrong := await faults_of(page, address, width):
                found[path, width, theme, size] = wrong
    assert found == {}


@pytest.mark.browser
async def test_a_notice_is_composed_without_javascript(console: ConsoleSite, browser: Browser) -> None:
    await people(console, 2, Group.RETIRED_FISHER)
    page = await signed_in(console, browser, java_script_enabled=False, viewport={"width": 360, "height": 740})
    await page.goto(f"{console.url.rstrip('/')}{PATH}/new?kind=policy")
    await page.fill("[name=title]", "政策有变化")
    await page.select_option("[name=clause]", WORDS["clause"])
    await page.press("[name=title]", "Enter")
    await page.select_option("[name=add]", "group")
    await page.click("[data-action=notice-row-add]")
    await page.click("form [data-action=notice-next]")
    await page.click("[data-action=notice-next]")
    await page.click("[data-action=notice-approve]")
    await page.click("[data-action=notice-start]")
    assert (await kept(console)).state == State.RUNNING
    await run(console, 1)
    await page.click("[data-action=notice-refresh]")
    assert await page.locator("[data-action=notice-pause]").count() == 0
