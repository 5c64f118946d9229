"""The lists of the console: who sees which tickets, in which order, and how many there are."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest

from bot.staff.roles import Role
from handlers.tickets.cabinet import Person
from handlers.tickets.ticket import Category
from tests.console.site import PASSWORD, ConsoleSite
from tests.handlers.tickets.bureau import LUOZHUANG

VIEWS = ("work", "queues", "unclaimed", "due", "overdue", "groups", "all")


def numbers(text: str) -> list[str]:
    """Of the lines, from top to bottom."""
    return re.findall(r'<tr[^>]* data-number="([^"]+)"', text)


async def test_a_clerk_finds_what_nobody_has_and_after_claiming_it_in_their_work(console_on_each: ConsoleSite) -> None:
    number = await console_on_each.bureau.file()
    clerk = await console_on_each.sign_in("zhou")
    assert numbers((await clerk.get("/staff/unclaimed")).text) == [number]
    assert numbers((await clerk.get("/staff/work")).text) == []
    await console_on_each.bureau.do("zhou", "claim", number)
    assert numbers((await clerk.get("/staff/unclaimed")).text) == []
    assert numbers((await clerk.get("/staff/work")).text) == [number]
    assert numbers((await clerk.get("/staff/queues")).text) == [number]


@pytest.mark.parametrize("view", VIEWS)
async def test_nobody_of_another_county_sees_a_line(console: ConsoleSite, view: str) -> None:
    bureau = console.bureau
    number = await bureau.file(is_group=True)
    bureau.clock.advance(days=60)
    for name in ("stranger", "boss"):
        at = await console.sign_in(name)
        answer = await at.get(f"/staff/{view}?category=insurance")
        assert answer.status == 200
        assert number not in answer.text


async def test_an_administrator_may_not_look_and_an_auditor_may(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    keys = await console.sign_in("admin")
    assert (await keys.get("/staff/all")).status == 403
    eyes = await console.sign_in("auditor")
    assert numbers((await eyes.get("/staff/all")).text) == [number]


@pytest.fixture(params=VIEWS)
def view(request: Any) -> str:
    return str(request.param)


async def test_each_page_says_where_one_is_and_its_number(console: ConsoleSite, view: str) -> None:
    leader = await console.sign_in("sun")
    await console.bureau.file(is_group=True, region=None)
    await console.bureau.file(category=Category.LABOUR, region=LUOZHUANG)
    answer = await leader.get(f"/staff/{view}")
    assert f'href="/staff/{view}" aria-current="page"' in answer.text


async def test_the_next_page_goes_on_where_the_last_line_stood_and_back_again(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    filed = [await bureau.file(None) for _ in range(60)]
    leader = await console_on_each.sign_in("sun")
    pages, path = [], "/staff/all"
    while path:
        page = await leader.get(path)
        pages.append(numbers(page.text))
        path = link(page.text, "next")
    assert [len(lines) for lines in pages] == [25, 25, 10]
    assert sorted(number for lines in pages for number in lines) == sorted(filed)
    back = await leader.get(link(page.text, "prev"))
    assert numbers(back.text) == pages[1]
    # What comes meanwhile shifts no line on the pages that follow.
    pressing = await bureau.file(None, urgent=True)
    assert numbers((await leader.get(link(back.text, "next"))).text) == pages[2]
    top = await leader.get(link(back.text, "prev"))
    assert numbers(top.text) == pages[0]
    assert numbers((await leader.get(link(top.text, "prev"))).text) == [pressing, *pages[0][:24]]


def link(text: str, rel: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', text)
    return html.unescape(found[1]) if found else ""


async def test_filters_stand_in_the_address_and_narrow_the_list(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    plain = await bureau.file(region="421083001")
    labour = await bureau.file(category=Category.LABOUR, urgent=True, source="phone")
    secret = await bureau.file(confidential=True)
    await bureau.do("sun", "claim", secret)
    leader = await console_on_each.sign_in("sun")
    for query, wanted in {
        "category=labour": [labour],
        "source=phone": [labour],
        "flag=urgent": [labour],
        "flag=confidential": [secret],
        "state=accepted": [secret],
        "town=421083001": [plain],
        "town=421083001&category=labour": [],
    }.items():
        assert sorted(numbers((await leader.get(f"/staff/all?{query}")).text)) == sorted(wanted), query


@pytest.mark.parametrize(
    "query",
    [
        "tab=x",
        "after=1.2",
        "after=9999999999999999999.1.1",
        "before=%00",
        "category='--",
        "town=371311",
        "flag=%F0%9F%99%82",
    ],
)
async def test_an_address_that_means_nothing_shows_the_whole_list(console: ConsoleSite, query: str) -> None:
    number = await console.bureau.file()
    leader = await console.sign_in("sun")
    assert numbers((await leader.get(f"/staff/all?{query}")).text) == [number]


async def test_a_town_of_another_county_opens_nothing_there(console: ConsoleSite) -> None:
    theirs = await console.bureau.file(region="371311100")
    leader = await console.sign_in("sun")
    assert theirs not in (await leader.get("/staff/all?town=371311100")).text


async def test_what_is_due_soon_becomes_overdue_and_stands_in_one_of_the_two(console: ConsoleSite) -> None:
    bureau = console.bureau
    number = await bureau.file()  # to be accepted within four working hours: today
    ticket = await bureau.ticket(number)
    assert ticket.next_due is not None
    clerk = await console.sign_in("zhou")
    assert numbers((await clerk.get("/staff/due")).text) == [number]
    assert numbers((await clerk.get("/staff/overdue")).text) == []
    bureau.clock.set(ticket.next_due + timedelta(minutes=1))
    await clerk.sign_in("zhou", PASSWORD)
    assert numbers((await clerk.get("/staff/due")).text) == []
    assert numbers((await clerk.get("/staff/overdue")).text) == [number]


async def test_the_tabs_of_my_work_are_parts_of_it(console: ConsoleSite) -> None:
    bureau = console.bureau
    working, asked, answered = [await bureau.file(chat) for chat in ("a", "b", "c")]
    await bureau.do("zhou", "claim", working)
    await bureau.do("zhou", "claim", asked)
    await bureau.do("zhou", "ask_supplement", asked, "请补缴费单")
    await bureau.solve("zhou", answered)
    clerk = await console.sign_in("zhou")
    found = {
        tab: numbers((await clerk.get(f"/staff/work?tab={tab}")).text) for tab in ("open", "supplement", "hearing")
    }
    assert found == {"open": [working, asked], "supplement": [asked], "hearing": [answered]}


async def test_a_village_helper_sees_what_they_filed_and_what_lies_in_their_queue(console: ConsoleSite) -> None:
    bureau = console.bureau
    in_queue, other, filed = (
        await bureau.file(),
        await bureau.file(category=Category.LABOUR),
        await bureau.file(region=None),
    )
    async with bureau.work() as session:
        ticket = await bureau.office.cabinet.find(session, filed)
        ticket.filed_by = bureau.ids["helper"]
    helper = await console.sign_in("helper")
    assert numbers((await helper.get("/staff/work")).text) == [filed]
    everything = numbers((await helper.get("/staff/all")).text)
    assert in_queue in everything
    assert filed in everything
    assert other not in everything
    assert not (await helper.get("/staff/all")).has_action("bulk-claim")


async def test_names_and_phones_are_half_hidden_and_those_of_confidential_matters_whole(console: ConsoleSite) -> None:
    await console.bureau.file(person=Person("示例·欧阳某", "13900005678"))
    await console.bureau.file(person=Person("示例·司马某", "13700004321"), confidential=True)
    page = (await (await console.sign_in("sun")).get("/staff/all")).text
    assert "139****5678" in page
    for hidden in ("欧阳", "13900005678", "司马", "4321"):
        assert hidden not in page


async def test_a_clerk_in_no_queue_is_told_so_and_not_that_all_is_taken(console: ConsoleSite) -> None:
    await console.bureau.hire("new", Role.CLERK, "420100")
    for name, told in (("new", True), ("zhou", False), ("sun", False)):
        page = await (await console.sign_in(name)).get("/staff/unclaimed")
        assert ('data-empty="queueless"' in page.text) is told, name
