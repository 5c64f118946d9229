"""Telegram's update, at the door, into our own Incoming. Called by the poller and the webhook.

Reads the JSON itself: what a person said must reach us although another field of the update is of a
kind that the library does not know yet. Never raises for what a stranger may send.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Container, Mapping
from typing import Any

from bot.messages import Address, Attachment, AttachmentKind, ChannelName, Incoming

UPDATE_KINDS = ("message", "edited_message", "callback_query")
"""All that we ask Telegram for."""

COMMAND = re.compile(r"\A(/[A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(\s.*|)\Z", re.DOTALL)

MEDIA = {
    "voice": AttachmentKind.VOICE,
    "audio": AttachmentKind.VOICE,
    "video": AttachmentKind.VIDEO,
    "video_note": AttachmentKind.VIDEO,
    "animation": AttachmentKind.VIDEO,
    "sticker": AttachmentKind.STICKER,
    "document": AttachmentKind.FILE,
    "venue": AttachmentKind.LOCATION,
    "location": AttachmentKind.LOCATION,
    "contact": AttachmentKind.CONTACT,
}
"""In order of choice: an animation comes with a document of the same file, a venue with its location."""

ENVELOPE = frozenset(
    [
        "message_id",
        "date",
        "chat",
        "from",
        "sender_chat",
        "edit_date",
        "message_thread_id",
        "is_topic_message",
        "reply_to_message",
        "external_reply",
        "quote",
        "reply_to_story",
        "forward_origin",
        "is_automatic_forward",
        "via_bot",
        "has_protected_content",
        "is_from_offline",
        "is_paid_post",
        "media_group_id",
        "author_signature",
        "entities",
        "caption_entities",
        "reply_markup",
        "link_preview_options",
        "effect_id",
        "sender_boost_count",
        "sender_business_bot",
        "business_connection_id",
        "direct_messages_topic",
    ]
)
"""Fields of a message that are not its content."""

SERVICE = re.compile(
    r"(new|left|delete|group|supergroup|channel|migrate|pinned|forum|general|video_chat|message_auto|connected"
    r"|write_access|proximity|boost|chat_|users_shared|successful|refunded|giveaway|checklist_tasks|web_app"
    r"|paid_message|direct_message|suggested|gift|unique_gift|passport|managed)"
)
"""News about the chat itself, which nobody said and nobody expects an answer to."""


def update_id(raw: object) -> int | None:
    """Its number, or None for what is no update at all."""
    value = raw.get("update_id") if isinstance(raw, Mapping) else None
    return _whole(value)


def callback_id(raw: Mapping[str, Any]) -> str | None:
    """The query whose spinner turns on the person's button until it is answered."""
    return _words(_part(raw, "callback_query").get("id")) or None


def migration(update: Mapping[str, Any]) -> tuple[int, int] | None:
    """A group that became a supergroup: its id, and the one it has now. Both chats say so."""
    message = _part(update, "message")
    here = _whole(_part(message, "chat").get("id"))
    to, before = _whole(message.get("migrate_to_chat_id")), _whole(message.get("migrate_from_chat_id"))
    if here is None:
        return None
    if to is not None:
        return here, to
    return (before, here) if before is not None else None


def to_incoming(
    update: Mapping[str, Any], *, bot_id: str, groups: Container[int] = (), username: str = ""
) -> Incoming | None:
    """What the person sent, or None for what is not addressed to us. `username`: ours, where it is known."""
    query = _part(update, "callback_query")
    edited = not query and "message" not in update
    message = _part(query, "message") if query else _part(update, "edited_message" if edited else "message")
    chat = _part(message, "chat")
    chat_id, private = _whole(chat.get("id")), chat.get("type") == "private"
    if chat_id is None or not (private or chat_id in groups):
        return None
    sender = "" if private else str(_whole(_part(query or message, "from").get("id")) or "")
    if not private and not sender:
        return None  # a channel or an anonymous admin: nobody we could know
    address = Address(ChannelName.TELEGRAM, str(chat_id), bot_id)
    event_id = f"{bot_id}:{update_id(update)}"
    if query:
        value = _words(query.get("data"))
        return Incoming(address, event_id, value=value, sender=sender) if value else None
    text = _words(message.get("text")) or _words(message.get("caption"))
    attachments = _attachments(message)
    if edited and not text:
        return None  # a live location moves by edits; one answer to it is enough
    if not (text or attachments):
        return None
    # In the staff's group people talk with each other; only commands and answers to us are meant for us.
    if not (private or text.startswith("/") or _answered(message, bot_id)):
        return None
    if not private and _is_for_another(text, username):
        return None
    text, place = _read_command(text)
    answered = _answered(message, bot_id)
    return Incoming(
        address,
        event_id,
        text=text,
        attachments=attachments,
        sender=sender,
        reply_to=str(_whole(answered.get("message_id")) or ""),
        reply_text=_words(answered.get("text")) or _words(answered.get("caption")),
        edited=edited,
        region_hint=place,
    )


def _answered(message: Mapping[str, Any], bot_id: str) -> Mapping[str, Any]:
    """The message of ours that this answers; empty if it answers none, or somebody else's."""
    answered = _part(message, "reply_to_message")
    return answered if str(_part(answered, "from").get("id")) == bot_id else {}


def _is_for_another(text: str, username: str) -> bool:
    """`/note@other_bot`, where several bots are in one group."""
    found = COMMAND.match(text)
    named = found[2] if found else None
    return bool(named and username and named.lower() != username.lower())


def _read_command(text: str) -> tuple[str, str | None]:
    """`/help@our_bot` is `/help`; the payload of `/start` names a place."""
    found = COMMAND.match(text)
    if not found:
        return text, None
    command, _, rest = found.groups()
    if command.lower() == "/start":
        return "/start", _read_place(rest.split()[0][:64]) if rest.strip() else None
    return command + rest, None


def _read_place(payload: str) -> str:
    """A deep link carries only letters, digits, `_` and `-`: a division code, or a name in base64url."""
    try:
        name = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    except (binascii.Error, ValueError):
        return payload
    return name if re.fullmatch(r"[\u4e00-\u9fff]{2,20}", name) else payload


def _attachments(message: Mapping[str, Any]) -> tuple[Attachment, ...]:
    sizes = message.get("photo")
    if isinstance(sizes, list) and sizes:
        return (_file(AttachmentKind.PHOTO, sizes[-1], media_type="image/jpeg"),)
    for name, kind in MEDIA.items():
        if name in message:
            # Where somebody is and whose number it is are not needed to answer, so they go no further.
            bare = kind in (AttachmentKind.LOCATION, AttachmentKind.CONTACT)
            return (Attachment(kind) if bare else _file(kind, message[name]),)
    content = [name for name in message if name not in ENVELOPE and not name.startswith(("text", "caption"))]
    if any(not SERVICE.match(name) for name in content):
        return (Attachment(AttachmentKind.FILE),)  # dice, poll, story, or a kind Telegram has yet to invent
    return ()


def _file(kind: AttachmentKind, one: object, *, media_type: str = "") -> Attachment:
    file = one if isinstance(one, Mapping) else {}
    return Attachment(
        kind,
        name=_words(file.get("file_name")),
        media_type=_words(file.get("mime_type")) or media_type,
        size=_whole(file.get("file_size")) or 0,
        reference=_words(file.get("file_id")),
    )


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = whole.get(name)
    return value if isinstance(value, Mapping) else {}


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _words(value: object) -> str:
    """Text that a database can store: half a surrogate pair cannot be written as UTF-8."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""
