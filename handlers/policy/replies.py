"""What the policy service says: typed replies, worded by `templates/replies/policy/`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.messages import Choice, Reply
from knowledge.figures import Figure


@dataclass(frozen=True)
class SaidFact:
    say: str
    aspect: str
    figure: Figure | None = None


@dataclass(frozen=True)
class Source:
    title: str
    place: str
    issuer: str
    number: str
    """文号; empty where the document has none."""
    section: str
    quotes: tuple[str, ...]
    period: str
    """in_force, ended or undated."""
    period_words: str
    based_on: tuple[str, ...] = ()
    """文号 of the documents that it carries out."""


@dataclass(frozen=True)
class Part:
    """What one document says about one matter."""

    name: str
    plain: str
    place: str
    facts: tuple[SaidFact, ...]
    """The fact asked for first."""
    beside: tuple[tuple[str, str], ...]
    """(name, words) of neighbouring matters told along."""
    missing: tuple[str, ...]
    """Aspects asked for that the document does not state."""
    notes: tuple[str, ...]
    """How the document words the gap."""
    silent: str
    """What else it does not state, as a noun phrase; empty if nothing."""
    doubtful: bool
    source: Source


SAMPLE_SOURCE = Source(
    title="2023年退捕渔民就业安置和养老保险工作方案",
    place="洪湖市",
    issuer="洪湖市人力资源和社会保障局",
    number="洪人社办〔2023〕7号",
    section="二、（四）",
    quotes=("给予 1000 元/人一次性吸纳就业补贴",),
    period="ended",
    period_words="2023年",
    based_on=("荆人社发〔2023〕3号",),
)
SAMPLE_PART = Part(
    name="一次性吸纳就业补贴",
    plain="招退捕渔民的补贴",
    place="洪湖市",
    facts=(
        SaidFact(
            "企业每招 1 名退捕渔民，一次性给 1000 元，钱给企业。",
            "amount",
            Figure("1000", "元/人", "exactly"),
        ),
        SaidFact("要签 1 年以上劳动合同，并缴纳社会保险费。", "conditions"),
    ),
    beside=(),
    missing=(),
    notes=(),
    silent="",
    doubtful=False,
    source=SAMPLE_SOURCE,
)


@dataclass(frozen=True)
class AnswerReply(Reply):
    """The documents say it: one part, or one a place."""

    template: ClassVar[str] = "policy/answer"
    parts: tuple[Part, ...]
    period: str
    """The worst of the parts'."""
    total: str = ""
    uncovered: tuple[str, ...] = ()

    @classmethod
    def sample(cls) -> AnswerReply:
        return cls((SAMPLE_PART,), "ended", choices=(Choice("问工作人员", "policy:human"),))


@dataclass(frozen=True)
class SimpleReply(Reply):
    """The same answer once more, in as few words as possible."""

    template: ClassVar[str] = "policy/simple"
    parts: tuple[Part, ...]
    period: str

    @classmethod
    def sample(cls) -> SimpleReply:
        return cls((SAMPLE_PART,), "ended")


@dataclass(frozen=True)
class SilentReply(Reply):
    """The document does not state what was asked; with what it does say."""

    template: ClassVar[str] = "policy/silent"
    what: str
    place: str
    parts: tuple[Part, ...]
    period: str

    @classmethod
    def sample(cls) -> SilentReply:
        return cls("多少岁开始领养老金", "洪湖市", (), "")


@dataclass(frozen=True)
class AbsentReply(Reply):
    """This place's document does not hold the matter; others' do, but their figures are not lent."""

    template: ClassVar[str] = "policy/absent"
    what: str
    place: str
    elsewhere: tuple[str, ...]

    @classmethod
    def sample(cls) -> AbsentReply:
        return cls("租房开店的补贴", "洪湖市", ("武汉市",))


@dataclass(frozen=True)
class NotCoveredReply(Reply):
    """No document of that place is held."""

    template: ClassVar[str] = "policy/not_covered"
    place: str
    held: tuple[str, ...]

    @classmethod
    def sample(cls) -> NotCoveredReply:
        return cls("监利市", ("洪湖市", "武汉市"))


@dataclass(frozen=True)
class NotOursReply(Reply):
    """Another body's matter: told by name, with the door."""

    template: ClassVar[str] = "policy/not_ours"
    what: str
    owner: str
    door: str

    @classmethod
    def sample(cls) -> NotOursReply:
        return cls("渔船补偿", "农业农村局", "船的补偿，去农业农村局问。")


@dataclass(frozen=True)
class NotUnderstoodReply(Reply):
    template: ClassVar[str] = "policy/not_understood"

    @classmethod
    def sample(cls) -> NotUnderstoodReply:
        return cls()


@dataclass(frozen=True)
class WhichPlaceReply(Reply):
    """Which place? Names the places whose documents speak of it."""

    template: ClassVar[str] = "policy/which_place"
    about: str
    places: tuple[str, ...]
    within: str = ""

    @classmethod
    def sample(cls) -> WhichPlaceReply:
        return cls("招人的补贴", ("洪湖市", "武汉市"), choices=(Choice("洪湖市", "policy:place"),))


@dataclass(frozen=True)
class WhichMatterReply(Reply):
    """A word alone means several matters: which?"""

    template: ClassVar[str] = "policy/which_matter"
    word: str
    place: str
    matters: tuple[str, ...]

    @classmethod
    def sample(cls) -> WhichMatterReply:
        return cls("补贴", "洪湖市", ("招退捕渔民的补贴", "开店创业的补贴"), choices=(Choice("招退捕渔民的补贴"),))


@dataclass(frozen=True)
class ServiceReply(Reply):
    """What a route that is no policy question is told today, honestly."""

    template: ClassVar[str] = "policy/service"
    route: str
    urgent: bool
    office: str
    """The bureau's name; empty if the place is not known."""
    phone: str
    address: str
    hours: str
    """When somebody is there; these three are empty where nobody has entered them."""
    hotlines: tuple[tuple[str, str], ...]
    """(number, name)."""

    @classmethod
    def sample(cls) -> ServiceReply:
        return cls(
            "grievance",
            False,
            "洪湖市人力资源和社会保障局",
            "",
            "",
            "",
            (("12333", "人社热线"), ("12345", "政务热线")),
        )


@dataclass(frozen=True)
class CrisisReply(Reply):
    """Calm words and the right numbers; no policy, no menu, and never a claim that somebody was told."""

    template: ClassVar[str] = "policy/crisis"
    kind: str
    """self_harm, violence or gathering; other dangers are grievances."""

    @classmethod
    def sample(cls) -> CrisisReply:
        return cls("self_harm")


@dataclass(frozen=True)
class UnclearReply(Reply):
    """A word or a name alone: what is it about?"""

    template: ClassVar[str] = "policy/unclear"
    words: str
    asks: bool = False
    """It asks, and of nothing: 多少钱."""

    @classmethod
    def sample(cls) -> UnclearReply:
        return cls("多少钱", asks=True)


KINDS: tuple[type[Reply], ...] = (
    UnclearReply,
    AnswerReply,
    SimpleReply,
    SilentReply,
    AbsentReply,
    NotCoveredReply,
    NotOursReply,
    NotUnderstoodReply,
    WhichPlaceReply,
    WhichMatterReply,
    ServiceReply,
    CrisisReply,
)
