"""The part of the Bot API that we may use: methods, parameters, and the checks Telegram makes on them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from html import unescape
from html.parser import HTMLParser
from typing import Any


class ApiError(Exception):
    """Answered as `{"ok": false, "error_code": code, "description": ...}`."""

    def __init__(
        self, code: int, description: str, *, retry_after: int | None = None, migrate_to: int | None = None
    ) -> None:
        self.code, self.description, self.retry_after, self.migrate_to = code, description, retry_after, migrate_to
        super().__init__(description)


def bad(description: str) -> ApiError:
    return ApiError(400, f"Bad Request: {description}")


def whole(value: Any) -> int:
    if isinstance(value, bool):
        raise ValueError(value)
    if isinstance(value, int):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value):
        return int(value)
    raise ValueError(value)


def words(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}[value]


def chat(value: Any) -> int | str:
    return value if isinstance(value, str) and value.startswith("@") else whole(value)


def structure(value: Any) -> Any:
    parsed = json.loads(value) if isinstance(value, str) else value
    if not isinstance(parsed, dict | list):
        raise TypeError(value)
    return parsed


def content(value: Any) -> Any:
    """A file id, a URL or an uploaded part."""
    return value


Kind = Callable[[Any], Any]
SEND: dict[str, Kind] = {
    "disable_notification": truth,
    "protect_content": truth,
    "reply_markup": structure,
    "reply_parameters": structure,
    "parse_mode": words,
}
METHODS: dict[str, tuple[dict[str, Kind], tuple[str, ...]]] = {
    "getMe": ({}, ()),
    "getUpdates": ({"offset": whole, "limit": whole, "timeout": whole, "allowed_updates": structure}, ()),
    "setWebhook": (
        {
            "url": words,
            "max_connections": whole,
            "allowed_updates": structure,
            "ip_address": words,
            "drop_pending_updates": truth,
            "secret_token": words,
            "certificate": content,
        },
        ("url",),
    ),
    "deleteWebhook": ({"drop_pending_updates": truth}, ()),
    "setMyCommands": ({"commands": structure, "scope": structure, "language_code": words}, ("commands",)),
    "sendMessage": (
        {"chat_id": chat, "text": words, "entities": structure, "link_preview_options": structure, **SEND},
        ("chat_id", "text"),
    ),
    "sendPhoto": ({"chat_id": chat, "photo": content, "caption": words, **SEND}, ("chat_id", "photo")),
    "sendDocument": (
        {"chat_id": chat, "document": content, "caption": words, **SEND},
        ("chat_id", "document"),
    ),
    "editMessageText": (
        {
            "chat_id": chat,
            "message_id": whole,
            "text": words,
            "parse_mode": words,
            "entities": structure,
            "link_preview_options": structure,
            "reply_markup": structure,
        },
        ("chat_id", "message_id", "text"),
    ),
    "editMessageReplyMarkup": (
        {"chat_id": chat, "message_id": whole, "reply_markup": structure},
        ("chat_id", "message_id"),
    ),
    "answerCallbackQuery": (
        {"callback_query_id": words, "text": words, "show_alert": truth, "url": words, "cache_time": whole},
        ("callback_query_id",),
    ),
    "deleteMessage": ({"chat_id": chat, "message_id": whole}, ("chat_id", "message_id")),
    "getFile": ({"file_id": words}, ("file_id",)),
}


def read_parameters(method: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Typed parameters; raises ApiError for one that is unknown, missing or of another type."""
    kinds, required = METHODS[method]
    if unknown := sorted(set(raw) - set(kinds)):
        raise bad(f"unknown parameter {', '.join(unknown)}")
    if missing := [name for name in required if raw.get(name) in (None, "")]:
        raise bad("message text is empty" if missing == ["text"] else f"parameter {missing[0]} is required")
    typed = {}
    for name, value in raw.items():
        try:
            typed[name] = kinds[name](value)
        except (ValueError, TypeError, KeyError) as error:
            raise bad(f"parameter {name} has the wrong type") from error
    return typed


TAGS = {
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "a",
    "code",
    "pre",
    "blockquote",
    "tg-spoiler",
}
ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});")


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise bad(f'can\'t parse entities: Unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise bad(f'can\'t parse entities: Unexpected end tag "{tag}"')

    def handle_comment(self, data: str) -> None:
        raise bad("can't parse entities: comments are not supported")

    def handle_decl(self, decl: str) -> None:
        raise bad("can't parse entities: declarations are not supported")

    def unknown_decl(self, data: str) -> None:
        raise bad("can't parse entities: declarations are not supported")

    def handle_pi(self, data: str) -> None:
        raise bad("can't parse entities: instructions are not supported")


def read_html(text: str) -> str:
    """The words that people see; raises ApiError for a bare `&`, `<` or `>`, a foreign or an unclosed tag."""
    bare = re.sub(r"</?[a-z-]+(?:\s[^<>]*)?>", "", text)
    if "<" in bare or ">" in bare or "&" in ENTITY.sub("", bare):
        raise bad("can't parse entities: unescaped character")
    checker = _Checker()
    checker.feed(text)
    checker.close()
    if checker.open:
        raise bad("can't parse entities: Can't find end tag")
    return unescape(bare)


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_text(text: str, parse_mode: str | None, *, limit: int = 4096) -> str:
    """The text as shown; raises ApiError when Telegram would refuse it."""
    if parse_mode not in (None, "HTML"):
        raise bad("unsupported parse_mode")
    if "\x00" in text or any(0xD800 <= ord(letter) < 0xE000 for letter in text):
        raise bad("strings must be encoded in UTF-8")
    shown = (read_html(text) if parse_mode == "HTML" else text).strip()
    if not shown:
        raise bad("message text is empty")
    if units(shown) > limit:
        raise bad("message is too long")
    return shown


def check_markup(markup: Any) -> list[list[dict[str, Any]]]:
    """Rows of buttons; raises ApiError for any that Telegram would refuse."""
    if markup is None:
        return []
    if not isinstance(markup, dict) or set(markup) - {"inline_keyboard"}:
        raise bad("can't parse reply keyboard markup JSON object")
    rows = markup.get("inline_keyboard")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad("can't parse inline keyboard")
    if sum(map(len, rows)) > 100 or any(len(row) > 8 for row in rows):
        raise bad("reply markup is too long")
    for button in (button for row in rows for button in row):
        if not isinstance(button, dict) or set(button) - {"text", "callback_data", "url"}:
            raise bad("can't parse inline keyboard button")
        if not isinstance(button.get("text"), str) or not button["text"].strip():
            raise bad("inline keyboard button text must be non-empty")
        if ("callback_data" in button) == ("url" in button):
            raise bad("text buttons are unallowed in the inline keyboard")
        if "callback_data" in button and not 1 <= len(str(button["callback_data"]).encode()) <= 64:
            raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
    return rows


def check_commands(commands: Any) -> None:
    if not isinstance(commands, list) or len(commands) > 100:
        raise ApiError(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not isinstance(command, dict) or set(command) != {"command", "description"}:
            raise bad("can't parse BotCommand")
        if not re.fullmatch(r"[a-z0-9_]{1,32}", str(command["command"])):
            raise ApiError(400, "Bad Request: BOT_COMMAND_INVALID")
        if not 1 <= len(str(command["description"])) <= 256:
            raise ApiError(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
