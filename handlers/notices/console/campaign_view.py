"""What the pages of one campaign share: its address, its steps, the clauses it may rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.database import Database
from bot.replies import ReplyBook
from bot.staff.ports import PlaceNames
from bot.staff.roles import EVERYWHERE
from bot.web.bodies import read_number
from bot.web.console import Visit
from handlers.notices.broadcast import By
from handlers.notices.campaign import EVERY_CHANNEL, WRITTEN, CampaignUnfit, NoSuchCampaign, State, text_for
from handlers.notices.leaflets import TOPICS
from handlers.notices.models import Campaign
from handlers.notices.office import NoticeOffice
from knowledge.answers import PolicyBook
from knowledge.policy import PeriodState, Policy

HERE = "notices"
PATH = "/staff/notices"


@dataclass(frozen=True)
class Bench:
    """What all pages are drawn from."""

    database: Database
    office: NoticeOffice
    book: PolicyBook
    places: PlaceNames
    replies: ReplyBook


async def words_of(session: AsyncSession, bench: Bench, campaign: Campaign, *, now: datetime) -> str:
    """What it says, its variables put in; as it was written where one is not known any more."""
    try:
        return (await bench.office.broadcast.word(session, campaign, EVERY_CHANNEL, now=now)).says
    except CampaignUnfit:
        return text_for(campaign.texts, EVERY_CHANNEL)


def id_in(visit: Visit) -> int:
    """Raises NoSuchCampaign."""
    found = read_number(visit.request.match_info["id"])
    if found is None:
        raise NoSuchCampaign(id=visit.request.match_info["id"][:20])
    return found


def by_of(visit: Visit) -> By:
    return By(visit.staff)


def today_of(visit: Visit) -> date:
    return visit.now.astimezone(LOCAL).date()


def is_written(campaign: Campaign) -> bool:
    """Nobody was sent it yet: it can be changed."""
    return State(campaign.state) in WRITTEN


def clauses_for(book: PolicyBook, region: str) -> Sequence[Policy]:
    """Documents that serve a place; for everywhere, all of them."""
    shelves = book.shelves if region == EVERYWHERE else (*book.serving(region), *book.below(region))
    return [shelf.policy for shelf in shelves]


@dataclass(frozen=True)
class Clauses:
    """The provisions of one document, for a select with groups."""

    document: str
    """Its number, or its title."""
    ended: bool
    options: list[tuple[str, str]]
    """(`policy.provision`, in plain words with the section)."""


def clause_choices(book: PolicyBook, region: str, today: date) -> list[Clauses]:
    """What people can get, nothing internal; documents that have ended come last."""
    found = [
        Clauses(
            policy.document.number or policy.document.title,
            policy.document.state(today) is PeriodState.ENDED,
            [
                (f"{policy.id}.{one.id}", f"{one.plain}（{one.section}）")
                for one in policy.provisions
                if one.kind in TOPICS
            ],
        )
        for policy in clauses_for(book, region)
    ]
    return sorted(found, key=lambda clauses: clauses.ended)
