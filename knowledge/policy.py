"""The structured record of one official document: what the bureau may say, and the words that prove it.

Frozen and closed-world: an aspect that no fact of a provision holds is *not stated*.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from knowledge.asks import Asks


class Aspect(StrEnum):
    """What about a matter is asked. The elements of the national 就业政策 disclosure catalogue, and limits."""

    AMOUNT = "amount"
    WHO = "who"
    CONDITIONS = "conditions"
    HOW = "how"
    DOCUMENTS = "documents"
    WHERE = "where"
    WHEN = "when"
    DURATION = "duration"
    LIMITS = "limits"
    LIST = "list"
    CONTACT = "contact"
    DEFINITION = "definition"


class Kind(StrEnum):
    SUBSIDY = "subsidy"
    LOAN = "loan"
    INSURANCE = "insurance"
    TRAINING = "training"
    POST = "post"
    SERVICE = "service"
    TARGET = "target"
    DUTY = "duty"
    DOCUMENT = "document"


class Asker(StrEnum):
    PERSON = "person"
    EMPLOYER = "employer"
    WORKSHOP = "workshop"
    AGENCY = "agency"
    CADRE = "cadre"
    STAFF = "staff"


class PeriodState(StrEnum):
    """Ordered from best to worst for an asker."""

    IN_FORCE = "in_force"
    UNDATED = "undated"
    ENDED = "ended"


def kebab(text: str) -> str:
    if not text or not all(c.isalnum() or c == "-" for c in text) or not text.isascii():
        raise ValueError(f"{text!r} is not a kebab-case id")
    return text


def filled(text: str) -> str:
    if not text.strip():
        raise ValueError("is still to be written")
    return text


Id = Annotated[str, AfterValidator(kebab)]
Words = Annotated[str, AfterValidator(filled)]
"""What people read; `knowledge new` leaves it empty for a person to write."""


class Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Period(Record):
    """What a document says it covers, and the words it uses."""

    start: date | None = Field(None, alias="from")
    until: date | None = None
    words: str


class Value(Record):
    """The typed value of a fact; exactly one of the first eight is set."""

    money: float | None = None
    """Yuan."""
    percent: float | None = None
    date: str | None = None
    """As the document words it: 8月底前."""
    count: float | None = None
    duration: float | None = None
    items: tuple[str, ...] | None = Field(None, alias="list")
    place: tuple[str, ...] | None = None
    words: str | None = None
    """A decisive word that is no number: 先缴后补."""
    per: str | None = None
    of: str | None = None
    """What is counted: 次, 人, 万人."""
    unit: str | None = None
    bound: Literal["exactly", "most", "least"] = "exactly"

    @model_validator(mode="after")
    def holds_one_value(self) -> Value:
        if len(self.types) != 1:
            raise ValueError(f"a value holds exactly one of {', '.join(VALUE_TYPES)}")
        return self

    @cached_property
    def types(self) -> frozenset[str]:
        return frozenset(name for name in VALUE_TYPES if getattr(self, "items" if name == "list" else name) is not None)


VALUE_TYPES = ("money", "percent", "date", "count", "duration", "list", "place", "words")


class Condition(Record):
    """A condition on facts about the asker: a leaf (`is`, `min`/`max` with `of`) or a group (`all`, `any`, `not`)."""

    is_: str | None = Field(None, alias="is")
    min_: str | None = Field(None, alias="min")
    max_: str | None = Field(None, alias="max")
    of: float | None = None
    not_: Condition | None = Field(None, alias="not")
    all_: tuple[Condition, ...] | None = Field(None, alias="all")
    any_: tuple[Condition, ...] | None = Field(None, alias="any")

    @model_validator(mode="after")
    def is_one_form(self) -> Condition:
        forms = [self.is_, self.min_, self.max_, self.not_, self.all_, self.any_]
        if sum(form is not None for form in forms) != 1:
            raise ValueError("a condition is exactly one of is, min, max, not, all, any")
        if (self.min_ or self.max_) and self.of is None:
            raise ValueError("min and max need `of`")
        return self

    def names(self) -> frozenset[str]:
        """Which facts about the asker it looks at."""
        leaf = self.is_ or self.min_ or self.max_
        if leaf:
            return frozenset([leaf])
        parts = [self.not_] if self.not_ else [*(self.all_ or ()), *(self.any_ or ())]
        return frozenset().union(*(part.names() for part in parts))


class Fact(Record):
    """The unit of knowledge: one number, condition, list or duty, in plain words, with its proof."""

    id: Id
    aspect: Aspect
    say: Words
    quote: tuple[str, ...]
    """Verbatim parts of the source; together they prove every word of `say`."""
    value: Value | None = None
    conditions: Condition | None = None
    """Set where a provision holds several amounts for several kinds of asker."""


class Provision(Record):
    """One matter a person, employer, cadre or agency can ask about."""

    id: Id
    name: Words
    """The standard term; opens every answer, so that a misunderstanding shows."""
    plain: Words
    topic: Id
    """Joins the same matter over places."""
    kind: Kind
    asker: tuple[Asker, ...]
    section: str
    """Path as the document numbers it: 二、（四）."""
    facts: tuple[Fact, ...]
    conditions: Condition | None = None
    together: tuple[Id, ...] = ()
    not_stated: dict[Aspect, str] = Field(default_factory=dict)
    """How the document words a gap, told when that aspect is asked."""

    def fact(self, fact_id: str) -> Fact:
        return next(fact for fact in self.facts if fact.id == fact_id)

    @cached_property
    def aspects(self) -> frozenset[Aspect]:
        return frozenset(fact.aspect for fact in self.facts)

    @cached_property
    def value_types(self) -> frozenset[str]:
        return frozenset().union(*(fact.value.types for fact in self.facts if fact.value))


class Silence(Record):
    """Something people plausibly ask of this document that it does not state at all."""

    id: Id
    what: str
    """Noun phrase for 文件没有写……。"""
    near: Id | None = None
    """The provision whose facts may be told along."""


class Document(Record):
    title: str
    number: str | None = None
    """文号; None where the text has none."""
    issuer: str
    region: str
    """Division code (GB/T 2260, six digits)."""
    place: str
    issued: date | None = None
    period: Period | None = None
    based_on: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    people: str = ""

    @cached_property
    def days(self) -> tuple[date, ...]:
        """All days by which its year is known."""
        period = (self.period.start, self.period.until) if self.period else ()
        return tuple(day for day in (self.issued, *period) if day)

    def state(self, today: date) -> PeriodState:
        """Whether its stated period covers `today`."""
        if self.period is None or self.period.until is None:
            return PeriodState.UNDATED
        return PeriodState.ENDED if today > self.period.until else PeriodState.IN_FORCE


class LeftOut(Record):
    clause: str
    why: str


class Operative(Record):
    """Which part of the source must be covered by provisions."""

    start: str = Field(alias="from")
    until: str | None = None
    left_out: tuple[LeftOut, ...] = ()


class Target(Record):
    """What an ask must find: a provision, one of its facts, an aspect it does not state, or a silence."""

    provision: str | None = None
    fact: str | None = None
    missing: Aspect | None = None
    silence: str | None = None


class Policy(Record):
    """One document, whole."""

    id: Id
    document: Document
    operative: Operative
    provisions: tuple[Provision, ...]
    silences: tuple[Silence, ...] = ()
    asks_text: str = ""
    """asks.txt as it is: of a thousand documents, few are ever learned from."""
    source: str = ""
    shape: str = ""
    """The same for documents that may share what is learned (shelf.shape_of)."""

    @cached_property
    def asks(self) -> tuple[tuple[Target, Asks], ...]:
        """What must be found, and the questions that must find it."""
        from knowledge.asks import parse_asks  # which reads into our types

        return parse_asks(self.asks_text).groups

    @cached_property
    def by_id(self) -> dict[str, Provision]:
        return {provision.id: provision for provision in self.provisions}

    @cached_property
    def silence_by_id(self) -> dict[str, Silence]:
        return {silence.id: silence for silence in self.silences}
