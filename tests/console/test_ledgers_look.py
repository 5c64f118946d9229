"""The pages of ledgers and services with people in them, as Chromium draws them; and the whole way without a script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.console.site import PASSWORD, ConsoleSite
from tests.console.test_lacking import village
from tests.console.test_ledgers import bring, persons, runner_of
from tests.console.test_look import LOOKS, faults_of
from tests.handlers.people.ledger.make import HEAD, ID, OTHER, ROW, sheet

pytestmark = pytest.mark.browser


async def test_pages_of_ledgers_are_whole(console: ConsoleSite, browser: Browser) -> None:
    await village(console)
    sun = await console.sign_in("sun")
    bad = ["示例王五", ID[:17] + "?", "1380", "没有镇", "长" * 70]
    waiting = await bring(console, sun, sheet([*HEAD, "血型"], ROW, OTHER, bad))
    broken = await bring(console, sun, b"PK")
    page = await (await browser.new_context()).new_page()
    await page.goto(f"{console.url}staff/login")
    await page.fill("#u", "sun")
    await page.fill("#p", PASSWORD)
    await page.click("[data-action=sign-in]")
    paths = [waiting, broken, "/staff/ledgers", "/staff/ledgers/export", "/staff/lacking?standing=all"]
    paths += ["/staff/services/new", "/staff/services/new?village=东村", "/staff/ledgers/1"]
    found = {}
    for path in paths:
        mark = "&" if "?" in path else "?"
        for width, theme, size in LOOKS:
            address = f"{console.url.rstrip('/')}{path}{mark}theme={theme}&size={size}"
            if wrong := await faults_of(page, address, width):
                found[path, width, theme, size] = wrong
    assert found == {}


async def test_a_ledger_comes_in_without_a_script(console: ConsoleSite, browser: Browser, tmp_path: Path) -> None:
    await console.sign_in("sun")
    file = tmp_path / "退捕渔民台账.xlsx"
    file.write_bytes(sheet(HEAD, ROW, OTHER))
    page = await (await browser.new_context(java_script_enabled=False)).new_page()
    await page.goto(f"{console.url}staff/login")
    await page.fill("#u", "sun")
    await page.fill("#p", PASSWORD)
    await page.click("[data-action=sign-in]")
    await page.goto(f"{console.url}staff/ledgers")
    await page.set_input_files("#f-file", file)
    await page.click("[data-action=ledger-upload]")
    await runner_of(console).act_once()
    await page.wait_for_selector("[data-action=ledger-confirm]")  # the page has come again by itself
    assert "退捕渔民台账.xlsx" in await page.content()
    await page.click("[data-action=ledger-confirm]")
    await runner_of(console).act_once()
    await page.wait_for_selector("[data-verdict=added]")
    assert re.search(r'data-verdict="added">2<', await page.content())
    assert await persons(console) == 2
