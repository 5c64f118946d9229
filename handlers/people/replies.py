"""What the people service says: typed replies, worded by `templates/replies/people/`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.messages import Reply
from handlers.people.labels import button

SAID = ("是退捕渔民", "住洪湖市新堤街道", "会电焊")


@dataclass(frozen=True)
class ConfirmProfile(Reply):
    """What was read in their words; one tap keeps it."""

    template: ClassVar[str] = "people/confirm_profile"
    said: tuple[str, ...]
    """Each as it stands behind 您."""
    asked_for: bool
    """They are filling in their data; else it is asked after an answer."""

    @classmethod
    def sample(cls) -> ConfirmProfile:
        return cls(SAID, asked_for=False, choices=(button("keep_profile"), button("leave"), button("amend")))


@dataclass(frozen=True)
class ProfileKept(Reply):
    template: ClassVar[str] = "people/profile_kept"
    said: tuple[str, ...]

    @classmethod
    def sample(cls) -> ProfileKept:
        return cls(SAID, choices=(button("mine", quiet=True),))


@dataclass(frozen=True)
class ProfileLeft(Reply):
    """Nothing was kept."""

    template: ClassVar[str] = "people/profile_left"

    @classmethod
    def sample(cls) -> ProfileLeft:
        return cls()


@dataclass(frozen=True)
class SayAgain(Reply):
    """They want it put right."""

    template: ClassVar[str] = "people/say_again"

    @classmethod
    def sample(cls) -> SayAgain:
        return cls()


@dataclass(frozen=True)
class AskProfile(Reply):
    """May we keep what they say of themselves?"""

    template: ClassVar[str] = "people/ask_profile"

    @classmethod
    def sample(cls) -> AskProfile:
        return cls(choices=(button("agree"), button("decline", quiet=True)))


@dataclass(frozen=True)
class ProfileQuestion(Reply):
    """One question; the buttons are its answers."""

    template: ClassVar[str] = "people/question"
    item: str
    """`Item`, or `name`."""
    noted: tuple[str, ...]
    """What the answer before was taken for."""

    @classmethod
    def sample(cls) -> ProfileQuestion:
        return cls("employment", SAID[:1], choices=(button("skip", quiet=True), button("enough", quiet=True)))


@dataclass(frozen=True)
class ProfileDone(Reply):
    """Nothing more is asked."""

    template: ClassVar[str] = "people/profile_done"
    noted: tuple[str, ...]

    @classmethod
    def sample(cls) -> ProfileDone:
        return cls(SAID[:1], choices=(button("mine", quiet=True),))


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
class AskDisability(Reply):
    """Sensitive: asked for by itself."""

    template: ClassVar[str] = "people/ask_disability"

    @classmethod
    def sample(cls) -> AskDisability:
        return cls(choices=(button("disability_yes"), button("disability_no")))


@dataclass(frozen=True)
class DisabilityNoted(Reply):
    template: ClassVar[str] = "people/disability_noted"
    given: bool

    @classmethod
    def sample(cls) -> DisabilityNoted:
        return cls(given=True)


@dataclass(frozen=True)
class ForOther(Reply):
    """What was said is of somebody else; it is not kept as the asker's."""

    template: ClassVar[str] = "people/for_other"
    who: str

    @classmethod
    def sample(cls) -> ForOther:
        return cls("妈")


@dataclass(frozen=True)
class AskNotices(Reply):
    template: ClassVar[str] = "people/ask_notices"

    @classmethod
    def sample(cls) -> AskNotices:
        return cls(choices=(button("notices_yes"), button("notices_no", quiet=True)))


@dataclass(frozen=True)
class NoticesNoted(Reply):
    """What they get from now on, by button or by word."""

    template: ClassVar[str] = "people/notices_noted"
    stopped: tuple[str, ...]
    """Names of topics that end."""
    resumed: tuple[str, ...]
    everything: bool
    """No message at all any more."""

    @classmethod
    def sample(cls) -> NoticesNoted:
        return cls(("招工的消息",), (), everything=False, choices=(button("resume", quiet=True),))


@dataclass(frozen=True)
class AskTold(Reply):
    """The interview's answers: keep them, so that they are not asked again?"""

    template: ClassVar[str] = "people/ask_told"

    @classmethod
    def sample(cls) -> AskTold:
        return cls(choices=(button("keep_told"), button("leave_told", quiet=True)))


@dataclass(frozen=True)
class ToldKept(Reply):
    template: ClassVar[str] = "people/told_kept"

    @classmethod
    def sample(cls) -> ToldKept:
        return cls()


@dataclass(frozen=True)
class Matched(Reply):
    """The chat is joined to the ledger's person."""

    template: ClassVar[str] = "people/matched"

    @classmethod
    def sample(cls) -> Matched:
        return cls(choices=(button("mine", quiet=True),))


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
    ConfirmProfile,
    ProfileKept,
    ProfileLeft,
    SayAgain,
    AskProfile,
    ProfileQuestion,
    ProfileDone,
    MyData,
    EditData,
    ItemShown,
    ItemDropped,
    AskDisability,
    DisabilityNoted,
    ForOther,
    AskNotices,
    NoticesNoted,
    AskTold,
    ToldKept,
    Matched,
    ConfirmDelete,
    Deleted,
    DataKept,
)
