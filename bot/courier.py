"""Sends what the outbox holds: at least once, in order per chat, at the bot's rate, several processes together.

A turn's replies are taken by this process in the turn's own transaction and leave right after its commit; all
else is claimed by `run`. After kill -9 only what was in flight may repeat: each sending is settled in a commit
before the next message of that chat leaves.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import LEASE_SECONDS, POLL_SECONDS, back_off, claim, is_due, lease_end
from bot.clock import Clock
from bot.database import Database
from bot.lines import Job, Line, Slot
from bot.log import describe_fault
from bot.messages import Address, ChannelName
from bot.models import Delivery
from bot.outbox import NotSent, Outgoing, Priority, Rejected, RetryLater, Sender, Unreachable
from bot.pacing import ChatPace, reserve_chats, reserve_slots
from bot.quiet import QuietHours
from bot.settling import End, Settler, same_chat
from bot.waiting import give_up_unknown, may_leave, read_contents

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 8
_LEFT_OPEN = {"unsure": Delivery.unsure + case((Delivery.token.is_not(None), 1), else_=0)}
"""Whoever held it before died with it in hand."""
IN_FLIGHT = 64
"""Messages in hand at once, for one bot in one process."""
CAMPAIGN_FLIGHT = 48
"""Of these for campaigns at most: what people wait for finds room, also where a platform answers slowly."""
CAMPAIGN_WITHIN = 1.5
"""Seconds of the bot's clock that campaigns reserve ahead, again when half is used: a slow claim must not make them
late, and pausing must act soon."""
DIRECT_WITHIN = 2.0
"""A reply leaves directly if its slot is not further away; else it queues up like all others."""
CLAIM_WITHIN = 4.0
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

    def trouble(self, channel: ChannelName, bot: str) -> str:
        """A code for what has to be mended before this process can send for a bot; empty if nothing."""
        line = self._lines.get((channel, bot))
        return line.trouble if line and line.paused_until > _now() else ""

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
        if line is None or len(line.tasks) >= IN_FLIGHT or line.paused_until > _now():
            return None
        if line.pace_of(address.key).strict:
            return None  # its bubbles leave one by one, as they are claimed
        earlier = select(Delivery.id).where(
            Delivery.state == "wait", *same_chat(address), Delivery.priority == int(Priority.REPLY)
        )
        if await session.scalar(earlier.limit(1)) is not None:
            return None
        wait = await self._reserve(session, line, count, within=DIRECT_WITHIN)
        if wait is None:
            return None
        # News that comes after it keeps its distance.
        await self._reserve_chats(session, line, [address.key])
        token, at = uuid.uuid4().hex, _now() + wait

        def start(messages: Sequence[Outgoing]) -> None:
            self._spawn(line, self._do(line, Job(messages, token, Slot(line.pass_campaigns(at, len(messages))))))

        return Direct({"token": token, "attempts": 1, **lease_end(self._clock)}, start)

    async def run(self) -> None:
        """Claim and send what is due, for ever."""
        while True:
            self._wake.clear()
            took = [await self._claim_for(line) for line in self._lines.values()]
            if not any(took):
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._wake.wait()

    async def _claim_for(self, line: Line) -> bool:
        room = IN_FLIGHT - len(line.tasks)
        if room <= 0 or line.paused_until > _now():
            return False
        where = may_leave(line.channel, line.bot)
        crowded = len(line.tasks) >= CAMPAIGN_FLIGHT or line.reserved_until > _now() + CAMPAIGN_WITHIN / 2
        if not crowded:
            room = CAMPAIGN_FLIGHT - len(line.tasks)
        if crowded or self._quiet.end_after(self._clock.now()) is not None:
            where.append(Delivery.priority != int(Priority.CAMPAIGN))
        async with self._database.reading() as session:
            due = select(Delivery.id).where(is_due(Delivery, self._clock), *where).limit(1)
            if await session.scalar(due) is None:
                # What waits only for an earlier reply to its chat may leave as soon as that one is settled.
                mine = (Delivery.channel == str(line.channel), Delivery.bot == line.bot)
                behind = select(Delivery.id).where(
                    Delivery.state == "wait",
                    Delivery.token.is_(None),
                    Delivery.priority == int(Priority.REPLY),
                    *mine,
                )
                line.backlog = await session.scalar(behind.limit(1)) is not None
                return False
        limit = min(room, max(1, int(line.rate * CAMPAIGN_WITHIN / 2))) if line.rate else room
        try:
            async with self._database.transaction() as session:
                await give_up_unknown(session, self._clock, line.channel, line.bot)
                rows, token = await claim(session, Delivery, self._clock, limit=limit, where=where, more=_LEFT_OPEN)
                urgent = not rows or rows[0].priority != Priority.CAMPAIGN
                within = CLAIM_WITHIN if urgent else CAMPAIGN_WITHIN
                wait = await self._reserve(session, line, len(rows), within=within)
                if wait is None:
                    raise _NotNow
                chats = await self._reserve_chats(session, line, {row.chat for row in rows})
                contents = await read_contents(session, rows, now=self._clock.now())
        except _NotNow:
            return False
        at = _now() + wait
        for place, row in enumerate(rows):
            slot, chat_wait = at + line.after(place), chats.pop(row.chat, None)
            if row.priority != Priority.REPLY or line.pace_of(row.chat).strict:
                if chat_wait is None:
                    later = End(row.id, token, "wait", seconds=CLAIM_WITHIN, attempts=row.attempts - 1)
                    self._spawn(line, self.settler.settle(later))
                    continue
                slot = max(slot, _now() + chat_wait)
            taken = Slot(slot) if row.priority == Priority.CAMPAIGN else Slot(line.pass_campaigns(slot, 1))
            job = Job([], token, taken, row.once)
            if (shown := contents.get(row.id)) is None:
                self._spawn(line, self.settler.settle(End(row.id, token, "cancelled")))
                continue
            message = Outgoing(row.id, Address(line.channel, row.chat, row.bot), shown, row.attempts)
            if row.priority == Priority.CAMPAIGN:
                line.campaigns.append(taken)
            self._spawn(line, self._do(line, replace(job, messages=[message])))
        return bool(rows)

    async def _reserve(self, session: AsyncSession, line: Line, count: int, *, within: float) -> float | None:
        if not line.rate or not count:
            return 0.0
        return await reserve_slots(session, self._clock, line.key, count=count, per_second=line.rate, within=within)

    async def _reserve_chats(self, session: AsyncSession, line: Line, chats: Collection[str]) -> dict[str, float]:
        """Seconds until each chat may get a message; nothing for one that got its share for a while."""
        by_gap: dict[float, dict[str, str]] = {}
        for chat in chats:
            by_gap.setdefault(line.pace_of(chat).gap, {})[line.chat_key(chat)] = chat
        waits: dict[str, float] = {}
        for gap, keys in sorted(by_gap.items()):
            found = await reserve_chats(session, self._clock, keys, gap=gap, within=CLAIM_WITHIN)
            waits |= {keys[key]: wait for key, wait in found.items()}
        return waits

    # -- sending ------------------------------------------------------------------------------------------

    def _spawn(self, line: Line, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        line.tasks.add(task)
        task.add_done_callback(line.tasks.discard)

    async def _do(self, line: Line, job: Job) -> None:
        must_begin = _now() + LEASE_SECONDS - SEND_SECONDS
        for place, message in enumerate(job.messages):
            # Again and again: somebody more urgent may have taken the slot, or the wire just before.
            while (left := max(job.slot.at + line.after(place), line.free_at) - _now()) > 0:  # noqa: ASYNC110  # no event
                await asyncio.sleep(left)
            line.leaves(job.slot, _now())
            if _now() > must_begin:
                end = _wait(message, job, 0.0)
            else:
                end = await self._send(line, message, job)
                self._probe("sent")
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
        try:
            async with asyncio.timeout(SEND_SECONDS):
                result = await line.sender.send(message)
        except RetryLater as pause:
            line.trouble = pause.trouble
            line.paused_until = max(line.paused_until, _now() + pause.seconds)
            return _wait(message, job, pause.seconds, hold=line.key)
        except Unreachable:
            return End(message.id, job.token, "unreachable", unreachable=message.address)
        except Rejected as error:
            log.error("delivery_rejected", delivery=message.id, **describe_fault(error))
            return End(message.id, job.token, "dead", error="rejected")
        except NotSent as error:
            return self._failed(message, job, error.kind)
        except Exception as error:
            return replace(self._failed(message, job, type(error).__name__), unsure=True)
        line.trouble = ""
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


def _wait(message: Outgoing, job: Job, seconds: float, *, hold: str | None = None) -> End:
    """Not its fault: the attempt does not count."""
    return End(message.id, job.token, "wait", seconds=seconds, attempts=message.attempt - 1, hold=hold)


def _now() -> float:
    return asyncio.get_running_loop().time()
