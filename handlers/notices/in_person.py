"""Whom no channel reaches: for their village helper, with a text to read aloud, and who was told by word of mouth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.sealing import Sealer
from bot.staff.models import Staff, is_within
from bot.staff.roles import EVERYWHERE, Scope
from handlers.notices.campaign import NoSuchCampaign, Standing, State
from handlers.notices.models import Campaign, Recipient
from handlers.people.masking import half_hidden
from handlers.people.models import Person
from knowledge.regions import Regions

PAGE = 100
UNTOLD, TOLD = str(Standing.UNREACHABLE), str(Standing.TOLD_IN_PERSON)


@dataclass(frozen=True)
class Unreached:
    """One person to be told by word of mouth."""

    recipient_id: int
    person_id: int
    name: str
    """Half hidden; empty where no name is known. So is the phone."""
    phone: str
    place: str
    """Town and village."""
    told_at: datetime | None
    """None: not told yet."""


class InPerson:
    """A helper sees those of their region, and those whom the ledger gives to them."""

    def __init__(self, regions: Regions, sealer: Sealer) -> None:
        self._regions = regions
        self._sealer = sealer

    async def find(self, session: AsyncSession, campaign_id: int, staff: Staff) -> Campaign:
        """One of their place or of one around it, or one that has somebody of theirs. Raises NoSuchCampaign."""
        campaign = await session.scalar(select(Campaign).where(Campaign.id == campaign_id))
        if campaign is None:
            raise NoSuchCampaign(id=campaign_id)
        if not (staff.scope.covers(campaign.region) or Scope(campaign.region).covers(staff.region)):
            theirs = select(Recipient.id).join(Person, Person.id == Recipient.person_id)
            where = (Recipient.campaign_id == campaign_id, Recipient.state.in_((UNTOLD, TOLD)), _looks_after(staff))
            if await session.scalar(theirs.where(*where).limit(1)) is None:
                raise NoSuchCampaign(id=campaign_id)
        return campaign

    async def unreached(
        self, session: AsyncSession, campaign_id: int, staff: Staff, *, after: int = 0, limit: int = PAGE
    ) -> list[Unreached]:
        """The next ones behind a recipient's id."""
        found = await session.execute(
            select(Recipient, Person)
            .join(Person, Person.id == Recipient.person_id)
            .where(
                Recipient.campaign_id == campaign_id,
                Recipient.state.in_((UNTOLD, TOLD)),
                Recipient.id > after,
                _looks_after(staff),
            )
            .order_by(Recipient.id)
            .limit(limit)
        )
        return [self._describe(row[0], row[1]) for row in found]

    async def to_tell(self, session: AsyncSession, staff: Staff) -> list[tuple[Campaign, int, int]]:
        """(campaign, still to be told, told) for those that have somebody of theirs, the newest first."""
        untold = func.count(case((Recipient.state == UNTOLD, 1)))
        counted = await session.execute(
            select(Recipient.campaign_id, untold, func.count())
            .join(Person, Person.id == Recipient.person_id)
            .where(
                Recipient.state.in_((UNTOLD, TOLD)),
                _looks_after(staff),
            )
            .group_by(Recipient.campaign_id)
            .order_by(Recipient.campaign_id.desc())
            .limit(PAGE)
        )
        counts = {row[0]: (row[1], row[2] - row[1]) for row in counted}
        found = select(Campaign).where(Campaign.id.in_(counts), Campaign.state != str(State.STOPPED))
        return [(one, *counts[one.id]) for one in await session.scalars(found.order_by(Campaign.id.desc()))]

    async def villages(self, session: AsyncSession, campaign_id: int, staff: Staff) -> list[tuple[str, int, int]]:
        """(place, still to be told, told) for each village of theirs."""
        found = await session.execute(
            select(Person.region, Person.village, Recipient.state, func.count())
            .join(Recipient, Recipient.person_id == Person.id)
            .where(
                Recipient.campaign_id == campaign_id,
                Recipient.state.in_((UNTOLD, TOLD)),
                _looks_after(staff),
            )
            .group_by(Person.region, Person.village, Recipient.state)
            .order_by(Person.region, Person.village)
        )
        counts: dict[str, dict[str, int]] = {}
        for region, village, state, count in found:
            place = (self._regions.whole_name(region) if region else "") + village
            counts.setdefault(place, {UNTOLD: 0, TOLD: 0})[state] += count
        return [(place, of[UNTOLD], of[TOLD]) for place, of in counts.items()]

    async def tell(
        self, session: AsyncSession, campaign_id: int, recipient_ids: Sequence[int], staff: Staff, *, now: datetime
    ) -> int:
        """They were told. Raises NoSuchCampaign. -> of how many of these that is new"""
        return await self._turn(session, campaign_id, recipient_ids, staff, UNTOLD, TOLD, now=now)

    async def take_back(
        self, session: AsyncSession, campaign_id: int, recipient_ids: Sequence[int], staff: Staff, *, now: datetime
    ) -> int:
        """They were not told after all: a wrong tick. Raises NoSuchCampaign. -> of how many of these that is new"""
        return await self._turn(session, campaign_id, recipient_ids, staff, TOLD, UNTOLD, now=now)

    async def _turn(
        self,
        session: AsyncSession,
        campaign_id: int,
        recipient_ids: Sequence[int],
        staff: Staff,
        before: str,
        after: str,
        *,
        now: datetime,
    ) -> int:
        await self.find(session, campaign_id, staff)
        theirs = select(Person.id).where(_looks_after(staff))
        found = await session.execute(
            update(Recipient)
            .where(
                Recipient.campaign_id == campaign_id,
                Recipient.id.in_(recipient_ids),
                Recipient.state == before,
                Recipient.person_id.in_(theirs),
            )
            .values(state=after, at=now, told_by=staff.id if after == TOLD else None)
            .returning(Recipient.id)
            .execution_options(synchronize_session=False)
        )
        return len(found.all())

    def _describe(self, recipient: Recipient, person: Person) -> Unreached:
        return Unreached(
            recipient.id,
            person.id,
            *half_hidden(self._sealer, person),
            (self._regions.whole_name(person.region) if person.region else "") + person.village,
            recipient.at if recipient.state == TOLD else None,
        )


def _looks_after(staff: Staff) -> ColumnElement[bool]:
    """Persons of their place or given to them; those whose place nobody knows are for whoever sees all places."""
    theirs = or_(is_within(staff.scope, Person.region), Person.helper_id == staff.id)
    return or_(theirs, Person.region.is_(None)) if staff.region == EVERYWHERE else theirs
