"""What an answer is: typed results of `PolicyBook.answer`, without any wording."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from knowledge.notours import Foreign
from knowledge.policy import Aspect, Fact, PeriodState, Provision

DOUBTFUL = 0.33
"""Below this score an answer says what was understood."""


class Reason(StrEnum):
    """Why there is no answer."""

    NOT_STATED = "not_stated"
    NOT_COVERED = "not_covered"
    NOT_OURS = "not_ours"
    ABSENT_HERE = "absent_here"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True)
class Citation:
    """Where an answer comes from."""

    policy: str
    title: str
    place: str
    number: str | None
    issuer: str
    section: str
    quotes: tuple[str, ...]
    state: PeriodState
    period_words: str
    based_on: tuple[str, ...] = ()
    """Numbers of the documents that it carries out."""


@dataclass(frozen=True)
class Told:
    """What one document says about one matter."""

    policy: str
    place: str
    provision: Provision
    facts: tuple[Fact, ...]
    """The fact asked for first."""
    citation: Citation
    missing: tuple[Aspect, ...] = ()
    """Asked, and not stated by the document."""
    silent: str | None = None
    """A noun phrase for what the document does not state, where it is no aspect of the provision."""
    beside: tuple[tuple[Provision, Fact], ...] = ()
    """Facts of neighbouring provisions told along."""
    score: float = 1.0
    """How like the asks of this matter the question is: near 1 for a sure match."""

    @property
    def doubtful(self) -> bool:
        """The match is weak: say what was understood."""
        return self.score < DOUBTFUL


@dataclass(frozen=True)
class Previous:
    """What the turn before was about: what a follow-up may leave out. All fields are JSON values."""

    question: str
    places: tuple[str, ...]
    """Codes of places named; empty where the asker's own place was meant."""
    topic: str | None
    provision: str | None
    aspect: str | None


@dataclass(frozen=True)
class Context:
    """What is known of the asker and of the turn before."""

    today: date
    region: str | None = None
    """Division code of the asker's place."""
    previous: Previous | None = None


@dataclass(frozen=True)
class Answered:
    told: tuple[Told, ...]
    """One, or one a place when several are asked about."""
    memory: Previous
    total: str | None = None
    """A computed sum with its factors: 2000元/人×5人=10000元."""
    uncovered: tuple[str, ...] = ()
    """Places asked about beside the told ones, which no document covers or whose document is silent."""


@dataclass(frozen=True)
class Clarify:
    places: tuple[str, ...]
    """Names of the places whose documents speak of it."""
    about: str
    """What was understood, in the words of the document."""
    memory: Previous
    within: str | None = None
    """The larger place that was named, such as 湖北省."""
    matters: tuple[str, ...] = ()
    """Set where the word alone means several matters of one place: which of these?"""


@dataclass(frozen=True)
class Unknown:
    reason: Reason
    memory: Previous
    place: str = ""
    what: str = ""
    """The topic or phrase in question."""
    foreign: Foreign | None = None
    told: tuple[Told, ...] = ()
    """What the documents do say."""
    elsewhere: tuple[str, ...] = ()
    """Places whose documents do hold the matter."""


Answer = Answered | Clarify | Unknown
