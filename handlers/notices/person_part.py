"""Which notices a person got, in their file (一人一档)."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.roles import Permission, may
from handlers.notices.campaign import Standing
from handlers.notices.labels import label
from handlers.notices.models import Campaign, Recipient
from handlers.people.parts import PartAsked, PartPage, PartRow

SHOWN = tuple(
    str(one)
    for one in (Standing.SENT, Standing.FAILED, Standing.UNREACHABLE, Standing.TOLD_IN_PERSON, Standing.OPTED_OUT)
)


async def read_notices(session: AsyncSession, asked: PartAsked) -> PartPage:
    """The newest first; a link for those who may look at campaigns of that place."""
    where = (Recipient.person_id == asked.person_id, Recipient.state.in_(SHOWN))
    total = await session.scalar(select(func.count()).select_from(Recipient).where(*where)) or 0
    found = await session.execute(
        select(Recipient.at, Recipient.state, Campaign.id, Campaign.title, Campaign.kind, Campaign.region)
        .join(Campaign, Campaign.id == Recipient.campaign_id)
        .where(*where)
        .order_by(Recipient.at.desc(), Recipient.id.desc())
        .offset(asked.offset)
        .limit(asked.limit)
    )
    staff = asked.staff
    reads = may(staff.as_role, Permission.MANAGE_NOTICES)
    return PartPage(
        [
            PartRow(
                row.at,
                row.title,
                label("kind", row.kind),
                label("standing", row.state),
                f"/staff/notices/{row.id}" if reads and staff.scope.covers(row.region) else "",
            )
            for row in found
        ],
        total,
    )
