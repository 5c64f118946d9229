"""The only types that cross a border: between channels, the conversation and the services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar


class ChannelName(StrEnum):
    """Where a person talks to us."""

    TELEGRAM = "telegram"
    WEBCHAT = "webchat"
    TERMINAL = "terminal"


@dataclass(frozen=True)
class Address:
    """One chat on one channel."""

    channel: ChannelName
    key: str
    """The channel's own id of the chat: a Telegram chat id, a web chat cookie's digest, a name."""
    bot: str = ""
    """Which bot of that channel (a Telegram bot id); empty where there is only one."""


class AttachmentKind(StrEnum):
    PHOTO = "photo"
    VOICE = "voice"
    VIDEO = "video"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    FILE = "file"


@dataclass(frozen=True)
class Attachment:
    kind: AttachmentKind
    name: str = ""
    media_type: str = ""
    size: int = 0
    """Bytes, as far as the channel tells."""
    reference: str = ""
    """How the channel finds the content again (a Telegram file id, a path)."""
    content: bytes | None = field(default=None, repr=False)
    """The content itself, where the channel has it in hand already."""


@dataclass(frozen=True)
class Incoming:
    """What a person sent, in our own words; no channel's type gets past here."""

    address: Address
    event_id: str
    """Unique per address: the same event again gets the same replies and does nothing twice."""
    text: str = ""
    value: str | None = None
    """The value of a pressed button; text that equals a live button's value counts as pressing it."""
    attachments: tuple[Attachment, ...] = ()
    sender: str = ""
    """Who of a group wrote: the channel's id of that person. Empty in a private chat."""
    reply_to: str = ""
    """The channel's id of our message that this one answers; empty if it answers none."""
    reply_text: str = ""
    """The words of that message, for when we have forgotten which it was."""
    edited: bool = False
    """The person corrected an earlier message; answered anew."""
    region_hint: str | None = None
    """A place by name, as if the person had said it, at a chat's first line (`chat --json`, links)."""


class ChoiceKind(StrEnum):
    """What a button is for, as far as a medium draws it differently; its words may change at any time."""

    STEP = "step"
    """A next step."""
    USEFUL = "useful"
    USELESS = "useless"
    """The two ratings of an answer."""
    CLAUSE = "clause"
    """Shows the document's own words; not needed where the card holds them."""

    @property
    def rates(self) -> bool:
        return self in (ChoiceKind.USEFUL, ChoiceKind.USELESS)


@dataclass(frozen=True)
class Choice:
    """A button. Dialogues give `action` (and `data`); the frame gives it a short `value`."""

    label: str
    """At most 8 to 16 characters, verb first."""
    action: str = ""
    """`<dialogue>:<verb>`, such as `policy:original`."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Small JSON, kept in our own row; never travels through the channel."""
    value: str = ""
    """Short id (at most 12 ASCII characters) once stored; what channels send back."""
    quiet: bool = False
    """Drawn quieter: 别处, 说不清, the last way out."""
    kind: ChoiceKind = ChoiceKind.STEP


@dataclass(frozen=True)
class Reply:
    """Base of the typed replies that dialogues return; worded by `templates/replies/<template>.txt|.html`.

    A subclass is a frozen dataclass whose fields are JSON values (str, int, bool, None, tuples, mappings,
    frozen dataclasses of these): they are what its template may use, and are stored with the transcript.
    """

    template: ClassVar[str]
    """`<service>/<key>`, such as `policy/answer`."""

    choices: tuple[Choice, ...] = field(default=(), kw_only=True)

    @classmethod
    def sample(cls) -> Reply:
        """A filled example, for the test that renders every template."""
        raise NotImplementedError(cls)


class Speaker(StrEnum):
    YOU = "you"
    BOT = "bot"
    STAFF = "staff"


@dataclass(frozen=True)
class Shown:
    """One stored message of a conversation as a channel shows it."""

    seq: int
    """Counts up within the conversation; SSE id and `after=` of the web chat."""
    speaker: Speaker
    text: str
    """The words, the same on every channel."""
    at: datetime
    template: str | None = None
    """Which typed reply it was, so that the web draws a card from `data`; None for what people typed."""
    data: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    pushed: bool = False
    """True for news nobody asked for in this turn."""

    @property
    def file(self) -> str:
        """What goes along: a reply with a field `file` names a file that a service keeps. Only some channels can."""
        return str(self.data.get("file", ""))


@dataclass(frozen=True)
class SaidAgain(Reply):
    """Something that was said before, once more as it was: words, card and buttons."""

    template: ClassVar[str] = ""
    said: Shown
