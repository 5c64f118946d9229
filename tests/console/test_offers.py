"""招聘会和培训 in the console: publishing, doubts, two who edit, the door, tables, and who may do what."""

from __future__ import annotations

import io
import re
from html import unescape

import aiohttp
import pytest
from openpyxl import load_workbook
from playwright.async_api import Browser, Page
from sqlalchemy import select

from bot.staff.models import AuditEntry
from bot.staff.roles import Role
from handlers.offers.models import Offer, Registration
from tests.bureau import Person
from tests.console.site import PASSWORD, Answer, ConsoleSite, StaffBrowser
from tests.console.test_look import SMALL, read_with_axe

COURSE = {
    "kind": "course",
    "title": "叉车班",
    "region": "洪湖市",
    "place": "新堤街道办事处",
    "starts": "12月8日上午9点",
    "ends": "12月12日",
    "seats": "2",
    "trade": "forklift",
}
VACANCY = {"kind": "vacancy", "title": "保洁员", "employer": "物业公司", "trade": "cleaner", "place": "新堤街道"}


async def offers(console: ConsoleSite) -> list[Offer]:
    async with console.bureau.app.database.reading() as session:
        return list(await session.scalars(select(Offer).order_by(Offer.id)))


async def publish(clerk: StaffBrowser, console: ConsoleSite, **more: str) -> str:
    """-> its number"""
    answer = await clerk.post("/staff/offers", **{**COURSE, **more})
    assert answer.status == 303, answer.text[:500]
    return (await offers(console))[-1].code


def faults(answer: Answer) -> list[str]:
    return re.findall(r'href="#f-(\w+)"', answer.text)


async def sign_up(console: ConsoleSite, code: str, *names: str) -> None:
    for name in names:
        person = Person(console.bureau.app, name, region="洪湖市")
        await person.say(f"报名 {code}")
        await person.say("王小明 13800001234")


async def test_a_clerk_publishes_and_it_is_audited(console_on_each: ConsoleSite) -> None:
    clerk = await console_on_each.sign_in("zhou")
    code = await publish(clerk, console_on_each)
    (offer,) = await offers(console_on_each)
    assert (offer.kind, offer.region, offer.seats, offer.trade, offer.state) == (
        "course",
        "421083",
        2,
        "forklift",
        "open",
    )
    assert offer.starts is not None
    assert offer.starts.isoformat() == "2026-12-08T01:00:00+00:00"
    assert code in (await clerk.get("/staff/offers")).text
    async with console_on_each.bureau.app.database.reading() as session:
        found = await session.scalars(select(AuditEntry).where(AuditEntry.action == "offer_changed"))
        assert [(one.subject_id, one.data["act"]) for one in found] == [(code, "added")]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"title": " "}, "title"),
        ({"region": "没有的地方"}, "region"),
        ({"region": "罗庄区"}, "region"),
        ({"starts": "13月40日"}, "starts"),
        ({"starts": "2026-11-01", "ends": ""}, "starts"),
        ({"ends": "12月1日"}, "ends"),
        ({"seats": "很多"}, "seats"),
        ({"trade": "飞行"}, "trade"),
        ({"clause": "honghu-2023-fishers.nothing"}, "clause"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_lost(
    console: ConsoleSite, fields: dict[str, str], fault: str
) -> None:
    clerk = await console.sign_in("zhou")
    answer = await clerk.post("/staff/offers", **{**COURSE, "needs": "带上身份证复印件", **fields})
    assert answer.status == 422
    assert faults(answer) == [fault]
    assert "带上身份证复印件" in answer.text
    assert await offers(console) == []


async def test_a_limit_that_the_law_forbids_is_shown_with_its_clause_and_needs_a_second_look(
    console: ConsoleSite,
) -> None:
    clerk = await console.sign_in("zhou")
    fields = {**VACANCY, "pay_from": "2200", "needs": "限女性，45岁以下"}
    answer = await clerk.post("/staff/offers", **fields)
    assert answer.status == 422
    assert "《就业促进法》第二十七条" in answer.text
    assert "《就业促进法》第三条" in answer.text
    assert answer.has_action("offer-save-anyway")
    assert await offers(console) == []
    assert (await clerk.post("/staff/offers", **fields, confirmed="yes")).status == 303
    assert (await clerk.post("/staff/offers", **{**fields, "needs": "男女不限"})).status == 303
    assert len(await offers(console)) == 2


async def test_what_is_sent_twice_is_published_once_unless_somebody_means_it(console_on_each: ConsoleSite) -> None:
    clerk = await console_on_each.sign_in("zhou")
    code = await publish(clerk, console_on_each)
    again = await clerk.post("/staff/offers", **COURSE)
    assert again.status == 422
    assert f"/staff/offers/{code}" in again.text
    assert (await clerk.post("/staff/offers", **{**COURSE, "seats": "3"})).status == 303
    assert (await clerk.post("/staff/offers", **COURSE, confirmed="yes")).status == 422  # sent again, not seen
    assert (await clerk.post("/staff/offers", **COURSE, confirmed="yes", same=code)).status == 303
    assert len(await offers(console_on_each)) == 3


async def test_a_day_of_a_year_without_announced_holidays_is_said_to_be_open(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    known = await publish(clerk, console)
    later = await publish(clerk, console, starts="2031年3月3日", ends="2031年3月8日")
    assert 'id="unsettled"' not in (await clerk.get(f"/staff/offers/{known}")).text
    assert 'id="unsettled"' in (await clerk.get(f"/staff/offers/{later}")).text


async def test_a_town_that_is_misspelt_is_asked_after(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    answer = await clerk.post("/staff/offers", **{**COURSE, "place": "罗山镇文化站"})
    assert answer.status == 422
    assert "螺山镇" in answer.text
    assert await offers(console) == []
    assert (await clerk.post("/staff/offers", **{**COURSE, "place": "螺山镇文化站"})).status == 303


async def test_what_is_left_open_is_asked_for_once(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    answer = await clerk.post("/staff/offers", kind="fair", title="招聘会", starts="12月5日", region="洪湖市")
    assert answer.status == 422
    assert faults(answer) == ["place", "employers"]


async def test_two_who_edit_one_offer_see_what_the_other_wrote(console: ConsoleSite) -> None:
    first, second = await console.sign_in("zhou"), await console.sign_in("sun")
    code = await publish(first, console)
    assert (await first.post(f"/staff/offers/{code}", **COURSE, version="1", meals="管一顿")).status == 303
    answer = await second.post(f"/staff/offers/{code}", **{**COURSE, "title": "叉车提高班"}, version="1")
    assert answer.status == 409
    assert "管一顿" in answer.text
    assert 'value="叉车提高班"' in answer.text
    (offer,) = await offers(console)
    assert (offer.title, offer.details["meals"]) == ("叉车班", "管一顿")
    # The form now holds the version that they have seen.
    assert 'name="version" value="2"' in answer.text
    assert (await second.post(f"/staff/offers/{code}", **{**COURSE, "title": "叉车提高班"}, version="2")).status == 303


async def test_fewer_seats_than_are_taken_may_send_the_last_to_wait(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    code = await publish(clerk, console)
    await sign_up(console, code, "a", "b")
    answer = await clerk.post(f"/staff/offers/{code}", **{**COURSE, "seats": "1"}, version="1")
    assert answer.status == 422
    assert answer.has_action("offer-move-last")
    fields = {**COURSE, "seats": "1", "version": "1", "move_last": "yes"}
    assert (await clerk.post(f"/staff/offers/{code}", **fields)).status == 303
    (offer,) = await offers(console)
    assert (offer.taken, offer.waiting) == (1, 1)


async def test_a_form_that_is_saved_as_it_was_tells_nobody(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    code = await publish(clerk, console)
    await sign_up(console, code, "a")
    page = (await clerk.get(f"/staff/offers/{code}/edit")).text
    fields = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page))
    fields |= {"trade": "forklift"}
    fields.pop("csrf_token")
    before = (await offers(console))[0]
    fields = {name: unescape(value) for name, value in fields.items() if name != "q"}
    assert (await clerk.post(f"/staff/offers/{code}", **fields)).status == 303
    after = (await offers(console))[0]
    assert (after.starts, after.ends, after.place, after.region) == (
        before.starts,
        before.ends,
        before.place,
        before.region,
    )
    assert after.told_version == before.told_version


async def test_the_door_checks_in_by_number_and_shows_no_name_in_full(console_on_each: ConsoleSite) -> None:
    console = console_on_each
    clerk = await console.sign_in("zhou")
    code = await publish(clerk, console)
    await sign_up(console, code, "a", "b", "c")
    async with console.bureau.app.database.reading() as session:
        numbers = list(await session.scalars(select(Registration.code).order_by(Registration.seq)))
    page = await clerk.get(f"/staff/offers/{code}")
    assert "王小明" not in page.text
    assert "13800001234" not in page.text
    assert "王*明" in page.text
    helper = await console.sign_in("helper")
    path = f"/staff/offers/{code}/check-in"
    assert (await helper.post(path, number=numbers[0])).status == 200
    assert (await clerk.post(path, number=numbers[0])).status == 200
    assert (await clerk.post(path, number=numbers[2])).status == 422
    assert (await clerk.post(path, number="abc")).status == 422
    async with console.bureau.app.database.reading() as session:
        states = list(await session.scalars(select(Registration.state).order_by(Registration.seq)))
    assert states == ["came", "in", "waiting"]


async def test_the_door_list_is_masked_and_in_full_only_with_a_reason_of_a_head(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    code = await publish(clerk, console)
    await sign_up(console, code, "a", "b", "c")
    path = f"/staff/offers/{code}/door"

    async def cells(browser: StaffBrowser, **fields: str) -> list[list[object]]:
        form = aiohttp.FormData([("csrf_token", browser.csrf), *fields.items()])
        async with browser.http.post(path, data=form) as response:
            assert response.status == 200
            book = load_workbook(io.BytesIO(await response.read()))
            return [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]

    masked = await cells(clerk)
    assert [row[2] for row in masked if row[0] in (1, 2, 3)] == ["王*明"] * 3
    assert (await clerk.post(path, unmasked="yes", text="点名")).status == 403
    await console.bureau.hire("chief", Role.HEAD)
    head = await console.sign_in("chief")
    assert (await head.post(path, unmasked="yes", text=" ")).status == 422
    assert [row[3] for row in await cells(head, unmasked="yes", text="点名") if row[0] == 1] == ["13800001234"]
    async with console.bureau.app.database.reading() as session:
        found = await session.scalars(select(AuditEntry).where(AuditEntry.action == "exported"))
        assert [(one.data["rows"], one.data.get("unmasked", False)) for one in found] == [(3, False), (3, True)]


async def test_cancelling_says_first_how_many_are_told(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    code = await publish(clerk, console)
    await sign_up(console, code, "a", "b", "c")
    page = await clerk.get(f"/staff/offers/{code}/end")
    assert page.has_action("offer-close")
    assert 'data-told="3"' in page.text
    assert (await clerk.post(f"/staff/offers/{code}/close")).status == 303
    assert (await clerk.post(f"/staff/offers/{code}/reopen")).status == 303
    assert (await clerk.post(f"/staff/offers/{code}/cancel")).status == 303
    assert (await offers(console))[0].state == "cancelled"
    assert (await clerk.post(f"/staff/offers/{code}/cancel")).status == 422


async def test_another_countys_offer_is_not_there(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    code = await publish(clerk, console)
    async with console.bureau.work() as session:
        (offer,) = await session.scalars(select(Offer))
        offer.region = "371311"
    assert code not in (await clerk.get("/staff/offers?state=all")).text
    for path in ("", "/edit", "/door", "/end"):
        assert (await clerk.get(f"/staff/offers/{code}{path}")).status == 404
        assert (await clerk.get(f"/staff/offers/000000{path}")).status == 404
    for path in ("/cancel", "/close", "/check-in", "/door", ""):
        assert (await clerk.post(f"/staff/offers/{code}{path}", number="1234", **COURSE)).status == 404


async def test_helpers_look_and_check_in_and_publish_nothing(console: ConsoleSite) -> None:
    clerk, helper = await console.sign_in("zhou"), await console.sign_in("helper")
    code = await publish(clerk, console)
    page = await helper.get("/staff/offers")
    assert page.status == 200
    assert not page.has_action("offer-new")
    assert (await helper.post("/staff/offers", **COURSE)).status == 403
    for path in ("/edit", "/end"):
        assert (await helper.get(f"/staff/offers/{code}{path}")).status == 403
    assert (await (await console.sign_in("auditor")).get("/staff/offers")).status == 403


async def test_filters_stand_in_the_address(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    course = await publish(clerk, console)
    vacancy = await publish(clerk, console, **VACANCY, pay_from="2200", starts="", ends="", seats="3")

    async def shown(query: str) -> set[str]:
        page = (await clerk.get(f"/staff/offers?{query}")).text
        return set(re.findall(r'class="ttl" href="/staff/offers/(\d+)"', page))

    assert await shown("") == {course, vacancy}
    assert await shown("kind=course") == {course}
    assert await shown("q=保洁") == {vacancy}
    assert await shown(f"q={course}") == {course}
    assert await shown("state=cancelled") == set()
    assert await shown("kind=nonsense&page=-1&region=xx") == {course, vacancy}


@pytest.mark.browser
async def test_every_page_of_offers_is_whole(console: ConsoleSite, browser: Browser) -> None:
    clerk = await console.sign_in("zhou")
    code = await publish(clerk, console)
    await sign_up(console, code, "a", "b", "c")
    page = await (await browser.new_context()).new_page()
    await page.goto(f"{console.url}staff/login")
    await page.fill("#u", "zhou")
    await page.fill("#p", PASSWORD)
    await page.click("[data-action=sign-in]")
    wrong: dict[tuple[str, int], object] = {}
    one = f"/staff/offers/{code}"
    for path in ("/staff/offers", "/staff/offers/new", "/staff/offers/new?kind=vacancy", "/staff/offers/import", one):
        await _look(page, console, path, wrong)
    for path in (f"{one}/edit", f"{one}/end", f"{one}/door"):
        await _look(page, console, path, wrong)
    assert wrong == {}


async def _look(page: Page, console: ConsoleSite, path: str, wrong: dict[tuple[str, int], object]) -> None:
    for width, theme, size in ((360, "dark", 3), (1440, "light", 1)):
        await page.set_viewport_size({"width": width, "height": 800})
        sign = "&" if "?" in path else "?"
        await page.goto(f"{console.url.rstrip('/')}{path}{sign}theme={theme}&size={size}")
        over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        small = await page.evaluate(SMALL)
        found = await read_with_axe(page)
        if over > 0 or small or found:
            wrong[path, width] = (over, small, found)
