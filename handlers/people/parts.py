"""What other services, and the ledgers, show in a person's file: one reader for each part, given to the `Register`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.staff.models import Staff


@dataclass(frozen=True)
class PartAsked:
    """Whose entries, who looks, and which of them."""

    person_id: int
    conversations: Sequence[int]
    """The person's chats."""
    phone_digest: str | None
    """Of `Sealer(keys, "people")`."""
    staff: Staff
    """Shows only what they may see."""
    now: datetime
    offset: int
    limit: int


@dataclass(frozen=True)
class PartRow:
    """One entry, masked."""

    at: datetime | date
    title: str
    words: str = ""
    state: str = ""
    """A short word beside it; empty for none."""
    link: str = ""
    """Where it is worked; empty for none."""

    @property
    def day(self) -> date:
        """The day on the wall."""
        return self.at.astimezone(LOCAL).date() if isinstance(self.at, datetime) else self.at


@dataclass(frozen=True)
class PartPage:
    rows: Sequence[PartRow]
    """The newest first."""
    total: int


PartReader = Callable[[AsyncSession, PartAsked], Awaitable[PartPage]]
