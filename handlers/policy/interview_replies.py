"""What the interview says: a question at a time, and where the asker stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.messages import Choice, Reply
from handlers.policy.replies import SAMPLE_PART, Part


@dataclass(frozen=True)
class Need:
    """A condition that is not met."""

    words: str
    said: str
    """The figure they named; empty if none."""


@dataclass(frozen=True)
class Line:
    """A benefit and what decides about it."""

    name: str
    words: str


@dataclass(frozen=True)
class InterviewQuestion(Reply):
    template: ClassVar[str] = "policy/interview_question"
    name: str
    """The benefit; empty when all of the place's are gone through."""
    place: str
    question: str
    number: int
    first: bool
    simpler: bool
    """They did not follow: the same in other words."""
    resume: bool
    """Something was asked in between."""
    noted_unsure: bool
    """The answer before was "I do not know"."""
    still: tuple[str, ...] = ()
    """After something has changed: what else must be met, in words."""
    other: str = ""
    """Whom it is about, where not the asker: 妈."""

    @classmethod
    def sample(cls) -> InterviewQuestion:
        return cls(
            "一次性创业补贴",
            "洪湖市",
            "您是退捕渔民吗？",
            1,
            first=True,
            simpler=False,
            resume=False,
            noted_unsure=False,
            choices=(Choice("是", "policy:answer"), Choice("不是", "policy:answer"), Choice("不清楚", "policy:answer")),
        )


@dataclass(frozen=True)
class InterviewResult(Reply):
    """Likely, perhaps or not, with what it hangs on; never a promise, never a bare no."""

    template: ClassVar[str] = "policy/interview_result"
    standing: str
    part: Part
    parts: tuple[Part, ...]
    met: tuple[str, ...]
    missing: tuple[str, ...]
    failed: tuple[Need, ...]
    others: tuple[str, ...]
    """Amounts for another kind of asker that this one may still be."""
    period: str

    @classmethod
    def sample(cls) -> InterviewResult:
        return cls(
            "not",
            SAMPLE_PART,
            (SAMPLE_PART,),
            met=("是退捕渔民",),
            missing=(),
            failed=(Need("要签1年以上劳动合同", "6个月"),),
            others=(),
            period="ended",
        )


@dataclass(frozen=True)
class InterviewOverview(Reply):
    """Where the asker stands with all benefits of a place."""

    template: ClassVar[str] = "policy/interview_overview"
    place: str
    likely: tuple[Line, ...]
    perhaps: tuple[Line, ...]
    nothing: bool
    parts: tuple[Part, ...]
    """For source and period."""
    period: str

    @classmethod
    def sample(cls) -> InterviewOverview:
        return cls(
            "洪湖市",
            (Line("免费技能培训", "技能培训免费。"),),
            (Line("一次性创业补贴", "要是首次创业"),),
            False,
            (SAMPLE_PART,),
            "ended",
        )


@dataclass(frozen=True)
class InterviewStopped(Reply):
    template: ClassVar[str] = "policy/interview_stopped"

    @classmethod
    def sample(cls) -> InterviewStopped:
        return cls()


KINDS: tuple[type[Reply], ...] = (InterviewQuestion, InterviewResult, InterviewOverview, InterviewStopped)
