"""People who write to the bot in tests: each verb makes one update as Telegram words it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.telegram.methods import Sent
    from tests.telegram.server import FakeTelegram


class User:
    """One person in a private chat; `chat_id` is also their user id."""

    def __init__(self, server: FakeTelegram, chat_id: int) -> None:
        self.server, self.chat_id = server, chat_id
        self.last_message_id = 0

    @property
    def person(self) -> dict[str, Any]:
        return {"id": self.chat_id, "is_bot": False, "first_name": "测试", "language_code": "zh-hans"}

    @property
    def chat(self) -> dict[str, Any]:
        return {"id": self.chat_id, "type": "private", "first_name": "测试"}

    def message(self, **content: Any) -> dict[str, Any]:
        self.last_message_id = self.server.number("message")
        return {
            "message_id": self.last_message_id,
            "date": int(time.time()),
            "chat": self.chat,
            "from": self.person,
            **content,
        }

    def sends(self, text: str, **more: Any) -> int:
        content: dict[str, Any] = {"text": text, **more}
        if text.startswith("/"):
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        return self.server.push({"message": self.message(**content)})

    def answers(self, sent: Sent, text: str) -> int:
        """As an answer to that message of ours."""
        ours = {
            "message_id": sent.message_id,
            "date": int(time.time()),
            "chat": self.chat,
            "from": {"id": self.server.bot_id, "is_bot": True, "first_name": "上岸"},
            "text": sent.text,
        }
        return self.sends(text, reply_to_message=ours)

    def edits(self, text: str) -> int:
        message = {**self.message(text=text), "edit_date": int(time.time())}
        return self.server.push({"edited_message": message})

    def sends_media(self, kind: str, **more: Any) -> int:
        return self.server.push({"message": self.message(**{kind: MEDIA[kind]}, **more)})

    def presses(self, button: str, *, message: Sent | None = None) -> int:
        """Presses the newest button with that label; any other text is sent as a forged value."""
        for sent in reversed(self.server.sent):
            for one in sent.buttons:
                if sent.chat_id == self.chat_id and one["text"] == button and message in (None, sent):
                    return self.presses_value(one["callback_data"], message_id=sent.message_id)
        return self.presses_value(button)

    def presses_value(self, value: str, *, message_id: int = 1) -> int:
        query_id = str(self.server.number("query"))
        self.server.queries.add(query_id)
        under = {
            "message_id": message_id,
            "date": int(time.time()),
            "chat": self.chat,
        }
        return self.server.push(
            {
                "callback_query": {
                    "id": query_id,
                    "from": self.person,
                    "chat_instance": "1",
                    "data": value,
                    "message": under,
                }
            }
        )


FILE = {"file_id": "file-1", "file_unique_id": "unique-1", "file_size": 1234}
MEDIA: dict[str, Any] = {
    "photo": [
        {**FILE, "width": 90, "height": 90},
        {**FILE, "file_id": "file-2", "width": 900, "height": 900},
    ],
    "voice": {**FILE, "duration": 3, "mime_type": "audio/ogg"},
    "audio": {**FILE, "duration": 3, "mime_type": "audio/mpeg"},
    "video": {**FILE, "duration": 3, "width": 10, "height": 10, "mime_type": "video/mp4"},
    "video_note": {**FILE, "duration": 3, "length": 10},
    "animation": {**FILE, "duration": 3, "width": 10, "height": 10},
    "sticker": {**FILE, "width": 9, "height": 9, "is_animated": False, "is_video": False, "type": "regular"},
    "location": {"latitude": 29.8, "longitude": 113.4},
    "venue": {"location": {"latitude": 29.8, "longitude": 113.4}, "title": "码头", "address": "湖边"},
    "contact": {"phone_number": "+8613800001234", "first_name": "张"},
    "document": {**FILE, "file_name": "合同.pdf", "mime_type": "application/pdf"},
    "dice": {"emoji": "🎲", "value": 3},
    "poll": {
        "id": "1",
        "question": "?",
        "options": [],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
    },
}
"""One sample of each kind of message that is not text."""
