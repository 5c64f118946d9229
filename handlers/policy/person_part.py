"""What a person asked, in their file (一人一档): the questions that were answered or not, as they were put."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.messages import Speaker
from bot.models import Message
from handlers.people.parts import PartAsked, PartPage, PartRow
from handlers.policy.labels import label

ANSWERS = ("policy/answer", "policy/silent", "policy/absent", "policy/not_covered", "policy/interview_result")
"""Templates of what is said to a question."""
LONGEST = 80
"""Characters of a question that are shown."""


async def read_answers(session: AsyncSession, asked: PartAsked) -> PartPage:
    """The newest first; what was deleted is not there."""
    said, question = Message, aliased(Message)
    wanted = (
        said.conversation_id.in_(asked.conversations),
        said.speaker == str(Speaker.BOT),
        said.template.in_(ANSWERS),
        ~said.forgotten,
    )
    total = await session.scalar(select(func.count()).select_from(said).where(*wanted)) or 0
    rows = await session.execute(
        select(said.at, said.template, question.text)
        .join(question, (question.conversation_id == said.conversation_id) & (question.seq == said.turn))
        .where(*wanted)
        .order_by(said.at.desc(), said.id.desc())
        .offset(asked.offset)
        .limit(asked.limit)
    )
    return PartPage(
        [PartRow(row.at, row.text[:LONGEST], "", label_of(row.template)) for row in rows],
        total,
    )


def label_of(template: str) -> str:
    """Whether it had an answer, in a short word; empty where it had."""
    answered = template in ("policy/answer", "policy/interview_result")
    return "" if answered else label("unanswered")
