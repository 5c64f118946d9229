"""What staff read in Telegram while they work a ticket; worded by `templates/replies/tickets/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from bot.messages import Choice, Reply
from bot.staff.chats import RefusedReply
from handlers.tickets.labels import button, label
from handlers.tickets.replies import SAMPLE_CARD
from handlers.tickets.ticket import Category, Closing, Move
from handlers.tickets.views import Card


class Step(StrEnum):
    """What the next words of a clerk are for."""

    NONE = "none"
    REPLY = "reply"
    NOTE = "note"
    CONTACT = "contact"
    SUPPLEMENT = "supplement"
    EXTENSION = "extension"
    DENY = "deny"
    TRANSFER = "transfer"
    REASSIGN = "reassign"
    RETURN = "return"
    REJECT = "reject"
    SUBMIT = "submit"
    SEND_BACK = "send_back"
    CLOSING = "closing"
    ANSWER = "answer"
    MERGE = "merge"
    UNSEAL = "unseal"
    SOLVED = "solved"
    UNSOLVED = "unsolved"
    REOPEN = "reopen"
    TASK = "task"


STEP_OF: Mapping[Move, Step] = {
    Move.REOPEN: Step.REOPEN,
    Move.ASK_SUPPLEMENT: Step.SUPPLEMENT,
    Move.ASK_EXTENSION: Step.EXTENSION,
    Move.RETURN: Step.RETURN,
    Move.REJECT: Step.REJECT,
    Move.SUBMIT: Step.SUBMIT,
    Move.SEND_BACK: Step.SEND_BACK,
    Move.ANSWER: Step.CLOSING,
    Move.MERGE: Step.MERGE,
}
"""Moves that need words first."""


@dataclass(frozen=True)
class Line:
    """One line of the timeline, or of what was said."""

    at: datetime
    who: str
    """A clerk's name; empty for the person; `system`."""
    kind: str
    words: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class SheetReply(Reply):
    """The whole ticket, for whoever works it."""

    template: ClassVar[str] = "tickets/sheet"
    card: Card
    name: str
    """Masked."""
    phone: str
    """Masked."""
    facts: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    attachments: int

    @classmethod
    def sample(cls) -> SheetReply:
        at = datetime(2026, 11, 24, 2, 14, tzinfo=UTC)
        line = Line(at, "", "opened", "养老保险的钱我5月就交了，还没到账。", {})
        return cls(SAMPLE_CARD, "张*生", "138****0000", (("people", "4"),), (line,), 1)


@dataclass(frozen=True)
class AskReply(Reply):
    """What to write next, as an answer to this message."""

    template: ClassVar[str] = "tickets/ask_staff"
    step: str
    number: str
    data: Mapping[str, Any]
    private: bool
    """In the clerk's own chat the next words are it; in a group they must answer this message."""

    @classmethod
    def of(cls, step: Step, number: str, data: Mapping[str, Any], *, private: bool) -> AskReply:
        # The way out is also the newest button: words of an answer press none that stood before.
        drop = (button("drop", dialogue="staffroom", quiet=True),) if private else ()
        return cls(step, number, data, private, choices=drop)

    @classmethod
    def sample(cls) -> AskReply:
        return cls.of(Step.ANSWER, "261124-00375", {"closing": "solved"}, private=True)


@dataclass(frozen=True)
class HintReply(Reply):
    """Words that are for no ticket: how it is done. Or that nothing was done."""

    template: ClassVar[str] = "tickets/staff_hint"
    what: str
    """unknown, number or dropped."""

    @classmethod
    def sample(cls) -> HintReply:
        return cls("unknown")


@dataclass(frozen=True)
class PickReply(Reply):
    """One of a few, by a button."""

    template: ClassVar[str] = "tickets/pick_staff"
    what: str
    """category, closing or days."""
    number: str

    @classmethod
    def category(cls, number: str) -> PickReply:
        return cls(
            "category",
            number,
            choices=tuple(
                Choice(
                    label("category", category), "staffroom:transfer_to", {"number": number, "category": str(category)}
                )
                for category in Category
            ),
        )

    @classmethod
    def closing(cls, number: str, words: str = "") -> PickReply:
        """`words`: the answer, where it was written already."""
        said = {"words": words} if words else {}
        return cls(
            "closing",
            number,
            choices=tuple(
                Choice(
                    label("closing", closing),
                    "staffroom:closing",
                    {"number": number, "closing": str(closing), **said},
                )
                for closing in Closing
            ),
        )

    @classmethod
    def days(cls, number: str) -> PickReply:
        return cls(
            "days",
            number,
            choices=tuple(
                Choice(
                    label("days", str(days)),
                    "staffroom:step",
                    {"number": number, "step": str(Step.EXTENSION), "days": days},
                )
                for days in (2, 5, 10)
            ),
        )

    @classmethod
    def sample(cls) -> PickReply:
        return cls.category("261124-00375")


@dataclass(frozen=True)
class DidReply(Reply):
    """It is done; who did it, for the others in the group."""

    template: ClassVar[str] = "tickets/did"
    what: str
    """claimed, opened, or a Step."""
    number: str
    by: str
    sheet: str = ""
    """sent into the clerk's own chat, or start_first: we can write to a clerk only after they wrote to us."""

    @classmethod
    def sample(cls) -> DidReply:
        return cls("claimed", "261124-00375", "示例·周某", "sent")


@dataclass(frozen=True)
class FileReply(Reply):
    """One attachment, for the clerk who asked; a channel that can sends the file along."""

    template: ClassVar[str] = "tickets/file"
    number: str
    place: int
    of: int
    state: str
    """kept, waiting (still to be fetched), refused or lost."""
    file: str
    """Which one; empty if there is nothing to send."""

    @classmethod
    def sample(cls) -> FileReply:
        return cls("261124-00375", 1, 2, "kept", "")


@dataclass(frozen=True)
class UnsealedReply(Reply):
    """Who it is, or the code for the person's other device; told once."""

    template: ClassVar[str] = "tickets/unsealed"
    number: str
    name: str
    phone: str
    code: str

    @classmethod
    def sample(cls) -> UnsealedReply:
        return cls("261124-00375", "示例·张水生", "13800000000", "")


def sheet_choices(number: str, moves: tuple[Move, ...], *, files: int, takeable: bool) -> tuple[Choice, ...]:
    """What the clerk may do now, as buttons."""
    first = [button("claim", dialogue="staffroom", number=number)] if takeable else []
    if files:
        first.append(button("files", dialogue="staffroom", number=number))
    steps = [Step.REPLY, Step.NOTE, Step.CONTACT, *(STEP_OF[move] for move in moves if move in STEP_OF)]
    found = [
        *first,
        *(Choice(label("step", step), "staffroom:step", {"number": number, "step": str(step)}) for step in steps),
    ]
    if Move.HEAR in moves:
        heard = (Step.SOLVED, Step.UNSOLVED)
        found += [
            Choice(label("step", step), "staffroom:step", {"number": number, "step": str(step)}) for step in heard
        ]
    if Move.TRANSFER in moves or Move.REASSIGN in moves:
        found.append(button("transfer", dialogue="staffroom", number=number))
    if Move.GRANT_EXTENSION in moves:
        found += [button(name, dialogue="staffroom", number=number) for name in ("granted", "denied")]
    if Move.SUPPLEMENTED in moves:
        found.append(button("supplemented", dialogue="staffroom", number=number))
    unseal = {"number": number, "step": str(Step.UNSEAL)}
    found.append(Choice(label("step", Step.UNSEAL), "staffroom:step", unseal, quiet=True))
    found.append(button("code", dialogue="staffroom", quiet=True, number=number))
    return tuple(found)


KINDS: tuple[type[Reply], ...] = (
    SheetReply,
    AskReply,
    PickReply,
    DidReply,
    HintReply,
    FileReply,
    RefusedReply,
    UnsealedReply,
)
