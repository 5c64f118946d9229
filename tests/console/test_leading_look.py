"""The pages of those who lead, full of matters, as Chromium draws them: axe finds nothing, nothing runs off a phone."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from tests.console.site import PASSWORD, ConsoleSite
from tests.console.test_board import busy
from tests.console.test_decisions import all_kinds
from tests.console.test_look import LOOKS, faults_of

pytestmark = pytest.mark.browser


async def at_the_desk(console: ConsoleSite, browser: Browser, name: str) -> Page:
    await console.sign_in(name)  # gives them the password
    page = await (await browser.new_context(accept_downloads=True)).new_page()
    await page.goto(f"{console.url}staff/login")
    await page.fill("#u", name)
    await page.fill("#p", PASSWORD)
    await page.click("[data-action=sign-in]")
    return page


async def look_at(page: Page, console: ConsoleSite, *paths: str) -> dict[tuple[str, int, str, int], list[object]]:
    found = {}
    for path in paths:
        for width, theme, size in LOOKS:
            mark = "&" if "?" in path else "?"
            address = f"{console.url.rstrip('/')}{path}{mark}theme={theme}&size={size}"
            if wrong := await faults_of(page, address, width):
                found[path, width, theme, size] = wrong
    return found


async def test_a_full_board_is_whole(console: ConsoleSite, browser: Browser) -> None:
    await busy(console.bureau)
    page = await at_the_desk(console, browser, "sun")
    paths = ("/staff/board?period=quarter", "/staff/board?by=week", "/staff/board/rows?figure=received&period=quarter")
    assert await look_at(page, console, *paths) == {}


async def test_everything_that_waits_is_whole(console: ConsoleSite, browser: Browser) -> None:
    await all_kinds(console.bureau)
    page = await at_the_desk(console, browser, "head")
    assert await look_at(page, console, "/staff/decisions", "/staff/export") == {}


async def test_a_page_full_of_the_audit_is_whole(console: ConsoleSite, browser: Browser) -> None:
    await all_kinds(console.bureau)
    page = await at_the_desk(console, browser, "auditor")
    assert await look_at(page, console, "/staff/audit", "/staff/board") == {}


async def test_without_script_a_leader_decides_and_takes_the_ledger_home(
    console: ConsoleSite, browser: Browser
) -> None:
    made = await all_kinds(console.bureau)
    await console.sign_in("sun")
    page = await (await browser.new_context(java_script_enabled=False, accept_downloads=True)).new_page()
    await page.goto(f"{console.url}staff/login")
    await page.fill("#u", "sun")
    await page.fill("#p", PASSWORD)
    await page.click("[data-action=sign-in]")
    await page.goto(f"{console.url}staff/decisions")
    case = page.locator(f"[data-number='{made['extension']}']")
    await case.locator("summary").click()
    await case.locator("form[action$='/deny'] textarea").fill("按期办")
    await case.locator("[data-action=deny]").click()
    await page.wait_for_url("**/staff/decisions?done=deny")
    assert (await console.bureau.ticket(made["extension"])).state == "working"
    await page.goto(f"{console.url}staff/export")
    await page.select_option("#category", "insurance")
    await page.click("[data-action=export-count]")
    assert await page.locator(".count [data-total]").get_attribute("data-total") == "7"
    async with page.expect_download() as coming:
        await page.click("[data-action=export]")
    assert (await coming.value).suggested_filename.endswith(".xlsx")
