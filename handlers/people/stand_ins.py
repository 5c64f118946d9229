"""Acting for somebody else: a chat registers its mother, who agreed to it; what is done is hers, not the asker's.

She is a person of her own, without a chat. What the chat's own person said, or agreed to, is never read as hers.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.people.models import Person, PersonChat, StandIn

ONE_OF_A_KIND = frozenset({"mother", "father", "wife", "husband"})
"""Of whom there is one: their yes is remembered. Another son, another neighbour, is asked for anew."""


async def find_for(session: AsyncSession, conversation_id: int, relation: str) -> Person | None:
    """For whom this chat acted last under a relation (`mother`); None before anybody agreed."""
    return await session.scalar(
        select(Person)
        .join(StandIn, StandIn.person_id == Person.id)
        .where(StandIn.conversation_id == conversation_id, StandIn.relation == relation)
        .order_by(StandIn.id.desc())
        .limit(1)
    )


async def has_agreed(session: AsyncSession, conversation_id: int, relation: str) -> bool:
    """Whether it need not be asked again if they agree."""
    return relation in ONE_OF_A_KIND and await find_for(session, conversation_id, relation) is not None


async def open_for(session: AsyncSession, conversation_id: int, relation: str, *, now: datetime) -> Person:
    """The same, with a new person where there was none: the asker has said that they agree."""
    # No race: the turn holds the conversation's lock.
    return await find_for(session, conversation_id, relation) or await open_another(
        session, conversation_id, relation, now=now
    )


async def open_another(session: AsyncSession, conversation_id: int, relation: str, *, now: datetime) -> Person:
    """Somebody else of the same relation: a second son."""
    person = Person(created_at=now, updated_at=now)
    session.add(person)
    await session.flush()
    session.add(StandIn(conversation_id=conversation_id, person_id=person.id, relation=relation, at=now))
    await session.flush()
    return person


async def move_stand_ins(session: AsyncSession, of: int, to: int) -> None:
    """Two records turned out to be of one person."""
    await session.execute(
        update(StandIn).where(StandIn.person_id == of).values(person_id=to).execution_options(synchronize_session=False)
    )


async def forget_stand_ins(session: AsyncSession, conversation_id: int) -> None:
    """A chat is deleted: whom nobody else knows goes with it; the ledger's persons, and those who write, stay."""
    acted = select(StandIn.person_id).where(StandIn.conversation_id == conversation_id)
    ids = list(await session.scalars(acted))
    await session.execute(delete(StandIn).where(StandIn.conversation_id == conversation_id))
    await session.execute(
        delete(Person).where(
            Person.id.in_(ids),
            Person.ledger_at.is_(None),
            ~exists().where(PersonChat.person_id == Person.id),
            ~exists().where(StandIn.person_id == Person.id),
        )
    )
    await session.flush()
