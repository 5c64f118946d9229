"""Talking in a terminal: a chat for a person, or lines of JSON for scripts; the same conversation as every channel."""

from __future__ import annotations

import json
import mimetypes
import sys
import uuid
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from bot.conversation import Conversation
from bot.messages import Address, Attachment, AttachmentKind, ChannelName, Choice, Incoming, Shown

MAX_FILE = 10 * 1024 * 1024
"""Larger files are not read; the dialogue says what to do instead."""
KINDS = {"image": AttachmentKind.PHOTO, "audio": AttachmentKind.VOICE, "video": AttachmentKind.VIDEO}


class BadLine(Exception):
    """A line that we cannot read; its words say why."""


async def talk_in_json(conversation: Conversation, lines: Iterable[str], write: Callable[[str], None]) -> None:
    """One line in, one line out, in order; the same id again gives the same line. Returns at the end of input."""
    for line in lines:
        if not line.strip():
            continue
        try:
            chat, event_id, incoming = read_line(line)
        except BadLine as error:
            write(_dump({"error": str(error)}))
            continue
        try:
            shown = await conversation.respond(incoming)
        except Exception as error:
            # The database is gone, say: the line is not accepted, and may be sent again.
            write(_dump({"chat": chat, "id": event_id, "error": type(error).__name__}))
            continue
        write(_dump({"chat": chat, "id": event_id, "replies": [_write_reply(message) for message in shown]}))


def read_line(line: str) -> tuple[Any, Any, Incoming]:
    """-> chat and id as they were given, and the message; raises BadLine."""
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        raise BadLine("not JSON") from None
    if not isinstance(given, dict):
        raise BadLine("not a JSON object")
    chat = _text(given, "chat")
    if not chat:
        raise BadLine("chat is missing")
    text = _text(given, "text")
    attachments = _attachments(given.get("attachments"))
    if "text" not in given and not attachments:
        raise BadLine("text is missing")
    event_id = _text(given, "id") or uuid.uuid4().hex
    profile = given.get("profile")
    if profile is not None and not isinstance(profile, dict):
        raise BadLine("profile is not an object")
    incoming = Incoming(
        Address(ChannelName.TERMINAL, chat),
        event_id,
        text,
        attachments=attachments,
        region_hint=_text(profile or {}, "region") or None,
    )
    return given["chat"], given.get("id", event_id), incoming


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadLine(f"{name} is not text")
    return str(value)


def _attachments(given: Any) -> tuple[Attachment, ...]:
    if given is None:
        return ()
    if not isinstance(given, list):
        raise BadLine("attachments is not a list")
    paths = [item.get("path") if isinstance(item, dict) else None for item in given]
    if not all(isinstance(path, str) for path in paths):
        raise BadLine("an attachment has no path")
    return tuple(_attachment(str(path)) for path in paths)


def _attachment(name: str) -> Attachment:
    if "\0" in name or not Path(name).is_file():
        raise BadLine("attachment: no such file")
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = KINDS.get(media_type.partition("/")[0], AttachmentKind.FILE)
    path = Path(name)
    content = path.read_bytes() if path.stat().st_size <= MAX_FILE else None
    return Attachment(kind, path.name, media_type, path.stat().st_size, name, content)


def _write_reply(message: Shown) -> dict[str, Any]:
    reply: dict[str, Any] = {
        "text": message.text,
        "buttons": [{"label": choice.label, "value": choice.value} for choice in message.choices],
    }
    return reply | {"pushed": True} if message.pushed else reply


def _dump(line: dict[str, Any]) -> str:
    # A half of a character cannot be written as UTF-8; as an escape it can, and scripts read the same.
    try:
        text = json.dumps(line, ensure_ascii=False)
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(line)
    return text


async def talk(conversation: Conversation, *, chat: str) -> None:
    """A chat for a person at the keyboard; Ctrl-D ends it."""
    import asyncio

    from rich.console import Console
    from rich.padding import Padding

    console, words = Console(highlight=False), _words()
    address = Address(ChannelName.TERMINAL, chat)
    console.print(f"[dim]{words['hint']}[/dim]")
    offered: Sequence[Choice] = ()
    while True:
        try:
            text = await asyncio.to_thread(console.input, f"[bold]{words['you']}[/bold] ")
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        for message in await conversation.respond(Incoming(address, uuid.uuid4().hex, text)):
            console.print(Padding(message.text, (0, 0, 0, 3)), markup=False, style="cyan" if message.pushed else "")
            offered = message.choices
            for number, choice in enumerate(offered, 1):
                console.print(Padding(f"{number}. {choice.label}", (0, 0, 0, 5)), markup=False, style="dim")
            console.print()


def _words() -> dict[str, str]:
    words: dict[str, str] = yaml.safe_load((files("templates") / "terminal" / "labels.yaml").read_text("utf-8"))
    return words


def read_stdin() -> Iterable[str]:
    """Lines as they come, also from a pipe that stays open; bytes that are no UTF-8 are replaced."""
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace")
