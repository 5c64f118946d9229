"""What a turn told from the documents, or was asked for: handed to whoever keeps it for notices that follow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.policy.interview_replies import InterviewOverview, InterviewResult
from handlers.policy.memory import ToldItem
from handlers.policy.replies import AnswerReply, SilentReply, SimpleReply
from handlers.policy.retelling import Retelling
from handlers.policy.talk import Talk
from knowledge.results import Told
from knowledge.routes import Route

Noted = tuple[str, str, str, str]
"""Policy, provision, fact and in what words; of a wish for work or a course the route stands as the provision alone."""
NoteTold = Callable[[AsyncSession, int, Sequence[Noted], datetime], Awaitable[None]]
WISHES = frozenset({Route.JOBS, Route.TRAINING})


async def note_nothing(_session: AsyncSession, _conversation_id: int, _noted: Sequence[Noted], _now: datetime) -> None:
    """Nobody keeps it."""


def noted_in(talk: Talk, retelling: Retelling) -> Iterator[Noted]:
    if talk.turn.pressed is None and talk.recognition.route in WISHES:
        yield "", talk.recognition.route.value, "", ""
    for policy, name, facts in _told_in(talk):
        if (provision := retelling.find(policy, name)) is None:
            continue
        told = {fact.id: fact.say for fact in provision.facts}
        for fact in facts:
            if fact in told:
                yield policy, name, fact, told[fact]


def facts_of(told: Told) -> Iterator[Noted]:
    """Of an answer that is told in no turn."""
    for fact in told.facts:
        yield told.policy, told.provision.id, fact.id, fact.say


def _told_in(talk: Talk) -> Sequence[ToldItem]:
    """What the replies of this turn say of the documents; of an overview the likely ones alone have a figure."""
    for reply in talk.replies:
        if isinstance(reply, InterviewOverview):
            return [(policy, name, facts[:1]) for policy, name, facts in talk.memory.told[: len(reply.likely)]]
        if isinstance(reply, AnswerReply | SimpleReply | SilentReply | InterviewResult):
            return talk.memory.told
    return ()
