"""How a campaign stands: numbers by state, why some failed, how fast it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.notices.campaign import Standing, State
from handlers.notices.models import Campaign, Recipient

LATELY = timedelta(seconds=60)


@dataclass(frozen=True)
class Progress:
    state: State
    held: str
    """`Hold`; empty while it sends."""
    reason: str
    """`Reason` of why it is paused or stopped."""
    gathering: bool
    """Not all who fit have been found yet: the numbers grow."""
    counts: Mapping[Standing, int]
    faults: Mapping[str, int]
    """Why it failed -> how many."""
    maybe_repeated: int
    """The most that may have arrived beside the one that was to: a process died, or no answer came back, while they
    were on their way. Counted is what was within half a second of leaving."""
    rate: float
    """Sent a second, over the last minute."""

    @property
    def recipients(self) -> int:
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        return self.counts[Standing.WAITING] + self.counts[Standing.QUEUED]

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "state": str(self.state),
            "held": self.held,
            "reason": self.reason,
            "gathering": self.gathering,
            "recipients": self.recipients,
            "counts": {str(standing): count for standing, count in self.counts.items()},
            "failed": dict(self.faults),
            "maybe_repeated": self.maybe_repeated,
            "rate": round(self.rate, 2),
        }


async def read_progress(session: AsyncSession, campaign: Campaign, *, now: datetime) -> Progress:
    mine = Recipient.campaign_id == campaign.id
    counts = dict.fromkeys(Standing, 0)
    faults: dict[str, int] = {}
    rows = await session.execute(
        select(Recipient.state, Recipient.fault, func.count()).where(mine).group_by(Recipient.state, Recipient.fault)
    )
    stopped = campaign.state == str(State.STOPPED)
    for name, fault, count in rows:
        standing = Standing(name)
        if stopped and standing is Standing.WAITING:
            standing = Standing.STOPPED  # they are left as they are: nobody is sent anything any more
        counts[standing] += count
        if standing is Standing.FAILED:
            faults[fault] = faults.get(fault, 0) + count
    # Where none is known to have arrived, one of the unknown ones was the one that was to.
    more = case((Recipient.state == str(Standing.SENT), Recipient.open_ends), else_=Recipient.open_ends - 1)
    unsure = await session.scalar(select(func.sum(more)).where(mine, Recipient.open_ends > 0)) or 0
    lately = select(func.count()).where(mine, Recipient.state == str(Standing.SENT), Recipient.at > now - LATELY)
    rate = (await session.scalar(lately) or 0) / LATELY.total_seconds() if campaign.state == str(State.RUNNING) else 0.0
    return Progress(
        State(campaign.state),
        campaign.held,
        campaign.reason,
        campaign.state in (str(State.RUNNING), str(State.PAUSED)) and campaign.gathered_at is None,
        counts,
        faults,
        unsure,
        rate,
    )


async def count_found(session: AsyncSession, campaign_id: int) -> int:
    """Recipients of a campaign that are sent to, or have been."""
    mine = (Recipient.campaign_id == campaign_id, Recipient.state != str(Standing.UNREACHABLE))
    return await session.scalar(select(func.count()).select_from(Recipient).where(*mine)) or 0
