"""What came of a campaign: who was reached, read it, registered, came, asked something, said stop; beside others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.messages import ChannelName, Speaker
from bot.models import Conversation, Message
from handlers.notices.campaign import Kind, Standing
from handlers.notices.choosing import KIND_PURPOSES
from handlers.notices.labels import label
from handlers.notices.models import Campaign, Recipient
from handlers.notices.ports import Offers
from handlers.people.models import Consent, Person
from handlers.people.person import Purpose

ANSWERS, STOPS = timedelta(days=3), timedelta(days=7)
"""What somebody says or stops so soon after the end of a campaign counts as following it."""
REACHED = Recipient.state == str(Standing.SENT)


@dataclass(frozen=True)
class Results:
    campaign_id: int
    chosen: int
    """Who was to be told."""
    reached: int
    """It left for them, or waits in their web chat."""
    readable: int
    """Of these, in a channel that tells whether it was read."""
    read: int
    registered: int
    came: int
    asked: int
    opted_out: int
    told_in_person: int
    failed: int

    def share(self, name: str) -> float | None:
        """Of those who were told (of those whose channel tells, for `read`); None where nobody was.

        Who was told in person may register and come as well; what is said or stopped follows a message in a chat.
        """
        of = self.reached
        if name == "read":
            of = self.readable
        elif name in ("registered", "came"):
            of += self.told_in_person
        return getattr(self, name) / of if of else None


@dataclass(frozen=True)
class Followed:
    """Who did something because of it."""

    registered: int
    opted_out: int


class Counting:
    def __init__(self, offers: Offers | None) -> None:
        self._offers = offers

    async def results(self, session: AsyncSession, campaigns: Sequence[Campaign], *, now: datetime) -> list[Results]:
        """Of each of these, in their order."""
        return [await self._count(session, campaign, now=now) for campaign in campaigns]

    async def followed(self, session: AsyncSession, campaign: Campaign, *, now: datetime) -> Followed:
        """What has followed so far, while it is still sent."""
        stopped = has_stopped(campaign, (campaign.ended_at or now) + STOPS)
        where = (Recipient.campaign_id == campaign.id, REACHED, stopped)
        opted_out = await session.scalar(select(func.count()).select_from(Recipient).where(*where)) or 0
        registered, _ = await self._of_offer(session, campaign)
        return Followed(registered, opted_out)

    async def _count(self, session: AsyncSession, campaign: Campaign, *, now: datetime) -> Results:
        ended = campaign.ended_at or now
        stopped = has_stopped(campaign, ended + STOPS)
        asking = and_(REACHED, Conversation.channel != str(ChannelName.TELEGRAM))
        row = (
            await session.execute(
                select(
                    func.count(),
                    _count(REACHED),
                    _count(asking),
                    _count(and_(asking, Conversation.seen_seq >= Recipient.seq)),
                    _count(and_(REACHED, _asked(ended + ANSWERS), ~stopped)),
                    _count(and_(REACHED, stopped)),
                    _count(Recipient.state == str(Standing.TOLD_IN_PERSON)),
                    _count(Recipient.state == str(Standing.FAILED)),
                )
                .select_from(Recipient)
                .outerjoin(Conversation, Conversation.id == Recipient.conversation_id)
                .where(Recipient.campaign_id == campaign.id)
            )
        ).one()
        chosen, reached, readable, read, asked, opted_out, told, failed = row
        registered, came = await self._of_offer(session, campaign)
        return Results(campaign.id, chosen, reached, readable, read, registered, came, asked, opted_out, told, failed)

    async def _of_offer(self, session: AsyncSession, campaign: Campaign) -> tuple[int, int]:
        """(who registered after they were told, who came of all that were told)"""
        if not campaign.offer or self._offers is None:
            return 0, 0
        told = Recipient.state.in_((str(Standing.SENT), str(Standing.TOLD_IN_PERSON)))
        found = await session.execute(
            select(
                _count(self._offers.registered_since(Person.id, campaign.offer, Recipient.at)),
                _count(self._offers.has_come(Person.id, campaign.offer)),
            )
            .select_from(Recipient)
            .join(Person, Person.id == Recipient.person_id)
            .where(Recipient.campaign_id == campaign.id, told)
        )
        registered, came = found.one()
        return registered, came


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _asked(until: datetime) -> ColumnElement[bool]:
    """They wrote in that chat after it, and soon, and not only what a button of the notice says."""
    found = select(1).where(
        Message.conversation_id == Recipient.conversation_id,
        Message.seq > Recipient.seq,
        Message.speaker == str(Speaker.YOU),
        Message.text.not_in((label("button", "register"), label("button", "stop"))),
        Message.at <= until,
    )
    return exists(found.correlate(Recipient))


def has_stopped(campaign: Campaign, until: datetime) -> ColumnElement[bool]:
    """Whether a recipient said no to notices, or to those of its kind, after it, and soon."""
    purposes = {Purpose.NOTICES, KIND_PURPOSES.get(Kind(campaign.kind), Purpose.NOTICES)}
    found = select(1).where(
        Consent.person_id == Recipient.person_id,
        Consent.purpose.in_([str(purpose) for purpose in purposes]),
        ~Consent.given,
        Consent.at >= Recipient.at,
        Consent.at <= until,
    )
    return exists(found.correlate(Recipient))


# -- as a table ---------------------------------------------------------------------------------------------

HEADS = ("chosen", "reached", "read", "registered", "came", "asked", "opted_out", "told_in_person", "failed")


async def write_results(file: BinaryIO, campaigns: Sequence[Campaign], found: Sequence[Results]) -> None:
    """Campaigns beside each other, as xlsx; it holds nobody's name."""
    await asyncio.to_thread(_write, file, campaigns, found)


def _write(file: BinaryIO, campaigns: Sequence[Campaign], found: Sequence[Results]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(label("sheet", "name"))
    about = [label("sheet", name) for name in ("id", "title", "kind", "state", "started")]
    sheet.append([*about, *(label("result", name) for name in HEADS)])
    for campaign, results in zip(campaigns, found, strict=True):
        started = f"{campaign.started_at.astimezone(LOCAL):%Y-%m-%d %H:%M}" if campaign.started_at else ""
        named = [campaign.id, as_cell(campaign.title), label("kind", campaign.kind), label("state", campaign.state)]
        sheet.append([*named, started, *(getattr(results, name) for name in HEADS)])
    book.save(file)


def as_cell(text: str) -> str:
    """Words that no spreadsheet takes for a formula."""
    return "'" + text if text.lstrip().startswith(("=", "+", "-", "@")) else text
