"""Questions that had no answer and now have one: they leave the list, and who wished to hear is told, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL, after_quiet
from bot.messages import Reply, Shown, Speaker
from handlers.people.person import Purpose
from handlers.people.register import Register
from handlers.policy.gaps import gaps_like
from handlers.policy.models import Gap
from handlers.policy.noting import NoteTold, facts_of, note_nothing
from handlers.policy.offering import answer_with_choices
from handlers.policy.talk_replies import GapAnsweredReply, GapWordsReply
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
        speaker: Speaker = ...,
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
        self,
        book: PolicyBook,
        outbox: Outbox,
        register: Register,
        quiet: tuple[time, time] | None = None,
        *,
        note_told: NoteTold = note_nothing,
    ) -> None:
        """`quiet`: from when to when nobody is written to who did not just write."""
        self._book = book
        self._outbox = outbox
        self._register = register
        self._quiet = quiet
        self._note_told = note_told

    async def settle(self, session: AsyncSession, gap_id: int, *, now: datetime) -> Settled:
        """Ask the documents again, for this question and all like it. Raises NoSuchGap."""
        return await self.settle_all(session, await gaps_like(session, gap_id), now=now)

    async def settle_all(self, session: AsyncSession, gaps: Sequence[Gap], *, now: datetime) -> Settled:
        """Ask the documents again, for each question in its own place.

        What is answered is a gap no more: its row goes in the transaction that tells, so nobody is told twice.
        """
        told: set[int] = set()
        answered, still_open = 0, dict[str, None]()
        for gap in gaps:
            found = self.look_up(gap, now=now)
            if found is None:
                still_open[gap.words] = None
                continue
            answered += 1
            news = (GapAnsweredReply(gap.words, gap.at), answer_with_choices(found, self._book.regions))
            if await self._tell(session, gap, news, told, speaker=Speaker.BOT, now=now):
                assert gap.conversation_id is not None
                noted = [noted for one in found.told for noted in facts_of(one)]
                await self._note_told(session, gap.conversation_id, noted, now)
            await session.delete(gap)
        await session.flush()
        return Settled(answered, len(told), tuple(still_open))

    async def answer_all(
        self, session: AsyncSession, gaps: Sequence[Gap], words: str, *, name: str, now: datetime
    ) -> int:
        """A member of staff answers in words of their own. -> how many persons are told"""
        told: set[int] = set()
        for gap in gaps:
            news = (GapWordsReply(gap.words, gap.at, name, words),)
            await self._tell(session, gap, news, told, speaker=Speaker.STAFF, now=now)
            await session.delete(gap)
        await session.flush()
        return len(told)

    def look_up(self, gap: Gap, *, now: datetime) -> Answered | None:
        """What the documents say to it now, if they surely do."""
        found = self._book.answer(gap.words, Context(now.astimezone(LOCAL).date(), gap.region))
        return found if isinstance(found, Answered) and not any(one.doubtful for one in found.told) else None

    async def _tell(
        self,
        session: AsyncSession,
        gap: Gap,
        news: tuple[Reply, ...],
        told: set[int],
        *,
        speaker: Speaker,
        now: datetime,
    ) -> bool:
        """Each person once, and only who wishes to hear. -> whether this one is told now"""
        if gap.conversation_id is None or gap.conversation_id in told or not await self._wishes(session, gap):
            return False
        told.add(gap.conversation_id)
        due_at = after_quiet(now, self._quiet)
        await self._outbox.post(session, gap.conversation_id, news, speaker=speaker, due_at=due_at, purpose=GAP_NEWS)
        return True

    async def _wishes(self, session: AsyncSession, gap: Gap) -> bool:
        """The last word counts: who said stop since is left alone."""
        if gap.conversation_id is None or not gap.tell:
            return False
        return (await self._register.read_profile(session, gap.conversation_id)).may(Purpose.GAP_NEWS)
