"""What the frame itself says: greeting, menu, help, what to do instead of a photo. Its dialogue is `frame`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from bot.conversation import Frame
from bot.dialogue import Outcome, Turn
from bot.door import Marks
from bot.messages import AttachmentKind, Choice, Incoming, Reply
from bot.replies import ReplyBook


@dataclass(frozen=True)
class Greeting(Reply):
    template: ClassVar[str] = "frame/greeting"

    @classmethod
    def sample(cls) -> Greeting:
        return cls()


@dataclass(frozen=True)
class Help(Reply):
    template: ClassVar[str] = "frame/help"

    @classmethod
    def sample(cls) -> Help:
        return cls()


@dataclass(frozen=True)
class Menu(Reply):
    template: ClassVar[str] = "frame/menu"

    @classmethod
    def sample(cls) -> Menu:
        return cls(choices=(Choice("查政策", "policy:menu"),))


@dataclass(frozen=True)
class NoWords(Reply):
    template: ClassVar[str] = "frame/no_words"

    @classmethod
    def sample(cls) -> NoWords:
        return cls()


@dataclass(frozen=True)
class AttachmentUnread(Reply):
    template: ClassVar[str] = "frame/attachment"
    kind: AttachmentKind

    @classmethod
    def sample(cls) -> AttachmentUnread:
        return cls(AttachmentKind.PHOTO)


@dataclass(frozen=True)
class TooLong(Reply):
    template: ClassVar[str] = "frame/too_long"
    read: int
    """Characters that were read."""

    @classmethod
    def sample(cls) -> TooLong:
        return cls(2000)


@dataclass(frozen=True)
class PrivateDropped(Reply):
    template: ClassVar[str] = "frame/private_dropped"
    kinds: tuple[str, ...]

    @classmethod
    def sample(cls) -> PrivateDropped:
        return cls(("id_number",))


@dataclass(frozen=True)
class MarkIdNumber(Reply):
    template: ClassVar[str] = "frame/mark_id_number"

    @classmethod
    def sample(cls) -> MarkIdNumber:
        return cls()


@dataclass(frozen=True)
class MarkBankCard(Reply):
    template: ClassVar[str] = "frame/mark_bank_card"

    @classmethod
    def sample(cls) -> MarkBankCard:
        return cls()


KINDS: tuple[type[Reply], ...] = (
    Greeting,
    Help,
    Menu,
    NoWords,
    AttachmentUnread,
    TooLong,
    PrivateDropped,
    MarkIdNumber,
    MarkBankCard,
)

COMMANDS = {
    "/start": "frame:start",
    "开始": "frame:start",
    "/help": "frame:help",
    "帮助": "frame:help",
    "/menu": "frame:menu",
    "菜单": "frame:menu",
}


class HelpDialogue:
    """Takes what no service takes: start, help, menu, messages without words."""

    name = "frame"

    def __init__(self, menu: Sequence[Choice] = ()) -> None:
        self._menu = Menu(choices=tuple(menu))
        self._ways = tuple(menu[:4])

    async def step(self, turn: Turn) -> Outcome:
        action = turn.pressed.action if turn.pressed else ""
        if action == "frame:start":
            # At first contact the conversation greets by itself.
            greeting = () if turn.first_contact else (Greeting(),)
            return Outcome(replies=(*greeting, self._menu))
        if action == "frame:menu":
            return Outcome(replies=(self._menu,))
        if action == "frame:help":
            return Outcome(replies=(Help(choices=self._ways),))
        if turn.incoming.attachments and not turn.incoming.text:
            return Outcome(replies=(AttachmentUnread(turn.incoming.attachments[0].kind),))
        if not any(character.isalnum() for character in turn.incoming.text):
            return Outcome(replies=(NoWords(choices=self._ways),))
        return Outcome(replies=(Help(choices=self._ways),))


def make_marks(book: ReplyBook) -> Marks:
    """The words that stand where a number was dropped."""
    return Marks(id_number=book.word(MarkIdNumber()), bank_card=book.word(MarkBankCard()))


def make_frame(book: ReplyBook) -> Frame:
    """What the conversation says around the dialogues' replies."""

    def greet(_incoming: Incoming) -> Sequence[Reply]:
        return (Greeting(),)

    return Frame(
        greet=greet,
        tell_dropped=lambda kinds: (PrivateDropped(tuple(sorted(kinds))),),
        tell_cut=lambda read: (TooLong(read),),
        marks=make_marks(book),
    )
