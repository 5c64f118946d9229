"""The register of persons: the use cases that dialogues of all services call, inside their turn's transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import transcript
from bot.dialogue import HandOver
from bot.messages import Address
from bot.models import Conversation
from handlers.people.models import CheckIn, Consent, Person, PersonChat, PersonGroup, Wish
from handlers.people.parts import PartReader
from handlers.people.person import NOBODY, Profile, Purpose, Source
from handlers.people.stand_ins import forget_stand_ins, move_stand_ins

Eraser = Callable[[AsyncSession, int], Awaitable[None]]
"""Deletes, or cuts the link to, what another service keeps of a conversation."""
Counter = Callable[[AsyncSession, int], Awaitable[int]]
"""How many matters another service keeps of a conversation."""
Refuser = Callable[[AsyncSession, int, Purpose], Awaitable[None]]
"""Takes back what another service is about to send to a person (id) who said no to a purpose."""
PhoneFollower = Callable[[AsyncSession, int, str, datetime], Awaitable[None]]
"""Changes the phone in what another service keeps of a conversation and what lies ahead."""
Elsewhere = Callable[[AsyncSession, int, str], Awaitable[HandOver | None]]
"""Whether words in a conversation are about what another service keeps of it, and to whom they go then."""
Mover = Callable[[AsyncSession, int, int], Awaitable[None]]
"""What another service keeps of a person (first id) is the other's (second id) from now on."""


class ConsentFollower(Protocol):
    """What rests on a purpose begins with a yes and ends with a no."""

    async def __call__(
        self, session: AsyncSession, person_id: int, purpose: Purpose, *, given: bool, now: datetime
    ) -> None: ...


# Of the bare tables: asked in every turn, and the mapper would cost more than the question.
_PERSONS, _CONSENTS = Person.metadata.tables["person"], Consent.metadata.tables["consent"]
_CHATS = PersonChat.metadata.tables["person_chat"]
# The place asked about in this chat, where the ledger names another as theirs.
_REGION = func.coalesce(_CHATS.c.region, _PERSONS.c.region).label("region")
_PROFILE = (
    select(_REGION, _PERSONS.c.told, _CONSENTS.c.purpose, _CONSENTS.c.given)
    .join(_CHATS, _CHATS.c.person_id == _PERSONS.c.id)
    .outerjoin(_CONSENTS, _CONSENTS.c.person_id == _PERSONS.c.id)
    .where(_CHATS.c.conversation_id == bindparam("conversation"))
)
_CONVERSATIONS = Conversation.metadata.tables["conversation"]
_PLACE = (
    select(_REGION)
    .join(_CHATS, _CHATS.c.person_id == _PERSONS.c.id)
    .join(_CONVERSATIONS, _CONVERSATIONS.c.id == _CHATS.c.conversation_id)
    .where(
        _CONVERSATIONS.c.channel == bindparam("channel"),
        _CONVERSATIONS.c.bot == bindparam("bot"),
        _CONVERSATIONS.c.chat == bindparam("chat"),
    )
)


class Register:
    def __init__(self, erasers: Sequence[Eraser] = ()) -> None:
        self._erasers = list(erasers)
        self.movers: list[Mover] = [move_stand_ins]
        """Called where two records turn out to be of one person, before the first is deleted."""
        self.refusers: list[Refuser] = []
        """Called in the transaction in which somebody says no."""
        self.count_matters: Counter | None = None
        """Complaints and questions that were handed in."""
        self.count_registrations: Counter | None = None
        """Fairs, courses and vacancies that they registered for."""
        self.gives_up: Elsewhere | None = None
        """取消, 退了: of somebody who is registered that is no stop to messages."""
        self.asks_after: Elsewhere | None = None
        """怎么样了: of somebody who handed in nothing, what they are registered for."""

        self.phone_followers: list[PhoneFollower] = []
        """Called where somebody says that their phone is another now: conversation, the new one, when."""
        self.consent_followers: list[ConsentFollower] = []
        """Called where somebody says yes or no to a purpose."""
        self.parts: dict[str, PartReader] = {}
        """What a person's file shows beside the register's own; names as in `console/people/labels.yaml`."""

    def add_part(self, name: str, read: PartReader) -> None:
        """A service that has entries of persons shows them in their file."""
        self.parts[name] = read

    def add_eraser(self, eraser: Eraser) -> None:
        """A service that keeps something of persons says how it is deleted."""
        self._erasers.append(eraser)

    async def read_profile(self, session: AsyncSession, conversation_id: int) -> Profile:
        # Without autoflush: this is asked in every turn, and nothing that waits to be written concerns it.
        with session.no_autoflush:
            found = (await session.execute(_PROFILE, {"conversation": conversation_id})).all()
        if not found:
            return NOBODY
        words = {Purpose(purpose): given for _, _, purpose, given in found if purpose is not None}
        return Profile(
            found[0].region,
            agreed=frozenset(purpose for purpose, given in words.items() if given),
            refused=frozenset(purpose for purpose, given in words.items() if not given),
            told=found[0].told or {},
        )

    async def set_place(
        self, session: AsyncSession, conversation_id: int, region: str | None, *, now: datetime
    ) -> None:
        """The place the person named as theirs; None forgets it. The ledger's place of theirs stays as it is."""
        if region is None and await self.find(session, conversation_id) is None:
            return
        person = await self.open(session, conversation_id, now=now)
        if person.ledger_at is None:
            person.region = region
            person.updated_at = now
        else:
            chat = await session.scalar(select(PersonChat).where(PersonChat.conversation_id == conversation_id))
            assert chat is not None
            chat.region = None if region == person.region else region
        await session.flush()

    async def answer_consent(
        self, session: AsyncSession, conversation_id: int, purpose: Purpose, *, given: bool, now: datetime
    ) -> None:
        """Write down a yes or a no; the last word counts."""
        person = await self.open(session, conversation_id, now=now)
        said = await session.scalar(
            select(Consent).where(Consent.person_id == person.id, Consent.purpose == str(purpose))
        )
        if said is None:
            session.add(Consent(person_id=person.id, purpose=str(purpose), given=given, at=now))
        else:
            said.given, said.at = given, now
        await session.flush()
        for follow in self.consent_followers:
            await follow(session, person.id, purpose, given=given, now=now)
        if not given:
            for refuser in self.refusers:
                await refuser(session, person.id, purpose)

    async def erase(self, session: AsyncSession, conversation_id: int) -> bool:
        """Delete the person, the words of the conversation, and what other services keep of it.

        Of somebody whom the bureau's ledger names, what was said goes and the ledger's word stays. -> whether it does
        """
        for eraser in self._erasers:
            await eraser(session, conversation_id)
        await forget_stand_ins(session, conversation_id)
        await transcript.forget(session, conversation_id)
        person = await self.find(session, conversation_id)
        if person is None:
            return False
        if person.ledger_at is None:
            await session.execute(delete(Person).where(Person.id == person.id))
            session.expunge(person)
            return False
        await self.forget_said(session, person)
        await session.execute(delete(Consent).where(Consent.person_id == person.id))
        await session.execute(delete(PersonChat).where(PersonChat.conversation_id == conversation_id))
        return True

    async def forget_said(self, session: AsyncSession, person: Person) -> None:
        """What was said in chats goes; what is the bureau's stays."""
        said = str(Source.SAID)
        for kind in (PersonGroup, Wish):
            await session.execute(delete(kind).where(kind.person_id == person.id, kind.source == said))
        await session.execute(delete(CheckIn).where(CheckIn.person_id == person.id))
        person.skills, person.told = [], {}
        person.version += 1
        await session.flush()

    async def place_of(self, session: AsyncSession, address: Address) -> str | None:
        """The place of whoever talks at an address."""
        where = {"channel": str(address.channel), "bot": address.bot, "chat": address.key}
        region: str | None = await session.scalar(_PLACE, where)
        return region

    async def find(self, session: AsyncSession, conversation_id: int) -> Person | None:
        """Whose chat it is; None if nothing was kept of anybody there."""
        return await session.scalar(
            select(Person)
            .join(PersonChat, PersonChat.person_id == Person.id)
            .where(PersonChat.conversation_id == conversation_id)
        )

    async def open(self, session: AsyncSession, conversation_id: int, *, now: datetime) -> Person:
        """Whose chat it is, with a new record where there was none."""
        person = await self.find(session, conversation_id)
        if person is None:
            # No race: the turn holds the conversation's lock.
            person = Person(created_at=now, updated_at=now)
            session.add(person)
            await session.flush()
            session.add(PersonChat(person_id=person.id, conversation_id=conversation_id, at=now))
            await session.flush()
        return person

    async def chats_of(self, session: AsyncSession, person_id: int) -> list[int]:
        """Their conversations, the newest link first."""
        found = await session.scalars(
            select(PersonChat.conversation_id)
            .where(PersonChat.person_id == person_id)
            .order_by(PersonChat.at.desc(), PersonChat.id.desc())
        )
        return list(found)
