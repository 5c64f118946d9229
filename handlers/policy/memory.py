"""What the policy dialogue keeps of one conversation between turns: read from JSON, aged, written back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from knowledge.results import Previous

TOPIC_FOR = timedelta(hours=24)
"""A follow-up means the question before it for so long."""
SERVICE_FOR = timedelta(hours=6)
"""Facts added to a complaint or a wish for a person are taken as such for so long."""
CRISIS_FOR = timedelta(hours=24)
INTERVIEW_FOR = timedelta(days=7)

ToldItem = tuple[str, str, tuple[str, ...]]
"""Policy, provision, facts: what an answer told, so that it can be told again."""


@dataclass
class Interview:
    """The eligibility interview as it stands."""

    policy: str
    provisions: tuple[str, ...]
    """One, or all benefits of the place."""
    region: str
    question: str
    """What started it, in the person's words."""
    of_worker: bool = False
    open: str | None = None
    """The name that was asked about last."""
    asked: tuple[str, ...] = ()
    put: int = 0
    """How many questions were put in all."""
    misses: int = 0
    """Answers in a row that were not understood."""
    done: bool = False
    other: str = ""
    """Whom it is about, where not the asker: 妈."""
    facts: dict[str, dict[str, bool | float | None]] = field(default_factory=dict)
    """What was said of that one; it is never the asker's."""

    @property
    def general(self) -> bool:
        return len(self.provisions) > 1


@dataclass
class Memory:
    previous: Previous | None = None
    question: str = ""
    """The last question about a policy, as it was typed: answered anew when the place changes."""
    answered_for: str | None = None
    """The place it was answered for."""
    told: tuple[ToldItem, ...] = ()
    awaiting: str = ""
    """`place` after a question back, `profile` after 换地方."""
    places: tuple[str, ...] = ()
    """The places that were offered then."""
    service: str = ""
    """The wish, for work or a course, that may be continued."""
    crisis: str = ""
    """Kind of danger while we stay with the person."""
    crisis_at: datetime | None = None
    interview: Interview | None = None
    asked_tell: bool = False
    """They were asked whether to be told of answers to come; once is enough."""
    facts: dict[str, dict[str, bool | float | None]] = field(default_factory=dict)
    """What they said of themselves, and of the worker they hired: yes, no and figures, never words."""
    at: datetime | None = None

    @property
    def interview_is_over(self) -> bool:
        return self.interview is None or self.interview.done


def read_memory(state: Mapping[str, Any], now: datetime) -> Memory:
    """The memory in a stored state, without what is too old to be meant."""
    if not state:
        return Memory()
    at = datetime.fromisoformat(state["at"])
    age = now - at
    crisis_at = datetime.fromisoformat(state["crisis_at"]) if state.get("crisis_at") else None
    memory = Memory(at=at, asked_tell=state.get("asked_tell", False))
    if age < TOPIC_FOR:
        previous = state.get("previous")
        memory.previous = Previous(**{**previous, "places": tuple(previous["places"])}) if previous else None
        memory.question = state.get("question", "")
        memory.answered_for = state.get("answered_for")
        memory.told = tuple((policy, provision, tuple(facts)) for policy, provision, facts in state.get("told", ()))
        memory.awaiting = state.get("awaiting", "")
        memory.places = tuple(state.get("places", ()))
    if age < SERVICE_FOR:
        memory.service = state.get("service", "")
    if crisis_at and now - crisis_at < CRISIS_FOR:
        memory.crisis, memory.crisis_at = state.get("crisis", ""), crisis_at
    if age < INTERVIEW_FOR:
        memory.facts = {who: dict(facts) for who, facts in state.get("facts", {}).items()}
        if interview := state.get("interview"):
            tuples = {key: tuple(interview[key]) for key in ("provisions", "asked")}
            memory.interview = Interview(**{**interview, **tuples})
    return memory


def write_memory(memory: Memory, now: datetime) -> dict[str, Any]:
    """JSON values; what is empty is left out."""
    state: dict[str, Any] = {
        "previous": asdict(memory.previous) if memory.previous else None,
        "question": memory.question,
        "answered_for": memory.answered_for,
        "told": memory.told,
        "awaiting": memory.awaiting,
        "places": memory.places,
        "service": memory.service,
        "crisis": memory.crisis,
        "crisis_at": memory.crisis_at.isoformat() if memory.crisis_at else None,
        "interview": asdict(memory.interview) if memory.interview else None,
        "asked_tell": memory.asked_tell,
        "facts": {who: facts for who, facts in memory.facts.items() if facts},
    }
    return {key: value for key, value in _plain(state).items() if value} | {"at": now.isoformat()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value
