"""When what is in hand may leave: slots of the bot's clock, which all processes share, by this one's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database
from bot.errors import DatabaseAway
from bot.lines import Job, Line, Slot
from bot.messages import Address, Shown
from bot.models import Delivery
from bot.outbox import Outgoing, Priority
from bot.pacing import reserve_chats, reserve_slots
from bot.quiet import QuietHours
from bot.settling import End, Settler

WITHIN = 4.0
"""Seconds; what would leave later than that is taken later."""
LATE_SECONDS = 0.04
"""A slot is good for so long. What comes later takes another one: however processes stand still, `rate` slots a second
are given out, so no second sees more than `rate` * (1 + LATE_SECONDS) + 1 leave."""
LEAD_SECONDS = 0.05
"""A slot is not reserved earlier than that: it must not have passed when the transaction ends that reserves it."""
REPLY_LATE_SECONDS = 0.1
"""Of one that is reserved in the turn of which it is the answer: it leaves after that is committed."""
BUBBLE_LATE_SECONDS = 1.0
"""Of a further bubble of one reply: it waits until the one before it is answered, and keeps its slot meanwhile."""
COUNT_BEFORE, COUNT_AHEAD = 0.4, 0.6
"""Seconds before its slot in which a message is counted as about to leave, with all that follow within the second."""


def loop_time() -> float:
    return asyncio.get_running_loop().time()


class Slots:
    def __init__(self, database: Database, clock: Clock, settler: Settler, quiet: QuietHours) -> None:
        """`quiet`: when no campaign may leave, though it is in hand."""
        self._database = database
        self._clock = clock
        self._settler = settler
        self._quiet = quiet
        self._lead = LEAD_SECONDS
        """Before a slot that is taken anew: twice what taking one took last, or that one had passed as well."""

    async def reserve(
        self, session: AsyncSession, line: Line, count: int, *, within: float, lead: float = LEAD_SECONDS
    ) -> float | None:
        """-> when the first of so many may leave, by the loop's clock; None if that is further away than `within`"""
        # Asked before the statement, as the bot's clock is: how long that takes must not move the slots.
        now = loop_time()
        if not line.rate or not count:
            return now
        wait = await reserve_slots(
            session, self._clock, line.key, count=count, per_second=line.rate, within=within, lead=lead
        )
        return None if wait is None else now + wait

    async def reserve_chats(self, session: AsyncSession, line: Line, chats: Collection[str]) -> dict[str, float]:
        """Seconds until each chat may get a message; nothing for one that got its share for a while."""
        by_gap: dict[float, dict[str, str]] = {}
        for chat in chats:
            by_gap.setdefault(line.pace_of(chat).gap, {})[line.chat_key(chat)] = chat
        found: dict[str, float] = {}
        for gap, keys in sorted(by_gap.items()):
            waits = await reserve_chats(session, self._clock, keys, gap=gap, within=WITHIN)
            found |= {keys[key]: wait for key, wait in waits.items()}
        return found

    async def wait_turn(self, line: Line, job: Job, place: int, *, until: float) -> bool:
        """Until the message at `place` may leave. -> False if not: taken back, late, quiet, no slot near"""
        late = LATE_SECONDS if job.campaign else REPLY_LATE_SECONDS
        while (now := loop_time()) <= until:
            # Again and again: somebody more urgent may have taken the slot.
            slot = job.slot.at + line.after(place)
            left = max(slot, job.not_before, line.free_again(job)) - now
            if job.leaving is None and left <= COUNT_BEFORE:
                self._count(line, job)
            elif job.leaving is not None and left <= COUNT_BEFORE and not job.leaving.done():
                await asyncio.wait({job.leaving}, timeout=until - now)
            elif left > 0:
                await asyncio.sleep(left if job.leaving is not None else left - COUNT_BEFORE)
            elif line.rate and now - slot > (BUBBLE_LATE_SECONDS if place else late):
                if not await self._take_another(line, job, place):
                    return False
            elif job.campaign and self._quiet.end_after(self._clock.now()) is not None:
                return False
            else:
                line.departs(job, now)
                return job.is_counted(job.messages[place].id)
        return False

    def _count(self, line: Line, job: Job) -> None:
        """All that leave soon, in one go."""
        soon = loop_time() + COUNT_AHEAD
        due = [one for one in line.jobs if one.leaving is None and (one is job or one.leaves_at <= soon)]
        counted = self._settler.begin([(message.id, one.token) for one in due for message in one.messages])
        for one in due:
            one.leaving = counted

    async def _take_another(self, line: Line, job: Job, place: int) -> bool:
        """The slot has passed, for this process stood still. A reply takes the next one that a campaign has."""
        if not job.campaign and (taken := line.give_up_next(job.slot.at + line.after(place))) is not None:
            job.slot.at = taken - line.after(place)
            return True
        if job.campaign:
            # All that are late, in one go: one by one they would keep each other late.
            if line.renewal is None or line.renewal.done():
                line.renewal = asyncio.create_task(self._renew(line))
            return await line.renewal
        at = await self._reserve_anew(line, len(job.messages) - place)
        if at is not None:
            job.slot.at = at - line.after(place)
        return at is not None

    async def _renew(self, line: Line) -> bool:
        late = sorted((slot for slot in line.campaigns if slot.at < loop_time()), key=lambda slot: slot.at)
        at = await self._reserve_anew(line, len(late))
        if at is None:
            return False
        for place, slot in enumerate(late):
            slot.at = at + line.after(place)
        return True

    async def _reserve_anew(self, line: Line, count: int) -> float | None:
        began = loop_time()
        try:
            async with self._database.transaction() as session:
                return await self.reserve(session, line, count, within=WITHIN, lead=self._lead)
        except DatabaseAway:
            return None
        finally:
            self._lead = min(WITHIN / 2, max(LEAD_SECONDS, 2 * (loop_time() - began)))


def share_out(
    line: Line, rows: Sequence[Delivery], token: str, at: float, chats: dict[str, float], contents: Mapping[int, Shown]
) -> tuple[list[Job], list[End]]:
    """Slots from `at` on for what was taken. -> what is to be sent, and the ends of what is not now"""
    jobs: list[Job] = []
    ends: list[End] = []
    for place, row in enumerate(rows):
        campaign, slot, wait = row.priority == Priority.CAMPAIGN, at + line.after(place), chats.pop(row.chat, None)
        if row.id not in contents:
            ends.append(End(row.id, token, "cancelled", counted=False))
            continue
        message = Outgoing(row.id, Address(line.channel, row.chat, row.bot), contents[row.id], row.attempts)
        job = Job([message], token, Slot(slot), once=row.once, campaign=campaign, unknown=row.unsure)
        if row.priority != Priority.REPLY or line.pace_of(row.chat).strict:
            if wait is None:
                later = End(row.id, token, "wait", seconds=WITHIN, attempts=row.attempts - 1, error=row.error)
                ends.append(replace(later, counted=False))
                continue
            job.not_before = loop_time() + wait
        jobs.append(job)
    return jobs, ends
