"""A bot of a channel as one process sends for it: what is in hand, and in which order it leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.messages import ChannelName
from bot.outbox import Outgoing, Sender
from bot.pacing import ChatPace


@dataclass(eq=False)
class Slot:
    """When something may leave, by the loop's clock."""

    at: float


@dataclass(frozen=True)
class Job:
    """Messages to one chat that are ours, to send one after the other."""

    messages: Sequence[Outgoing]
    token: str
    slot: Slot
    """Of the first."""
    once: bool = False


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
    trouble: str = ""
    """What somebody has to mend before anything leaves, as the last sending found it."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    free_at: float = 0.0
    """Nothing leaves before it: after this process stood still, what is late must not leave all at once."""
    campaigns: list[Slot] = field(default_factory=list)
    """Reserved for messages of campaigns in hand that have not left."""

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

    def leaves(self, slot: Slot, now: float) -> None:
        """It is not in anybody's way any more; the next one keeps nearly the distance of the rate."""
        self.free_at = now + (1.0 / (self.rate + 1.0) if self.rate else 0.0)
        if slot in self.campaigns:
            self.campaigns.remove(slot)
