"""What staff read in Telegram while they work a ticket; worded by `templates/replies/tickets/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from bot.messages import Choice, Reply
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


STEP_OF: Mapping[Move, Step] = {
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

    @classmethod
    def sample(cls) -> AskReply:
        return cls(Step.ANSWER, "261124-00375", {"closing": "solved"})


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
    def closing(cls, number: str) -> PickReply:
        return cls(
            "closing",
            number,
            choices=tuple(
                Choice(label("closing", closing), "staffroom:closing", {"number": number, "closing": str(closing)})
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
    number: str
    by: str

    @classmethod
    def sample(cls) -> DidReply:
        return cls("claimed", "261124-00375", "示例·周某")


@dataclass(frozen=True)
class SheetSentReply(Reply):
    """The ticket went into the clerk's own chat."""

    template: ClassVar[str] = "tickets/sheet_sent"
    by: str

    @classmethod
    def sample(cls) -> SheetSentReply:
        return cls("示例·周某")


@dataclass(frozen=True)
class StartFirstReply(Reply):
    """We can write to a clerk only after they wrote to us."""

    template: ClassVar[str] = "tickets/start_first"
    by: str

    @classmethod
    def sample(cls) -> StartFirstReply:
        return cls("示例·周某")


@dataclass(frozen=True)
class RefusedReply(Reply):
    """Not a registered member of staff."""

    template: ClassVar[str] = "tickets/refused"

    @classmethod
    def sample(cls) -> RefusedReply:
        return cls()


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


def sheet_choices(number: str, moves: tuple[Move, ...], *, confidential: bool) -> tuple[Choice, ...]:
    """What the clerk may do now, as buttons."""
    steps = [Step.REPLY, Step.NOTE, Step.CONTACT, *(STEP_OF[move] for move in moves if move in STEP_OF)]
    found = [Choice(label("step", step), "staffroom:step", {"number": number, "step": str(step)}) for step in steps]
    if Move.TRANSFER in moves or Move.REASSIGN in moves:
        found.append(button("transfer", dialogue="staffroom", number=number))
    if Move.GRANT_EXTENSION in moves:
        found += [button(name, dialogue="staffroom", number=number) for name in ("granted", "denied")]
    if Move.SUPPLEMENTED in moves:
        found.append(button("supplemented", dialogue="staffroom", number=number))
    unseal = {"number": number, "step": str(Step.UNSEAL)}
    found.append(Choice(label("step", Step.UNSEAL), "staffroom:step", unseal, quiet=confidential))
    found.append(button("code", dialogue="staffroom", quiet=True, number=number))
    return tuple(found)


KINDS: tuple[type[Reply], ...] = (
    SheetReply,
    AskReply,
    PickReply,
    DidReply,
    SheetSentReply,
    StartFirstReply,
    RefusedReply,
    UnsealedReply,
)
