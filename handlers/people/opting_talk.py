"""What the dialogue says and does about messages of ours: no more, again, and the one question whether they are
wanted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from bot.dialogue import HandOver, Outcome, Turn
from handlers.people import consents
from handlers.people.labels import button, label
from handlers.people.person import Profile, Purpose
from handlers.people.register import Register
from handlers.people.replies import AskNotices, NoticesNoted
from handlers.people.talk import Memory, Step, silent
from knowledge.language import plain
from knowledge.opting import OptWish, Topic, read_opting, topics_in


class OptingTalk:
    def __init__(self, register: Register) -> None:
        self._register = register

    async def take(self, turn: Turn, memory: Memory) -> Outcome:
        """Words about messages; where no shape names what they want, the recogniser has heard a stop."""
        if (seat := await self.seat_in(turn)) is not None:
            return Outcome(state=replace(memory, step=Step.NONE).to_state(), hand_over=seat)
        words = turn.incoming.text
        wish = read_opting(words) or OptWish(stop=topics_in(plain(words)))
        return await self._do(turn, memory, wish)

    async def seat_in(self, turn: Turn) -> HandOver | None:
        """Who goes on where the words give up a seat, rather than messages of ours."""
        gives_up = self._register.gives_up
        return await gives_up(turn.session, turn.conversation_id, turn.incoming.text) if gives_up else None

    async def resume(self, turn: Turn, memory: Memory, data: Mapping[str, Any]) -> Outcome:
        topics = frozenset(map(Topic, data.get("topics", [Topic.ALL])))
        return await self._do(turn, memory, OptWish(resume=topics))

    async def ask(self, turn: Turn, memory: Memory) -> Outcome:
        """Whether they want notices: asked once, and not within the week of another question of ours."""
        profile = await self._register.read_profile(turn.session, turn.conversation_id)
        if profile.was_asked(Purpose.NOTICES) or not memory.may_ask(turn.now):
            return silent(memory)
        memory = replace(memory, step=Step.NOTICES, asked_at=turn.now.isoformat())
        choices = (button("notices_yes"), button("notices_no", quiet=True))
        return Outcome((AskNotices(choices=choices),), memory.to_state(), stays=True)

    async def notices_yes(self, turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        await self._register.answer_consent(
            turn.session, turn.conversation_id, Purpose.NOTICES, given=True, now=turn.now
        )
        reply = NoticesNoted((), _names({Topic.ALL}), everything=False, registered=False)
        return Outcome((reply,), replace(memory, step=Step.NONE).to_state())

    async def notices_no(self, turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        await self._register.answer_consent(
            turn.session, turn.conversation_id, Purpose.NOTICES, given=False, now=turn.now
        )
        reply = NoticesNoted((), (), everything=True, registered=False, choices=(self._again(Topic.ALL),))
        return Outcome((reply,), replace(memory, step=Step.NONE).to_state())

    async def _do(self, turn: Turn, memory: Memory, wish: OptWish) -> Outcome:
        register, session, conversation = self._register, turn.session, turn.conversation_id
        await consents.stop(register, session, conversation, wish.stop, now=turn.now)
        await consents.resume(register, session, conversation, wish.resume, now=turn.now)
        everything = Topic.ALL in wish.stop
        count = register.count_registrations
        reply = NoticesNoted(
            registered=everything and count is not None and await count(session, conversation) > 0,
            stopped=_names(wish.stop),
            resumed=_names(wish.resume),
            everything=everything,
            choices=(self._again(*wish.stop),) if wish.stop else (),
        )
        return Outcome((reply,), replace(memory, step=Step.NONE).to_state())

    def stopped_kinds(self, profile: Profile) -> tuple[str, ...]:
        """Names of the kinds of notices that they do not want, while they want the others."""
        kinds = {Topic.JOBS: Purpose.JOB_NOTICES, Topic.COURSES: Purpose.COURSE_NOTICES}
        return tuple(label("topic", topic) for topic, purpose in kinds.items() if purpose in profile.refused)

    def _again(self, *topics: Topic) -> Any:
        return button("resume", quiet=True, topics=sorted(map(str, topics)))


def _names(topics: Collection[Topic]) -> tuple[str, ...]:
    return tuple(label("topic", topic) for topic in Topic if topic in topics)
