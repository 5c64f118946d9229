"""附件: photos, voice and files that belong to a matter; kept in the database, fetched from the channel where it must.

Checked by their first bytes, not by what they call themselves. What a channel only refers to is fetched by a loop of
its own after the commit; a crash before that loses nothing, for the row says what is still to be fetched.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database, after_commit
from bot.errors import UserFacingError
from bot.files import Fetch, FileTooLarge, StoredFile
from bot.log import describe_fault
from bot.messages import Attachment as Sent
from bot.messages import AttachmentKind, Incoming
from bot.models import Conversation
from handlers.tickets.form_replies import FileRefusedReply
from handlers.tickets.models import Attachment
from handlers.tickets.telling import Posting

log = structlog.get_logger(__name__)

MAX_SIZE = 10 * 1024 * 1024
"""Bytes of one file."""
MOST = 20
"""Files of one matter."""
KEPT = frozenset({AttachmentKind.PHOTO, AttachmentKind.VOICE, AttachmentKind.VIDEO, AttachmentKind.FILE})
SIGNS: tuple[tuple[bytes, int, str], ...] = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"GIF8", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"%PDF-", 0, "application/pdf"),
    (b"OggS", 0, "audio/ogg"),
    (b"ID3", 0, "audio/mpeg"),
    (b"\xff\xfb", 0, "audio/mpeg"),
    (b"#!AMR", 0, "audio/amr"),
    (b"RIFF", 0, "audio/wav"),
    (b"ftyp", 4, "video/mp4"),
    (b"PK\x03\x04", 0, "application/zip"),
    (b"\xd0\xcf\x11\xe0", 0, "application/msword"),
)
"""First bytes, where they stand, and what they are. A zip is what docx and xlsx are."""
TRY_FOR = timedelta(hours=24)
POLL_SECONDS = 5.0

LONGEST_PAUSE = 600.0
REFUSED, LOST = "refused", "lost"
"""Instead of a media type: what it was by its first bytes is not kept; the channel no longer gives it."""
LARGE = "large"
TO_PERSON = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf"})
"""What a clerk may send along with a reply: every phone opens it."""
ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/amr": "amr",
    "audio/wav": "wav",
    "video/mp4": "mp4",
    "text/plain": "txt",
}
"""How a file without a name of its own ends."""


class AttachmentTooLarge(UserFacingError):
    code = "attachment_too_large"


class AttachmentType(UserFacingError):
    code = "attachment_type"


class NotToBeSent(UserFacingError):
    """Neither a picture nor a PDF, by its first bytes."""

    code = "file_not_sent"


class TooManyAttachments(UserFacingError):
    code = "too_many_attachments"


@dataclass(frozen=True)
class Listed:
    """One attachment of a ticket, without its content."""

    id: int
    name: str
    media_type: str
    state: str
    """kept, waiting (still to be fetched), refused or lost."""


@dataclass(frozen=True)
class Fetched:
    """What came of fetching one."""

    columns: Mapping[str, object]
    why: str = ""
    """Why it is not kept, as the person is told: large, refused or lost. Empty where it is."""


class Attachments:
    def __init__(self, database: Database, clock: Clock, outbox: Posting) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox
        self._fetch: dict[str, Fetch] = {}
        self._wake = asyncio.Event()
        self._pauses: dict[int, tuple[float, float]] = {}
        """By attachment that could not be fetched: how long it rests, and until when by the loop's clock."""

    def fetch_through(self, channel: str, fetch: Fetch) -> None:
        """How files of a channel are fetched."""
        self._fetch[channel] = fetch

    async def keep(
        self, session: AsyncSession, incoming: Incoming, conversation_id: int, *, now: datetime
    ) -> list[Attachment]:
        """What came with a message, with or without its content yet. Raises for what must not be kept."""
        wanted = _keepable(incoming.attachments)
        if not wanted:
            return []
        count = await session.scalar(
            select(func.count())
            .select_from(Attachment)
            .where(Attachment.conversation_id == conversation_id, Attachment.ticket_id.is_(None))
        )
        if (count or 0) + len(wanted) > MOST:
            raise TooManyAttachments(most=MOST)
        kept = [_row(item, str(incoming.address.channel), conversation_id=conversation_id, at=now) for item in wanted]
        session.add_all(kept)
        await session.flush()
        after_commit(session, self._wake.set)
        return kept

    async def keep_with(
        self, session: AsyncSession, ticket_id: int, files: Sequence[Sent], *, now: datetime
    ) -> list[Attachment]:
        """What staff put to a ticket. Raises for what must not be kept."""
        kept = [_row(item, "", ticket_id=ticket_id, at=now) for item in _keepable(files)]
        if len(kept) > MOST:
            raise TooManyAttachments(most=MOST)
        session.add_all(kept)
        await session.flush()
        return kept

    async def keep_for_person(
        self, session: AsyncSession, ticket_id: int, files: Sequence[Sent], *, now: datetime
    ) -> list[Attachment]:
        """What staff send along with a reply: photos and PDF. Raises for everything else, and all of them are kept."""
        if any(sniff(one.content or b"") not in TO_PERSON for one in files):
            raise NotToBeSent
        return await self.keep_with(session, ticket_id, files, now=now)

    async def run(self) -> None:
        """Fetch what channels only referred to, for ever."""
        while True:
            self._wake.clear()
            if not await self.fetch_once():
                try:
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._wake.wait()
                except TimeoutError:
                    continue

    async def fetch_once(self, limit: int = 5) -> int:
        """-> how many were fetched, or given up"""
        time = asyncio.get_running_loop().time()
        resting = [number for number, (_, until) in self._pauses.items() if until > time]
        async with self._database.reading() as session:
            rows = await session.execute(
                select(
                    Attachment.id,
                    Attachment.channel,
                    Attachment.reference,
                    Attachment.at,
                    Attachment.conversation_id,
                )
                .where(Attachment.reference != "", Attachment.channel.in_(self._fetch), Attachment.id.not_in(resting))
                .order_by(Attachment.id)
                .limit(limit)
            )
            waiting = rows.all()
        done = 0
        for row in waiting:
            fetched = await self._fetched(row.channel, row.reference)
            if fetched is None and self._clock.now() < row.at + TRY_FOR:
                pause = min(LONGEST_PAUSE, 2 * self._pauses.get(row.id, (POLL_SECONDS / 4, 0.0))[0])
                self._pauses[row.id] = (pause, asyncio.get_running_loop().time() + pause)
                continue
            self._pauses.pop(row.id, None)
            async with self._database.transaction() as session:
                await self._settle(session, row.id, row.conversation_id, fetched or Fetched({"media_type": LOST}, LOST))
            done += 1
        return done

    async def _settle(
        self, session: AsyncSession, attachment_id: int, conversation_id: int | None, fetched: Fetched
    ) -> None:
        """Write down what came of it; what is not kept is told to whoever sent it."""
        if fetched.why:
            # The chat before the file, as a turn locks them.
            await session.execute(select(Conversation.id).where(Conversation.id == conversation_id).with_for_update())
        settled = await session.execute(
            update(Attachment)
            .where(Attachment.id == attachment_id, Attachment.reference != "")
            .values(**fetched.columns, channel="", reference="")
            .returning(Attachment.name)
            .execution_options(synchronize_session=False)
        )
        name = settled.scalar_one_or_none()
        if fetched.why and name is not None and conversation_id is not None:
            reply = FileRefusedReply(fetched.why, name, MAX_SIZE // 1024 // 1024)
            await self._outbox.post(session, conversation_id, [reply])

    async def _fetched(self, channel: str, reference: str) -> Fetched | None:
        """What came of it; None to try again."""
        try:
            content = await self._fetch[channel](reference)
        except FileTooLarge:
            return Fetched({"media_type": LOST}, LARGE)
        except Exception as error:
            log.warning("attachment_not_fetched", channel=channel, **describe_fault(error))
            return None
        media_type = sniff(content)
        if media_type is None or len(content) > MAX_SIZE:
            log.warning("attachment_refused", channel=channel, size=len(content))
            why = LARGE if len(content) > MAX_SIZE else REFUSED
            return Fetched({"media_type": REFUSED, "size": len(content)}, why)
        return Fetched(
            {
                "media_type": media_type,
                "size": len(content),
                "digest": hashlib.sha256(content).hexdigest(),
                "content": content,
            }
        )

    # -- showing ------------------------------------------------------------------------------------------

    async def of_ticket(self, session: AsyncSession, ticket_id: int) -> Sequence[Listed]:
        """The oldest first."""
        rows = await session.execute(
            select(Attachment.id, Attachment.name, Attachment.media_type, Attachment.reference, Attachment.digest)
            .where(Attachment.ticket_id == ticket_id)
            .order_by(Attachment.id)
        )
        return [
            Listed(row.id, row.name, row.media_type, _state_of(row.media_type, row.reference, row.digest))
            for row in rows
        ]

    async def read_file(self, named: str) -> StoredFile | None:
        """For a channel that sends it along; `named` is the `file` of a reply."""
        async with self._database.reading() as session:
            row = await session.get(Attachment, int(named))
        if row is None or not row.digest:
            return None
        ending = ENDINGS.get(row.media_type, "bin")
        return StoredFile(row.name or f"{row.id}.{ending}", row.media_type, row.content)


def _keepable(items: Sequence[Sent]) -> list[Sent]:
    """Without a dice or a poll, which is a message like a file's, but nothing to keep. Raises AttachmentTooLarge."""
    wanted = [item for item in items if item.kind in KEPT and (item.reference or item.content is not None)]
    if any(item.size > MAX_SIZE for item in wanted):
        raise AttachmentTooLarge(megabytes=MAX_SIZE // 1024 // 1024)
    return wanted


def _row(item: Sent, channel: str, **where: Any) -> Attachment:
    """With its content, or with where it is still to be fetched. Raises AttachmentType."""
    content = item.content
    media_type = sniff(content) if content is not None else item.media_type
    if content is not None and media_type is None:
        raise AttachmentType()
    return Attachment(
        name=item.name[:120],
        media_type=(media_type or "application/octet-stream")[:80],
        size=len(content) if content is not None else item.size,
        digest=hashlib.sha256(content).hexdigest() if content is not None else "",
        content=content or b"",
        channel=channel if content is None else "",
        reference=item.reference if content is None else "",
        **where,
    )


def _state_of(media_type: str, reference: str, digest: str) -> str:
    if digest:
        return "kept"
    if reference:
        return "waiting"
    return REFUSED if media_type == REFUSED else LOST


def sniff(content: bytes) -> str | None:
    """What a file is by its first bytes; None for what no clerk should open."""
    for sign, at, media_type in SIGNS:
        if content[at : at + len(sign)] == sign:
            if media_type == "audio/wav" and content[8:12] != b"WAVE":
                continue
            return media_type
    if content and not content[:2048].count(b"\x00"):
        try:
            content[:2048].decode("utf-8", "strict" if len(content) <= 2048 else "ignore")
        except UnicodeDecodeError:
            return None
        return None if content.lstrip()[:1] == b"<" else "text/plain"
    return None
