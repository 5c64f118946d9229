"""Messages to send through pushing channels: rows, put in by the transaction of what causes them.

`bot.courier` takes them out and sends them. Channels that are asked (web chat, terminal) need none of this: their
messages wait in the conversation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import models, transcript
from bot.clock import Clock
from bot.database import Database, after_commit
from bot.followers import Followers
from bot.messages import Address, ChannelName, Reply, Shown, Speaker
from bot.models import Delivery
from bot.moving import where_now
from bot.replies import ReplyBook, to_data
from bot.transcript import Draft

if TYPE_CHECKING:
    from bot.courier import Courier


AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
"""Due however far back the clock is set."""


class Priority(IntEnum):
    REPLY = 0
    ALERT = 1
    NEWS = 2
    CAMPAIGN = 5


@dataclass(frozen=True)
class Outgoing:
    """One message for a sender to send."""

    id: int
    address: Address
    shown: Shown
    attempt: int
    """1 at first; more means that an earlier sending failed, or its end is not known."""


@dataclass(frozen=True)
class Posted:
    """Where news stands that was posted to many."""

    seq: int
    delivery: int | None
    """Its row in the outbox; None where the channel asks us."""


@dataclass(frozen=True)
class SentResult:
    reference: str = ""
    """The platform's id of the message."""
    moved_to: str = ""
    """The chat goes on under this id, and there it was sent."""


class RetryLater(Exception):
    """Everybody who sends for this bot waits: the platform asks for it (429), or cannot be used at all."""

    def __init__(self, seconds: float, trouble: str = "", *, lost: bool = False) -> None:
        self.seconds = seconds
        self.lost = lost
        """This message may have left all the same."""
        self.trouble = trouble
        """A code for what somebody has to mend, such as a refused token."""
        super().__init__(f"retry in {seconds} s")


class NotSent(Exception):
    """The platform answered that it failed (5xx): this message surely did not leave, and is tried again."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


class Unreachable(Exception):
    """Nothing can be sent to this chat any more: blocked, left, deleted (403)."""


class Rejected(Exception):
    """This message will never be taken, however often it is sent (400)."""


class Sender(Protocol):
    """How a channel sends one message.

    Raises RetryLater, Unreachable, Rejected or NotSent; after any other exception it is not known whether it left,
    and it is tried again with back-off. Must end within 25 seconds.
    """

    async def send(self, outgoing: Outgoing) -> SentResult: ...


class Outbox:
    """Puts messages in; each method works inside the caller's transaction."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        book: ReplyBook,
        followers: Followers,
        courier: Courier,
        pushing: frozenset[ChannelName] = frozenset({ChannelName.TELEGRAM}),
    ) -> None:
        self._database = database
        self._clock = clock
        self._book = book
        self._followers = followers
        self._courier = courier
        self._pushing = pushing

    async def post(
        self,
        session: AsyncSession,
        conversation_id: int,
        replies: Sequence[Reply],
        *,
        priority: Priority = Priority.NEWS,
        speaker: Speaker = Speaker.BOT,
        due_at: datetime | None = None,
        purpose: str = "",
        once: bool = False,
    ) -> list[Shown]:
        """News that the person did not ask for in a turn: kept in the conversation, and sent where we push."""
        found = await session.scalars(
            select(models.Conversation).where(models.Conversation.id == conversation_id).with_for_update()
        )
        conversation = found.one()
        drafts = [
            Draft(self._book.word(reply), reply.template, to_data(reply), reply.choices, speaker) for reply in replies
        ]
        shown = await transcript.record(session, conversation, drafts, now=self._clock.now())
        await session.flush()
        address = Address(ChannelName(conversation.channel), conversation.chat, conversation.bot)
        after_commit(session, lambda: self._followers.wake(address))
        if address.channel in self._pushing and conversation.unreachable_at is None:
            rows = [
                self._row(address, priority=priority, due_at=due_at, purpose=purpose, once=once)
                | {"conversation_id": conversation_id, "seq": message.seq}
                for message in shown
            ]
            await self._insert_waiting(session, rows)
        return shown

    async def post_to_many(
        self, session: AsyncSession, replies: Mapping[int, Reply], *, priority: Priority, purpose: str
    ) -> dict[int, Posted]:
        """The same kind of news to many conversations (id -> reply), each once; one in a turn just now is passed over.

        Several conversations may share one reply, which is worded once. -> what was posted, by conversation
        """
        found = await session.scalars(
            select(models.Conversation)
            .where(models.Conversation.id.in_(list(replies)))
            .order_by(models.Conversation.id)
            # Without waiting: whoever holds one may wait for what the caller holds.
            .with_for_update(skip_locked=True)
        )
        worded: dict[int, Draft] = {}
        drafts: list[tuple[models.Conversation, Draft]] = []
        for conversation in found.all():
            reply = replies[conversation.id]
            if id(reply) not in worded:
                data = to_data(reply)
                worded[id(reply)] = Draft(self._book.word(reply, data), reply.template, data, reply.choices)
            drafts.append((conversation, worded[id(reply)]))
        seqs = await transcript.record_news(session, drafts, now=self._clock.now())
        await session.flush()
        rows: list[dict[str, Any]] = []
        for conversation, _ in drafts:
            address = Address(ChannelName(conversation.channel), conversation.chat, conversation.bot)
            after_commit(session, partial(self._followers.wake, address))
            if address.channel in self._pushing:
                row = self._row(address, priority=priority, due_at=AT_ONCE, purpose=purpose, once=False)
                rows.append(row | {"conversation_id": conversation.id, "seq": seqs[conversation.id]})
        ids = await self._insert_numbered(session, rows)
        return {conversation.id: Posted(seqs[conversation.id], ids.get(conversation.id)) for conversation, _ in drafts}

    async def alert(self, session: AsyncSession, address: Address, reply: Reply, *, purpose: str = "") -> None:
        """Tell a chat of the staff, which is never greeted and always tried again. The words must name nobody."""
        address = await where_now(session, address)
        row, where = models.Conversation, transcript.where_of(address)
        wanted = select(row.id, row.unreachable_at).filter_by(**where)
        found = (await session.execute(wanted)).one_or_none()
        if found is None:
            await transcript.add_conversation(session, address, now=self._clock.now(), greeted=True)
            found = (await session.execute(wanted)).one()
        if found.unreachable_at is not None:
            # Nobody may have written there since the bot was let in again.
            await session.execute(update(row).where(row.id == found.id).values(unreachable_at=None))
        await self.post(session, found.id, [reply], priority=Priority.ALERT, purpose=purpose)

    async def cancel(self, session: AsyncSession, purpose: str) -> int:
        """Take back what has not left yet; what is leaving just now may arrive, but is not tried again. -> how many"""
        waiting = select(Delivery.id).where(Delivery.purpose == purpose, Delivery.state == "wait")
        # In the order in which the settler takes them: neither may wait for the other.
        await session.execute(waiting.order_by(Delivery.id).with_for_update())
        result = await session.execute(
            update(Delivery)
            .where(Delivery.purpose == purpose, Delivery.state == "wait")
            .values(state="cancelled", settled_at=self._clock.now())
            .returning(Delivery.id)
            .execution_options(synchronize_session=False)
        )
        return len(result.all())

    async def enqueue_replies(
        self, session: AsyncSession, conversation: models.Conversation, shown: Sequence[Shown]
    ) -> None:
        """A turn's replies: ours at once, if no earlier reply to this chat still waits and the bot's rate allows."""
        if conversation.channel not in self._pushing or not shown:
            return
        address = Address(ChannelName(conversation.channel), conversation.chat, conversation.bot)
        rows = [
            self._row(address, priority=Priority.REPLY, due_at=None, purpose="", once=False)
            | {"conversation_id": conversation.id, "seq": message.seq}
            for message in shown
        ]
        with session.no_autoflush:
            pass_on = await self._courier.reserve_direct(session, address, len(shown))
            if pass_on is None:
                await self._insert_waiting(session, rows)
                return
            ids = await session.scalars(
                insert(Delivery).returning(Delivery.id, sort_by_parameter_order=True),
                [row | dict(pass_on.taken) for row in rows],
            )
        outgoing = [Outgoing(row_id, address, message, 1) for row_id, message in zip(ids, shown, strict=True)]
        after_commit(session, lambda: pass_on.start(outgoing))

    async def counts(self, purpose: str) -> dict[str, int]:
        """How many messages of a purpose are in which state."""
        async with self._database.reading() as session:
            found = await session.execute(
                select(Delivery.state, func.count()).where(Delivery.purpose == purpose).group_by(Delivery.state)
            )
            return {state: count for state, count in found}  # noqa: C416  # rows are no tuples for dict()

    def _row(
        self, address: Address, *, priority: Priority, due_at: datetime | None, purpose: str, once: bool
    ) -> dict[str, Any]:
        return {
            "channel": str(address.channel),
            "bot": address.bot,
            "chat": address.key,
            "conversation_id": None,
            "seq": None,
            "body": None,
            "purpose": purpose,
            "once": once,
            "priority": int(priority),
            "state": "wait",
            "due_at": due_at or self._clock.now(),
            "free_at": None,
            "attempts": 0,
            "token": None,
            "error": None,
        }

    async def _insert_numbered(self, session: AsyncSession, rows: list[dict[str, Any]]) -> dict[int, int]:
        """-> ids by conversation, of rows of which each has another"""
        if not rows:
            return {}
        with session.no_autoflush:
            found = await session.execute(insert(Delivery).returning(Delivery.conversation_id, Delivery.id), rows)
        after_commit(session, self._courier.rouse)
        return {conversation: row_id for conversation, row_id in found if conversation is not None}

    async def _insert_waiting(self, session: AsyncSession, rows: list[dict[str, Any]]) -> None:
        with session.no_autoflush:
            await session.execute(insert(Delivery), rows)
        after_commit(session, self._courier.rouse)
