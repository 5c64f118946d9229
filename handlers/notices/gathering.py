"""Finds the persons of a campaign that runs: piece by piece along their ids, each piece a short transaction."""

from __future__ import annotations

import time
from datetime import datetime

from sqlalchemy import case, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.models import Conversation, Id, Moment
from handlers.notices.broadcast import PROGRAM, Broadcast
from handlers.notices.campaign import IN_PERSON, Exclusion, Kind, Reason, Standing, State, most_for
from handlers.notices.choosing import ASKED, Choosing, Wanted
from handlers.notices.drafts import Reading
from handlers.notices.models import Campaign, Recipient
from handlers.notices.previewing import FIRST_PIECE, next_piece
from handlers.notices.progress import count_found
from handlers.people.models import Person
from handlers.people.register import Register

ON_POSTGRES = 20_000
"""Ids of a piece there: nobody waits for it, and memory stays flat."""
ADOPTED = 100
"""Chats without a record that get one in a transaction."""
LEFT_OUT = tuple(str(one) for one in Exclusion if one not in IN_PERSON)


class Gathering:
    """One for each process; `gather` is called by whoever feeds, until it says that all are found."""

    def __init__(
        self, database: Database, choosing: Choosing, reading: Reading, register: Register, broadcast: Broadcast
    ) -> None:
        self._database = database
        self._choosing = choosing
        self._reading = reading
        self._register = register
        self._broadcast = broadcast
        self._piece = FIRST_PIECE if database.is_sqlite else ON_POSTGRES

    async def gather(self, campaign_id: int, *, now: datetime) -> bool:
        """One piece. -> False when there is nothing more to find, or the campaign does not run any more"""
        began = time.perf_counter()
        async with self._database.transaction() as session:
            campaign = await session.scalar(select(Campaign).where(Campaign.id == campaign_id).with_for_update())
            if campaign is None or campaign.state != str(State.RUNNING) or campaign.gathered_at is not None:
                return False
            wanted = self._reading.wanted(campaign)
            if wanted.kind is Kind.CORRECTION and await self._adopt(session, wanted, now=now):
                return True
            last = await session.scalar(select(func.max(Person.id))) or 0
            low, high = campaign.gathered_to, campaign.gathered_to + self._piece
            await self._take(session, campaign_id, wanted, low, high, now=now)
            campaign.gathered_to = min(high, last)
            if high >= last:
                campaign.gathered_at = now
                await self._check_size(session, campaign, now=now)
        if self._database.is_sqlite:
            self._piece = next_piece(self._piece, time.perf_counter() - began)
        return high < last

    async def _check_size(self, session: AsyncSession, campaign: Campaign, *, now: datetime) -> None:
        """Many more than were approved: nobody is told before somebody has approved these."""
        if campaign.size is None:
            return
        most = most_for(campaign.size, self._reading.limits.approve_above)
        if await count_found(session, campaign.id) > most:
            await self._broadcast.pause(session, campaign.id, PROGRAM, now=now, reason=Reason.GROWN)

    async def _take(
        self, session: AsyncSession, campaign_id: int, wanted: Wanted, low: int, high: int, *, now: datetime
    ) -> None:
        """Persons with ids in (low, high], each once, whoever else is at it."""
        found = (
            select(Person.id, self._choosing.verdict(wanted, now=now).label("verdict"))
            .outerjoin(*ASKED)
            .where(Person.id > low, Person.id <= high, self._choosing.fits(wanted, now=now))
            .subquery("found")
        )
        by_mouth = found.c.verdict.in_([str(one) for one in IN_PERSON])
        rows = select(
            literal(campaign_id, Id),
            found.c.id,
            case((by_mouth, str(Standing.UNREACHABLE)), else_=str(Standing.WAITING)),
            case((by_mouth, found.c.verdict), else_=""),
            literal(now, Moment),
            literal(0),
        ).where(found.c.verdict.not_in(LEFT_OUT))
        columns = ["campaign_id", "person_id", "state", "fault", "at", "open_ends"]
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        await session.execute(insert(Recipient).from_select(columns, rows).on_conflict_do_nothing())

    async def _adopt(self, session: AsyncSession, wanted: Wanted, *, now: datetime) -> bool:
        """Who was given the old answer and told nothing of themselves has a record from now on. -> whether any has"""
        theirs = self._choosing.heard.chat_fits(wanted.rule, now=now)
        chats = (await session.scalars(select(Conversation.id).where(theirs).limit(ADOPTED))).all()
        for chat in chats:
            await self._register.open(session, chat, now=now)
        return bool(chats)
