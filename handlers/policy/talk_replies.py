"""What the policy service says around its answers: places, danger, feedback, repeating. Worded by templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from bot.messages import Choice, Reply
from handlers.policy.replies import SAMPLE_SOURCE, Source


@dataclass(frozen=True)
class OriginalReply(Reply):
    """The clauses themselves, verbatim."""

    template: ClassVar[str] = "policy/original"
    sources: tuple[Source, ...]

    @classmethod
    def sample(cls) -> OriginalReply:
        return cls((SAMPLE_SOURCE,))


@dataclass(frozen=True)
class NothingYetReply(Reply):
    """There is nothing to repeat, to simplify or to prove yet."""

    template: ClassVar[str] = "policy/nothing_yet"

    @classmethod
    def sample(cls) -> NothingYetReply:
        return cls()


@dataclass(frozen=True)
class MenuReply(Reply):
    """What can be asked."""

    template: ClassVar[str] = "policy/menu"
    place: str

    @classmethod
    def sample(cls) -> MenuReply:
        return cls("洪湖市", choices=(Choice("招渔民补多少"),))


@dataclass(frozen=True)
class PlaceSetReply(Reply):
    """The person's place is now known; where its answers come from."""

    template: ClassVar[str] = "policy/place_set"
    place: str
    serving: str
    """The place whose document answers for it; empty if none is held."""
    how: str
    """first, changed or unchanged."""

    @classmethod
    def sample(cls) -> PlaceSetReply:
        return cls("万宁市", "海南省", "changed")


@dataclass(frozen=True)
class AskPlaceReply(Reply):
    """Which place from now on?"""

    template: ClassVar[str] = "policy/ask_place"
    places: tuple[str, ...]

    @classmethod
    def sample(cls) -> AskPlaceReply:
        return cls(("洪湖市", "武汉市"), choices=(Choice("洪湖市", "policy:place"),))


@dataclass(frozen=True)
class ElsewhereReply(Reply):
    """Somebody from a place that was not offered: say it in words."""

    template: ClassVar[str] = "policy/elsewhere"

    @classmethod
    def sample(cls) -> ElsewhereReply:
        return cls()


@dataclass(frozen=True)
class NotTheSameReply(Reply):
    """Another place's document does not hold for theirs, however near it lies."""

    template: ClassVar[str] = "policy/not_the_same"
    place: str
    other: str

    @classmethod
    def sample(cls) -> NotTheSameReply:
        return cls("监利市", "洪湖市")


@dataclass(frozen=True)
class SorryReply(Reply):
    """Somebody is angry with the machine: no lecture, a person."""

    template: ClassVar[str] = "policy/sorry"
    hotlines: tuple[tuple[str, str], ...]

    @classmethod
    def sample(cls) -> SorryReply:
        return cls((("12333", "人社热线"), ("12345", "政务热线")))


@dataclass(frozen=True)
class CrisisStayReply(Reply):
    """Still with the person: calm words, people's numbers, nothing else."""

    template: ClassVar[str] = "policy/crisis_stay"
    kind: str
    calmer: bool
    """The person says that it is over."""

    @classmethod
    def sample(cls) -> CrisisStayReply:
        return cls("self_harm", False)


@dataclass(frozen=True)
class ThanksReply(Reply):
    """For 有用, and after the reason of a 没用 was given."""

    template: ClassVar[str] = "policy/thanks"
    why: str
    """Empty after 有用."""

    @classmethod
    def sample(cls) -> ThanksReply:
        return cls("wrong_figure")


@dataclass(frozen=True)
class WhyReply(Reply):
    """What was wrong? One tap."""

    template: ClassVar[str] = "policy/why"

    @classmethod
    def sample(cls) -> WhyReply:
        return cls(choices=(Choice("答非所问", "policy:why"),))


@dataclass(frozen=True)
class AskTellReply(Reply):
    """The question was kept; asked once whether they want to hear when there is an answer."""

    template: ClassVar[str] = "policy/ask_tell"

    @classmethod
    def sample(cls) -> AskTellReply:
        return cls(choices=(Choice("有了告诉我", "policy:tell"), Choice("不用", "policy:no_tell", quiet=True)))


@dataclass(frozen=True)
class TellNotedReply(Reply):
    template: ClassVar[str] = "policy/tell_noted"
    wanted: bool

    @classmethod
    def sample(cls) -> TellNotedReply:
        return cls(True)


@dataclass(frozen=True)
class GapAnsweredReply(Reply):
    """News: a question of theirs that had no answer has one now; the answer follows."""

    template: ClassVar[str] = "policy/gap_answered"
    question: str
    at: datetime

    @classmethod
    def sample(cls) -> GapAnsweredReply:
        return cls("申请创业补贴要带哪些材料", datetime(2026, 11, 23, tzinfo=UTC))


@dataclass(frozen=True)
class GapWordsReply(Reply):
    """The same, answered by a member of staff in words of their own."""

    template: ClassVar[str] = "policy/gap_words"
    question: str
    at: datetime
    name: str
    words: str

    @classmethod
    def sample(cls) -> GapWordsReply:
        return cls("创业补贴要带啥", datetime(2026, 11, 23, tzinfo=UTC), "示例·周某", "带身份证和营业执照。")


KINDS: tuple[type[Reply], ...] = (
    OriginalReply,
    NothingYetReply,
    MenuReply,
    PlaceSetReply,
    AskPlaceReply,
    ElsewhereReply,
    NotTheSameReply,
    SorryReply,
    CrisisStayReply,
    ThanksReply,
    WhyReply,
    AskTellReply,
    TellNotedReply,
    GapAnsweredReply,
    GapWordsReply,
)
