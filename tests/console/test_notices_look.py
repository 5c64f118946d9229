"""Notices as a browser draws them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from handlers.notices.campaign import State
from handlers.people.person import Group
from tests.console.notices import PATH, WORDS, change, kept, people, row, run, write
from tests.console.site import PASSWORD, ConsoleSite
from tests.console.test_look import LOOKS, faults_of


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
    (told, *_) = re.findall(r'name="told" value="(\d+)"', (await clerk.get(f"{PATH}/3/in-person")).text)
    await clerk.post(f"{PATH}/3/in-person", told=told)
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
