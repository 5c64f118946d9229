"""What the dialogue says and does about messages of ours: no more, again, and the one question whether they are
wanted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from bot.dialogue import HandOver, Outcome, Turn
from handlers.people import consents
from handlers.people.labels import button, label
from handlers.people.person import Profile, Purpose
from handlers.people.register import Register
from handlers.people.replies import AskNotices, AskStop, NothingStopped, NoticesNoted, Seldom
from handlers.people.talk import Memory, Step, silent
from knowledge.language import plain
from knowledge.opting import OptWish, Topic, may_mean_anything, read_opting, topics_in
from knowledge.routes import Recognition

SURE = 0.45
"""A likeness to a stop of this score is one: whoever wants no more messages is not asked twice; it can be undone."""
OFFERS = "offers"
"""The dialogue that shows what work and courses there are."""


class OptingTalk:
    def __init__(self, register: Register) -> None:
        self._register = register

    async def take(self, turn: Turn, memory: Memory) -> Outcome:
        """Words about messages; where no shape names what they want, a faint likeness ends nothing: it is asked.

        So is 取消 alone, where no question of ours stands that it answers.
        """
        if (seat := await self.seat_in(turn)) is not None:
            return Outcome(state=replace(memory, step=Step.NONE).to_state(), hand_over=seat)
        if memory.step is Step.NONE and may_mean_anything(turn.incoming.text):
            return self.ask_stop(memory, {Topic.ALL})
        wish = read_opting(turn.incoming.text)
        if wish is None:
            topics = topics_in(plain(turn.incoming.text))
            if isinstance(found := turn.understood, Recognition) and found.score < SURE:
                return self.ask_stop(memory, topics)
            wish = OptWish(stop=topics)
        return await self._do(turn, memory, wish)

    async def stop(self, turn: Turn, memory: Memory, data: Mapping[str, Any]) -> Outcome:
        return await self._do(turn, memory, OptWish(stop=_topics(data.get("topics") or memory.topics)))

    async def seat_in(self, turn: Turn) -> HandOver | None:
        """Who goes on where the words give up a seat, rather than messages of ours."""
        gives_up = self._register.gives_up
        return await gives_up(turn.session, turn.conversation_id, turn.incoming.text) if gives_up else None

    async def resume(self, turn: Turn, memory: Memory, data: Mapping[str, Any]) -> Outcome:
        return await self._do(turn, memory, OptWish(resume=_topics(data.get("topics"))))

    async def send_me(self, turn: Turn, memory: Memory, data: Mapping[str, Any]) -> Outcome:
        """有招工的发给我: from now on, and those that are there already."""
        topics = _topics(data.get("topics"))
        outcome = await self._do(turn, memory, OptWish(resume=topics))
        now = HandOver(
            OFFERS, {"intent": "training" if Topic.COURSES in topics else "jobs", "more": False, "back": False}
        )
        return replace(outcome, hand_over=now)

    async def may_stop(self, _turn: Turn, memory: Memory, data: Mapping[str, Any]) -> Outcome:
        return self.ask_stop(memory, _topics(data.get("topics")))

    def ask_stop(self, memory: Memory, topics: Collection[Topic]) -> Outcome:
        """Whether messages of ours are meant, or what else: pay, a benefit, an offer."""
        names = tuple(sorted(map(str, topics)))
        choices = (button("stop", topics=list(names)), button("stop_nothing", quiet=True))
        memory = replace(memory, step=Step.STOPPING, topics=names)
        return Outcome((AskStop(_names(topics), choices=choices),), memory.to_state(), stays=True)

    async def stop_nothing(self, _turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        return Outcome((NothingStopped(),), replace(memory, step=Step.NONE, topics=()).to_state())

    async def seldom(self, _turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        """Fewer, or none at night: how it is anyway; whom that is too much can end it."""
        reply = Seldom(choices=(button("stop_all", topics=[str(Topic.ALL)]),))
        return Outcome((reply,), replace(memory, step=Step.NONE).to_state())

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
        return Outcome((reply,), replace(memory, step=Step.NONE, topics=()).to_state())

    def stopped_kinds(self, profile: Profile) -> tuple[str, ...]:
        """Names of the kinds of notices that they do not want, while they want the others."""
        kinds = {Topic.JOBS: Purpose.JOB_NOTICES, Topic.COURSES: Purpose.COURSE_NOTICES}
        return tuple(label("topic", topic) for topic, purpose in kinds.items() if purpose in profile.refused)

    def _again(self, *topics: Topic) -> Any:
        return button("resume", quiet=True, topics=sorted(map(str, topics)))


def _topics(names: Iterable[str] | None) -> frozenset[Topic]:
    """Of a button or a command; all where none is named."""
    return frozenset(map(Topic, names or ())) or frozenset({Topic.ALL})


def _names(topics: Collection[Topic]) -> tuple[str, ...]:
    return tuple(label("topic", topic) for topic in Topic if topic in topics)
