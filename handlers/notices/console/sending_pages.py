"""Steps three and four of a notice: look at it and send it to oneself; have it approved, set a time, send it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from bot.clock import LOCAL
from bot.errors import UserFacingError
from bot.messages import ChannelName
from bot.staff.roles import Permission
from bot.web.bodies import read_number
from bot.web.console import Page, Section, Visit
from handlers.notices.broadcast import wrote
from handlers.notices.campaign import (
    MOST_TEXT,
    CampaignStale,
    CampaignUnfit,
    NoOwnChat,
    SchedulePast,
    State,
    allowed_moves,
    sms_parts,
    telegram_length,
)
from handlers.notices.console.campaign_view import HERE, PATH, Bench, by_of, id_in, is_written, words_of
from handlers.notices.labels import label
from handlers.notices.models import Campaign
from handlers.notices.previewing import Reach
from handlers.notices.rule_reading import AudienceUnfit

MAY = Permission.MANAGE_NOTICES


@dataclass(frozen=True)
class Shown:
    """A notice as one channel shows it."""

    channel: str
    text: str
    length: int
    buttons: tuple[str, ...]


class ScheduleUnfit(UserFacingError):
    """No day and time can be read from it."""

    code = "schedule_unfit"


class SendingPages:
    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._database = bench.database
        self._office = bench.office
        self._broadcast = bench.office.broadcast

    def section(self) -> Section:
        at = f"{PATH}/{{id}}"
        return Section(
            pages=(
                Page("GET", f"{at}/test", self.show_test, MAY),
                Page("POST", f"{at}/test", self.test, MAY),
                Page("GET", f"{at}/send", self.show_send, MAY),
                Page("POST", f"{at}/ask", self.ask, MAY),
                Page("POST", f"{at}/approve", self.approve, MAY),
                Page("POST", f"{at}/schedule", self.schedule, MAY),
                Page("POST", f"{at}/start", self.start, MAY),
            )
        )

    # -- looking --------------------------------------------------------------------------------------------

    async def show_test(self, visit: Visit) -> web.StreamResponse:
        return await self._draw_test(visit)

    async def test(self, visit: Visit) -> web.StreamResponse:
        campaign_id = id_in(visit)
        try:
            async with self._database.transaction() as session:
                await self._broadcast.test(session, campaign_id, visit.staff, now=visit.now)
        except NoOwnChat as error:
            return await self._draw_test(visit, fault=visit.pages.say_error(error.code, error.data))
        except CampaignUnfit:
            return visit.go(f"{PATH}/{campaign_id}/content?check=1")
        return visit.go(f"{PATH}/{campaign_id}/test", done="notice_tested")

    async def _draw_test(self, visit: Visit, *, fault: str = "") -> web.StreamResponse:
        shown: list[Shown] = []
        parts = 0
        async with self._database.reading() as session:
            campaign = await self._broadcast.find(session, id_in(visit), visit.staff)
            faults = await self._broadcast.faults(session, campaign, now=visit.now)
            if not faults:
                parts = sms_parts(await words_of(session, self._bench, campaign, now=visit.now))
                for channel in (ChannelName.TELEGRAM, ChannelName.WEBCHAT):
                    reply = await self._broadcast.word(session, campaign, channel, now=visit.now)
                    text = self._bench.replies.word(reply)
                    buttons = tuple(choice.label for choice in reply.choices)
                    shown.append(Shown(str(channel), text, telegram_length(text), buttons))
        if faults and is_written(campaign):
            return visit.go(f"{PATH}/{campaign.id}/content?check=1")
        return await visit.page(
            "notices/test",
            here=HERE,
            status=422 if fault else 200,
            campaign=campaign,
            views=shown,
            parts=parts,
            most_text=MOST_TEXT,
            fault=fault,
            written=is_written(campaign),
            term=label,
        )

    # -- deciding -------------------------------------------------------------------------------------------

    async def show_send(self, visit: Visit) -> web.StreamResponse:
        return await self._draw_send(visit)

    async def ask(self, visit: Visit) -> web.StreamResponse:
        """Somebody who may approve it is to see that it waits."""
        campaign_id = id_in(visit)
        try:
            async with self._database.transaction() as session:
                await self._broadcast.ask(session, campaign_id, by_of(visit), now=visit.now)
        except CampaignUnfit:
            return visit.go(f"{PATH}/{campaign_id}/content?check=1")
        return visit.go(f"{PATH}/{campaign_id}/send", done="notice_asked")

    async def approve(self, visit: Visit) -> web.StreamResponse:
        """What was read is what is approved, and it is counted now. Raises ApprovalRefused."""
        campaign_id, version = id_in(visit), read_number(visit.form.get("version"))
        async with self._database.reading() as session:
            campaign = await self._broadcast.find(session, campaign_id, visit.staff)
        reach = await self._reach(campaign, visit)
        try:
            async with self._database.transaction() as session:
                current = await self._broadcast.find(session, campaign_id, visit.staff, lock=True)
                if version not in (None, current.version):
                    raise CampaignStale(id=campaign_id)
                await self._broadcast.approve(
                    session, campaign_id, by_of(visit), size=reach.size, in_person=reach.in_person, now=visit.now
                )
        except CampaignUnfit as error:
            at = "audience" if "audience" in error.data["faults"] else "content?check=1"
            return visit.go(f"{PATH}/{campaign_id}/{at}")
        except CampaignStale:
            return await self._draw_send(visit, moved=True)
        return visit.go(f"{PATH}/{campaign_id}/send", done="notice_approve")

    async def schedule(self, visit: Visit) -> web.StreamResponse:
        campaign_id, typed = id_in(visit), visit.form.get("at", "")[:40]
        try:
            at = read_local(typed)
            async with self._database.transaction() as session:
                await self._broadcast.schedule(session, campaign_id, by_of(visit), at=at, now=visit.now)
        except (SchedulePast, ScheduleUnfit) as error:
            words = visit.pages.say_error(error.code, error.data)
            return await self._draw_send(visit, typed=typed, faults={"at": words})
        return visit.go(f"{PATH}/{campaign_id}/send", done="notice_schedule")

    async def start(self, visit: Visit) -> web.StreamResponse:
        campaign_id = id_in(visit)
        try:
            async with self._database.transaction() as session:
                await self._broadcast.start(session, campaign_id, by_of(visit), now=visit.now)
        except CampaignUnfit:
            return visit.go(f"{PATH}/{campaign_id}/content?check=1")
        return visit.go(f"{PATH}/{campaign_id}", done="notice_start")

    async def _draw_send(
        self, visit: Visit, *, typed: str = "", faults: Mapping[str, str] | None = None, moved: bool = False
    ) -> web.StreamResponse:
        async with self._database.reading() as session:
            campaign = await self._broadcast.find(session, id_in(visit), visit.staff)
            unfit = await self._broadcast.faults(session, campaign, now=visit.now)
            words = await words_of(session, self._bench, campaign, now=visit.now)
        if not is_written(campaign):
            return visit.go(f"{PATH}/{campaign.id}")
        reach, above = await self._reach(campaign, visit), self._office.reading.limits.approve_above
        own = wrote(campaign, visit.staff)
        starts = campaign.starts_at.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M") if campaign.starts_at else ""
        return await visit.page(
            "notices/send",
            here=HERE,
            status=409 if moved else 422 if faults else 200,
            campaign=campaign,
            moved=moved,
            text=words,
            moves={str(move) for move in allowed_moves(State(campaign.state))},
            size=reach.size,
            in_person=reach.in_person,
            above=above,
            own=own,
            may_approve=reach.size <= above or (not own and visit.may(Permission.APPROVE_NOTICES)),
            unfit=bool(unfit),
            at=typed or starts,
            soonest=visit.now.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M"),
            faults=dict(faults or {}),
            term=label,
        )

    async def _reach(self, campaign: Campaign, visit: Visit) -> Reach:
        """How many would hear of it; nobody where its rule names what is not there any more."""
        try:
            wanted = self._office.reading.wanted(campaign)
        except AudienceUnfit:
            return Reach(0, 0)
        return await self._office.previewing.reach(wanted, now=visit.now)


def read_local(text: str) -> datetime:
    """`2026-12-05T09:00`, as a browser sends a local time. Raises ScheduleUnfit."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ScheduleUnfit from None
    return found if found.tzinfo is not None else found.replace(tzinfo=LOCAL)
