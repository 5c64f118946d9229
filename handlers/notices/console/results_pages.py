"""What came of a notice, beside the others of the place; all of them as xlsx, which names nobody."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.sheets import send_xlsx
from bot.staff.models import Staff, is_within
from bot.staff.roles import Permission
from bot.web.console import Page, Section, Visit
from handlers.notices.campaign import ENDED, SENDING
from handlers.notices.console.campaign_view import HERE, PATH, Bench, id_in, is_written
from handlers.notices.labels import label
from handlers.notices.models import Campaign
from handlers.notices.results import Results, write_results

MAY = Permission.MANAGE_NOTICES
BESIDE = 10
"""So many others are compared with."""
MOST = 200
"""In one table."""
SHARES = ("read", "asked", "registered", "came", "opted_out")


@dataclass(frozen=True)
class Line:
    """One figure of a notice, and what it is on average for the others."""

    name: str
    count: int
    share: float | None
    others: float | None
    """None where no other tells."""


class ResultsPages:
    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._database = bench.database
        self._counting = bench.office.counting

    def section(self) -> Section:
        return Section(
            pages=(
                Page("GET", f"{PATH}/results.xlsx", self.download, MAY),
                Page("GET", f"{PATH}/{{id}}/results", self.show, MAY),
            )
        )

    async def show(self, visit: Visit) -> web.StreamResponse:
        async with self._database.reading() as session:
            campaign = await self._bench.office.broadcast.find(session, id_in(visit), visit.staff)
            if is_written(campaign):
                return visit.go(f"{PATH}/{campaign.id}")
            begun = await self._begun(session, visit.staff, limit=BESIDE + 1)
            others = [one for one in begun if one.id != campaign.id][:BESIDE]
            own, *rest = await self._counting.results(session, [campaign, *others], now=visit.now)
        names = [name for name in SHARES if campaign.offer or name not in ("registered", "came")]
        return await visit.page(
            "notices/results",
            here=HERE,
            campaign=campaign,
            own=own,
            lines=[_line(name, own, rest) for name in names],
            others=list(zip(others, rest, strict=True)),
            term=label,
        )

    async def download(self, visit: Visit) -> web.StreamResponse:
        with tempfile.TemporaryFile() as file:
            async with self._database.reading() as session:
                begun = await self._begun(session, visit.staff, limit=MOST)
                found = await self._counting.results(session, begun, now=visit.now)
            await write_results(file, begun, found)
            day = f"{visit.now.astimezone(LOCAL):%Y-%m-%d}"
            name = f"{label('sheet', 'name')}-{day}.xlsx"
            return await send_xlsx(visit.request, file, name=name, plain_name=f"notices-{day}.xlsx")

    async def _begun(self, session: AsyncSession, staff: Staff, *, limit: int) -> Sequence[Campaign]:
        """Those of their region that somebody was sent, the newest first."""
        states = [str(state) for state in ENDED | SENDING]
        wanted = select(Campaign).where(
            is_within(staff.scope, Campaign.region), Campaign.state.in_(states), Campaign.started_at.is_not(None)
        )
        return (await session.scalars(wanted.order_by(Campaign.id.desc()).limit(limit))).all()


def _line(name: str, own: Results, others: Sequence[Results]) -> Line:
    shares = [share for one in others if (share := one.share(name)) is not None]
    return Line(name, getattr(own, name), own.share(name), sum(shares) / len(shares) if shares else None)
