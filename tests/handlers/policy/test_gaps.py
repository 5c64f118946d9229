"""What had no answer and what people thought of answers: rows, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.models import Conversation
from handlers.policy.feedback import Why, erase_feedback, note_feedback, note_why
from handlers.policy.gaps import erase_gaps, keep_gap, list_gaps, tell_of_gaps
from handlers.policy.models import Feedback, Gap

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    async with database.transaction() as session:
        for number in (1, 2, 3):
            await session.execute(
                insert(Conversation).values(
                    id=number,
                    channel="terminal",
                    bot="",
                    chat=f"chat-{number}",
                    created_at=NOW,
                    updated_at=NOW,
                    last_seq=0,
                    choices_seq=0,
                    pushed_seq=0,
                    seen_seq=0,
                    greeted=True,
                    states={},
                    running=[],
                )
            )
        yield session


async def keep(session: AsyncSession, conversation: int, question: str, *, tell: bool = False) -> int | None:
    return await keep_gap(
        session, conversation, question=question, region="421083", reason="not_stated", tell=tell, now=NOW
    )


async def test_gaps_are_grouped_by_likeness_and_counted(session: AsyncSession) -> None:
    await keep(session, 1, "申请创业补贴要带哪些材料")
    await keep(session, 2, "申请创业补贴要带些什么材料", tell=True)
    await keep(session, 3, "养老金多少岁开始领")
    groups = await list_gaps(session)
    assert [(group.count, group.waiting) for group in groups] == [(2, 1), (1, 0)]


async def test_the_same_question_of_the_same_person_counts_once(session: AsyncSession) -> None:
    assert await keep(session, 1, "养老金多少岁开始领") is not None
    assert await keep(session, 1, "养老金多少岁开始领") is None


async def test_a_gap_names_nobody_and_forgets_its_conversation(session: AsyncSession) -> None:
    await keep(session, 1, "我叫张水生，13800138000，丧葬费有没有", tell=True)
    await erase_gaps(session, 1)
    gap = (await session.scalars(select(Gap).execution_options(populate_existing=True))).one()
    assert (gap.conversation_id, gap.tell) == (None, False)
    assert "张水生" not in gap.words
    assert "13800138000" not in gap.words


async def test_a_wish_to_be_told_is_for_all_questions_of_the_person(session: AsyncSession) -> None:
    await keep(session, 1, "养老金多少岁开始领")
    await tell_of_gaps(session, 1, tell=True)
    assert [group.waiting for group in await list_gaps(session)] == [1]


async def test_a_reason_belongs_to_the_persons_own_feedback(session: AsyncSession) -> None:
    feedback = await note_feedback(session, 1, template="policy/answer", about="honghu/x", useful=False, now=NOW)
    await note_why(session, 2, feedback, Why.UNCLEAR)
    row = (await session.scalars(select(Feedback))).one()
    assert row.why is None
    await note_why(session, 1, feedback, Why.UNCLEAR)
    assert row.why == "unclear"
    await erase_feedback(session, 1)
    await session.refresh(row)
    assert row.conversation_id is None
