"""What a campaign would do: how many get it and through what, who is left out and why, ten of them with the reason."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.messages import ChannelName
from bot.sealing import Sealer
from handlers.notices.audience import Leaf, wanted_leaves
from handlers.notices.campaign import IN_PERSON, Exclusion, Kind
from handlers.notices.choosing import ASKED, Choosing, Wanted
from handlers.notices.why import Why, say_why
from handlers.people.masking import half_hidden
from handlers.people.models import Person
from knowledge.regions import Regions

SAMPLES = 10
AIM_SECONDS = 0.04
"""SQLite: how long a piece of the count may hold the loop, on which all chats are answered."""
FIRST_PIECE, MOST_PIECE = 2_000, 50_000


@dataclass(frozen=True)
class Sample:
    """One of those who would get it."""

    person_id: int
    name: str
    """Half hidden; empty where no name is known."""
    place: str
    why: tuple[Why, ...]
    channel: str
    """`ChannelName`, or helper."""


@dataclass(frozen=True)
class Reach:
    """How many hear of it."""

    size: int
    """Who is sent to."""
    in_person: int
    """Whom no channel reaches: for their village helper."""


@dataclass(frozen=True)
class Preview:
    matched: int
    """Who fits the rule."""
    count: int
    """Who is sent to."""
    channels: Mapping[ChannelName, int]
    excluded: Mapping[Exclusion, int]
    """In the order in which it is asked, those that took somebody."""
    seconds: float
    """To send at the rate; 0 where no pushing channel or no limit is."""
    samples: tuple[Sample, ...]

    @property
    def in_person(self) -> int:
        """Whom no channel reaches: for their village helper."""
        return sum(self.excluded.get(exclusion, 0) for exclusion in IN_PERSON)


class Previewing:
    def __init__(
        self, database: Database, choosing: Choosing, regions: Regions, sealer: Sealer, *, rate: float
    ) -> None:
        self._database = database
        self._choosing = choosing
        self._regions = regions
        self._sealer = sealer
        self._rate = rate

    async def preview(self, wanted: Wanted, *, now: datetime, start: float = 0.0) -> Preview:
        """`start`: from where in the list (0 to 1) samples are taken, so that others are shown the next time."""
        counted = await self._count(wanted, now=now)
        async with self._database.reading() as session:
            samples = await self._samples(session, wanted, now=now, start=start)
        channels = {channel: counted[channel] for channel in ChannelName if counted[channel]}
        excluded = {exclusion: counted[exclusion] for exclusion in Exclusion if counted[exclusion]}
        pushed = channels.get(ChannelName.TELEGRAM, 0)
        return Preview(
            matched=sum(counted.values()),
            count=sum(channels.values()),
            channels=channels,
            excluded=excluded,
            seconds=pushed / self._rate if self._rate else 0.0,
            samples=samples,
        )

    async def reach(self, wanted: Wanted, *, now: datetime) -> Reach:
        counted = await self._count(wanted, now=now)
        return Reach(
            sum(counted[channel] for channel in ChannelName), sum(counted[exclusion] for exclusion in IN_PERSON)
        )

    async def narrowing(self, wanteds: Sequence[Wanted], *, now: datetime) -> list[int]:
        """Of several rules at once, how many fit each; nobody is asked whether they may be sent to."""
        counts = [
            func.count(case((self._choosing.fits(wanted, now=now), 1))).label(f"n{n}")
            for n, wanted in enumerate(wanteds)
        ]
        found = [0] * len(counts)
        if not counts:
            return found
        for row in await self._rows(select(*counts).select_from(Person)):
            found = [whole + piece for whole, piece in zip(found, row, strict=True)]
        return found

    async def _count(self, wanted: Wanted, *, now: datetime) -> Counter[str]:
        """Who fits, by verdict."""
        verdict = self._choosing.verdict(wanted, now=now).label("verdict")
        fits = self._choosing.fits(wanted, now=now)
        statement = select(verdict, func.count()).select_from(Person).outerjoin(*ASKED).where(fits).group_by(verdict)
        found: Counter[str] = Counter()
        for name, number in await self._rows(statement):
            found[name] += number
        if wanted.kind is Kind.CORRECTION:
            # They have a record only once they are to be told.
            async with self._database.reading() as session:
                for name, number in await session.execute(self._choosing.unknown_chats(wanted, now=now)):
                    found[name] += number
        return found

    async def _rows(self, statement: Select[*tuple[Any, ...]]) -> list[Row[*tuple[Any, ...]]]:
        """What a count over `Person` gives, on SQLite piece by piece along the ids: the caller adds them up."""
        found: list[Row[*tuple[Any, ...]]] = []
        async with self._database.reading() as session:
            if not self._database.is_sqlite:
                return list(await session.execute(statement))
            low, last = (await session.execute(select(func.min(Person.id), func.max(Person.id)))).one()
            piece, low = FIRST_PIECE, low or 0
            while last is not None and low <= last:
                began = time.perf_counter()
                found += await session.execute(statement.where(Person.id >= low, Person.id < low + piece))
                low += piece
                piece = next_piece(piece, time.perf_counter() - began)
                await asyncio.sleep(0)
        return found

    async def _samples(
        self, session: AsyncSession, wanted: Wanted, *, now: datetime, start: float
    ) -> tuple[Sample, ...]:
        last = await session.scalar(select(func.max(Person.id))) or 0
        begin = int(last * min(max(start, 0.0), 1.0))
        rows = await self._some(session, wanted, Person.id > begin, now=now, limit=SAMPLES)
        if len(rows) < SAMPLES and begin:
            more = SAMPLES - len(rows)
            rows = [*rows, *await self._some(session, wanted, Person.id <= begin, now=now, limit=more)]
        reasons = await self._reasons(session, wanted, [person.id for person, _ in rows], now=now)
        return tuple(
            Sample(
                person.id,
                half_hidden(self._sealer, person)[0],
                (self._regions.whole_name(person.region) if person.region else "") + person.village,
                reasons[person.id],
                channel,
            )
            for person, channel in rows
        )

    async def _some(
        self, session: AsyncSession, wanted: Wanted, where: ColumnElement[bool], *, now: datetime, limit: int
    ) -> list[tuple[Person, str]]:
        verdict = self._choosing.verdict(wanted, now=now)
        found = await session.execute(
            select(Person, verdict)
            .outerjoin(*ASKED)
            .where(self._choosing.fits(wanted, now=now), where, verdict.in_([str(channel) for channel in ChannelName]))
            .order_by(Person.id)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in found]

    async def _reasons(
        self, session: AsyncSession, wanted: Wanted, ids: Sequence[int], *, now: datetime
    ) -> dict[int, tuple[Why, ...]]:
        """Which conditions hold for each of these, as they were asked."""
        leaves: list[Leaf] = list(dict.fromkeys(wanted_leaves(wanted.rule)))
        asked = [self._choosing.condition(leaf, now=now) for leaf in leaves]
        rows = await session.execute(select(Person.id, *asked).where(Person.id.in_(ids)))
        return {
            row[0]: tuple(say_why(leaf, self._regions) for leaf, holds in zip(leaves, row[1:], strict=True) if holds)
            for row in rows
        }


def next_piece(piece: int, seconds: float) -> int:
    """How many ids to take next, so that it takes about as long as it may."""
    return max(100, min(MOST_PIECE, int(piece * min(2.0, AIM_SECONDS / max(seconds, 0.001)))))
