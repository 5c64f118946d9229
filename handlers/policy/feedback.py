"""有用 and 没用: one tap each, and one more for why."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.policy.models import Feedback


class Why(StrEnum):
    """What was wrong with an answer."""

    OFF_TOPIC = "off_topic"
    UNCLEAR = "unclear"
    WRONG_FIGURE = "wrong_figure"
    WRONG_PLACE = "wrong_place"


async def note_feedback(
    session: AsyncSession, conversation_id: int, *, template: str, about: str, useful: bool, now: datetime
) -> int:
    """Write down what the person thought of an answer. -> its id, for the reason that may follow"""
    feedback = Feedback(
        conversation_id=conversation_id, at=now, template=template, about=about[:160], useful=useful, why=None
    )
    session.add(feedback)
    await session.flush()
    return feedback.id


async def note_why(session: AsyncSession, conversation_id: int, feedback_id: int, why: Why) -> None:
    """Why it was of no use; the last tap counts."""
    found = await session.scalar(
        select(Feedback).where(Feedback.id == feedback_id, Feedback.conversation_id == conversation_id)
    )
    if found is not None:
        found.why = str(why)
        await session.flush()


async def erase_feedback(session: AsyncSession, conversation_id: int) -> None:
    """What was thought of the answers stays, with nothing that leads to the person."""
    await session.execute(
        update(Feedback)
        .where(Feedback.conversation_id == conversation_id)
        .values(conversation_id=None)
        .execution_options(synchronize_session=False)
    )
