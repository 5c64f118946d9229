"""Photos and files of the person: kept though nothing answers, and seen by the clerk in their own chat alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.app import App, Parts, Services
from bot.clock import FixedClock
from bot.messages import Attachment as Given
from bot.messages import AttachmentKind
from bot.staff.models import Staff
from handlers.tickets.models import Attachment
from handlers.tickets.office import Office, make_office
from tests.bureau import knowing, wire_bureau
from tests.telegram.server import FakeTelegram
from tests.telegram.staff import (
    FISHER,
    GROUP,
    JPEG,
    UNPAID,
    ZHOU,
    begins_a_chat,
    bureau_at,
    employ,
    files,
    opens_privately,
    quick_settings,
    until_fetched,
)

PDF = b"%PDF-1.7 " + b"x" * 100


async def sends_photo(server: FakeTelegram, kind: str = "photo") -> None:
    """After the first words of a matter; the form goes on."""
    server.user(FISHER).sends(UNPAID[0])
    await server.expect_message(FISHER, "哪个村")
    server.user(FISHER).sends_media(kind)
    await server.expect_message(FISHER, "收到了")


async def hands_in_with(server: FakeTelegram, kind: str) -> str:
    await sends_photo(server, kind)
    return await files(server, *UNPAID[1:])


async def test_a_clerk_sees_the_photo_in_their_own_chat_and_the_group_never_does(
    bureau_on_each: App, server: FakeTelegram
):
    bureau = bureau_on_each
    server.files["file-2"] = JPEG
    number = await hands_in_with(server, "photo")
    kept = await until_fetched(bureau.database)
    assert (kept.media_type, kept.size, kept.content) == ("image/jpeg", len(JPEG), JPEG)
    await server.expect_message(GROUP, number)
    await begins_a_chat(server, ZHOU)
    sheet = await opens_privately(server, number, ZHOU)
    assert "附件 1 个" in sheet.text
    server.user(ZHOU).presses("看附件")
    photo = await server.expect_message(ZHOU, "附件 1/1")
    assert photo.upload is not None
    assert (photo.upload.kind, photo.upload.content) == ("photo", JPEG)
    assert not [sent for sent in server.sent if sent.chat_id == GROUP and sent.upload]


async def test_what_is_no_picture_comes_as_a_file_with_its_name(bureau: App, server: FakeTelegram):
    server.files["file-1"] = PDF
    number = await hands_in_with(server, "document")
    await until_fetched(bureau.database)
    await server.expect_message(GROUP, number)
    await begins_a_chat(server, ZHOU)
    await opens_privately(server, number, ZHOU)
    server.user(ZHOU).presses("看附件")
    document = await server.expect_message(ZHOU, "附件 1/1")
    assert document.upload is not None
    assert (document.upload.kind, document.upload.name, document.upload.content) == ("document", "合同.pdf", PDF)


async def test_a_picture_that_telegram_does_not_take_comes_as_a_file(bureau: App, server: FakeTelegram):
    server.files["file-2"] = JPEG
    number = await hands_in_with(server, "photo")
    await until_fetched(bureau.database)
    await server.expect_message(GROUP, number)
    await begins_a_chat(server, ZHOU)
    await opens_privately(server, number, ZHOU)
    server.fails("sendPhoto", 400, description="Bad Request: PHOTO_INVALID_DIMENSIONS")
    server.user(ZHOU).presses("看附件")
    sent = await server.expect_message(ZHOU, "附件 1/1")
    assert sent.upload is not None
    assert (sent.upload.kind, sent.upload.content) == ("document", JPEG)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"MZ\x90\x00" + b"\x00" * 100, ("刚才的文件打不开", "打不开的文件")),
        (b"\xff\xd8\xff" + b"x" * 11 * 2**20, ("刚才的文件太大", "打不开的文件")),
        (b"\xff\xd8\xff" + b"x" * 21 * 2**20, ("刚才的文件太大", "没取到")),
    ],
    ids=["a program by its first bytes", "more than we keep", "more than Telegram gives"],
)
async def test_what_cannot_be_kept_is_said_to_the_person_and_to_the_clerk(
    bureau: App, server: FakeTelegram, content: bytes, told: tuple[str, str]
):
    server.files["file-2"] = content
    await sends_photo(server)
    await server.expect_message(FISHER, told[0])
    number = await files(server, *UNPAID[1:])
    kept = await until_fetched(bureau.database)
    assert kept.content == b""
    await server.expect_message(GROUP, number)
    await begins_a_chat(server, ZHOU)
    await opens_privately(server, number, ZHOU)
    server.user(ZHOU).presses("看附件")
    assert (await server.expect_message(ZHOU, told[1])).upload is None
    assert len([text for text in server.texts(FISHER) if told[0] in text]) == 1


async def test_one_file_that_cannot_be_had_holds_up_no_other(bureau_on_each: App, server: FakeTelegram):
    bureau = bureau_on_each
    server.files["file-1"] = PDF
    await sends_photo(server, "photo")
    server.user(FISHER).sends_media("document")
    await server.expect_message(FISHER, "收到了")
    async with asyncio.timeout(10):
        while True:
            async with bureau.database.reading() as session:
                states = {row.name: row.reference for row in await session.scalars(select(Attachment))}
            if states.get("合同.pdf") == "":
                break
            await asyncio.sleep(0.02)
    assert states[""] == "file-2"


async def test_a_photo_that_was_not_fetched_when_we_stopped_is_fetched_after_the_restart(
    server: FakeTelegram, tmp_path: Path, clock: FixedClock, database_url: str
):
    settings = quick_settings(server, tmp_path, database_url)
    server.files["file-2"] = JPEG
    server.hangs("getFile")
    async with bureau_at(settings, clock) as app:
        await employ(app, clock.now())
        await sends_photo(server)
        await server.until(lambda: server.called("getFile"))
    server.heals()
    async with bureau_at(settings, clock) as app:
        assert (await until_fetched(app.database)).content == JPEG


async def test_a_file_with_a_name_is_refused_by_its_name(bureau: App, server: FakeTelegram):
    server.files["file-1"] = b"MZ\x90\x00" + b"\x00" * 100
    await sends_photo(server, "document")
    await server.expect_message(FISHER, "“合同.pdf”打不开")


async def test_a_file_that_nobody_could_fetch_for_a_day_is_said_so(
    bureau: App, server: FakeTelegram, clock: FixedClock
):
    await sends_photo(server)
    await server.until(lambda: server.called("getFile"))
    clock.advance(hours=25)
    await server.expect_message(FISHER, "没取到")


async def test_what_a_clerk_sends_along_comes_after_their_words(
    server: FakeTelegram, tmp_path: Path, clock: FixedClock, database_url: str
):
    offices: list[Office] = []

    def wire(parts: Parts) -> Services:
        offices.append(make_office(parts, knowing().book.regions))
        return wire_bureau(parts)

    async with bureau_at(quick_settings(server, tmp_path, database_url), clock, wire=wire) as app:
        await employ(app, clock.now())
        number = await files(server, *UNPAID)
        desk, attachments = offices[0].desk, offices[0].attachments
        given = [
            Given(AttachmentKind.PHOTO, name="到账单.jpg", size=len(JPEG), content=JPEG),
            Given(AttachmentKind.FILE, name="说明.pdf", size=len(PDF), content=PDF),
        ]
        async with app.database.transaction() as session:
            zhou = (await session.scalars(select(Staff).where(Staff.username == "zhou"))).one()
            ticket = await desk.access_ticket(session, zhou, number)
            kept = await attachments.keep_for_person(session, ticket.id, given, now=clock.now())
            await desk.reply(session, zhou, number, "您看这张单子", files=kept, now=clock.now())
        words = await server.expect_message(FISHER, "您看这张单子")
        photo = await server.expect_message(FISHER, "发来一张照片")
        paper = await server.expect_message(FISHER, "说明.pdf")
    assert words.upload is None
    assert photo.upload is not None
    assert (photo.upload.kind, photo.upload.content) == ("photo", JPEG)
    assert paper.upload is not None
    assert (paper.upload.kind, paper.upload.name, paper.upload.content) == ("document", "说明.pdf", PDF)
    assert not [sent for sent in server.sent if sent.chat_id == GROUP and sent.upload]
