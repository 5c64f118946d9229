"""A photo or PDF with a reply: the person sees it below the words, in the web chat as in Telegram, and nobody else."""

from __future__ import annotations

import json
import re
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser
from yarl import URL

from bot.messages import ChannelName
from bot.web.visitors import COOKIE, address_of
from tests.console.site import PASSWORD, Answer, ConsoleSite, StaffBrowser

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
PDF = b"%PDF-1.4\n%\n"
PAGE = b"<html><script>alert(1)</script></html>"


async def device(site: ConsoleSite) -> aiohttp.ClientSession:
    """A phone with a conversation of its own."""
    jar = aiohttp.CookieJar(unsafe=True)
    http = await site.stack.enter_async_context(aiohttp.ClientSession(site.url, cookie_jar=jar))
    async with http.get("/") as response:
        assert response.status == 200
    return http


async def filed_from(site: ConsoleSite, http: aiohttp.ClientSession) -> str:
    cookie = http.cookie_jar.filter_cookies(URL(site.url))[COOKIE]
    number = await site.bureau.file(address_of(cookie.value).key, ChannelName.WEBCHAT)
    await site.bureau.do("zhou", "claim", number)
    return number


async def reply(clerk: StaffBrowser, number: str, *files: tuple[str, bytes], text: str = "您看这张单子") -> Answer:
    form = aiohttp.FormData({"text": text}, quote_fields=False)
    for name, content in files:
        form.add_field("files", content, filename=name, content_type="application/octet-stream")
    return await clerk.post(f"/staff/tickets/{number}/reply", form)


async def fetch(http: aiohttp.ClientSession, path: str) -> tuple[int, bytes, Any]:
    async with http.get(path, allow_redirects=False) as response:
        return response.status, await response.read(), response.headers


async def read_json(http: aiohttp.ClientSession) -> list[dict[str, Any]]:
    _, body, _ = await fetch(http, "/chat/messages?after=0")
    found: list[dict[str, Any]] = json.loads(body)["messages"]
    return found


async def test_the_person_sees_the_picture_after_the_words_and_nobody_else_does(
    console_on_each: ConsoleSite,
) -> None:
    console = console_on_each
    phone = await device(console)
    number = await filed_from(console, phone)
    clerk = await console.sign_in("zhou")
    done = await reply(clerk, number, ("到账单.png", PNG), ("说明.pdf", PDF))
    assert done.status == 303
    said = (await read_json(phone))[-3:]
    assert [one.get("file", {}).get("name") for one in said] == [None, "到账单.png", "说明.pdf"]
    assert "您看这张单子" in said[0]["text"]
    _, page, _ = await fetch(phone, "/")
    picture, paper = (one["file"]["address"] for one in said[1:])
    assert f'<img src="{picture}"' in page.decode()
    assert f'href="{paper}" download' in page.decode()
    status, content, headers = await fetch(phone, picture)
    assert (status, content, headers["Content-Type"]) == (200, PNG, "image/png")
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    _, content, headers = await fetch(phone, paper)
    assert content == PDF
    assert headers["Content-Disposition"].startswith("attachment")
    other = await device(console)
    for path in (picture, paper, "/chat/files/0", "/chat/files/x"):
        assert (await fetch(other, path))[0] == 404
    assert (await fetch(phone, f"/chat/files/{said[0]['seq']}"))[0] == 404
    shown = await clerk.get(f"/staff/tickets/{number}")
    inside = re.findall(rf'<img src="(/staff/tickets/{number}/files/[0-9]+)"', shown.text)
    assert len(inside) == 1
    assert (await fetch(clerk.http, inside[0]))[1] == PNG
    told = [entry for entry in await console.bureau.entries(number) if entry.kind == "told"]
    assert [len(entry.data["files"]) for entry in told] == [2]


@pytest.mark.parametrize("content", [PAGE, b"MZ\x90\x00", b"PK\x03\x04", "文字".encode(), b""])
async def test_what_is_no_picture_and_no_pdf_is_not_sent_and_the_words_are_kept(
    console: ConsoleSite, content: bytes
) -> None:
    phone = await device(console)
    number = await filed_from(console, phone)
    clerk = await console.sign_in("zhou")
    before = len(await read_json(phone))
    refused = await reply(clerk, number, ("好.png", PNG), ("单子.png", content))
    assert refused.status == 422
    assert "您看这张单子</textarea>" in refused.text
    assert 'id="w-files"' in refused.text
    assert len(await read_json(phone)) == before
    assert await console.bureau.count_files(number) == 0


async def test_a_file_needs_words_and_a_chat(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    phone = await device(console)
    number = await filed_from(console, phone)
    assert (await reply(clerk, number, ("单子.png", PNG), text=" ")).status == 422
    by_phone = await console.bureau.file(None, source="phone")
    assert (await reply(clerk, by_phone, ("单子.png", PNG))).status == 422
    assert await console.bureau.count_files(number) == await console.bureau.count_files(by_phone) == 0


async def test_words_alone_are_sent_as_before(console: ConsoleSite) -> None:
    phone = await device(console)
    number = await filed_from(console, phone)
    clerk = await console.sign_in("zhou")
    form = aiohttp.FormData({"text": "您好"})
    form.add_field("files", b"", filename="", content_type="application/octet-stream")
    assert (await clerk.post(f"/staff/tickets/{number}/reply", form)).status == 303
    assert [one for one in await read_json(phone) if "file" in one] == []


@pytest.mark.browser
async def test_in_a_browser_the_file_goes_along_under_its_name(console: ConsoleSite, browser: Browser) -> None:
    phone = await device(console)
    number = await filed_from(console, phone)
    await console.sign_in("zhou")
    page = await (await browser.new_context()).new_page()
    await page.goto(f"{console.url}staff/login?next=/staff/tickets/{number}")
    await page.fill("#u", "zhou")
    await page.fill("#p", PASSWORD)
    await page.click("[data-action=sign-in]")
    await page.fill("#w", "您看这张单子")
    await page.set_input_files("#w-files", [{"name": "说明（新）.pdf", "mimeType": "application/pdf", "buffer": PDF}])
    await page.click("[data-action=reply]")
    await page.wait_for_url("**done=reply**")
    assert (await read_json(phone))[-1]["file"]["name"] == "说明（新）.pdf"
