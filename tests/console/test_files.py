"""Attachments in the console: shown or downloaded as what they are, to whom the ticket may be shown."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from sqlalchemy import insert

from handlers.tickets.attachments import LOST, REFUSED
from handlers.tickets.models import Attachment
from tests.console.site import HTML, ConsoleSite, StaffBrowser

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 32
PDF = b"%PDF-1.4\n%\n"
PAGE = b"<html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


async def attach(site: ConsoleSite, number: str, content: bytes = PNG, **more: Any) -> int:
    ticket = await site.bureau.ticket(number)
    row = {
        "ticket_id": ticket.id,
        "at": site.bureau.now,
        "name": "照片.png",
        "media_type": "image/png",
        "size": len(content),
        "digest": hashlib.sha256(content).hexdigest() if content else "",
        "content": content,
    }
    async with site.bureau.work() as session:
        made = await session.scalar(insert(Attachment).returning(Attachment.id), {**row, **more})
    assert made is not None
    return made


async def fetch(clerk: StaffBrowser, number: str, file: int | str) -> tuple[int, bytes, Any]:
    path = f"/staff/tickets/{number}/files/{file}"
    async with clerk.http.get(path, headers=HTML, allow_redirects=False) as response:
        return response.status, await response.read(), response.headers


@pytest.mark.parametrize(("content", "media_type"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
async def test_a_picture_is_shown_in_a_sandbox(console: ConsoleSite, content: bytes, media_type: str) -> None:
    number = await console.bureau.file()
    file = await attach(console, number, content, media_type="text/html")
    clerk = await console.sign_in("zhou")
    status, body, headers = await fetch(clerk, number, file)
    assert (status, body) == (200, content)
    assert headers["Content-Type"] == media_type  # by its first bytes, whatever was said when it came
    assert headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("content", [PAGE, SVG, PDF, b"MZ\x90\x00", "文字".encode()])
@pytest.mark.parametrize("media_type", ["image/png", "image/svg+xml", "text/html"])
async def test_anything_else_is_only_downloaded(console: ConsoleSite, content: bytes, media_type: str) -> None:
    number = await console.bureau.file()
    file = await attach(console, number, content, media_type=media_type, name='坏"\r\nSet-Cookie: x=1.html')
    _, body, headers = await fetch(await console.sign_in("zhou"), number, file)
    assert body == content
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment; filename=")
    assert "Set-Cookie" not in headers
    assert "sandbox" in headers["Content-Security-Policy"]


async def test_the_name_is_kept_in_its_own_letters(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    file = await attach(console, number, name="银行卡 正面.png")
    _, _, headers = await fetch(await console.sign_in("zhou"), number, file)
    assert headers["Content-Disposition"].endswith(
        "filename*=UTF-8''%E9%93%B6%E8%A1%8C%E5%8D%A1%20%E6%AD%A3%E9%9D%A2.png"
    )


@pytest.mark.parametrize("name", ["stranger", "boss", "admin"])
async def test_who_may_not_see_the_ticket_sees_no_file_of_it(console: ConsoleSite, name: str) -> None:
    number = await console.bureau.file()
    file = await attach(console, number)
    status, body, _ = await fetch(await console.sign_in(name), number, file)
    assert status in (403, 404)
    assert b"PNG" not in body


async def test_a_file_of_another_ticket_is_not_found_under_ones_own(console: ConsoleSite) -> None:
    number, foreign = await console.bureau.file(), await console.bureau.file("other", region="371311")
    file = await attach(console, foreign)
    clerk = await console.sign_in("zhou")
    for wanted in (file, file + 1, "x", "-1", "1 OR 1=1", 10**12):
        assert (await fetch(clerk, number, wanted))[0] == 404


async def test_nobody_who_is_not_signed_in_gets_a_file(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    file = await attach(console, number)
    status, body, _ = await fetch(await console.browser(), number, file)
    assert status == 303
    assert b"PNG" not in body


async def test_the_page_says_what_is_there_and_what_is_not(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    file = await attach(console, number)
    late = await attach(console, number, b"", name="在取.jpg", channel="telegram", reference="file-1")
    await attach(console, number, b"", name="坏的.exe", media_type=REFUSED)
    await attach(console, number, b"", name="没了.jpg", media_type=LOST)
    clerk = await console.sign_in("zhou")
    page = (await clerk.get(f"/staff/tickets/{number}")).text
    assert f'src="/staff/tickets/{number}/files/{file}"' in page
    assert f"/files/{late}" not in page
    for words in ("正在取", "不收", "取不到"):
        assert words in page
    assert (await fetch(clerk, number, late))[0] == 404
