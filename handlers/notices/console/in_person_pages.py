"""Whom no channel reaches: a list for the village, with the words to read aloud, and who was told."""

from __future__ import annotations

from aiohttp import web

from bot.staff.roles import Permission
from bot.web.bodies import read_number
from bot.web.console import Page, Section, Visit
from handlers.notices.console.campaign_view import HERE, PATH, Bench, id_in, words_of
from handlers.notices.in_person import PAGE
from handlers.notices.labels import label

MAY = (Permission.MANAGE_NOTICES, Permission.RECORD_SERVICE)


class InPersonPages:
    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._database = bench.database
        self._office = bench.office

    def section(self) -> Section:
        at = f"{PATH}/{{id}}/in-person"
        return Section(pages=(Page("GET", at, self.show, MAY), Page("POST", at, self.tell, MAY)))

    async def show(self, visit: Visit) -> web.StreamResponse:
        """`?after=` for the next page."""
        after = read_number(visit.request.query.get("after")) or 0
        async with self._database.reading() as session:
            campaign = await self._office.in_person.find(session, id_in(visit), visit.staff)
            people = await self._office.in_person.unreached(session, campaign.id, visit.staff, after=after)
            villages = await self._office.in_person.villages(session, campaign.id, visit.staff)
            words = await words_of(session, self._bench, campaign, now=visit.now)
        return await visit.page(
            "notices/in_person",
            here=HERE,
            campaign=campaign,
            people=people,
            villages=villages,
            words=words,
            more=people[-1].recipient_id if len(people) == PAGE else None,
            after=after,
            may_look=visit.may(Permission.MANAGE_NOTICES),
            term=label,
        )

    async def tell(self, visit: Visit) -> web.StreamResponse:
        """Those who are ticked were told by word of mouth; who was ticked wrongly was not. Raises NoSuchCampaign."""
        campaign_id, in_person = id_in(visit), self._office.in_person
        told, wrong = _numbers(visit, "told"), _numbers(visit, "untold")
        async with self._database.transaction() as session:
            news = await in_person.tell(session, campaign_id, told, visit.staff, now=visit.now) if told else 0
            news += await in_person.take_back(session, campaign_id, wrong, visit.staff, now=visit.now) if wrong else 0
        after = read_number(visit.form.get("after")) or 0
        return visit.go(f"{PATH}/{campaign_id}/in-person?after={after}", done="notice_told" if news else "")

    async def list_all(self, visit: Visit) -> web.StreamResponse:
        """Notices of which somebody of theirs has to be told."""
        async with self._database.reading() as session:
            rows = await self._office.in_person.to_tell(session, visit.staff)
        return await visit.page("notices/to_tell", here=HERE, rows=rows)


def _numbers(visit: Visit, field: str) -> list[int]:
    return [number for text in visit.all(field) if (number := read_number(text)) is not None]
