"""A member of staff talks with a person in the place of the bot: what services that need it may ask for.

The service of tickets does it (its own chats are taken over the same way); others are given it as `Talks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserFacingError
from bot.messages import Shown
from bot.staff.models import Staff


class ChatHeld(UserFacingError):
    """Somebody else talks there. Data: number, by."""

    code = "chat_held"


class ChatNotHeld(UserFacingError):
    """They do not talk there, or no longer: the bot answers."""

    code = "chat_not_held"


class NoChat(UserFacingError):
    """There is no chat in which the person could be told. Data: number."""

    code = "no_chat"


@dataclass(frozen=True)
class Talk:
    """A piece of a conversation, names and numbers half hidden, the oldest first; and who talks there now."""

    shown: tuple[Shown, ...]
    older: int | None
    """Before which message there is more."""
    newest: bool
    """Nothing of it is newer."""
    last: int
    """The newest message of the whole conversation."""
    held_by: int | None
    """A member of staff, whatever for; None: the bot answers."""
    held_by_name: str
    mine: bool
    """Held for this very matter."""


class Talks(Protocol):
    """`about` names the matter for which a chat is held: `crisis:K7Q2MD`. Each in the caller's transaction."""

    async def read(
        self, session: AsyncSession, conversation_id: int, *, about: str, since: datetime, before: int | None = None
    ) -> Talk:
        """What was said since a moment, and a little before it. Raises NoChat."""

    async def newest(self, session: AsyncSession, conversation_id: int) -> int:
        """The seq of its newest message: one cheap question."""

    async def take(
        self, session: AsyncSession, conversation_id: int, staff: Staff, *, about: str, now: datetime
    ) -> None:
        """From now on the bot keeps quiet there. Raises NoChat, ChatHeld."""

    async def say(
        self, session: AsyncSession, conversation_id: int, staff: Staff, text: str, *, about: str, now: datetime
    ) -> None:
        """Words to the person, at once. Raises NoChat, ChatNotHeld."""

    async def give_back(self, session: AsyncSession, conversation_id: int, staff: Staff, *, about: str) -> None:
        """The bot answers again, and the person is told so; nothing where they do not hold it."""
