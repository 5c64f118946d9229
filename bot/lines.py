"""A bot of a channel as one process sends for it: what is in hand, and in which order it leaves."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.messages import ChannelName
from bot.outbox import Outgoing, Sender
from bot.pacing import ChatPace

SLOW_SECONDS = 1.0
"""After so long without an answer somebody else gets the place."""
FEW = 3
"""After everybody had to wait, so few are tried at a time until one of them arrives."""


@dataclass(eq=False)
class Slot:
    """When something may leave, by the loop's clock."""

    at: float


@dataclass(eq=False)
class Job:
    """Messages to one chat that are ours, to send one after the other."""

    messages: Sequence[Outgoing]
    token: str
    slot: Slot
    """Of the first."""
    not_before: float = -math.inf
    """When its chat may get one; a slot that has passed by then is given up."""
    once: bool = False
    campaign: bool = False
    unknown: int = 0
    """Earlier attempts of which we never heard whether they left."""
    leaving: asyncio.Future[set[int]] | None = None
    """Ids that the database knows to be about to leave; None until it was asked. They may leave no earlier."""

    @property
    def leaves_at(self) -> float:
        return max(self.slot.at, self.not_before)

    def is_counted(self, message_id: int) -> bool:
        return self.leaving is not None and self.leaving.done() and message_id in self.leaving.result()


@dataclass
class Line:
    channel: ChannelName
    bot: str
    sender: Sender
    rate: float
    pace_of: Callable[[str], ChatPace]
    backlog: bool = True
    """Rows may be waiting that no timer of ours will wake us for."""
    paused_until: float = 0.0
    """By the loop's clock: what is in hand already must not leave during a pause."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    jobs: set[Job] = field(default_factory=set)
    """In hand: waiting for their slot, on the wire, or being written down."""
    wire: dict[int, float] = field(default_factory=dict)
    """Ids on the wire -> since when."""
    left_at: dict[str, float] = field(default_factory=dict)
    """Strict chats, which are groups and few -> when the next one may leave."""
    campaigns: list[Slot] = field(default_factory=list)
    """Reserved for messages of campaigns in hand that have not left."""
    renewal: asyncio.Task[bool] | None = None
    """Other slots are being taken for those that have passed."""
    doubtful: bool = False
    """Everybody had to wait, and nothing has arrived since."""

    # -- room ---------------------------------------------------------------------------------------------

    @property
    def in_hand(self) -> list[int]:
        """Ids that we take from nobody, not even from ourselves, however the clock is set."""
        return [message.id for job in self.jobs for message in job.messages]

    def room(self, now: float, most: int, slow_most: int, *, urgent: bool = False) -> int:
        """How many more may be taken in hand where `most` may be, and beside them `slow_most` without an answer.

        Those without an answer for some seconds leave their place to others: a third of the chats that never answers
        must not keep back the rest.
        """
        slow = sum(now - since > SLOW_SECONDS for since in self.wire.values())
        if self.doubtful:
            # What people wait for is not kept back by campaigns that hang.
            return min(most, FEW) - len(self.tasks) + (slow if urgent else 0)
        return min(most - (len(self.tasks) - slow), slow_most - slow)

    # -- slots --------------------------------------------------------------------------------------------

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.bot}"

    def chat_key(self, chat: str) -> str:
        return f"{self.key}:{chat}"

    def after(self, places: int) -> float:
        """Seconds that so many sendings take."""
        return places / self.rate if self.rate else 0.0

    @property
    def reserved_until(self) -> float:
        """The last slot of a campaign."""
        return max((slot.at for slot in self.campaigns), default=0.0)

    def pass_campaigns(self, at: float, count: int) -> float:
        """Take the next slots instead of `count` from `at` on; campaigns in hand get what is left, in their order.

        The bot's clock in the database does not move by it: the same slots are used. -> when the first may leave
        """
        earlier = sorted((slot for slot in self.campaigns if slot.at < at), key=lambda slot: slot.at)
        if not earlier:
            return at
        times = [slot.at for slot in earlier] + [at + self.after(place) for place in range(count)]
        for slot, time in zip(earlier, times[count:], strict=True):
            slot.at = time
        return times[0]

    def give_up_next(self, lost: float) -> float | None:
        """A campaign's next slot, for one that was `lost`; that message takes another. None if no campaign has any."""
        if not self.campaigns:
            return None
        first = min(self.campaigns, key=lambda slot: slot.at)
        taken, first.at = first.at, min(first.at, lost)
        return taken if taken > lost else None

    def free_again(self, job: Job) -> float:
        """When a strict chat may get the next one after what it got from us, should that have left late."""
        return self.left_at.get(job.messages[0].address.key, -math.inf)

    def departs(self, job: Job, now: float) -> None:
        self.leaves(job.slot)
        pace = self.pace_of(chat := job.messages[0].address.key)
        if pace.strict:
            self.left_at[chat] = now + pace.gap

    def drop(self, job: Job) -> None:
        """It is not in hand any more."""
        self.jobs.discard(job)
        self.leaves(job.slot)

    def leaves(self, slot: Slot) -> None:
        """It is not in anybody's way any more."""
        if slot in self.campaigns:
            self.campaigns.remove(slot)
