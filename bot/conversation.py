"""THE spine: `Conversation.respond(incoming)` takes every message of every channel to its replies.

Read `answer` top to bottom. Channels turn what they get into `Incoming` and show the `Shown` they get back;
they acknowledge to their platform only after `respond` returned, for then everything is committed.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from weakref import WeakValueDictionary

import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import models, transcript
from bot.clock import Clock
from bot.database import Database, after_commit, is_passing
from bot.dialogue import Pressed, Turn, Understood
from bot.door import Cleaned, Marks, clean
from bot.errors import DatabaseAway, UserFacingError
from bot.followers import Followers
from bot.log import describe_fault
from bot.messages import Address, ChannelName, Incoming, Reply, SaidAgain, Shown, Speaker
from bot.metrics import Meter
from bot.reading import Reading
from bot.replies import ReplyBook, to_data
from bot.routing import Routes, match_choice, route
from bot.transcript import Draft

log = structlog.get_logger(__name__)

RUNNING_FOR = timedelta(days=7)
"""A dialogue that was left in the middle is taken up again for so long."""
ATTEMPTS = 4
_CONVERSATION = (
    select(models.Conversation)
    .where(
        models.Conversation.channel == bindparam("channel"),
        models.Conversation.bot == bindparam("bot"),
        models.Conversation.chat == bindparam("chat"),
    )
    .with_for_update()
)

Recognise = Callable[[Incoming], Understood]
"""What the words are about; pure and quick, asked before any database."""
NotePlace = Callable[[AsyncSession, int, str, datetime], Awaitable[None]]
"""A place given by name at the first line of a conversation counts as if the person had said it."""
Probe = Callable[[str], None]
"""Told of each step of a turn; tests stop the process there."""


def ignore_step(_step: str) -> None:
    """No probe."""


class Outgoing(Protocol):
    """The part of the outbox that a turn needs."""

    async def enqueue_replies(
        self, session: AsyncSession, conversation: models.Conversation, shown: Sequence[Shown]
    ) -> None: ...


@dataclass(frozen=True)
class Frame:
    """What the frame itself says around the dialogues' replies."""

    greet: Callable[[Incoming], Sequence[Reply]]
    """Greeting and privacy notice, before the first answer."""
    tell_dropped: Callable[[frozenset[str]], Sequence[Reply]]
    """That an ID number or bank card was not kept."""
    tell_cut: Callable[[int], Sequence[Reply]]
    """That only so many characters were read."""
    marks: Marks


@dataclass(frozen=True)
class Answered:
    """One turn as the person sees it."""

    own: Shown
    """What they sent, as it was kept."""
    replies: tuple[Shown, ...]
    """News that waited (asking channels only), then the answer."""


class Conversation(Reading):
    """One object for all conversations; their state is rows, never attributes."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        book: ReplyBook,
        routes: Routes,
        recognise: Recognise,
        frame: Frame,
        outgoing: Outgoing,
        followers: Followers,
        note_place: NotePlace | None = None,
        pushing: frozenset[ChannelName] = frozenset({ChannelName.TELEGRAM}),
        meter: Meter | None = None,
        probe: Probe = ignore_step,
    ) -> None:
        super().__init__(database, followers)
        self._clock = clock
        self._book = book
        self._routes = routes
        self._recognise = recognise
        self._frame = frame
        self._outgoing = outgoing
        self._pushing = pushing
        self._meter = meter or Meter()
        self._probe = probe
        self._locks: WeakValueDictionary[Address, asyncio.Lock] = WeakValueDictionary()
        self._note_place = note_place

    async def respond(self, incoming: Incoming) -> list[Shown]:
        """Take one message; everything that it caused is committed when this returns.

        The same (address, event id) again gives the same replies and does nothing twice. Raises only when the
        database cannot be written: then nothing was accepted, and the channel must not acknowledge.
        """
        return list((await self.answer(incoming)).replies)

    async def answer(self, incoming: Incoming) -> Answered:
        """As `respond`, with what the person sent as it was kept."""
        start = time.perf_counter()
        answered = await self._answer_in_order(clean(incoming, self._frame.marks))
        templates = [shown.template for shown in answered.replies if not shown.pushed]
        self._meter.count_turn(incoming.address.channel, templates, time.perf_counter() - start)
        return answered

    async def _answer_in_order(self, cleaned: Cleaned) -> Answered:
        lock = self._locks.setdefault(cleaned.incoming.address, asyncio.Lock())
        # One turn at a time per chat, in the order of asking; asyncio's lock is first come, first served.
        async with lock:
            try:
                return await self._try_turn(cleaned)
            except UserFacingError as error:
                return await self._record_error(cleaned, error.code, error.data)
            except DatabaseAway:
                raise  # an apology could not be kept either
            except Exception as error:
                reference = make_reference()
                log.error("turn_failed", reference=reference, **describe_fault(error))
                return await self._record_error(cleaned, "internal", {"reference": reference})

    async def _try_turn(self, cleaned: Cleaned) -> Answered:
        understood = self._recognise(cleaned.incoming)
        self._probe("understood")
        for attempt in range(ATTEMPTS):
            try:
                async with self._database.transaction() as session:
                    answered = await self._take_turn(session, cleaned, understood)
                    self._probe("before_commit")
                self._probe("committed")
                return answered
            except Exception as error:
                if not is_passing(error) or attempt == ATTEMPTS - 1:
                    raise
                await asyncio.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311  # not a secret
        raise AssertionError("unreachable")

    async def _take_turn(self, session: AsyncSession, cleaned: Cleaned, understood: Understood) -> Answered:
        """The way of a message inside its one transaction."""
        incoming, now = cleaned.incoming, self._clock.now()
        conversation = await self._lock_conversation(session, incoming.address)
        self._probe("locked")
        held = conversation.held_by is not None  # a clerk talks here: the bot keeps quiet, see `bot.routing`
        pressed, incoming, missing = await self._find_pressed(session, conversation, incoming)
        if incoming is not cleaned.incoming:
            understood = self._recognise(incoming)  # a suggestion was pressed: its label is what was said
        first_contact = not conversation.greeted and not incoming.sender
        text = pressed.label if pressed else (cleaned.stored_text if incoming is cleaned.incoming else incoming.text)
        turn_seq = await transcript.record_incoming(
            session, conversation, event_id=incoming.event_id, text=text, now=now
        )
        if turn_seq is None:
            return await self._answer_again(session, conversation, incoming.event_id)
        self._probe("recorded")

        if first_contact and incoming.region_hint and self._note_place:
            await self._note_place(session, conversation.id, incoming.region_hint, now)
        drafts = [self._word(reply) for reply in self._around(cleaned)]
        if missing:
            drafts.append(self._word_error("button_unknown", {}))
        else:
            stale = conversation.updated_at < now - RUNNING_FOR
            turn = Turn(
                incoming=incoming,
                understood=understood,
                conversation_id=conversation.id,
                state={},
                now=now,
                session=session,
                pressed=pressed,
                first_contact=first_contact,
                held=held,
            )
            routed = await route(
                self._routes, turn, states=conversation.states, running=[] if stale else conversation.running
            )
            self._probe("stepped")
            if routed.states != conversation.states:
                conversation.states = routed.states
            if routed.running != conversation.running:
                conversation.running = routed.running
            drafts += [self._word(reply) for reply in routed.replies]
        # Somebody in a crisis is not greeted first; the greeting waits for the next message.
        if first_contact and understood.route != "crisis" and not held:
            drafts = [self._word(reply) for reply in self._frame.greet(incoming)] + drafts
            conversation.greeted = True

        waiting = await self._waiting(session, conversation, before=turn_seq)
        shown = await transcript.record(session, conversation, drafts, now=now, turn=turn_seq)
        conversation.updated_at = now
        await self._outgoing.enqueue_replies(session, conversation, shown)
        self._probe("worded")
        self._tell_followers(session, incoming.address)
        return Answered(Shown(turn_seq, Speaker.YOU, text, now), (*waiting, *shown))

    async def _lock_conversation(self, session: AsyncSession, address: Address) -> models.Conversation:
        """The conversation's row, locked before its state is read; made at first contact."""
        where = transcript.where_of(address)
        found = await session.scalar(_CONVERSATION, where)
        if found is None:
            await transcript.add_conversation(session, address, now=self._clock.now())
            found = (await session.scalars(_CONVERSATION, where)).one()
        if found.unreachable_at is not None:
            found.unreachable_at = None  # who writes to us can be reached again
        return found

    async def _find_pressed(
        self, session: AsyncSession, conversation: models.Conversation, incoming: Incoming
    ) -> tuple[Pressed | None, Incoming, bool]:
        """Which command or button this is. -> (it, the message as the dialogues see it, a button nobody offered)"""
        if incoming.value is None and not incoming.sender and (command := self._routes.command(incoming.text)):
            return command, incoming, False
        said = incoming.text if incoming.value is None else incoming.value
        choice = None
        if (seq := transcript.seq_of_value(said)) is not None:
            offered = await transcript.choices_of(session, conversation.id, seq)
            choice = next((choice for choice in offered if choice.value == said), None)
        elif said and len(said) <= 40 and conversation.choices_seq and not (incoming.sender or conversation.held_by):
            offered = await transcript.choices_of(session, conversation.id, conversation.choices_seq)
            choice = match_choice(said, offered)
        if choice is None and incoming.value is None and not (incoming.sender or conversation.held_by):
            spoken = self._routes.command_in(incoming.text, conversation.running)
            if spoken is not None:
                return spoken, incoming, False
        if choice is None:
            # Words that only look like a button of ours are words.
            return None, incoming, incoming.value is not None
        if not choice.action:
            # A suggestion: pressing it says its label.
            return None, replace(incoming, text=choice.label, value=None), False
        return Pressed(choice.action, choice.data, choice.label), incoming, False

    def _around(self, cleaned: Cleaned) -> list[Reply]:
        replies: list[Reply] = []
        if cleaned.dropped:
            replies += self._frame.tell_dropped(cleaned.dropped)
        if cleaned.was_cut:
            replies += self._frame.tell_cut(len(cleaned.incoming.text))
        return replies

    async def _answer_again(self, session: AsyncSession, conversation: models.Conversation, event_id: str) -> Answered:
        """The same event again gets what it got."""
        seen = await transcript.find_turn(session, conversation.id, event_id)
        replies = await transcript.replies_of(session, conversation.id, seen.seq)
        waiting = await self._waiting(session, conversation, before=seen.seq, after=seen.seen_before)
        return Answered(transcript.to_shown(seen), (*waiting, *replies))

    async def _waiting(
        self,
        session: AsyncSession,
        conversation: models.Conversation,
        *,
        before: int,
        after: int | None = None,
    ) -> list[Shown]:
        """News that an asking channel has not shown yet; showing it with this turn counts as seen."""
        if conversation.channel in self._pushing:
            return []
        if after is None:
            after = conversation.seen_seq
            if conversation.pushed_seq <= after:
                return []
            conversation.seen_seq = conversation.pushed_seq
        return await transcript.pushed_between(session, conversation.id, after, before)

    async def _record_error(self, cleaned: Cleaned, code: str, data: dict[str, Any]) -> Answered:
        """After the roll-back: a short transaction keeps the message and an apology, so that a retry gets the same."""
        incoming, now = cleaned.incoming, self._clock.now()
        async with self._database.transaction() as session:
            conversation = await self._lock_conversation(session, incoming.address)
            turn_seq = await transcript.record_incoming(
                session, conversation, event_id=incoming.event_id, text=cleaned.stored_text, now=now
            )
            if turn_seq is None:
                return await self._answer_again(session, conversation, incoming.event_id)
            drafts = [self._word(reply) for reply in self._around(cleaned)]
            waiting = await self._waiting(session, conversation, before=turn_seq)
            shown = await transcript.record(
                session, conversation, [*drafts, self._word_error(code, data)], now=now, turn=turn_seq
            )
            conversation.updated_at = now
            await self._outgoing.enqueue_replies(session, conversation, shown)
            self._tell_followers(session, incoming.address)
            self._probe("error_recorded")
        return Answered(Shown(turn_seq, Speaker.YOU, cleaned.stored_text, now), (*waiting, *shown))

    def _word(self, reply: Reply) -> Draft:
        if isinstance(reply, SaidAgain):
            return Draft(reply.said.text, reply.said.template, reply.said.data, reply.said.choices)
        data = to_data(reply)
        return Draft(self._book.word(reply, data), reply.template, data, reply.choices)

    def _word_error(self, code: str, data: dict[str, Any]) -> Draft:
        try:
            text = self._book.word_error(code, data)
        except Exception as error:
            # A fault in the wording of an error must not become silence.
            data = {"reference": make_reference()}
            log.error("error_wording_failed", code=code, **data, **describe_fault(error))
            code, text = "internal", self._book.word_error("internal", data)
        return Draft(text, f"errors/{code}", data)

    def _tell_followers(self, session: AsyncSession, address: Address) -> None:
        after_commit(session, lambda: self._followers.wake(address))


def make_reference() -> str:
    """A short reference that a person can read out on the phone; no letters that look alike."""
    return "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTUVWXYZ") for _ in range(6))
