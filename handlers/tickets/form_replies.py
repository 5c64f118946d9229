"""What is said while a matter is being told, and when it is handed in; worded by `templates/replies/tickets/`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from bot.messages import Choice, Reply
from handlers.tickets.form import Ask
from handlers.tickets.labels import button, label
from handlers.tickets.replies import SAMPLE_VIEW
from handlers.tickets.ticket import Category
from handlers.tickets.views import TicketView


@dataclass(frozen=True)
class FormAskReply(Reply):
    """One short question."""

    template: ClassVar[str] = "tickets/form_ask"
    ask: str
    opening: bool
    """The first words of the form: that it is being taken down."""
    urgent: bool
    place: str
    """The place as far as it is known."""
    wide: bool
    """It is larger than a county."""
    heard: tuple[tuple[str, str], ...]
    """What was just read, to be seen at once: (field, value)."""
    consult: bool
    """They want a person, not something done."""
    hotlines: tuple[tuple[str, str], ...]
    """(number, name), with the first words of it."""
    decided: str
    """How the name is kept, where that was just said: named, confidential or anonymous."""

    @classmethod
    def of(
        cls,
        ask: Ask,
        *,
        opening: bool,
        urgent: bool,
        place: str,
        wide: bool = False,
        heard: tuple[tuple[str, str], ...] = (),
        consult: bool = False,
        hotlines: tuple[tuple[str, str], ...] = (),
        decided: str = "",
    ) -> FormAskReply:
        choices: tuple[Choice, ...] = ()
        if ask is Ask.CATEGORY:
            choices = tuple(
                Choice(label("category_plain", category), "tickets:category", {"category": str(category)})
                for category in Category
                if category is not Category.PETITION
            )
        elif ask is Ask.PHONE:
            choices = (button("skip", quiet=True, ask=str(ask)),)
        elif ask is Ask.PRIVACY:
            choices = tuple(button(name) for name in ("named", "confidential", "anonymous"))
        return cls(str(ask), opening, urgent, place, wide, heard, consult, hotlines, decided, choices=choices)

    @classmethod
    def sample(cls) -> FormAskReply:
        return cls.of(Ask.CATEGORY, opening=True, urgent=False, place="洪湖市", heard=(("amount", "4800元"),))


@dataclass(frozen=True)
class CheckReply(Reply):
    """Everything once, to be put right or handed in."""

    template: ClassVar[str] = "tickets/check"
    about: str
    kind: str
    category: str
    lines: tuple[tuple[str, str], ...]
    """(field, value) of what was read."""
    privacy: str
    files: int
    changed: bool
    """Shown again after something was put right."""

    @classmethod
    def of(
        cls,
        about: str,
        kind: str,
        category: str,
        lines: tuple[tuple[str, str], ...],
        *,
        privacy: str,
        files: int,
        changed: bool,
    ) -> CheckReply:
        choices = (button("submit"), button("add_more"), button("not_now", quiet=True))
        return cls(about, kind, category, lines, privacy, files, changed, choices=choices)

    @classmethod
    def sample(cls) -> CheckReply:
        return cls.of(
            "养老保险缴费补贴没到账",
            "request",
            "insurance",
            (("place", "洪湖市汊河镇"), ("since", "去年"), ("phone", "138****0000")),
            privacy="confidential",
            files=1,
            changed=False,
        )


@dataclass(frozen=True)
class FiledReply(Reply):
    """It is in: the number, the clock in plain words, and who has it."""

    template: ClassVar[str] = "tickets/filed"
    ticket: TicketView
    days: int
    """Working days allowed for the answer."""
    contact_due: datetime | None
    lines: tuple[tuple[str, str], ...]
    """What was handed in, where it had not been shown before."""
    urgent: bool

    @classmethod
    def sample(cls) -> FiledReply:
        return cls(SAMPLE_VIEW, 5, SAMPLE_VIEW.opened_at, (("place", "洪湖市汊河镇"),), urgent=False)


@dataclass(frozen=True)
class DoorReply(Reply):
    """Another body's matter, with the right door; it may still be left with us to pass on."""

    template: ClassVar[str] = "tickets/door"
    say: str
    """One sentence: whose it is, and where to turn."""
    body: str
    phone: str
    """Only if it is the same everywhere."""
    also_ours: bool
    """The bureau may take it too: a hint, and the form goes on."""

    @classmethod
    def of(cls, say: str, body: str, phone: str, *, also_ours: bool = False) -> DoorReply:
        choices = () if also_ours else (button("door_leave"), button("door_ok", quiet=True))
        return cls(say, body, phone, also_ours, choices=choices)

    @classmethod
    def sample(cls) -> DoorReply:
        return cls.of("医保报销归医保局管，打 12393。", "医保局", "12393")


@dataclass(frozen=True)
class SameReply(Reply):
    """There is an open ticket of theirs on the same matter."""

    template: ClassVar[str] = "tickets/same"
    ticket: TicketView

    @classmethod
    def of(cls, ticket: TicketView) -> SameReply:
        number = ticket.number
        return cls(
            ticket,
            choices=(
                button("same_add", number=number),
                button("urge", number=number),
                button("same_new"),
            ),
        )

    @classmethod
    def sample(cls) -> SameReply:
        return cls.of(SAMPLE_VIEW)


@dataclass(frozen=True)
class SayReply(Reply):
    """A short word on what happened to the form or the ticket."""

    template: ClassVar[str] = "tickets/say"
    what: str
    """kept, drop_ask, dropped, danger, more, urged, added, withdrawn, solved, rated, sorry, linked, later, …"""
    number: str = ""
    times: int = 0
    name: str = ""

    @classmethod
    def sample(cls) -> SayReply:
        return cls("urged", "261124-00375", 2)


@dataclass(frozen=True)
class StatusReply(Reply):
    """How far their matters are, the newest first."""

    template: ClassVar[str] = "tickets/status"
    tickets: tuple[TicketView, ...]

    @classmethod
    def of(cls, tickets: tuple[TicketView, ...]) -> StatusReply:
        if not tickets:
            return cls(tickets, choices=(button("own_case"),))
        newest = tickets[0]
        if newest.due is None and newest.state != "supplement":
            return cls(tickets)
        return cls(tickets, choices=_about(newest.number, "withdraw"))

    @classmethod
    def for_joined(cls, tickets: tuple[TicketView, ...]) -> StatusReply:
        """The newest is a matter of several that they joined: they can leave it, and not end it."""
        found = cls.of(tickets)
        return replace(found, choices=_about(tickets[0].number, "leave")) if found.choices else found

    @classmethod
    def sample(cls) -> StatusReply:
        return cls.of((SAMPLE_VIEW,))


@dataclass(frozen=True)
class FileRefusedReply(Reply):
    """A file that was fetched after it was sent, and could not be kept."""

    template: ClassVar[str] = "tickets/file_refused"
    why: str
    """large, refused (by its first bytes) or lost."""
    name: str
    """Empty for what has none, such as a photo."""
    megabytes: int

    @classmethod
    def sample(cls) -> FileRefusedReply:
        return cls("large", "合同.pdf", 10)


def _about(number: str, way_out: str) -> tuple[Choice, ...]:
    """What a person can do with a matter that is open."""
    return (button("urge", number=number), button("add", number=number), button(way_out, quiet=True, number=number))


@dataclass(frozen=True)
class RateReply(Reply):
    """How content are they with the way it was handled?"""

    template: ClassVar[str] = "tickets/rate"
    number: str

    @classmethod
    def of(cls, number: str) -> RateReply:
        names = ("satisfied", "mostly", "dissatisfied")
        return cls(number, choices=tuple(button(name, number=number) for name in names))

    @classmethod
    def sample(cls) -> RateReply:
        return cls.of("261124-00375")


@dataclass(frozen=True)
class WithdrawAskReply(Reply):
    """Take it back for good?"""

    template: ClassVar[str] = "tickets/withdraw_ask"
    ticket: TicketView

    @classmethod
    def of(cls, ticket: TicketView) -> WithdrawAskReply:
        number = ticket.number
        return cls(ticket, choices=(button("withdraw_yes", number=number), button("keep", number=number)))

    @classmethod
    def sample(cls) -> WithdrawAskReply:
        return cls.of(SAMPLE_VIEW)


@dataclass(frozen=True)
class LeaveAskReply(Reply):
    """A matter of several that they joined: not to be part of it any more?"""

    template: ClassVar[str] = "tickets/leave_ask"
    ticket: TicketView

    @classmethod
    def of(cls, ticket: TicketView) -> LeaveAskReply:
        number = ticket.number
        return cls(ticket, choices=(button("leave", number=number), button("keep", number=number)))

    @classmethod
    def sample(cls) -> LeaveAskReply:
        return cls.of(SAMPLE_VIEW)


KINDS: tuple[type[Reply], ...] = (
    FormAskReply,
    CheckReply,
    FiledReply,
    DoorReply,
    SameReply,
    SayReply,
    StatusReply,
    RateReply,
    WithdrawAskReply,
    LeaveAskReply,
    FileRefusedReply,
)
