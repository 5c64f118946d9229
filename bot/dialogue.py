"""What a service's dialogue is: `step(Turn) -> Outcome`. It knows no channel and commits nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.messages import Incoming, Reply


class Understood(Protocol):
    """What the recogniser made of the words, before any database was asked. Services know its real type."""

    @property
    def route(self) -> str:
        """policy, grievance, consult, jobs, training, status, optout, greeting, offtopic or crisis."""

    @property
    def urgent(self) -> bool: ...


@dataclass(frozen=True)
class Pressed:
    """A button of ours that the person pressed (or typed the number of)."""

    action: str
    data: Mapping[str, Any]
    label: str


@dataclass(frozen=True)
class Turn:
    """All a dialogue may use in one step."""

    incoming: Incoming
    understood: Understood
    conversation_id: int
    state: Mapping[str, Any]
    """What this dialogue kept of this conversation (JSON); empty at first."""
    now: datetime
    session: AsyncSession
    """Inside the turn's one transaction; add and query, never commit."""
    pressed: Pressed | None = None
    slots: Mapping[str, Any] = field(default_factory=dict)
    """Prefilled by the dialogue that handed over."""
    first_contact: bool = False
    below: bool = False
    """Another dialogue runs above this one and let the words pass; they may have been meant for its question."""
    held: bool = False
    """A member of staff talks here instead of the bot."""


@dataclass(frozen=True)
class HandOver:
    """Let another dialogue take this turn."""

    dialogue: str
    slots: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    replies: tuple[Reply, ...] = ()
    state: Mapping[str, Any] | None = None
    """The dialogue's new state; None leaves it as it was."""
    stays: bool = False
    """The dialogue is in the middle of something and sees the person's next words first (it may pass)."""
    hand_over: HandOver | None = None
    passed: bool = False
    """The words were not for this (running) dialogue: the one below, or their route, has them; it stays open."""
    forget: bool = False
    """The person had everything deleted: what all dialogues kept of this conversation goes too."""


class Dialogue(Protocol):
    """A service's way to talk. One object for all conversations; it keeps nothing in itself."""

    name: str

    async def step(self, turn: Turn) -> Outcome: ...
