"""What somebody types into the search box -> tickets they may see, the newest first. `search` keeps the index."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.sealing import Sealer, find_phone
from handlers.tickets.models import Complainant, SearchTerms, Ticket
from handlers.tickets.number import NumberMisread, read_number
from handlers.tickets.search import SearchIndex, has_terms, pairs_of
from handlers.tickets.seeing import Eyes, sees

MOST = 50
LONGEST = 100
"""Characters that count of what was typed."""
FEW = 1_000
"""So many that hold the words are sorted; of more the newest tickets are gone through one after the other."""
STEPS = (20_000, 80_000, 400_000, 1_600_000)
"""How many ids back it goes each time, where the words are common."""


class How(StrEnum):
    """What the words were taken for."""

    NOTHING = "nothing"
    NUMBER = "number"
    MISREAD = "misread"  # a number with a wrong digit
    PHONE = "phone"
    TAIL = "tail"
    WORDS = "words"  # a name or words
    SHORT = "short"  # a single character


@dataclass(frozen=True)
class Found:
    how: How
    tickets: Sequence[Ticket] = ()
    more: bool = False
    """There are older ones, too."""


class Finding:
    def __init__(self, index: SearchIndex, sealer: Sealer) -> None:
        self._index = index
        self._sealer = sealer

    async def find(self, session: AsyncSession, eyes: Eyes, typed: str) -> Found:
        typed = typed.replace("\0", " ").strip()[:LONGEST]
        if not typed:
            return Found(How.NOTHING)
        if (phone := find_phone(typed)) is not None:
            return await self._by_phone(session, eyes, phone)
        try:
            number = read_number(typed)
        except NumberMisread:
            return Found(How.MISREAD)
        if number is not None:
            found = await session.scalar(select(Ticket).where(Ticket.number == number, sees(eyes)))
            return Found(How.NUMBER, [found] if found is not None else [])
        digits = unicodedata.normalize("NFKC", typed)
        if re.fullmatch(r"[0-9]{4}", digits):
            return await self._by_terms(session, eyes, How.TAIL, {self._index.tail_term(digits)})
        return await self._by_words(session, eyes, typed)

    async def _by_phone(self, session: AsyncSession, eyes: Eyes, phone: str) -> Found:
        digest = self._sealer.digest(phone)
        joined = select(Complainant.ticket_id).where(Complainant.phone_digest == digest)
        ids = await session.scalars(select(Ticket.id).where(Ticket.phone_digest == digest).union(joined).limit(FEW))
        return await self._newest(session, eyes, How.PHONE, Ticket.id.in_(ids.all()))

    async def _by_words(self, session: AsyncSession, eyes: Eyes, typed: str) -> Found:
        """A full name goes before words."""
        named = await self._newest(session, eyes, How.WORDS, Ticket.name_digest == self._sealer.digest(typed))
        terms = pairs_of(typed)
        if not terms:
            return named if named.tickets else Found(How.SHORT)
        told = await self._by_terms(session, eyes, How.WORDS, terms)
        known = {ticket.id for ticket in named.tickets}
        tickets = [*named.tickets, *(ticket for ticket in told.tickets if ticket.id not in known)]
        return Found(How.WORDS, tickets[:MOST], named.more or told.more or len(tickets) > MOST)

    async def _by_terms(self, session: AsyncSession, eyes: Eyes, how: How, terms: set[str]) -> Found:
        """By the index where few hold the terms; else backwards through the newest, which finds enough soon."""
        wanted = has_terms(session, terms)
        few = (await session.scalars(select(SearchTerms.ticket_id).where(wanted).limit(FEW))).all()
        if len(few) < FEW:
            return await self._newest(session, eyes, how, Ticket.id.in_(few))
        last = await session.scalar(select(func.max(Ticket.id))) or 0
        found: list[Ticket] = []
        for step in STEPS:
            first = max(0, last - step)
            some = (
                select(Ticket)
                .join(SearchTerms, SearchTerms.ticket_id == Ticket.id)
                .where(Ticket.id > first, Ticket.id <= last, wanted, sees(eyes))
                .order_by(Ticket.id.desc())
                .limit(MOST + 1 - len(found))
            )
            found += (await session.scalars(some)).all()
            last = first
            if len(found) > MOST or last <= 0:
                break
        return Found(how, found[:MOST], len(found) > MOST or last > 0)

    async def _newest(self, session: AsyncSession, eyes: Eyes, how: How, wanted: ColumnElement[bool]) -> Found:
        rows = await session.scalars(
            select(Ticket).where(wanted, sees(eyes)).order_by(Ticket.id.desc()).limit(MOST + 1)
        )
        found = rows.all()
        return Found(how, found[:MOST], len(found) > MOST)
