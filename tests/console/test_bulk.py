"""One act on several tickets: what would happen is told first and nothing is done; then each is done or refused."""

from __future__ import annotations

import re

import pytest

from bot.staff.accounts import Duty
from handlers.tickets.ticket import Category
from tests.console.site import Answer, ConsoleSite, StaffBrowser
from tests.handlers.tickets.bureau import LUOZHUANG


def picks(answer: Answer) -> list[tuple[str, str]]:
    """What the preview would post."""
    return re.findall(r'name="(number)" value="([^"]+)"', answer.text)


def refused(answer: Answer) -> list[str]:
    return re.findall(r'data-number="([^"]+)" data-done="no"', answer.text)


def done(answer: Answer) -> list[str]:
    return re.findall(r'data-number="([^"]+)" data-done="yes"', answer.text)


async def preview(at: StaffBrowser, act: str, numbers: list[str], **more: str) -> Answer:
    return await at.post("/staff/bulk/preview", [("number", number) for number in numbers], act=act, **more)


async def test_a_preview_changes_nothing_and_the_act_does_what_it_said(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    mine, taken, theirs = await bureau.file(), await bureau.file(), await bureau.file(region=LUOZHUANG)
    await bureau.do("li", "claim", taken)
    before = {number: (await bureau.ticket(number)).head for number in (mine, taken, theirs)}
    clerk = await console_on_each.sign_in("zhou")
    shown = await preview(clerk, "claim", [mine, taken, theirs])
    assert shown.status == 200
    assert shown.has_action("bulk-run")
    assert {number: (await bureau.ticket(number)).head for number in before} == before
    acted = await clerk.post("/staff/bulk", picks(shown), act="claim")
    assert (done(acted), refused(acted)) == ([mine], [taken, theirs])
    assert "li" in acted.text
    assert (await bureau.ticket(mine)).handler_id == bureau.ids["zhou"]
    assert (await bureau.ticket(theirs)).handler_id is None
    assert await bureau.broken() == []


async def test_what_is_not_theirs_tells_nothing_but_that_it_is_not_there(console: ConsoleSite) -> None:
    theirs = await console.bureau.file(region=LUOZHUANG, about="罗庄的一件事")
    clerk = await console.sign_in("zhou")
    shown = await preview(clerk, "claim", [theirs, "261124-99998"])
    assert "罗庄的一件事" not in shown.text
    assert not shown.has_action("bulk-run")


async def test_what_happened_since_the_preview_stops_that_ticket_and_no_other(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    one, other = await bureau.file(), await bureau.file()
    leader = await console_on_each.sign_in("sun")
    shown = await preview(leader, "assign", [one, other], to=str(bureau.ids["zhou"]))
    await bureau.do("li", "claim", one)
    acted = await leader.post("/staff/bulk", picks(shown), act="assign", to=str(bureau.ids["zhou"]))
    assert (done(acted), refused(acted)) == ([other], [one])
    assert (await bureau.ticket(one)).handler_id == bureau.ids["li"]
    again = await leader.post("/staff/bulk", picks(shown), act="assign", to=str(bureau.ids["zhou"]))
    assert done(again) == []


async def test_transfer_and_merge_ask_for_what_they_lack_and_keep_what_was_written(console: ConsoleSite) -> None:
    bureau = console.bureau
    one, other = await bureau.file(), await bureau.file()
    clerk = await console.sign_in("zhou")
    shown = await preview(clerk, "transfer", [one, other])
    assert not shown.has_action("bulk-run")
    lacking = await clerk.post("/staff/bulk", picks(shown), act="transfer", reason="不是社保的事")
    assert lacking.status == 422
    assert "不是社保的事" in lacking.text
    acted = await clerk.post("/staff/bulk", picks(shown), act="transfer", reason="不是社保的事", category="labour")
    assert done(acted) == [one, other]
    assert (await bureau.ticket(one)).category == str(Category.LABOUR)


async def test_several_of_one_matter_become_one(console: ConsoleSite) -> None:
    bureau = console.bureau
    numbers = [await bureau.file(chat) for chat in ("a", "b", "c")]
    clerk = await console.sign_in("zhou")
    shown = await preview(clerk, "merge", numbers)
    acted = await clerk.post("/staff/bulk", picks(shown), act="merge", into=numbers[1], reason="同一件事")
    assert done(acted) == numbers
    states = [(await bureau.ticket(number)).state for number in numbers]
    assert states == ["merged", "waiting", "merged"]


async def test_work_by_turns_goes_round_in_the_preview_as_in_the_act(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    numbers = [await bureau.file() for _ in range(4)]
    leader = await console_on_each.sign_in("sun")
    shown = await preview(leader, "assign", numbers)
    assert (shown.text.count(" zhou"), shown.text.count(" li")) == (2, 2)
    assert done(await leader.post("/staff/bulk", picks(shown), act="assign")) == numbers
    handlers = [(await bureau.ticket(number)).handler_id for number in numbers]
    assert sorted(handlers) == sorted([bureau.ids["zhou"], bureau.ids["li"]] * 2)


async def test_urgent_is_a_mark_on_each(console: ConsoleSite) -> None:
    numbers = [await console.bureau.file(), await console.bureau.file()]
    clerk = await console.sign_in("zhou")
    shown = await preview(clerk, "urgent", numbers)
    assert done(await clerk.post("/staff/bulk", picks(shown), act="urgent")) == numbers
    assert [(await console.bureau.ticket(number)).priority for number in numbers] == ["urgent", "urgent"]


async def test_nobody_is_given_work_who_is_away_or_of_another_place(console: ConsoleSite) -> None:
    bureau = console.bureau
    number = await bureau.file()
    await bureau.go("li", Duty.AWAY)
    leader = await console.sign_in("sun")
    for name in ("li", "stranger", "helper"):
        shown = await preview(leader, "assign", [number], to=str(bureau.ids[name]))
        assert not shown.has_action("bulk-run"), name
        acted = await leader.post("/staff/bulk", [("number", number)], act="assign", to=str(bureau.ids[name]))
        assert refused(acted) == [number], name


@pytest.mark.parametrize(("name", "act"), [("zhou", "assign"), ("auditor", "claim"), ("helper", "claim")])
async def test_an_act_that_a_role_may_not_do_is_refused(console: ConsoleSite, name: str, act: str) -> None:
    number = await console.bureau.file()
    at = await console.sign_in(name)
    assert (await preview(at, act, [number])).status == 403
    assert (await at.post("/staff/bulk", [("number", number)], act=act)).status == 403


@pytest.mark.parametrize("value", ["", "x", "261124-00013; DROP", "261124-00013@-1", "％", "261124-0001" * 50])
async def test_a_forged_choice_is_none(console: ConsoleSite, value: str) -> None:
    await console.bureau.file()
    at = await console.sign_in("zhou")
    assert not (await preview(at, "claim", [value])).has_action("bulk-run")
    assert (await at.post("/staff/bulk", [("number", value)], act="claim")).status == 422


async def test_the_way_back_leads_to_no_other_site(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    at = await console.sign_in("zhou")
    shown = await preview(at, "claim", [number], back="https://evil.example/")
    assert "evil.example" not in shown.text
    shown = await preview(at, "claim", [number], back="/staff/due?category=insurance")
    assert "/staff/due?category=insurance" in shown.text
