"""Pages that stand behind others, as Chromium draws them: a crisis and its chat, a leave to look, holidays."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.async_api import Browser, Page

from bot.clock import LOCAL
from bot.staff.roles import EVERYWHERE, Role
from tests.console.site import PASSWORD, ConsoleSite
from tests.console.test_crisis_chat import in_danger
from tests.console.test_look import LOOKS, faults_of

pytestmark = pytest.mark.browser


async def signed_in(site: ConsoleSite, browser: Browser, name: str) -> Page:
    await site.sign_in(name)
    page = await (await browser.new_context()).new_page()
    await page.goto(f"{site.url}staff/login")
    await page.fill("#u", name)
    await page.fill("#p", PASSWORD)
    await page.click("[data-action=sign-in]")
    await page.wait_for_url("**/staff/**")
    return page


async def wrong_on(page: Page, site: ConsoleSite, *paths: str) -> dict[tuple[object, ...], list[object]]:
    found = {}
    for path in paths:
        for width, theme, size in LOOKS:
            mark = "&" if "?" in path else "?"
            address = f"{site.url.rstrip('/')}{path}{mark}theme={theme}&size={size}"
            if wrong := await faults_of(page, address, width):
                found[path, width, theme, size] = wrong
    return found


async def test_a_crisis_and_its_chat(console: ConsoleSite, browser: Browser) -> None:
    reference, person = await in_danger(console)
    zhou = await console.sign_in("zhou")
    await zhou.post(f"/staff/crises/{reference}/take")
    page = await signed_in(console, browser, "zhou")
    assert await wrong_on(page, console, "/staff/crises", f"/staff/crises/{reference}") == {}
    await page.click("[data-action=crisis-hold]")
    await page.wait_for_url("**done=hold**")
    await person.say("没人管我")
    assert await wrong_on(page, console, f"/staff/crises/{reference}") == {}


async def test_a_leave_to_look_and_its_decision(console: ConsoleSite, browser: Browser) -> None:
    number, other = [await console.bureau.file(chat, confidential=True) for chat in ("one", "two")]
    await console.bureau.do("zhou", "ask_unseal", other, reason="要上门核实")
    page = await signed_in(console, browser, "zhou")
    paths = (f"/staff/tickets/{number}?do=unseal", f"/staff/tickets/{other}")
    assert await wrong_on(page, console, *paths) == {}
    head = await signed_in(console, browser, "head")
    assert await wrong_on(head, console, "/staff/decisions") == {}


async def test_the_holidays_of_a_year(console: ConsoleSite, browser: Browser) -> None:
    console.bureau.clock.set(datetime(2027, 2, 3, 9, tzinfo=LOCAL))
    await console.bureau.hire("root", Role.ADMINISTRATOR, EVERYWHERE)
    page = await signed_in(console, browser, "root")
    assert await wrong_on(page, console, "/staff/deadlines", "/staff/deadlines/holidays?year=2027") == {}
    await page.fill("#lines", "1月1日休\n5月1日至2日休\n10月1日至3日休\n2月5日至11日休")
    await page.click("[data-action=holidays-preview]")
    await page.click("[data-action=holidays-save]")
    await page.wait_for_url("**done=holidays_saved**")
    assert await wrong_on(page, console, "/staff/deadlines/holidays?year=2027") == {}
