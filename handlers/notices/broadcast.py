"""What staff do with campaigns: write, approve, set a time, send, pause, go on, stop. In the caller's transaction.

Sending itself is `feeding`: it takes what runs from the tables, so nothing here waits for anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import after_commit
from bot.messages import ChannelName
from bot.models import Conversation
from bot.outbox import Priority
from bot.staff import audit
from bot.staff.audit import Actor, ActorKind, AuditAction, Subject
from bot.staff.models import Staff, is_within
from bot.staff.roles import Permission, may
from handlers.notices.audience import write_rule
from handlers.notices.campaign import (
    EVERY_CHANNEL,
    MOST_TEXT,
    ApprovalRefused,
    CampaignStale,
    CampaignUnfit,
    Kind,
    Move,
    NoOwnChat,
    NoSuchCampaign,
    Reason,
    State,
    check_approval,
    check_move,
    check_time,
    faults_of,
    faults_of_fields,
    telegram_length,
)
from handlers.notices.drafts import Draft, Reading
from handlers.notices.models import Campaign
from handlers.notices.ports import Posting
from handlers.notices.progress import count_found
from handlers.notices.replies import NoticeReply, notice_of

PAGE = 50


@dataclass(frozen=True)
class By:
    """Who acts: an account, or somebody at the machine."""

    staff: Staff | None = None
    name: str = ""
    """As it is kept beside an approval."""

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.STAFF, self.staff.id) if self.staff else Actor(ActorKind.COMMAND)

    @property
    def shown(self) -> str:
        return self.staff.display_name if self.staff else self.name


PROGRAM = By()
"""What is done by itself."""


def wrote(campaign: Campaign, staff: Staff) -> bool:
    """Began it, or changed it last: somebody else approves it above the set size."""
    return staff.id in (campaign.author_id, campaign.editor_id)


def purpose_of(campaign_id: int) -> str:
    """Of its messages in the outbox."""
    return f"campaign:{campaign_id}"


class Broadcast:
    def __init__(self, reading: Reading, outbox: Posting, *, bot: str, rouse: Callable[[], None]) -> None:
        """`rouse`: something is to be sent; called after the commit."""
        self._reading = reading
        self._outbox = outbox
        self._bot = bot
        self._rouse = rouse

    # -- reading ------------------------------------------------------------------------------------------

    async def find(
        self, session: AsyncSession, campaign_id: int, staff: Staff | None = None, *, lock: bool = False
    ) -> Campaign:
        """One that they may see. Raises NoSuchCampaign."""
        wanted = select(Campaign).where(Campaign.id == campaign_id)
        found = await session.scalar(wanted.with_for_update() if lock else wanted)
        if found is None or (staff is not None and not staff.scope.covers(found.region)):
            raise NoSuchCampaign(id=campaign_id)
        return found

    async def newest(
        self, session: AsyncSession, staff: Staff | None = None, *, before: int | None = None, limit: int = PAGE
    ) -> list[Campaign]:
        """Those of their region, the newest first; `before`: older than this id."""
        wanted = select(Campaign).order_by(Campaign.id.desc()).limit(limit)
        if staff is not None:
            wanted = wanted.where(is_within(staff.scope, Campaign.region))
        if before is not None:
            wanted = wanted.where(Campaign.id < before)
        return list(await session.scalars(wanted))

    # -- writing ------------------------------------------------------------------------------------------

    async def add(self, session: AsyncSession, draft: Draft, by: By, *, now: datetime) -> Campaign:
        """Keep a draft. Raises CampaignUnfit, AudienceUnfit."""
        campaign = Campaign(
            state=str(State.DRAFT), author_id=by.staff.id if by.staff else None, created_at=now, updated_at=now
        )
        self._write(campaign, draft, by)
        session.add(campaign)
        await session.flush()
        await self._note(session, campaign, by, "add", now=now)
        return campaign

    async def edit(
        self, session: AsyncSession, campaign_id: int, draft: Draft, by: By, *, version: int, now: datetime
    ) -> Campaign:
        """Change what nobody was sent yet; an approval falls. Raises CampaignStale, CampaignUnfit, AudienceUnfit."""
        campaign = await self.find(session, campaign_id, by.staff, lock=True)
        if campaign.version != version:
            raise CampaignStale(id=campaign_id)
        campaign.state = str(check_move(Move.EDIT, State(campaign.state)))
        self._write(campaign, draft, by)
        campaign.editor_id = by.staff.id if by.staff else None
        campaign.approver_id = campaign.approved_at = campaign.size = campaign.starts_at = campaign.asked_at = None
        campaign.approved_by = ""
        await self._touch(session, campaign, by, "edit", now=now)
        return campaign

    def _write(self, campaign: Campaign, draft: Draft, by: By) -> None:
        faults = faults_of_fields(draft.title, draft.texts, draft.offer)
        if by.staff is not None and not by.staff.scope.covers(draft.region):
            faults["region"] = "unknown"
        if draft.policy and self._reading.provision(draft.policy, draft.provision) is None:
            faults["clause"] = "unknown"
        if faults:
            raise CampaignUnfit(faults=faults)
        campaign.kind, campaign.title, campaign.region = str(draft.kind), draft.title.strip(), draft.region
        campaign.texts = {channel: text.strip() for channel, text in draft.texts.items() if text.strip()}
        rule = self._reading.rule_of(draft.audience)
        if by.staff is not None:
            self._reading.check_theirs(rule, draft.region)
        campaign.audience = write_rule(rule)
        limits = self._reading.limits
        campaign.recent_days = limits.recent_days if draft.recent_days is None else draft.recent_days
        campaign.given = dict(draft.given)
        campaign.offer, campaign.policy, campaign.provision = draft.offer, draft.policy, draft.provision

    async def faults(self, session: AsyncSession, what: Draft | Campaign, *, now: datetime) -> dict[str, str]:
        """What keeps it from being sent, field -> code of `campaign.faults_of`; `offer`: unknown or over."""
        values = await self._reading.values(session, what, now=now)
        faults = faults_of(what.title, what.texts, values)
        if what.offer and not values.get("code"):
            faults["offer"] = "unknown"
        elif what.offer and (offer := await self._reading.offer(session, what.offer)):
            # A full one may have room again by then; it is stopped by itself if not.
            faults |= {} if offer.takes or offer.full else {"offer": "over"}
        if Kind(what.kind) is Kind.CORRECTION and not (values.get("old") and values.get("new")):
            faults["given"] = "variable:old"
        elif Kind(what.kind) is Kind.CORRECTION:
            # Both are said, whether the text does or not.
            said = telegram_length(values["old"] + values["new"])
            longest = max((telegram_length(text) for text in what.texts.values()), default=0)
            faults |= {"text": "long"} if longest + said > MOST_TEXT else {}
        return faults

    async def word(
        self, session: AsyncSession, what: Draft | Campaign, channel: str = EVERY_CHANNEL, *, now: datetime
    ) -> NoticeReply:
        """What a channel shows. Raises CampaignUnfit where a variable is missing or the text is too long."""
        if faults := await self.faults(session, what, now=now):
            raise CampaignUnfit(faults=faults)
        values = await self._reading.values(session, what, now=now)
        return notice_of(what, channel, values, self._reading.clause(what, now=now))

    async def test(self, session: AsyncSession, campaign_id: int, staff: Staff, *, now: datetime) -> None:
        """To oneself, in one's own chat with the bot. Raises NoOwnChat, CampaignUnfit."""
        campaign = await self.find(session, campaign_id, staff)
        reply = await self.word(session, campaign, ChannelName.TELEGRAM, now=now)
        chat = select(Conversation.id).where(
            Conversation.channel == str(ChannelName.TELEGRAM),
            Conversation.bot == self._bot,
            Conversation.chat == (staff.telegram_id or ""),
            Conversation.unreachable_at.is_(None),
        )
        own = await session.scalar(chat) if self._bot else None
        if own is None:
            raise NoOwnChat
        await self._outbox.post(session, own, [reply], priority=Priority.NEWS)

    # -- deciding -----------------------------------------------------------------------------------------

    async def ask(self, session: AsyncSession, campaign_id: int, by: By, *, now: datetime) -> Campaign:
        """It is written and waits for somebody who may approve it. Raises CampaignUnfit."""
        campaign = await self.find(session, campaign_id, by.staff, lock=True)
        check_move(Move.APPROVE, State(campaign.state))
        if faults := await self.faults(session, campaign, now=now):
            raise CampaignUnfit(faults=faults)
        campaign.asked_at = now
        await self._touch(session, campaign, by, "ask", now=now)
        return campaign

    async def approve(
        self, session: AsyncSession, campaign_id: int, by: By, *, size: int, in_person: int = 0, now: datetime
    ) -> Campaign:
        """`size`: how many it goes to, as just counted; above the limit another than the author must approve.
        `in_person`: whom no channel reaches, so that their helpers tell them; they alone are an audience, too.

        Raises ApprovalRefused, CampaignUnfit (`audience`: nobody, if nobody would hear of it).
        """
        campaign = await self.find(session, campaign_id, by.staff, lock=True)
        target = check_move(Move.APPROVE, State(campaign.state))
        if faults := await self.faults(session, campaign, now=now):
            raise CampaignUnfit(faults=faults)
        if not size and not in_person:
            raise CampaignUnfit(faults={"audience": "nobody"})
        self._note_approval(campaign, by, size=size, now=now)
        campaign.state = str(target)
        await self._touch(session, campaign, by, str(Move.APPROVE), now=now, size=size)
        return campaign

    def _note_approval(self, campaign: Campaign, by: By, *, size: int, now: datetime) -> None:
        """Raises ApprovalRefused."""
        own = by.staff is not None and wrote(campaign, by.staff)
        above = self._reading.limits.approve_above
        if size > above and by.staff is not None and not may(by.staff.as_role, Permission.APPROVE_NOTICES):
            raise ApprovalRefused(size=size, above=above, why="own" if own else "not_permitted")
        check_approval(size=size, above=above, by_author=own or (by.staff is None and not by.name))
        campaign.size, campaign.approver_id = size, by.staff.id if by.staff else None
        campaign.approved_by, campaign.approved_at, campaign.asked_at = by.shown[:60], now, None

    async def schedule(
        self, session: AsyncSession, campaign_id: int, by: By, *, at: datetime, now: datetime
    ) -> Campaign:
        """Begin at this time. Raises SchedulePast."""
        campaign = await self.find(session, campaign_id, by.staff, lock=True)
        target = check_move(Move.SCHEDULE, State(campaign.state))
        check_time(at, now)
        campaign.state, campaign.starts_at = str(target), at
        await self._touch(session, campaign, by, str(Move.SCHEDULE), now=now)
        return campaign

    async def start(self, session: AsyncSession, campaign_id: int, by: By, *, now: datetime) -> Campaign:
        """Raises CampaignUnfit: what it says is asked again, for the offer may have changed."""
        campaign = await self.find(session, campaign_id, by.staff, lock=True)
        target = check_move(Move.START, State(campaign.state))
        if faults := await self.faults(session, campaign, now=now):
            raise CampaignUnfit(faults=faults)
        campaign.state, campaign.started_at = str(target), now
        await self._touch(session, campaign, by, str(Move.START), now=now)
        return campaign

    async def pause(
        self, session: AsyncSession, campaign_id: int, by: By, *, now: datetime, reason: Reason = Reason.STAFF
    ) -> Campaign:
        """Nothing more leaves; what is in flight arrives. Who was about to get it waits again, to be judged anew."""
        campaign = await self.find(session, campaign_id, by.staff, lock=True)
        campaign.state = str(check_move(Move.PAUSE, State(campaign.state)))
        campaign.reason, campaign.held = str(reason), ""
        if reason is Reason.GROWN:
            campaign.asked_at = now
        await self._outbox.cancel(session, purpose_of(campaign.id))
        await self._touch(session, campaign, by, str(Move.PAUSE), now=now)
        return campaign

    async def resume(self, session: AsyncSession, campaign_id: int, by: By, *, now: datetime) -> Campaign:
        """Raises ApprovalRefused where more were found than had been approved."""
        campaign = await self.find(session, campaign_id, by.staff, lock=True)
        target = check_move(Move.RESUME, State(campaign.state))
        if campaign.reason == str(Reason.GROWN):
            self._note_approval(campaign, by, size=await count_found(session, campaign_id), now=now)
        campaign.state, campaign.reason = str(target), ""
        await self._touch(session, campaign, by, str(Move.RESUME), now=now)
        return campaign

    async def stop(
        self, session: AsyncSession, campaign_id: int, by: By, *, now: datetime, reason: Reason = Reason.STAFF
    ) -> Campaign:
        """For good. Whose message had not left is not told; what stood in their chat is taken out of it."""
        campaign = await self.find(session, campaign_id, by.staff, lock=True)
        campaign.state = str(check_move(Move.STOP, State(campaign.state)))
        campaign.reason, campaign.held, campaign.ended_at, campaign.asked_at = str(reason), "", now, None
        await self._outbox.cancel(session, purpose_of(campaign.id))
        await self._touch(session, campaign, by, str(Move.STOP), now=now)
        return campaign

    async def _touch(
        self, session: AsyncSession, campaign: Campaign, by: By, what: str, *, now: datetime, **data: Any
    ) -> None:
        campaign.version += 1
        campaign.updated_at = now
        await session.flush()
        after_commit(session, self._rouse)
        await self._note(session, campaign, by, what, now=now, **data)

    async def _note(
        self, session: AsyncSession, campaign: Campaign, by: By, what: str, *, now: datetime, **data: Any
    ) -> None:
        subject = Subject("campaign", str(campaign.id))
        await audit.append(
            session, AuditAction.CAMPAIGN_CHANGED, actor=by.actor, subject=subject, at=now, data={"what": what, **data}
        )
