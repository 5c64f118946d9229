"""What is said about what is kept (我的资料), worded by `templates/replies/people/`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.messages import Reply
from handlers.people.labels import button


@dataclass(frozen=True)
class Shown:
    """One line of what is kept."""

    name: str
    words: str


@dataclass(frozen=True)
class MyData(Reply):
    """All that is kept of this person."""

    template: ClassVar[str] = "people/my_data"
    place: str
    """Empty if none is known."""
    lines: tuple[Shown, ...]
    """What they said of themselves."""
    of_ledger: bool
    """The bureau's ledger names them."""
    has_phone: bool
    notices: bool
    stopped: tuple[str, ...]
    """Kinds of notices that they do not want."""
    gap_news: bool
    check_ins: bool
    profile: bool
    """They agreed that what they say of themselves is kept."""
    disability: bool
    messages: int
    since: str
    """ISO date of the first message; empty without any."""
    matters: int
    """Complaints and questions that were handed in here."""
    registrations: int
    """Fairs, courses and vacancies."""

    @classmethod
    def sample(cls) -> MyData:
        return cls(
            "洪湖市",
            (Shown("会的手艺", "电焊"),),
            of_ledger=False,
            has_phone=True,
            notices=True,
            stopped=("培训的消息",),
            gap_news=True,
            check_ins=False,
            profile=True,
            disability=True,
            messages=23,
            since="2026-03-02",
            matters=1,
            registrations=2,
            choices=(button("add"), button("delete", quiet=True)),
        )


@dataclass(frozen=True)
class EditData(Reply):
    """Which item is to be changed; each is a button."""

    template: ClassVar[str] = "people/edit"
    lines: tuple[Shown, ...]

    @classmethod
    def sample(cls) -> EditData:
        return cls((Shown("会的手艺", "电焊"),), choices=(button("forget", quiet=True),))


@dataclass(frozen=True)
class ItemShown(Reply):
    template: ClassVar[str] = "people/item"
    name: str
    words: str

    @classmethod
    def sample(cls) -> ItemShown:
        return cls("会的手艺", "电焊", choices=(button("change"), button("drop")))


@dataclass(frozen=True)
class ConfirmDrop(Reply):
    """This one thing is to go; for good."""

    template: ClassVar[str] = "people/confirm_drop"
    name: str
    words: str
    elsewhere: bool
    """It was left with a matter or a registration, too, and stays there."""

    @classmethod
    def sample(cls) -> ConfirmDrop:
        return cls("电话", "记着", elsewhere=True, choices=(button("drop", item="phone"), button("keep", quiet=True)))


@dataclass(frozen=True)
class NothingKept(Reply):
    """What they want deleted is not there."""

    template: ClassVar[str] = "people/nothing_kept"
    name: str
    elsewhere: bool
    """It may have been left with a matter or a registration."""

    @classmethod
    def sample(cls) -> NothingKept:
        return cls("电话", elsewhere=True, choices=(button("mine", quiet=True),))


@dataclass(frozen=True)
class ItemDropped(Reply):
    template: ClassVar[str] = "people/dropped"
    name: str
    """Empty: all that was said of themselves."""
    stays: bool
    """The bureau's ledger names it, and that stays."""

    @classmethod
    def sample(cls) -> ItemDropped:
        return cls("会的手艺", stays=False, choices=(button("mine", quiet=True),))


@dataclass(frozen=True)
class LedgerStands(Reply):
    """What the bureau's ledger says of them is changed by its people."""

    template: ClassVar[str] = "people/ledger_stands"
    name: str

    @classmethod
    def sample(cls) -> LedgerStands:
        return cls("电话")


@dataclass(frozen=True)
class ConfirmDelete(Reply):
    """Asks once, and says what goes and what the law makes us keep."""

    template: ClassVar[str] = "people/confirm_delete"
    of_ledger: bool

    @classmethod
    def sample(cls) -> ConfirmDelete:
        return cls(of_ledger=True, choices=(button("erase"), button("keep", quiet=True)))


@dataclass(frozen=True)
class Deleted(Reply):
    template: ClassVar[str] = "people/deleted"
    of_ledger: bool
    """The bureau's ledger names them, and that stays."""

    @classmethod
    def sample(cls) -> Deleted:
        return cls(of_ledger=False)


@dataclass(frozen=True)
class DataKept(Reply):
    """The person thought better of it."""

    template: ClassVar[str] = "people/data_kept"

    @classmethod
    def sample(cls) -> DataKept:
        return cls()


KINDS: tuple[type[Reply], ...] = (
    MyData,
    EditData,
    ItemShown,
    LedgerStands,
    ConfirmDrop,
    NothingKept,
    ItemDropped,
    ConfirmDelete,
    Deleted,
    DataKept,
)
