"""How a notice goes: its numbers while it is sent, live where the browser can; pause, go on, stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.staff.roles import Permission, may
from bot.staff.sessions import Ended, find_session
from bot.web.console import COOKIE, Page, Section, Visit
from bot.web.pages import Pages
from handlers.notices.broadcast import By, wrote
from handlers.notices.campaign import Move, Reason, Standing, State, allowed_moves
from handlers.notices.console.campaign_view import HERE, PATH, Bench, by_of, id_in, is_written, words_of
from handlers.notices.labels import label
from handlers.notices.models import Campaign
from handlers.notices.progress import Progress, read_progress

MAY = Permission.MANAGE_NOTICES
POLL_SECONDS = 2.0
"""How often one looks how far it is."""
SHOWN = (
    Standing.SENT,
    Standing.WAITING,
    Standing.QUEUED,
    Standing.FAILED,
    Standing.UNREACHABLE,
    Standing.TOLD_IN_PERSON,
    Standing.REGISTERED,
    Standing.OPTED_OUT,
    Standing.LEFT_OUT,
    Standing.STOPPED,
    Standing.ERASED,
)
"""In the order of the page; those with nobody are left out."""


class Acting(Protocol):
    """One of the use cases: pause, resume, stop."""

    def __call__(self, session: AsyncSession, campaign_id: int, by: By, *, now: datetime) -> Awaitable[Campaign]: ...


@dataclass(frozen=True)
class Seen:
    """What a page shows of a campaign that runs or has run."""

    campaign: Campaign
    progress: Progress

    @property
    def seconds(self) -> float:
        """Until all are sent, at the rate of the last minute; 0 where nothing is known."""
        return self.progress.left / self.progress.rate if self.progress.rate else 0.0

    @property
    def lines(self) -> list[tuple[Standing, int]]:
        return [(one, self.progress.counts[one]) for one in SHOWN if self.progress.counts[one]]

    @property
    def moves(self) -> frozenset[str]:
        return frozenset(str(move) for move in allowed_moves(State(self.campaign.state)))


class ProgressPages:
    def __init__(self, bench: Bench, clock: Clock) -> None:
        self._bench = bench
        self._clock = clock
        self._database = bench.database
        self._broadcast = bench.office.broadcast

    def section(self) -> Section:
        at = f"{PATH}/{{id}}"
        return Section(
            pages=(
                Page("GET", at, self.show, MAY),
                Page("GET", f"{at}/live", self.stream, MAY),
                *(
                    Page("POST", f"{at}/{move}", self._doing(move), MAY)
                    for move in (Move.PAUSE, Move.RESUME, Move.STOP)
                ),
            )
        )

    async def show(self, visit: Visit) -> web.StreamResponse:
        """A notice nobody was sent yet opens where it is worked on next."""
        async with self._database.reading() as session:
            campaign = await self._broadcast.find(session, id_in(visit), visit.staff)
            seen = Seen(campaign, await read_progress(session, campaign, now=visit.now))
            followed = await self._bench.office.counting.followed(session, campaign, now=visit.now)
            words = await words_of(session, self._bench, campaign, now=visit.now)
        if is_written(campaign):
            mine = campaign.state == str(State.DRAFT) and campaign.author_id == visit.staff.id
            return visit.go(f"{PATH}/{campaign.id}/{'content' if mine else 'send'}")
        return await visit.page(
            "notices/progress",
            here=HERE,
            seen=seen,
            followed=followed,
            campaign=campaign,
            text=words,
            may_resume=campaign.reason != str(Reason.GROWN) or self._may_approve(campaign, visit),
            place=self._bench.places.whole,
            sending=campaign.state in (str(State.RUNNING), str(State.PAUSED)),
            term=label,
        )

    def _may_approve(self, campaign: Campaign, visit: Visit) -> bool:
        return not wrote(campaign, visit.staff) and visit.may(Permission.APPROVE_NOTICES)

    def _doing(self, move: Move) -> Callable[[Visit], Awaitable[web.StreamResponse]]:
        acts: dict[Move, Acting] = {
            Move.PAUSE: self._broadcast.pause,
            Move.RESUME: self._broadcast.resume,
            Move.STOP: self._broadcast.stop,
        }

        async def do(visit: Visit) -> web.StreamResponse:
            """Raises CampaignMoveRefused where somebody, or the program, was first."""
            campaign_id = id_in(visit)
            async with self._database.transaction() as session:
                await acts[move](session, campaign_id, by_of(visit), now=visit.now)
            return visit.go(f"{PATH}/{campaign_id}", done=f"notice_{move}")

        return do

    # -- live -----------------------------------------------------------------------------------------------

    async def stream(self, visit: Visit) -> web.StreamResponse:
        """The numbers whenever they are others, until it has ended, whoever looks is signed out or the server stops."""
        campaign_id = id_in(visit)
        async with self._database.reading() as session:
            await self._broadcast.find(session, campaign_id, visit.staff)
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
        )
        await response.prepare(visit.request)
        with suppress(ConnectionError):
            await self._write(response, visit, campaign_id)
        return response

    async def _write(self, response: web.StreamResponse, visit: Visit, campaign_id: int) -> None:
        await response.write(b": open\n\n")
        last = ""
        while not visit.closing.is_set():
            seen = await self._look(visit, campaign_id)
            if seen is None:
                return
            piece = visit.pages.piece("notices/numbers", seen=seen, campaign=seen.campaign, term=label)
            over = seen.campaign.state not in (str(State.RUNNING), str(State.PAUSED))
            if piece != last:
                last = piece
                data = {"numbers": piece, "state": seen.campaign.state}
                await response.write(f"data: {Pages.json(data)}\n\n".encode())
            else:
                await response.write(b": still here\n\n")
            if over:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await visit.closing.wait()

    async def _look(self, visit: Visit, campaign_id: int) -> Seen | None:
        """None once they are signed out, or it is no longer theirs to see."""
        now = self._clock.now()
        async with self._database.reading() as session:
            found = await find_session(session, visit.request.cookies.get(COOKIE, ""), now=now)
            if isinstance(found, Ended) or not may(found.staff.as_role, MAY):
                return None
            campaign = await self._broadcast.find(session, campaign_id)
            if not found.staff.scope.covers(campaign.region):
                return None
            return Seen(campaign, await read_progress(session, campaign, now=now))
