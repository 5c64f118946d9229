"""/staff/notices: all campaigns; writing one: kind, words for each channel, the clause and the offer it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.models import Staff
from bot.staff.roles import EVERYWHERE, Permission, may
from bot.web.bodies import read_number
from bot.web.console import NavLink, Page, Section, Visit
from handlers.notices.broadcast import PAGE
from handlers.notices.campaign import (
    MOST_TEXT,
    CampaignStale,
    CampaignUnfit,
    Kind,
    Standing,
    missing_in,
)
from handlers.notices.console.campaign_forms import GIVEN, MOST, TEXT_FIELDS, ContentForm
from handlers.notices.console.campaign_view import HERE, PATH, Bench, by_of, clause_choices, id_in, is_written, today_of
from handlers.notices.console.in_person_pages import MAY as TELLS
from handlers.notices.console.in_person_pages import InPersonPages
from handlers.notices.labels import label, names_of
from handlers.notices.models import Campaign, Recipient
from handlers.notices.rule_reading import AudienceUnfit
from handlers.notices.waiting import count_waiting, list_waiting, newest_asked

MAY = Permission.MANAGE_NOTICES


class CampaignPages:
    def __init__(self, bench: Bench, in_person: InPersonPages) -> None:
        """`in_person` lists what is to be told by word of mouth, for those who draft nothing."""
        self._in_person = in_person
        self._bench = bench
        self._database = bench.database
        self._broadcast = bench.office.broadcast

    def section(self) -> Section:
        return Section(
            pages=(
                Page("GET", PATH, self.list_all, TELLS),
                Page("GET", f"{PATH}/new", self.show_new, MAY),
                Page("POST", PATH, self.add, MAY),
                Page("GET", f"{PATH}/{{id}}/content", self.show, MAY),
                Page("POST", f"{PATH}/{{id}}/content", self.change, MAY),
            ),
            links=(NavLink("people", HERE, PATH, "horn", TELLS),),
            counts=self._count,
            marker=newest_asked,
        )

    async def _count(self, session: AsyncSession, staff: Staff, _now: datetime) -> Mapping[str, int]:
        """What waits for their approval; no number for who may not give it."""
        if not may(staff.as_role, Permission.APPROVE_NOTICES):
            return {}
        return {HERE: await count_waiting(session, staff)}

    async def list_all(self, visit: Visit) -> web.StreamResponse:
        """The newest first; `?before=` for older ones."""
        if not visit.may(MAY):
            return await self._in_person.list_all(visit)
        before = read_number(visit.request.query.get("before"))
        async with self._database.reading() as session:
            found = await self._broadcast.newest(session, visit.staff, before=before)
            counts = await counts_of(session, [campaign.id for campaign in found])
            waiting = [] if before else await list_waiting(session, visit.staff)
            authors = await _names(session, {one.author_id for one in waiting})
        return await visit.page(
            "notices/list",
            here=HERE,
            rows=[(campaign, counts.get(campaign.id, {})) for campaign in found],
            waiting=[(campaign, authors.get(campaign.author_id, "")) for campaign in waiting],
            older=found[-1].id if len(found) == PAGE else None,
            place=self._bench.places.whole,
            term=label,
        )

    async def show_new(self, visit: Visit) -> web.StreamResponse:
        """`?kind=` begins with the words of that kind, `?offer=` with what is known of that offer."""
        kind, code = visit.request.query.get("kind", ""), visit.request.query.get("offer", "")[: MOST["offer"]]
        form = ContentForm.start(Kind(kind) if kind in set(Kind) else Kind.FAIR, self._own_place(visit))
        async with self._database.reading() as session:
            offer = await self._bench.office.reading.offer(session, code) if code else None
        if offer is not None:
            known = {"offer": offer.code, "title": offer.title, "when": offer.when, "where": offer.where}
            form = replace(form, fields={**form.fields, **known})
        return await self._draw(visit, form)

    async def add(self, visit: Visit) -> web.StreamResponse:
        form = ContentForm.read(visit.form)
        draft, faults = form.draft(self._bench.places, visit.staff.scope, None)
        if faults:
            return await self._draw(visit, form, faults=faults)
        try:
            async with self._database.transaction() as session:
                campaign = await self._broadcast.add(session, draft, by_of(visit), now=visit.now)
                kept = campaign.id
        except CampaignUnfit as error:
            return await self._draw(visit, form, faults=error.data["faults"])
        except AudienceUnfit:
            return await self._draw(visit, form, faults={"clause": "unknown"})  # a correction is for who was told of it
        return await self._lead_on(visit, kept)

    async def show(self, visit: Visit) -> web.StreamResponse:
        """With `?check=1`, what keeps it from being sent is named at its fields."""
        async with self._database.reading() as session:
            campaign = await self._broadcast.find(session, id_in(visit), visit.staff)
            faults = {}
            if visit.request.query.get("check"):
                faults = await self._faults(session, campaign, visit)
        if not is_written(campaign):
            return visit.go(f"{PATH}/{campaign.id}")
        form = ContentForm.of(campaign, self._bench.places)
        return await self._draw(visit, form, campaign=campaign, faults=faults, kept=bool(faults), status=200)

    async def change(self, visit: Visit) -> web.StreamResponse:
        campaign_id, form = id_in(visit), ContentForm.read(visit.form)
        async with self._database.reading() as session:
            campaign = await self._broadcast.find(session, campaign_id, visit.staff)
        draft, faults = form.draft(self._bench.places, visit.staff.scope, campaign)
        if faults:
            return await self._draw(visit, form, campaign=campaign, faults=faults)
        version = read_number(visit.form.get("version")) or 0
        try:
            async with self._database.transaction() as session:
                await self._broadcast.edit(session, campaign_id, draft, by_of(visit), version=version, now=visit.now)
        except CampaignUnfit as error:
            return await self._draw(visit, form, campaign=campaign, faults=error.data["faults"])
        except CampaignStale:
            async with self._database.reading() as session:
                campaign = await self._broadcast.find(session, campaign_id, visit.staff)
            return await self._draw(visit, form, campaign=campaign, moved=True, status=409)
        return await self._lead_on(visit, campaign_id)

    async def _lead_on(self, visit: Visit, campaign_id: int) -> web.StreamResponse:
        """To the next step; back to the fields where something keeps it from being sent; or to the list."""
        if visit.form.get("then") == "later":
            return visit.go(PATH, done="notice_kept")
        async with self._database.reading() as session:
            campaign = await self._broadcast.find(session, campaign_id, visit.staff)
            faults = await self._broadcast.faults(session, campaign, now=visit.now)
        return visit.go(f"{PATH}/{campaign_id}/{'content?check=1' if faults else 'audience'}")

    async def _faults(self, session: AsyncSession, campaign: Campaign, visit: Visit) -> dict[str, str]:
        """What keeps it from being sent; a variable that nothing is known for is named where it is filled in."""
        faults = await self._broadcast.faults(session, campaign, now=visit.now)
        values = await self._bench.office.reading.values(session, campaign, now=visit.now)
        for field, channel in TEXT_FIELDS.items():
            if not faults.get(field, "").startswith("variable:"):
                continue
            places = {name: name for name in GIVEN} | {"clause": "clause"}
            places |= dict.fromkeys(("seats", "code"), "offer") if self._bench.office.reading.has_offers else {}
            missing = missing_in(campaign.texts.get(channel, ""), values)
            if set(missing) <= set(places):
                del faults[field]
            faults |= {places[name]: f"variable:{name}" for name in missing if name in places}
        return faults

    async def _draw(
        self,
        visit: Visit,
        form: ContentForm,
        *,
        campaign: Campaign | None = None,
        faults: Mapping[str, str] | None = None,
        kept: bool = False,
        moved: bool = False,
        status: int = 422,
    ) -> web.Response:
        """`kept`: it is stored as it stands; `moved`: somebody changed it meanwhile, theirs is shown beside."""
        region = campaign.region if campaign is not None else visit.staff.region
        status = status if faults or moved else 200
        return await visit.page(
            "notices/content",
            here=HERE,
            status=status,
            campaign=campaign,
            form=form,
            faults=dict(faults or {}),
            kept=kept,
            moved=moved,
            theirs=ContentForm.of(campaign, self._bench.places) if campaign is not None and moved else None,
            kinds=list(Kind),
            clauses=clause_choices(self._bench.book, region, today_of(visit)),
            braces=names_of("variable"),
            most=MOST,
            most_text=MOST_TEXT,
            has_offers=self._bench.office.reading.has_offers,
            term=label,
        )

    def _own_place(self, visit: Visit) -> str:
        region = visit.staff.region
        return "" if region == EVERYWHERE else self._bench.places.whole(region)


async def _names(session: AsyncSession, ids: Set[int | None]) -> dict[int | None, str]:
    """Who they are, by their id."""
    rows = await session.execute(select(Staff.id, Staff.display_name).where(Staff.id.in_(ids)))
    return {row.id: row.display_name for row in rows}


async def counts_of(session: AsyncSession, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Recipients of several campaigns by where they stand; `Standing` as words."""
    found: dict[int, dict[str, int]] = {}
    if ids:
        rows = await session.execute(
            select(Recipient.campaign_id, Recipient.state, func.count())
            .where(Recipient.campaign_id.in_(ids))
            .group_by(Recipient.campaign_id, Recipient.state)
        )
        for campaign_id, state, count in rows:
            found.setdefault(campaign_id, {})[str(Standing(state))] = count
    return found
