"""What the tickets service says; worded by `templates/replies/tickets/`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from bot.messages import Choice, Reply
from handlers.tickets.labels import button, label
from handlers.tickets.ticket import State
from handlers.tickets.views import Card, TicketView

_AT = datetime(2026, 11, 24, 2, 14, tzinfo=UTC)
_DUE = datetime(2026, 12, 1, 2, 14, tzinfo=UTC)
SAMPLE_VIEW = TicketView(
    number="261124-00375",
    about="养老保险缴费补贴没到账",
    kind="request",
    category="insurance",
    state="working",
    place="洪湖市汊河镇",
    queue="社保补贴 · 洪湖市",
    handler="示例·周某",
    opened_at=_AT,
    due=_DUE,
    days_left=2,
    overdue=False,
    provisional=False,
    contacted_at=_AT,
    answered_at=None,
    urged=0,
    confidential=False,
    anonymous=False,
    solved=None,
    satisfaction="",
)
SAMPLE_CARD = Card(
    number="261124-00375",
    about="养老保险缴费补贴没到账",
    kind="request",
    category="insurance",
    state="waiting",
    place="洪湖市汊河镇",
    queue="社保补贴 · 洪湖市",
    handler="",
    urgent=False,
    is_group=False,
    confidential=False,
    supervision=0,
    urged=0,
    hand="accept",
    due=_DUE,
    minutes_left=72,
)


# -- for the person -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NewsReply(Reply):
    """Something happened to their ticket."""

    template: ClassVar[str] = "tickets/news"
    what: str
    """accepted, transferred, supplement, supplement_again, extended, moved, rejected, merged or reopened."""
    ticket: TicketView
    words: str
    """What the clerk wrote: what is missing, why it takes longer, the number it was joined to."""
    door: str
    """Of a rejected one: where to turn."""

    @classmethod
    def sample(cls) -> NewsReply:
        return cls("accepted", SAMPLE_VIEW, "", "")


@dataclass(frozen=True)
class StaffWordsReply(Reply):
    """What a clerk writes to the person, as a clerk."""

    template: ClassVar[str] = "tickets/staff_words"
    number: str
    name: str
    words: str

    @classmethod
    def sample(cls) -> StaffWordsReply:
        return cls("261124-00375", "示例·周某", "您好，我是社保补贴岗的。")


@dataclass(frozen=True)
class StaffFileReply(Reply):
    """A photo or PDF that a clerk sends after their words."""

    template: ClassVar[str] = "tickets/staff_file"
    number: str
    name: str
    file: str
    """Which one, as `Attachments.read_file` knows it."""
    file_name: str
    media_type: str

    @classmethod
    def sample(cls) -> StaffFileReply:
        return cls("261124-00375", "示例·周某", "1", "到账单.jpg", "image/jpeg")


@dataclass(frozen=True)
class AnsweredReply(Reply):
    """The answer, and the question whether it is solved."""

    template: ClassVar[str] = "tickets/answered"
    ticket: TicketView
    words: str
    again: bool
    """Asked once more after silence; the words were said before."""

    @classmethod
    def of(cls, ticket: TicketView, words: str, *, again: bool = False) -> AnsweredReply:
        number = ticket.number
        choices = (
            button("solved", number=number),
            button("not_solved", number=number),
            button("later", quiet=True, number=number),
        )
        return cls(ticket, words, again, choices=choices)

    @classmethod
    def sample(cls) -> AnsweredReply:
        return cls.of(SAMPLE_VIEW, "补贴已在12月1日重新发放。")


@dataclass(frozen=True)
class HeldReply(Reply):
    """A clerk talks here now instead of the bot; or the bot is back."""

    template: ClassVar[str] = "tickets/held"
    what: str
    """held, back, or left: it was about no ticket."""

    @classmethod
    def sample(cls) -> HeldReply:
        return cls("held")


# -- for staff ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CardReply(Reply):
    """A ticket for a staff group or a clerk, with why it is shown."""

    template: ClassVar[str] = "tickets/card"
    why: str
    """new, transferred, reassigned, reopened, unclaimed, urged, heard, …, or a mark of the clock such as answer_80."""
    card: Card

    @classmethod
    def of(cls, why: str, card: Card, *, open_only: bool = False) -> CardReply:
        number = card.number
        opened = (button("open", dialogue="staffroom", number=number),)
        if open_only or card.state not in TAKEABLE:
            return cls(why, card, choices=opened)
        # Whoever was given it takes it the same way.
        free = not card.handler or card.hand == "accept"
        taking = (button("claim", dialogue="staffroom", number=number),) if free else ()
        giving = (button("transfer", dialogue="staffroom", number=number),)
        return cls(why, card, choices=(*taking, *giving, *opened))

    @classmethod
    def sample(cls) -> CardReply:
        return cls.of("new", SAMPLE_CARD)


TAKEABLE = frozenset({str(State.WAITING), str(State.ACCEPTED), str(State.WORKING)})


@dataclass(frozen=True)
class TaskReply(Reply):
    """Something to do beside the moves: a call, a bad rating to look into."""

    template: ClassVar[str] = "tickets/task"
    kind: str
    card: Card
    due: datetime
    overdue: bool

    @classmethod
    def of(cls, kind: str, card: Card, due: datetime, *, overdue: bool) -> TaskReply:
        number = card.number
        asks_whether_solved = kind == "call" and card.state == str(State.ANSWERED)
        steps = ("solved", "unsolved") if asks_whether_solved else ("task",)
        doing = tuple(
            Choice(label("step", step), "staffroom:step", {"number": number, "step": step, "kind": kind})
            for step in steps
        )
        return cls(kind, card, due, overdue, choices=(*doing, button("open", dialogue="staffroom", number=number)))

    @classmethod
    def sample(cls) -> TaskReply:
        return cls.of("call", SAMPLE_CARD, _DUE, overdue=False)


@dataclass(frozen=True)
class LiveWordsReply(Reply):
    """What the person writes in a chat that a clerk has taken over, for that clerk alone."""

    template: ClassVar[str] = "tickets/live_words"
    number: str
    words: str
    """Numbers half hidden."""
    files: int

    @classmethod
    def sample(cls) -> LiveWordsReply:
        return cls("261124-00375", "卡号我找到了。", 1)


KINDS: tuple[type[Reply], ...] = (
    NewsReply,
    StaffWordsReply,
    StaffFileReply,
    AnsweredReply,
    HeldReply,
    CardReply,
    TaskReply,
    LiveWordsReply,
)
