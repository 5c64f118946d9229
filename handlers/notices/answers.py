"""What people were told from the documents, and what they asked for: noted in their turn, for notices that follow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.notices.models import GivenAnswer

_TABLE = GivenAnswer.metadata.tables["given_answer"]
# Of many turns, so made once.
_NOTE = {
    name: (statement := dialect.insert(_TABLE)).on_conflict_do_update(
        index_elements=["conversation_id", "policy", "provision", "fact", "words"],
        set_={"at": statement.excluded["at"]},
    )
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


@dataclass(frozen=True)
class Answered:
    """One fact that was told; of a wish for work or a course the provision is its topic and the rest is empty."""

    policy: str
    provision: str
    fact: str = ""
    say: str = ""
    """In what words."""


def digest_of(say: str) -> str:
    """The same for the same words; 16 hexadecimal digits."""
    return hashlib.sha256("".join(say.split()).encode()).hexdigest()[:16]


async def note_answers(
    session: AsyncSession, conversation_id: int, answers: Iterable[Answered], *, now: datetime
) -> None:
    """Write down what a conversation was told, each once."""
    rows = {
        (one.policy, one.provision, one.fact, digest_of(one.say)): {
            "conversation_id": conversation_id,
            "policy": one.policy,
            "provision": one.provision,
            "fact": one.fact,
            "words": digest_of(one.say),
            "at": now,
        }
        for one in answers
    }
    if rows:
        with session.no_autoflush:
            await session.execute(_NOTE[session.get_bind().dialect.name], list(rows.values()))


async def note_told(
    session: AsyncSession, conversation_id: int, told: Sequence[tuple[str, str, str, str]], now: datetime
) -> None:
    """The same, as the policy service hands it over."""
    await note_answers(session, conversation_id, [Answered(*one) for one in told], now=now)


async def erase_answers(session: AsyncSession, conversation_id: int) -> None:
    """A person had everything deleted: what they were told is known no more."""
    await session.execute(delete(GivenAnswer).where(GivenAnswer.conversation_id == conversation_id))
