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
    """`Item`, `name` or `pay`."""
    noted: tuple[str, ...]
    """What the answer before was taken for."""
    changing: bool
    """The answer stands instead of what is kept."""

    @classmethod
    def sample(cls) -> ProfileQuestion:
        choices = (button("skip", quiet=True), button("enough", quiet=True))
        return cls("employment", SAID[:1], changing=False, choices=choices)


@dataclass(frozen=True)
class ProfileDone(Reply):
    """Nothing more is asked."""

    template: ClassVar[str] = "people/profile_done"
    noted: tuple[str, ...]

    @classmethod
    def sample(cls) -> ProfileDone:
        return cls(SAID[:1], choices=(button("mine", quiet=True),))


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
    registered: bool
    """They are registered for something that lies ahead: of that they hear if it changes, and are not reminded."""

    @classmethod
    def sample(cls) -> NoticesNoted:
        return cls(("招工的消息",), (), everything=False, registered=False, choices=(button("resume", quiet=True),))


@dataclass(frozen=True)
class AskStop(Reply):
    """They may want no more messages, or mean something else."""

    template: ClassVar[str] = "people/ask_stop"
    topics: tuple[str, ...]
    """Names of the topics that may be meant."""

    @classmethod
    def sample(cls) -> AskStop:
        return cls(("通知",), choices=(button("stop", topics=["all"]), button("stop_nothing", quiet=True)))


@dataclass(frozen=True)
class NothingStopped(Reply):
    """Messages were not meant: what was?"""

    template: ClassVar[str] = "people/nothing_stopped"

    @classmethod
    def sample(cls) -> NothingStopped:
        return cls()


@dataclass(frozen=True)
class Seldom(Reply):
    """How seldom we write, and never at night."""

    template: ClassVar[str] = "people/seldom"

    @classmethod
    def sample(cls) -> Seldom:
        return cls(choices=(button("stop_all", topics=["all"]),))


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


KINDS: tuple[type[Reply], ...] = (
    ConfirmProfile,
    ProfileKept,
    ProfileLeft,
    SayAgain,
    AskProfile,
    ProfileQuestion,
    ProfileDone,
    AskDisability,
    DisabilityNoted,
    ForOther,
    AskNotices,
    NoticesNoted,
    AskStop,
    NothingStopped,
    Seldom,
    AskTold,
    ToldKept,
    Matched,
)
