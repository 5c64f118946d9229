"""What each method of the Bot API does to the chats of the local server."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp.web import FileField

from tests.telegram.schema import ApiError, bad, check_commands, check_markup, check_text

HONEST_REFUSALS = (
    "message is not modified",
    "chat not found",
    "query is too old",
    "message to edit not found",
    "invalid file_id",
    "file is too big",
)
"""400s that a correct bot may meet; every other 400 is a fault of the bot."""


MOST_UPLOADED = {"photo": 10 * 2**20, "document": 50 * 2**20}


@dataclass(frozen=True)
class Upload:
    """A file that came with a message of the bot."""

    kind: str
    """photo or document."""
    name: str
    content: bytes = field(repr=False)


@dataclass
class Sent:
    """A message of the bot that is now in a chat."""

    message_id: int
    chat_id: int
    text: str
    """As people see it: tags read, entities decoded."""
    raw: str
    rows: list[list[dict[str, Any]]]
    at: float
    upload: Upload | None = None

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return [button for row in self.rows for button in row]

    @property
    def labels(self) -> list[str]:
        return [button["text"] for button in self.buttons]


@dataclass
class Chats:
    """What Telegram keeps for one bot: its messages, commands, webhook, files."""

    token: str = "4242:local-test-token"
    sent: list[Sent] = field(default_factory=list)
    webhook: dict[str, Any] | None = None
    commands: list[dict[str, str]] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    """Callback query ids whose spinner was stopped."""
    queries: set[str] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    updates: dict[int, dict[str, Any]] = field(default_factory=dict)
    """What waits for the bot, by update id."""
    counters: dict[str, int] = field(default_factory=lambda: {"update": 1000, "message": 1, "query": 1})

    @property
    def bot_id(self) -> int:
        return int(self.token.split(":")[0])

    def number(self, kind: str) -> int:
        self.counters[kind] += 1
        return self.counters[kind]

    def _get_me(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"id": self.bot_id, "is_bot": True, "first_name": "上岸", "username": "shangan_local_bot"}

    def _set_webhook(self, given: dict[str, Any]) -> bool:
        self.webhook = given if given["url"] else None
        return True

    def _delete_webhook(self, given: dict[str, Any]) -> bool:
        self.webhook = None
        if given.get("drop_pending_updates"):
            self.updates.clear()
        return True

    def _set_my_commands(self, given: dict[str, Any]) -> bool:
        check_commands(given["commands"])
        self.commands = given["commands"]
        return True

    def _send_message(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["chat_id"] == 404:
            raise bad("chat not found")
        text = check_text(given["text"], given.get("parse_mode"))
        return self._keep(given["chat_id"], text, given["text"], check_markup(given.get("reply_markup")))

    def _send_photo(self, given: dict[str, Any]) -> dict[str, Any]:
        return self._send_file("photo", given)

    def _send_document(self, given: dict[str, Any]) -> dict[str, Any]:
        return self._send_file("document", given)

    def _send_file(self, kind: str, given: dict[str, Any]) -> dict[str, Any]:
        caption = given.get("caption", "")
        text = check_text(caption, given.get("parse_mode"), limit=1024) if caption else ""
        part = given[kind]
        if not isinstance(part, FileField):
            raise bad("wrong remote file identifier specified")
        upload = Upload(kind, part.filename, part.file.read())
        if kind == "photo" and not upload.content.startswith((b"\xff\xd8\xff", b"\x89PNG")):
            raise bad("IMAGE_PROCESS_FAILED")
        if len(upload.content) > MOST_UPLOADED[kind]:
            raise ApiError(413, "Request Entity Too Large")
        return self._keep(given["chat_id"], text, caption, check_markup(given.get("reply_markup")), upload)

    def _keep(
        self,
        chat_id: int,
        text: str,
        raw: str,
        rows: list[list[dict[str, Any]]],
        upload: Upload | None = None,
    ) -> dict[str, Any]:
        message = Sent(self.number("message"), chat_id, text, raw, rows, time.monotonic(), upload)
        self.sent.append(message)
        return self._as_json(message)

    def _as_json(self, message: Sent) -> dict[str, Any]:
        shown = {"id": message.chat_id, "type": "private"}
        return {
            "message_id": message.message_id,
            "date": int(time.time()),
            "chat": shown,
            "text": message.text,
        }

    def find(self, chat_id: int, message_id: int) -> Sent:
        for message in self.sent:
            if (message.chat_id, message.message_id) == (chat_id, message_id):
                return message
        raise bad("message to edit not found")

    def _edit_message_text(self, given: dict[str, Any]) -> dict[str, Any]:
        message = self.find(given["chat_id"], given["message_id"])
        text = check_text(given["text"], given.get("parse_mode"))
        rows = check_markup(given.get("reply_markup"))
        if (text, rows) == (message.text, message.rows):
            raise bad("message is not modified")
        message.text, message.raw, message.rows = text, given["text"], rows
        return self._as_json(message)

    def _edit_message_reply_markup(self, given: dict[str, Any]) -> dict[str, Any]:
        message = self.find(given["chat_id"], given["message_id"])
        rows = check_markup(given.get("reply_markup"))
        if rows == message.rows:
            raise bad("message is not modified")
        message.rows = rows
        return self._as_json(message)

    def _delete_message(self, given: dict[str, Any]) -> bool:
        self.sent.remove(self.find(given["chat_id"], given["message_id"]))
        return True

    def _answer_callback_query(self, given: dict[str, Any]) -> bool:
        if given["callback_query_id"] not in self.queries:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.answered.append(given["callback_query_id"])
        return True

    def _get_file(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["file_id"] not in self.files:
            raise bad("invalid file_id")
        size = len(self.files[given["file_id"]])
        if size > 20 * 2**20:
            raise bad("file is too big")
        return {
            **{"file_id": given["file_id"], "file_unique_id": given["file_id"]},
            "file_size": size,
            "file_path": given["file_id"],
        }
