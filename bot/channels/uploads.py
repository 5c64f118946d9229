"""Reads a file sent to the web chat: counts and names it, keeps nothing of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from bot.messages import Attachment, AttachmentKind
from bot.web.errors import WebError

MAX_FILE = 10 * 1024 * 1024
"""A photo of a phone fits."""
MAX_FILES = 9
MAX_FIELD = 20_000
KINDS = {"image": AttachmentKind.PHOTO, "audio": AttachmentKind.VOICE, "video": AttachmentKind.VIDEO}
DOCUMENTS = frozenset(
    {
        "application/pdf",
        "text/plain",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)


@dataclass(frozen=True)
class Upload:
    event_id: str
    text: str
    attachments: tuple[Attachment, ...]


async def read_upload(request: web.Request) -> Upload:
    """Read the multipart body to its end; refuse what is no file, of a strange kind, or too much."""
    if not request.content_type.startswith("multipart/"):
        raise WebError(400, "malformed")
    if (request.content_length or 0) > MAX_FILE + MAX_FIELD:
        raise WebError(413, "too_large")
    fields = {"id": "", "text": ""}
    attachments: list[Attachment] = []
    room = MAX_FILE
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise WebError(400, "malformed")
            if part.filename is None:
                body = await _read(part, MAX_FIELD)
                if part.name in fields:
                    fields[part.name] = body.decode("utf-8", "replace")
                continue
            attachment = await _count(part, room)
            room -= attachment.size
            attachments.append(attachment)
            if len(attachments) > MAX_FILES:
                raise WebError(413, "too_large")
    except (ValueError, AssertionError):
        # aiohttp says so of bodies that are not what their header says.
        raise WebError(400, "malformed") from None
    if not attachments:
        raise WebError(400, "attachment_missing")
    return Upload(_event_id(fields["id"]), fields["text"], tuple(attachments))


def kind_of(media_type: str) -> AttachmentKind:
    """What this is to a person; refuses what no clerk would open."""
    if kind := KINDS.get(media_type.partition("/")[0]):
        return kind
    if media_type in DOCUMENTS:
        return AttachmentKind.FILE
    raise WebError(415, "attachment_type")


async def _count(part: BodyPartReader, room: int) -> Attachment:
    media_type = part.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    kind = kind_of(media_type)
    size = 0
    while chunk := await part.read_chunk():
        size += len(chunk)
        if size > room:
            raise WebError(413, "too_large")
    return Attachment(kind, name=part.filename or "", media_type=media_type, size=size)


async def _read(part: BodyPartReader, most: int) -> bytes:
    body = b""
    while chunk := await part.read_chunk():
        body += chunk
        if len(body) > most:
            raise WebError(413, "too_large")
    return body


def _event_id(given: str) -> str:
    if not given:
        return str(uuid.uuid4())
    try:
        return str(uuid.UUID(given))
    except ValueError:
        raise WebError(400, "malformed") from None
