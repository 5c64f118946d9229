"""Step two of a notice: whom it is for, row by row with its number, who is left out, ten of them with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aiohttp import web

from bot.staff.roles import Permission
from bot.web.bodies import read_number
from bot.web.console import Page, Section, Visit
from handlers.notices.campaign import CampaignStale, CampaignUnfit
from handlers.notices.choosing import Wanted
from handlers.notices.console.audience_forms import AudienceForm, Choices, choices_for, new_row, place_words
from handlers.notices.console.campaign_forms import draft_of
from handlers.notices.console.campaign_view import HERE, PATH, Bench, by_of, clause_choices, id_in, is_written, today_of
from handlers.notices.labels import label
from handlers.notices.models import Campaign
from handlers.notices.previewing import Preview
from handlers.notices.rule_reading import AudienceUnfit
from handlers.notices.rule_rows import MOST_ROWS, Row, compose, rows_of

MAY = Permission.MANAGE_NOTICES
ANOTHER_LOT = 0.37
"""By how much of the list the next samples lie further on."""


class AudiencePages:
    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._database = bench.database
        self._office = bench.office

    def section(self) -> Section:
        return Section(
            pages=(
                Page("GET", f"{PATH}/{{id}}/audience", self.show, MAY),
                Page("POST", f"{PATH}/{{id}}/audience", self.change, MAY),
            )
        )

    async def show(self, visit: Visit) -> web.StreamResponse:
        """`?from=` (0 to 1): from where in the list the samples are taken."""
        campaign = await self._find(visit)
        if not is_written(campaign):
            return visit.go(f"{PATH}/{campaign.id}")
        try:
            rows = rows_of(self._office.reading.rule_of(campaign.audience))
        except AudienceUnfit:
            rows = ()  # it names what is not there any more: written anew from the first row
        form = AudienceForm(rows or (), str(campaign.recent_days))
        return await self._draw(visit, campaign, form, nested=rows is None)

    async def change(self, visit: Visit) -> web.StreamResponse:
        campaign = await self._find(visit)
        form = self._act(visit, campaign, AudienceForm.read(visit.form))
        composed = compose(form.rows)
        faults: dict[str, str] = {}
        if form.recent_days is None:
            faults["recent"] = "number"
        if not form.rows:
            faults["rows"] = "empty"
        if faults:
            return await self._draw(visit, campaign, form, faults=faults)
        draft = draft_of(campaign, audience=composed.rule, recent_days=form.recent_days)
        version = read_number(visit.form.get("version")) or 0
        try:
            async with self._database.transaction() as session:
                await self._office.broadcast.edit(
                    session, campaign.id, draft, by_of(visit), version=version, now=visit.now
                )
        except AudienceUnfit as error:
            found = error.data["faults"]
            faults = {f"row.{composed.row_of(path)}": code for path, code in found.items()}
            return await self._draw(visit, campaign, form, faults=faults)
        except CampaignUnfit:
            return visit.go(f"{PATH}/{campaign.id}/content?check=1")
        except CampaignStale:
            return await self._draw(visit, await self._find(visit), form, moved=True)
        return visit.go(f"{PATH}/{campaign.id}/{'test' if visit.form.get('do') == 'next' else 'audience#rules'}")

    def _act(self, visit: Visit, campaign: Campaign, form: AudienceForm) -> AudienceForm:
        """A row more or less, as the button says."""
        do = visit.form.get("do", "")
        if do == "add" and len(form.rows) < MOST_ROWS:
            row = new_row(visit.form.get("add", ""), campaign, self._choices(visit, campaign))
            return replace(form, rows=(*form.rows, row)) if row is not None else form
        verb, _, number = do.partition(".")
        if verb == "drop" and (at := read_number(number)) is not None:
            return replace(form, rows=form.rows[:at] + form.rows[at + 1 :])
        return form

    async def _find(self, visit: Visit) -> Campaign:
        """Raises NoSuchCampaign."""
        async with self._database.reading() as session:
            return await self._office.broadcast.find(session, id_in(visit), visit.staff)

    def _choices(self, visit: Visit, campaign: Campaign) -> Choices:
        clauses = clause_choices(self._bench.book, campaign.region, today_of(visit))
        return choices_for(campaign, clauses)

    async def _draw(
        self,
        visit: Visit,
        campaign: Campaign,
        form: AudienceForm,
        *,
        faults: Mapping[str, str] | None = None,
        moved: bool = False,
        nested: bool = False,
    ) -> web.Response:
        """What is faulty or not kept yet is not counted."""
        preview: Preview | None = None
        numbers: list[int] = []
        if not faults and not moved and (form.rows or nested):
            wanted = self._office.reading.wanted(campaign)
            preview = await self._office.previewing.preview(wanted, now=visit.now, start=_start(visit))
            numbers = await self._narrowing(wanted, form.rows, visit)
        limits = self._office.reading.limits
        return await visit.page(
            "notices/audience",
            here=HERE,
            status=409 if moved else 422 if faults else 200,
            campaign=campaign,
            form=form,
            rows=[self._shown(row) for row in form.rows],
            choices=self._choices(visit, campaign),
            numbers=numbers,
            preview=preview,
            faults=dict(faults or {}),
            moved=moved,
            nested=nested,
            more=f"?from={(_start(visit) + ANOTHER_LOT) % 1:.2f}#samples",
            above=limits.approve_above,
            cap=limits.weekly_cap,
            now=visit.now.isoformat(timespec="seconds"),
            most_rows=MOST_ROWS,
            place=self._bench.places.whole,
            term=label,
        )

    async def _narrowing(self, wanted: Wanted, rows: tuple[Row, ...], visit: Visit) -> list[int]:
        """How many are left after each row."""
        reading = self._office.reading
        rules = [reading.rule_of(compose(rows[: n + 1]).rule) for n in range(len(rows))]
        steps = [replace(wanted, rule=rule) for rule in rules]
        return await self._office.previewing.narrowing(steps, now=visit.now)

    def _shown(self, row: Row) -> Row:
        if row.key != "region":
            return row
        return replace(row, fields={**row.fields, "value": place_words(row, self._bench.places)})


def _start(visit: Visit) -> float:
    try:
        return min(max(float(visit.request.query.get("from", "0")), 0.0), 1.0)
    except ValueError:
        return 0.0
