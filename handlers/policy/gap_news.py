"""Questions that had no answer and now have one: they leave the list, and who wished to hear is told, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL, after_quiet
from bot.messages import Reply, Shown
from handlers.people.person import Purpose
from handlers.people.register import Register
from handlers.policy.gaps import gaps_like
from handlers.policy.models import Gap
from handlers.policy.offering import answer_with_choices
from handlers.policy.talk_replies import GapAnsweredReply
from knowledge.answers import PolicyBook
from knowledge.results import Answered, Context

GAP_NEWS = "gap_news"


class Outbox(Protocol):
    """The part of the outbox that news needs."""

    async def post(
        self,
        session: AsyncSession,
        conversation_id: int,
        replies: Sequence[Reply],
        *,
        due_at: datetime | None = None,
        purpose: str = "",
    ) -> list[Shown]: ...


@dataclass(frozen=True)
class Settled:
    """What came of asking the documents again."""

    answered: int
    """Questions that have an answer now."""
    told: int
    """Persons who are told."""
    open: tuple[str, ...]
    """Wordings that still have no sure answer."""


class GapNews:
    def __init__(
        self, book: PolicyBook, outbox: Outbox, register: Register, quiet: tuple[time, time] | None = None
    ) -> None:
        """`quiet`: from when to when nobody is written to who did not just write."""
        self._book = book
        self._outbox = outbox
        self._register = register
        self._quiet = quiet

    async def settle(self, session: AsyncSession, gap_id: int, *, now: datetime) -> Settled:
        """Ask the documents again, for this question and all like it, each for its own place.

        What is answered is a gap no more: its row goes in the transaction that tells, so nobody is told twice.
        Raises NoSuchGap.
        """
        told: set[int] = set()
        answered, still_open = 0, dict[str, None]()
        for gap in await gaps_like(session, gap_id):
            found = self._book.answer(gap.words, Context(now.astimezone(LOCAL).date(), gap.region))
            if not isinstance(found, Answered) or any(one.doubtful for one in found.told):
                still_open[gap.words] = None
                continue
            answered += 1
            if gap.conversation_id not in told and await self._wishes(session, gap):
                assert gap.conversation_id is not None
                told.add(gap.conversation_id)
                await self._outbox.post(
                    session,
                    gap.conversation_id,
                    (GapAnsweredReply(gap.words, gap.at), answer_with_choices(found, self._book.regions)),
                    due_at=after_quiet(now, self._quiet),
                    purpose=GAP_NEWS,
                )
            await session.delete(gap)
        await session.flush()
        return Settled(answered, len(told), tuple(still_open))

    async def _wishes(self, session: AsyncSession, gap: Gap) -> bool:
        """The last word counts: who said stop since is left alone."""
        if gap.conversation_id is None or not gap.tell:
            return False
        return (await self._register.read_profile(session, gap.conversation_id)).may(Purpose.GAP_NEWS)
