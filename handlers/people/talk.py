"""What the people dialogue keeps of one conversation between turns: which question stands, and what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.dialogue import Outcome

ASKED_EVERY = timedelta(days=7)
"""How often we ask, of ourselves, whether something may be kept."""


class Step(StrEnum):
    """Which question of ours stands."""

    NONE = ""
    CONFIRM = "confirm"  # 您是…，对吗？
    AMEND = "amend"  # say it again
    AGREE = "agree"  # may we keep it?
    QUESTION = "question"  # one of 补充资料
    NAME = "name"  # after the phone
    PAY = "pay"  # after the work they wish for
    DISABILITY = "disability"
    NOTICES = "notices"
    TOLD = "told"
    DELETE = "delete"
    DROP = "drop"  # is this one thing to go?
    STOPPING = "stopping"  # are messages of ours meant?
    CHECK_IN = "check_in"  # how work goes
    CHECKED = "checked"  # that was the last answer; it may be taken back
    MAY_CHECK = "may_check"  # may we ask that now and then?


@dataclass(frozen=True)
class Memory:
    step: Step = Step.NONE
    said: Mapping[str, Any] = field(default_factory=dict)
    """`Said.to_data()`, to be confirmed; nothing sensitive."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Answers of the interview, to be kept."""
    item: str = ""
    """What is asked."""
    changing: str = ""
    """The item whose answer stands instead of what is kept of it."""
    asked: tuple[str, ...] = ()
    """Items asked in this round."""
    phone: str = ""
    """Sealed, base64."""
    asked_at: str = ""
    """ISO time at which we last asked, of ourselves, whether to keep something."""
    topics: tuple[str, ...] = ()
    """Which messages of ours may be meant (`Topic`)."""
    check_in: Mapping[str, Any] = field(default_factory=dict)
    """The check-in that goes on: its id, and which question stands."""

    def to_state(self) -> dict[str, Any]:
        """JSON; what is empty is left out."""
        return {
            name: list(value) if isinstance(value, tuple) else str(value) if isinstance(value, str) else value
            for name, value in asdict(self).items()
            if value
        }

    def may_ask(self, now: datetime) -> bool:
        """Whether no question of ours stands, and it is long enough ago that we asked of ourselves."""
        return self.step is Step.NONE and (
            not self.asked_at or now - datetime.fromisoformat(self.asked_at) >= ASKED_EVERY
        )


def read_memory(state: Mapping[str, Any]) -> Memory:
    """Of a stored state; what an older version kept under other names is passed over."""
    names = {field.name for field in fields(Memory)}
    known = {name: value for name, value in state.items() if name in names}
    lists = {name: tuple(state.get(name, ())) for name in ("asked", "topics")}
    return Memory(**{**known, **lists, "step": Step(state.get("step", ""))})


def silent(memory: Memory) -> Outcome:
    """Nothing to say; a question that stands goes on standing."""
    return Outcome(stays=memory.step is not Step.NONE)
