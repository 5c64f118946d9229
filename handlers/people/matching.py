"""Joining a chat to a person of the bureau's ledger: by phone and name together, at most three tries a day.

Who only knows a phone learns nothing: the same is said whether the ledger holds it or not.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.sealing import Sealer
from handlers.people.models import CheckIn, Consent, MatchTry, Person, PersonChat, PersonGroup, PersonTask
from handlers.people.profiling import groups_of, wishes_of
from handlers.people.reading import MOST_SKILLS
from handlers.people.register import Register
from handlers.people.stand_ins import find_for, open_another

MOST_TRIES = 3
"""A day, for a phone and for a chat."""
WITHIN = timedelta(days=1)


class Matching:
    def __init__(self, register: Register, sealer: Sealer) -> None:
        self._register = register
        self._sealer = sealer

    async def keep_contact(
        self, session: AsyncSession, conversation_id: int, *, phone: str, name: str, now: datetime
    ) -> bool:
        """Keep a phone, and a name if one was said; join the ledger's person of both. -> whether one was joined"""
        own = await self._register.open(session, conversation_id, now=now)
        return await self._keep(session, own, conversation_id, phone, name, now)

    async def keep_for(
        self, session: AsyncSession, conversation_id: int, relation: str, *, phone: str, name: str, now: datetime
    ) -> Person | None:
        """The same of whom this chat acts for. -> who that is: under another name another one; None: never agreed"""
        theirs = await find_for(session, conversation_id, relation)
        if theirs is None:
            return None
        if name and theirs.name_digest is not None and theirs.name_digest != self._sealer.digest(name):
            theirs = await open_another(session, conversation_id, relation, now=now)
        if phone:
            await self._keep(session, theirs, conversation_id, phone, name, now)
        # One of the ledger may have taken their place.
        return await find_for(session, conversation_id, relation)

    async def _keep(
        self, session: AsyncSession, own: Person, conversation_id: int, phone: str, name: str, now: datetime
    ) -> bool:
        if own.ledger_at is not None:
            return False  # joined already; the ledger's phone stands
        found = await self._find(session, conversation_id, phone, name, now) if name else None
        if found is not None:
            await self._join(session, own, found, now)
            return True
        own.phone, own.phone_digest = self._sealer.seal(phone, "person.phone"), self._sealer.digest(phone)
        if name:
            own.name, own.name_digest = self._sealer.seal(name, "person.name"), self._sealer.digest(name)
        own.updated_at = now
        own.version += 1
        await session.flush()
        return False

    async def _find(
        self, session: AsyncSession, conversation_id: int, phone: str, name: str, now: datetime
    ) -> Person | None:
        """The one person of the ledger with both; None if there is none, several, or too much was tried."""
        digest = self._sealer.digest(phone)
        tries = await session.scalar(
            select(func.count())
            .select_from(MatchTry)
            .where(
                or_(MatchTry.phone_digest == digest, MatchTry.conversation_id == conversation_id),
                MatchTry.at > now - WITHIN,
            )
        )
        session.add(MatchTry(phone_digest=digest, conversation_id=conversation_id, at=now))
        await session.flush()
        if (tries or 0) >= MOST_TRIES:
            return None
        found = await session.scalars(
            select(Person)
            .where(
                Person.phone_digest == digest,
                Person.name_digest == self._sealer.digest(name),
                Person.ledger_at.is_not(None),
            )
            .limit(2)
        )
        people = found.all()
        return people[0] if len(people) == 1 else None

    async def _join(self, session: AsyncSession, own: Person, theirs: Person, now: datetime) -> None:
        """All that the chats' person has is the ledger's person's; the ledger's word stands over what was said."""
        chats = PersonChat.person_id == own.id
        place = None if own.region == theirs.region else own.region
        await session.execute(update(PersonChat).where(chats).values(person_id=theirs.id, region=place))
        held = await groups_of(session, theirs.id)
        for group in await session.scalars(select(PersonGroup).where(PersonGroup.person_id == own.id)):
            if group.name not in held:
                group.person_id = theirs.id
        wishes = {(wish.kind, wish.trade) for wish in await wishes_of(session, theirs.id)}
        for wish in await wishes_of(session, own.id):
            if (wish.kind, wish.trade) not in wishes:
                wish.person_id = theirs.id
        await self._join_consents(session, own.id, theirs.id)
        theirs.skills = list(dict.fromkeys((*theirs.skills, *own.skills)))[-MOST_SKILLS:]
        theirs.told = {**theirs.told, **own.told}
        theirs.employment = theirs.employment or own.employment
        theirs.work_form = theirs.work_form or own.work_form
        if theirs.birth_year is None:
            theirs.birth_year, theirs.age_band = own.birth_year, theirs.age_band or own.age_band
        theirs.updated_at = now
        theirs.version += 1
        await session.flush()
        for table in (CheckIn, PersonTask):
            await session.execute(update(table).where(table.person_id == own.id).values(person_id=theirs.id))
        for move in self._register.movers:
            await move(session, own.id, theirs.id)
        await session.execute(delete(Person).where(Person.id == own.id))
        session.expunge(own)

    async def _join_consents(self, session: AsyncSession, own: int, theirs: int) -> None:
        """The last word of both counts."""
        said = {row.purpose: row for row in await session.scalars(select(Consent).where(Consent.person_id == theirs))}
        for row in (await session.scalars(select(Consent).where(Consent.person_id == own))).all():
            before = said.get(row.purpose)
            if before is None:
                row.person_id = theirs
            elif before.at < row.at:
                before.given, before.at = row.given, row.at
        await session.flush()


async def forget_tries(session: AsyncSession, now: datetime) -> None:
    """Tries that count no more."""
    await session.execute(delete(MatchTry).where(MatchTry.at <= now - WITHIN))
