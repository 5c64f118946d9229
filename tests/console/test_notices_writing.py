"""A notice as a clerk writes it: words, faults at their fields, what it advertises, what came of it."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from bot.models import Conversation
from handlers.notices.campaign import MOST_TEXT, State
from handlers.notices.labels import names_of
from handlers.notices.models import GivenAnswer
from handlers.people.models import PersonChat
from handlers.people.person import Group
from tests.console.notices import (
    PATH,
    WORDS,
    all_kept,
    change,
    count_in,
    kept,
    numbers_in,
    people,
    ready,
    row,
    run,
    write,
)
from tests.console.site import ConsoleSite
from tests.console.test_offers import publish


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
