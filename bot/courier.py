"""Sends what the outbox holds: at least once, in order per chat, at the bot's rate, several processes together.

A turn's replies are taken by this process in the turn's own transaction and leave right after its commit; all
else is claimed by `run`. After kill -9 only what was in flight may repeat: each sending is settled in a commit
before the next message of that chat leaves.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import AFTER_OUTAGE, LEASE_SECONDS, POLL_SECONDS, back_off, claim, lease_end
from bot.clock import Clock
from bot.database import Database
from bot.errors import DatabaseAway
from bot.lines import Job, Line, Slot
from bot.log import describe_fault
from bot.messages import Address, ChannelName
from bot.models import Delivery
from bot.outbox import NotSent, Outgoing, Priority, Rejected, RetryLater, Sender, Unreachable
from bot.pacing import ChatPace
from bot.quiet import QuietHours
from bot.settling import End, Settler, count_attempts, same_chat
from bot.slots import COUNT_AHEAD, WITHIN, Slots, share_out
from bot.waiting import give_up_unknown, is_any_due, is_reply_behind, may_leave, read_contents

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 8
MAX_UNKNOWN = 2
"""Attempts of unknown end for a message of a campaign; it may have come each time."""
IN_FLIGHT = 160
"""Messages in hand at once, for one bot in one process."""
CAMPAIGN_FLIGHT = 128
"""Of these for campaigns at most: what people wait for finds room, also where a platform answers slowly."""
SLOW_FLIGHT, CAMPAIGN_SLOW = 320, 256
"""Beside these, sendings that have been without an answer for some seconds."""
CAMPAIGN_WITHIN = 1.5
"""Seconds of the bot's clock that campaigns reserve ahead, again when half is used: a slow claim must not make them
late, and pausing must act soon."""
DIRECT_WITHIN = 2.0
"""A reply leaves directly if its slot is not further away; else it queues up like all others."""
SEND_SECONDS = 25.0
"""No sending is begun when less is left of its lease."""


@dataclass(frozen=True)
class Direct:
    """A turn's permission to send its replies itself: columns for their rows, and what to call after commit."""

    taken: Mapping[str, Any]
    start: Callable[[Sequence[Outgoing]], None]


class _NotNow(Exception):
    """The bot's next free slot is too far away: roll the claim back."""


class Courier:
    """One for each process that sends. `run` and `settler.run` are its two loops."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        quiet: QuietHours | None = None,
        probe: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`quiet`: when no campaign may leave, whatever waits."""
        self._database = database
        self._clock = clock
        self._quiet = quiet or QuietHours(None, None)
        self._probe = probe
        self.settler = Settler(database, clock)
        self._slots = Slots(database, clock, self.settler, self._quiet)
        self._take_over_at = 0.0
        self._lines: dict[tuple[str, str], Line] = {}
        self._wake = asyncio.Event()

    def register(
        self,
        channel: ChannelName,
        sender: Sender,
        *,
        bot: str = "",
        rate: float = 28.0,
        pace_of: Callable[[str], ChatPace] = lambda _: ChatPace(),
    ) -> None:
        """This process sends for that bot; `rate` messages a second over all processes, 0 = no limit."""
        self._lines[channel, bot] = Line(channel, bot, sender, rate, pace_of)

    def rouse(self) -> None:
        """Something was put in; called after its commit."""
        for line in self._lines.values():
            line.backlog = True
        self._wake.set()

    async def close(self) -> None:
        """Let what is in flight end; called when no more turns come. What does not end in time is a row still."""
        if tasks := [task for line in self._lines.values() for task in line.tasks]:
            _, late = await asyncio.wait(tasks, timeout=5.0)
            for task in late:
                task.cancel()

    # -- taking -------------------------------------------------------------------------------------------

    async def reserve_direct(self, session: AsyncSession, address: Address, count: int) -> Direct | None:
        """May this turn's replies leave at once? Only after earlier ones to that chat, and within the bot's rate."""
        line = self._lines.get((address.channel, address.bot))
        if line is None or line.room(_now(), IN_FLIGHT, SLOW_FLIGHT, urgent=True) <= 0 or line.paused_until > _now():
            return None
        if line.pace_of(address.key).strict:
            return None  # its bubbles leave one by one, as they are claimed
        earlier = select(Delivery.id).where(
            Delivery.state == "wait", *same_chat(address), Delivery.priority == int(Priority.REPLY)
        )
        if await session.scalar(earlier.limit(1)) is not None:
            return None
        # A campaign in hand gives up its next slot for it, however far away the one is that it reserves.
        within = WITHIN if line.campaigns else DIRECT_WITHIN
        at = await self._slots.reserve(session, line, count, within=within, lead=0.0)
        if at is None:
            return None
        # News that comes after it keeps its distance.
        await self._slots.reserve_chats(session, line, [address.key])
        token, ours = uuid.uuid4().hex, asyncio.get_running_loop().create_future()

        def start(messages: Sequence[Outgoing]) -> None:
            ours.set_result({message.id for message in messages})
            slot = Slot(line.pass_campaigns(at, len(messages)))
            self._take_on(line, Job(messages, token, slot, leaving=ours))

        return Direct({"token": token, "attempts": 1, "unsure": 1, **lease_end(self._clock)}, start)

    async def run(self) -> None:
        """Claim and send what is due, for ever."""
        while True:
            self._wake.clear()
            try:
                took = [await self._claim_for(line) for line in self._lines.values()]
            except DatabaseAway:
                self._take_over_at = _now() + AFTER_OUTAGE
                raise
            if not any(took):
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._wake.wait()

    async def _claim_for(self, line: Line) -> bool:
        room = line.room(_now(), IN_FLIGHT, SLOW_FLIGHT, urgent=True)
        if room <= 0 or line.paused_until > _now():
            return False
        where = may_leave(line.channel, line.bot)
        where.append(Delivery.id.not_in(line.in_hand))
        if _now() < self._take_over_at:
            where.append(Delivery.token.is_(None))
        for_campaigns = line.room(_now(), CAMPAIGN_FLIGHT, CAMPAIGN_SLOW)
        crowded = for_campaigns <= 0 or line.reserved_until > _now() + CAMPAIGN_WITHIN / 2
        if not crowded:
            room = for_campaigns
        if crowded or self._quiet.end_after(self._clock.now()) is not None:
            where.append(Delivery.priority != int(Priority.CAMPAIGN))
        async with self._database.reading() as session:
            if not await is_any_due(session, self._clock, where):
                # What waits only for an earlier reply to its chat may leave as soon as that one is settled.
                line.backlog = await is_reply_behind(session, line.channel, line.bot)
                return False
        limit = min(room, max(1, int(line.rate * CAMPAIGN_WITHIN / 2))) if line.rate else room
        try:
            async with self._database.transaction() as session:
                if _now() >= self._take_over_at:
                    await give_up_unknown(session, self._clock, line.channel, line.bot)
                rows, token = await claim(session, Delivery, self._clock, limit=limit, where=where)
                urgent = not rows or rows[0].priority != Priority.CAMPAIGN
                at = await self._slots.reserve(session, line, len(rows), within=WITHIN if urgent else CAMPAIGN_WITHIN)
                if at is None:
                    raise _NotNow
                chats = await self._slots.reserve_chats(session, line, {row.chat for row in rows})
                contents = await read_contents(session, rows, now=self._clock.now())
                jobs, ends = share_out(line, rows, token, at, chats, contents)
                soon = _now() + COUNT_AHEAD
                counted = [(job.messages[0].id, token) for job in jobs if job.leaves_at <= soon]
                ours = await count_attempts(session, counted) if counted else set()
        except _NotNow:
            return False
        if ends:
            self._spawn(line, self.settler.settle(*ends))
        leaving = asyncio.get_running_loop().create_future()
        leaving.set_result(ours)
        for job in jobs:
            if job.messages[0].id in ours:
                job.leaving = leaving
            if job.campaign:
                line.campaigns.append(job.slot)
            else:
                job.slot.at = line.pass_campaigns(job.slot.at, 1)
            self._take_on(line, job)
        return bool(rows)

    # -- sending ------------------------------------------------------------------------------------------

    def _spawn(self, line: Line, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        line.tasks.add(task)
        task.add_done_callback(line.tasks.discard)
        return task

    def _take_on(self, line: Line, job: Job) -> None:
        line.jobs.add(job)
        self._spawn(line, self._do(line, job)).add_done_callback(lambda _: line.drop(job))

    async def _do(self, line: Line, job: Job) -> None:
        must_begin = _now() + LEASE_SECONDS - SEND_SECONDS
        for place, message in enumerate(job.messages):
            if await self._slots.wait_turn(line, job, place, until=must_begin):
                end = await self._send(line, message, job)
                self._probe("sent")
            else:
                end = _wait(message, job, 0.0)
            if end.state == "wait":
                # The rest waits too: the claim takes no message before an earlier one of its chat.
                rest = [_wait(message, job, 0.0) for message in job.messages[place + 1 :]]
                await self.settler.settle(end, *rest)
                line.backlog = True
                break
            await self.settler.settle(end)
            self._probe("settled")
            if end.unreachable is not None:
                break
        if line.backlog:
            self._wake.set()

    async def _send(self, line: Line, message: Outgoing, job: Job) -> End:
        if (left := line.paused_until - _now()) > 0:
            return _wait(message, job, left)
        line.wire[message.id] = _now()
        try:
            async with asyncio.timeout(SEND_SECONDS):
                result = await line.sender.send(message)
        except RetryLater as pause:
            line.doubtful = True
            line.paused_until = max(line.paused_until, _now() + pause.seconds)
            if pause.lost:
                return self._lost_with_all(message, job, pause.seconds)
            return replace(_wait(message, job, pause.seconds, hold=line.key), error=pause.trouble or None)
        except Unreachable:
            line.doubtful = False
            return End(message.id, job.token, "unreachable", unreachable=message.address)
        except Rejected as error:
            line.doubtful = False
            log.error("delivery_rejected", delivery=message.id, **describe_fault(error))
            return End(message.id, job.token, "dead", error="rejected")
        except NotSent as error:
            return self._failed(message, job, error.kind)
        except Exception as error:
            return self._lost(message, job, type(error).__name__)
        finally:
            del line.wire[message.id]
        line.doubtful = False
        reference, moved_to = result.reference[:64] or None, result.moved_to
        return End(message.id, job.token, "done", reference=reference, address=message.address, moved_to=moved_to)

    def _failed(self, message: Outgoing, job: Job, fault: str) -> End:
        log.warning("delivery_failed", delivery=message.id, attempt=message.attempt, fault=fault)
        if job.once:
            return End(message.id, job.token, "unknown", error=fault)
        if message.attempt >= MAX_ATTEMPTS:
            log.error("delivery_dead", delivery=message.id, fault=fault)
            return End(message.id, job.token, "dead", error=fault)
        seconds = back_off(message.attempt)
        return End(message.id, job.token, "wait", seconds=seconds, attempts=message.attempt, error=fault)

    def _lost(self, message: Outgoing, job: Job, fault: str) -> End:
        """No answer: it may have arrived. A notice that may have come twice is not sent a third time."""
        end = replace(self._failed(message, job, fault), unsure=True)
        if job.campaign and job.unknown + 1 >= MAX_UNKNOWN and end.state == "wait":
            return replace(end, state="dead")
        return end

    def _lost_with_all(self, message: Outgoing, job: Job, seconds: float) -> End:
        """Nobody is answered. A reply is tried for ever, but each time later: it may have arrived every time."""
        if job.campaign or job.once:
            return self._lost(message, job, "no_answer")
        return replace(_wait(message, job, max(seconds, back_off(job.unknown + 1))), unsure=True)


def _wait(message: Outgoing, job: Job, seconds: float, *, hold: str | None = None) -> End:
    """Not its fault: the attempt does not count."""
    counted = job.is_counted(message.id)
    return End(message.id, job.token, "wait", seconds=seconds, attempts=message.attempt - 1, hold=hold, counted=counted)


def _now() -> float:
    return asyncio.get_running_loop().time()
