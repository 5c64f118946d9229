"""What the chat takes and gives: JSON, the page's form, and files, which are counted and named, not kept."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import BodyPartReader, web

from bot.messages import Attachment, AttachmentKind, Shown
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
FORM_SPACE = uuid.UUID("5f2b1c9e-6a50-4e0f-9a55-0c7f5d1f3b77")


@dataclass(frozen=True)
class Sent:
    """One message as a request carried it."""

    event_id: str
    text: str = ""
    value: str | None = None
    attachments: tuple[Attachment, ...] = ()


def write_message(message: Shown) -> dict[str, Any]:
    """A message as scripts get it."""
    body: dict[str, Any] = {
        "seq": message.seq,
        "from": str(message.speaker),
        "text": message.text,
        "buttons": [{"label": choice.label, "value": choice.value} for choice in message.choices],
    }
    if source := say_source(message.data):
        body["source"] = source
    if message.file:
        body["file"] = {"name": str(message.data.get("file_name", "")), "address": f"/chat/files/{message.seq}"}
    return body


def say_source(data: Mapping[str, Any]) -> str:
    """The documents that a reply rests on, in one line; empty where it rests on none."""
    return "；".join(dict.fromkeys(map(_name_source, _find_sources(data))))


def _find_sources(data: object) -> Iterator[Mapping[str, Any]]:
    """Whatever a reply calls a source, wherever it keeps it: the services shape their replies as they like."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key == "source" and isinstance(value, Mapping) and value.get("title"):
                yield value
            else:
                yield from _find_sources(value)
    elif isinstance(data, list | tuple):
        for item in data:
            yield from _find_sources(item)


def _name_source(source: Mapping[str, Any]) -> str:
    number = source.get("number") or ""
    issuer = "" if number else source.get("issuer") or ""
    return f"{issuer}《{source['title']}》{number} {source.get('section') or ''}".strip()


def read_message(body: bytes) -> Sent:
    """`{"id": uuid, "text" | "value"}`"""
    try:
        found = json.loads(body)
        event_id = str(uuid.UUID(found["id"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise WebError(400, "malformed") from None
    return _sent(event_id, found.get("text"), found.get("value"))


def read_number(text: str | None) -> int | None:
    """A seq in an address or header; None for anything else."""
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,9}", text) else None


async def read_form(request: web.Request) -> Sent:
    """The page's form: the same page sending the same words twice is one message; other words are another."""
    form = await request.post()
    text, value, page = form.get("text"), form.get("value"), form.get("id")
    event = uuid.uuid5(FORM_SPACE, f"{page}\n{value!r}\n{text!r}") if isinstance(page, str) and page else uuid.uuid4()
    return _sent(str(event), text, value)


async def read_files(request: web.Request) -> Sent:
    """Files that a person sends, and their words; refuses what is no file, of a strange kind, or too much."""
    if not request.content_type.startswith("multipart/"):
        raise WebError(400, "malformed")
    pairs, attachments = await _read_parts(request, kind_of)
    fields = dict(pairs)
    if not attachments:
        raise WebError(400, "attachment_missing")
    return Sent(_event_id(fields.get("id", "")), fields.get("text", ""), attachments=attachments)


async def read_fields(request: web.Request) -> tuple[list[tuple[str, str]], tuple[Attachment, ...]]:
    """A posted form of either kind: its fields in order, and files. Raises WebError.

    What a file is its handler finds out from its bytes, and shows the form again with what was written.
    """
    if request.content_type.startswith("multipart/"):
        return await _read_parts(request, lambda kind: KINDS.get(kind.partition("/")[0], AttachmentKind.FILE))
    if request.content_type != "application/x-www-form-urlencoded":
        raise WebError(415, "malformed")
    form = await request.post()
    return [(name, value) for name, value in form.items() if isinstance(value, str)], ()


async def _read_parts(
    request: web.Request, kind: Callable[[str], AttachmentKind]
) -> tuple[list[tuple[str, str]], tuple[Attachment, ...]]:
    """Read the multipart body to its end; `kind`: what a media type is, or its refusal."""
    if (request.content_length or 0) > MAX_FILE + MAX_FIELD:
        raise WebError(413, "too_large")
    fields: list[tuple[str, str]] = []
    attachments: list[Attachment] = []
    room = MAX_FILE
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise WebError(400, "malformed")
            if part.filename is None:
                body = await _read(part, MAX_FIELD)
                fields.append((part.name or "", body.decode("utf-8", "replace")))
                continue
            if not part.filename:  # a file field that was left empty
                await part.release()
                continue
            attachment = await _take(part, room, kind)
            room -= attachment.size
            attachments.append(attachment)
            if len(attachments) > MAX_FILES:
                raise WebError(413, "too_large")
    except (ValueError, AssertionError):
        # aiohttp says so of bodies that are not what their header says.
        raise WebError(400, "malformed") from None
    return fields, tuple(attachments)


def kind_of(media_type: str) -> AttachmentKind:
    """What this is to a person; refuses what no clerk would open."""
    if kind := KINDS.get(media_type.partition("/")[0]):
        return kind
    if media_type in DOCUMENTS:
        return AttachmentKind.FILE
    raise WebError(415, "attachment_type")


def _sent(event_id: str, text: object, value: object) -> Sent:
    if not isinstance(text, str | None) or not isinstance(value, str | None) or text is value is None:
        raise WebError(400, "malformed")
    return Sent(event_id, text or "", value)


async def _take(part: BodyPartReader, room: int, kind: Callable[[str], AttachmentKind]) -> Attachment:
    media_type = part.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    what = kind(media_type)
    content = bytearray()
    while chunk := await part.read_chunk():
        content += chunk
        if len(content) > room:
            raise WebError(413, "too_large")
    return Attachment(what, name=part.filename or "", media_type=media_type, size=len(content), content=bytes(content))


async def _read(part: BodyPartReader, most: int) -> bytes:
    body = b""
    while chunk := await part.read_chunk():
        body += chunk
        if len(body) > most:
            raise WebError(413, "too_large")
    return body


def _event_id(given: str) -> str:
    try:
        return str(uuid.UUID(given)) if given else str(uuid.uuid4())
    except ValueError:
        raise WebError(400, "malformed") from None


def address_with(path: str, form: Mapping[str, str], names: Sequence[str]) -> str:
    """The page of a form with what it asks for in the address: these fields, never its token."""
    asked = {name: form[name] for name in names if form.get(name)}
    return f"{path}?{urlencode(asked)}" if asked else path
