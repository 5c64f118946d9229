"""What people say of messages of ours -> which purposes they agree to: one use case for all words and buttons."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.people.person import MESSAGES, Purpose
from handlers.people.register import Register
from knowledge.opting import Topic

STOPS: Mapping[Topic, tuple[Purpose, ...]] = {
    Topic.ALL: MESSAGES,
    Topic.JOBS: (Purpose.JOB_NOTICES,),
    Topic.COURSES: (Purpose.COURSE_NOTICES,),
    Topic.CHECK_INS: (Purpose.CHECK_INS,),
    Topic.ANSWERS: (Purpose.GAP_NEWS,),
}
"""What a topic's end ends."""
RESUMES: Mapping[Topic, tuple[Purpose, ...]] = {
    Topic.ALL: (
        Purpose.NOTICES,
        Purpose.JOB_NOTICES,
        Purpose.COURSE_NOTICES,
        Purpose.GAP_NEWS,
        Purpose.REMINDERS,
    ),
    Topic.JOBS: (Purpose.NOTICES, Purpose.JOB_NOTICES),
    Topic.COURSES: (Purpose.NOTICES, Purpose.COURSE_NOTICES),
    Topic.CHECK_INS: (Purpose.CHECK_INS,),
    Topic.ANSWERS: (Purpose.GAP_NEWS,),
}
"""What it begins again. Check-ins were agreed to by themselves and come back only where they are named."""
KINDS = frozenset({Purpose.JOB_NOTICES, Purpose.COURSE_NOTICES})


async def stop(
    register: Register, session: AsyncSession, conversation_id: int, topics: Collection[Topic], *, now: datetime
) -> None:
    """No more messages of these topics."""
    for purpose in _purposes(STOPS, topics):
        await register.answer_consent(session, conversation_id, purpose, given=False, now=now)


async def resume(
    register: Register, session: AsyncSession, conversation_id: int, topics: Collection[Topic], *, now: datetime
) -> None:
    """Messages of these topics again; who wants one kind of notices alone, and had none, gets no other."""
    profile = await register.read_profile(session, conversation_id)
    wanted = _purposes(RESUMES, topics)
    for purpose in wanted:
        await register.answer_consent(session, conversation_id, purpose, given=True, now=now)
    if Purpose.NOTICES in wanted and not profile.may(Purpose.NOTICES):
        for purpose in KINDS.difference(wanted):
            await register.answer_consent(session, conversation_id, purpose, given=False, now=now)


def _purposes(table: Mapping[Topic, tuple[Purpose, ...]], topics: Collection[Topic]) -> list[Purpose]:
    return list(dict.fromkeys(purpose for topic in Topic if topic in topics for purpose in table[topic]))
