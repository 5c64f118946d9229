"""Sends what runs: puts a few seconds' worth of messages into the outbox at a time, and notes how the last ones ended.

Any number of processes may run it. One feeds at a time (a row that all of them lock), so that nobody is reached by two
campaigns at once; the outbox is short, so that pausing, stopping and opting out act at once, and the courier sends
whatever is more urgent first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import and_, case, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database, insert_or_ignore
from bot.errors import UserFacingError
from bot.messages import ChannelName
from bot.models import Conversation, Lease
from bot.outbox import Priority
from bot.quiet import QuietHours
from handlers.notices.broadcast import PROGRAM, Broadcast, purpose_of
from handlers.notices.campaign import CampaignUnfit, Exclusion, Hold, Move, Reason, Standing, State, check_move
from handlers.notices.choosing import ASKED, Choosing
from handlers.notices.drafts import Reading
from handlers.notices.ending import BLOCKED, ended_unsettled, settle, take_back_from_other_bots
from handlers.notices.gathering import Gathering
from handlers.notices.holding import what_is_left, why_held
from handlers.notices.models import Campaign, Recipient
from handlers.notices.ports import Offers, Posting
from handlers.notices.replies import NoticeReply
from handlers.notices.rule_reading import AudienceUnfit
from handlers.people.models import Person

log = structlog.get_logger(__name__)

LOCK = "notices:feeding"
IDLE_SECONDS = 1.0
OFF_SECONDS = 5.0
"""While no channel takes anything; whom another one reaches is then looked for among all who wait."""
BUSY_SECONDS = 0.1
"""Between two portions, when the outbox is full."""
AHEAD_SECONDS = 6.0
"""So much is in the outbox at most."""
UNLIMITED = 500
"""Messages in the outbox where no rate is set."""
MOST_QUEUED = 10_000
"""With those that failed and are tried again: there may be many, and they must not keep back the rest."""
PORTION = 100
"""Messages put in within one transaction: on SQLite nobody else may write meanwhile."""

_STANDINGS = {
    Exclusion.NO_CONSENT: Standing.OPTED_OUT,
    Exclusion.REGISTERED: Standing.REGISTERED,
    Exclusion.RECENT: Standing.LEFT_OUT,
    Exclusion.WEEKLY_CAP: Standing.LEFT_OUT,
    Exclusion.UNREACHABLE: Standing.UNREACHABLE,
    Exclusion.NO_CHANNEL: Standing.UNREACHABLE,
}
"""Where somebody stands of whom it shows, when their turn comes, that they are not to be sent to."""


@dataclass(frozen=True)
class _Next:
    """Somebody whose turn it is."""

    recipient_id: int
    verdict: str | None
    """None: there is no such person any more."""
    conversation_id: int | None


class Feeding:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        outbox: Posting,
        broadcast: Broadcast,
        gathering: Gathering,
        choosing: Choosing,
        reading: Reading,
        offers: Offers | None,
        quiet: QuietHours,
        bot: str,
        rate: float,
        wake: asyncio.Event,
    ) -> None:
        """`wake` is set when something was started or goes on."""
        self._database = database
        self._clock = clock
        self._outbox = outbox
        self._broadcast = broadcast
        self._gathering = gathering
        self._choosing = choosing
        self._reading = reading
        self._offers = offers
        self._quiet = quiet
        self._bot = bot
        self._most = max(20, int(rate * AHEAD_SECONDS)) if rate else UNLIMITED
        self._wake = wake
        self._looked_to: dict[int, int] = {}
        """Campaign -> recipient up to whom it was looked for others, while Telegram takes nothing."""

    async def run(self) -> None:
        """For ever."""
        while True:
            self._wake.clear()
            wait = await self.act_once()
            if wait is None:
                await asyncio.sleep(0)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()

    async def act_once(self) -> float | None:
        """Do what is to be done now, for each campaign a little. -> seconds until there may be more; None: at once"""
        now = self._clock.now()
        async with self._database.reading() as session:
            due = and_(Campaign.state == str(State.SCHEDULED), Campaign.starts_at <= now)
            begin = (await session.scalars(select(Campaign.id).where(due))).all()
            running = select(Campaign.id, Campaign.gathered_at).where(Campaign.state == str(State.RUNNING))
            found = (await session.execute(running.order_by(Campaign.id))).all()
            ended = await ended_unsettled(session)
        for campaign_id in begin:
            await self._begin(campaign_id, now=now)
        for campaign_id in ended:
            await self._settle_ended(campaign_id, now=now)
        waits = [0.0] if begin else []
        for row in found:
            try:
                if row.gathered_at is None and await self._gathering.gather(row.id, now=now):
                    waits.append(0.0)
                waits.append(await self._feed(row.id, now=now))
            except (CampaignUnfit, AudienceUnfit) as error:
                await self._give_up(row.id, error, now=now)
        return min(waits, default=IDLE_SECONDS) or None

    async def _begin(self, campaign_id: int, *, now: datetime) -> None:
        """Its time has come; what cannot be sent any more is stopped, and says why."""
        async with self._database.transaction() as session:
            campaign = await self._broadcast.find(session, campaign_id, lock=True)
            if campaign.state != str(State.SCHEDULED):
                return  # another process was first
            try:
                await self._broadcast.start(session, campaign_id, PROGRAM, now=now)
            except CampaignUnfit as error:
                log.warning("campaign_unfit", campaign=campaign_id, faults=sorted(error.data["faults"]))
                over = set(error.data["faults"]) == {"offer"}
                reason = Reason.OFFER_OVER if over else Reason.UNFIT
                await self._broadcast.stop(session, campaign_id, PROGRAM, now=now, reason=reason)

    async def _give_up(self, campaign_id: int, error: UserFacingError, *, now: datetime) -> None:
        """What it says, or whom it is for, cannot be made out any more: somebody must look."""
        log.warning("campaign_unfit", campaign=campaign_id, faults=sorted(error.data["faults"]))
        async with self._database.transaction() as session:
            campaign = await self._broadcast.find(session, campaign_id, lock=True)
            if campaign.state == str(State.RUNNING):
                await self._broadcast.pause(session, campaign_id, PROGRAM, now=now, reason=Reason.UNFIT)

    # -- one campaign -------------------------------------------------------------------------------------

    async def _feed(self, campaign_id: int, *, now: datetime) -> float:
        """Settle what ended, put in the next portion. -> seconds until there may be more to do"""
        async with self._database.transaction() as session:
            await insert_or_ignore(session, Lease, {"name": LOCK, "holder": "", "until": 0.0, "data": {}})
            await session.execute(select(Lease.name).where(Lease.name == LOCK).with_for_update())
            campaign = await session.scalar(select(Campaign).where(Campaign.id == campaign_id).with_for_update())
            if campaign is None or campaign.state != str(State.RUNNING):
                return IDLE_SECONDS
            if self._bot:
                await take_back_from_other_bots(session, campaign, bot=self._bot, now=now, wall=self._clock.wall())
            await settle(session, campaign, now=now, wall=self._clock.wall())
            if (reason := await self._why_stop(session, campaign)) is not None:
                await self._broadcast.stop(session, campaign_id, PROGRAM, now=now, reason=reason)
                return IDLE_SECONDS
            if campaign.gathered_at is None:
                return BUSY_SECONDS  # nobody is told before it is known that they are as many as was approved
            left = await what_is_left(session, campaign_id)
            if not left.waits and not left.queued:
                self._hold(campaign, None)
                campaign.state, campaign.ended_at = str(check_move(Move.FINISH, State.RUNNING)), now
                return IDLE_SECONDS
            quiet = self._quiet.end_after(now) is not None
            hold = await why_held(session, left, quiet=quiet, bot=self._bot)
            self._hold(campaign, hold)
            if hold is Hold.QUIET:
                return IDLE_SECONDS
            room = min(self._most - left.fresh, MOST_QUEUED - left.queued)
            if not left.waits or room <= 0:
                return IDLE_SECONDS if hold else BUSY_SECONDS
            if self._bot and hold is None:
                turns = await self._next(session, campaign, limit=min(room, PORTION), now=now)
                await self._put_in(session, campaign, turns, now=now)
                return 0.0 if turns and room > len(turns) else BUSY_SECONDS
            self._hold(campaign, hold or Hold.CHANNEL_OFF)
            return await self._feed_others(session, campaign, now=now)

    def _hold(self, campaign: Campaign, hold: Hold | None) -> None:
        held = str(hold) if hold else ""
        if campaign.held != held:
            campaign.held = held

    async def _why_stop(self, session: AsyncSession, campaign: Campaign) -> Reason | None:
        """An offer that takes nobody any more is not advertised."""
        if not campaign.offer or self._offers is None:
            return None
        offer = await self._offers.look(session, campaign.offer)
        if offer is not None and offer.full:
            return Reason.OFFER_FULL
        return Reason.OFFER_OVER if offer is None or not offer.takes else None

    async def _feed_others(self, session: AsyncSession, campaign: Campaign, *, now: datetime) -> float:
        """While Telegram takes nothing, those whom it does not reach; the others wait. -> as `_feed`

        A piece of the line at a time: nearly all may be waiting for Telegram, and be judged for nothing.
        """
        low = self._looked_to.get(campaign.id, 0)
        turns = await self._next(session, campaign, limit=PORTION, now=now, after=low)
        others = [turn for turn in turns if turn.verdict != str(ChannelName.TELEGRAM)]
        await self._put_in(session, campaign, others, now=now)
        self._looked_to[campaign.id] = turns[-1].recipient_id if len(turns) == PORTION else 0
        return 0.0 if len(turns) == PORTION else OFF_SECONDS

    async def _next(
        self, session: AsyncSession, campaign: Campaign, *, limit: int, now: datetime, after: int = 0
    ) -> Sequence[_Next]:
        """Who is next behind a recipient, judged anew: much may have happened since they were found."""
        wanted = self._reading.wanted(campaign)
        verdict = self._choosing.verdict(replace(wanted, found=True), now=now).label("verdict")
        chat = self._choosing.newest_chat(Conversation.id).label("chat")
        waiting = select(Recipient.id).where(
            Recipient.campaign_id == campaign.id, Recipient.state == str(Standing.WAITING), Recipient.id > after
        )
        # Ours before they are judged: whoever says stop meanwhile waits for us, and takes back what we put in.
        ours = waiting.order_by(Recipient.id).limit(limit).with_for_update(of=Recipient, skip_locked=True)
        ids = (await session.scalars(ours)).all()
        found = await session.execute(
            select(Recipient.id, Person.id.label("person"), verdict, chat)
            .select_from(Recipient)
            .outerjoin(Person, Person.id == Recipient.person_id)
            .outerjoin(*ASKED)
            .where(Recipient.id.in_(ids))
            .order_by(Recipient.id)
        )
        return [_Next(row.id, None if row.person is None else row.verdict, row.chat) for row in found]

    async def _put_in(
        self, session: AsyncSession, campaign: Campaign, turns: Sequence[_Next], *, now: datetime
    ) -> None:
        sent_to: dict[int, int] = {}
        replies: dict[int, NoticeReply] = {}
        worded: dict[str, NoticeReply] = {}
        ends: dict[tuple[Standing, str], list[int]] = {}
        for turn in turns:
            if turn.verdict is None:
                ends.setdefault((Standing.ERASED, ""), []).append(turn.recipient_id)
            elif turn.verdict in set(Exclusion):
                standing = _STANDINGS[Exclusion(turn.verdict)]
                ends.setdefault((standing, turn.verdict), []).append(turn.recipient_id)
            elif turn.conversation_id is not None:
                if turn.verdict not in worded:
                    worded[turn.verdict] = await self._broadcast.word(session, campaign, turn.verdict, now=now)
                replies[turn.conversation_id] = worded[turn.verdict]
                sent_to[turn.conversation_id] = turn.recipient_id
        for (standing, fault), ids in ends.items():
            blocked = and_(Recipient.fault == BLOCKED, literal(standing is Standing.UNREACHABLE))
            why = case((blocked, BLOCKED), else_=fault)
            await session.execute(
                update(Recipient).where(Recipient.id.in_(ids)).values(state=str(standing), fault=why, at=now)
            )
        posted = await self._outbox.post_to_many(
            session, replies, priority=Priority.CAMPAIGN, purpose=purpose_of(campaign.id)
        )
        rows = [
            {
                "id": sent_to[chat],
                "fault": "",
                "state": str(Standing.QUEUED if one.delivery is not None else Standing.SENT),
                "conversation_id": chat,
                "seq": one.seq,
                "delivery_id": one.delivery,
                "at": now,
            }
            for chat, one in posted.items()
        ]
        if rows:
            await session.execute(update(Recipient), rows)

    async def _settle_ended(self, campaign_id: int, *, now: datetime) -> None:
        """What was in flight when it was paused or stopped."""
        async with self._database.transaction() as session:
            campaign = await session.scalar(select(Campaign).where(Campaign.id == campaign_id).with_for_update())
            if campaign is not None:
                await settle(session, campaign, now=now, wall=self._clock.wall())
