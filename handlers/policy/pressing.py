"""Buttons and commands of the policy dialogue: each is one method, named after its action."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import select

from bot import transcript
from bot.messages import Choice, SaidAgain, Speaker
from bot.models import Message
from handlers.people.person import Purpose
from handlers.policy.asking import Asking
from handlers.policy.feedback import Why, note_feedback, note_why
from handlers.policy.gaps import tell_of_gaps
from handlers.policy.helping import Helping
from handlers.policy.interviewing import Interviewing
from handlers.policy.labels import asked_often, button, label
from handlers.policy.offering import rating
from handlers.policy.replies import AnswerReply, SimpleReply
from handlers.policy.retelling import Retelling, items_from
from handlers.policy.talk import COMPLAINT, HUMAN, Talk, Tools, set_place
from handlers.policy.talk_replies import (
    ElsewhereReply,
    MenuReply,
    NothingYetReply,
    OriginalReply,
    PlaceSetReply,
    TellNotedReply,
    ThanksReply,
    WhyReply,
)
from handlers.policy.wording import part_of, source_of, worst_period

Act = Callable[[Talk, Mapping[str, Any]], Awaitable[None]]


class Pressing:
    def __init__(
        self,
        tools: Tools,
        retelling: Retelling,
        asking: Asking,
        interviewing: Interviewing,
        helping: Helping,
    ) -> None:
        self._tools = tools
        self._retelling = retelling
        self._asking = asking
        self._interviewing = interviewing
        self._helping = helping
        self._acts: dict[str, Act] = {
            "original": self._original,
            "simple": self._simple,
            "next": self._next,
            "again": self._again,
            "human": self._human,
            "complain": self._complain,
            "rate": self._rate,
            "useful": self._useful,
            "useless": self._useless,
            "why": self._why,
            "tell": self._tell,
            "no_tell": self._no_tell,
            "place": self._place,
            "elsewhere": self._elsewhere,
            "change_place": self._change_place,
            "menu": self._menu,
            "check": self._check,
            "check_all": self._check_all,
            "answer": self._answer,
            "stop": self._stop,
        }

    async def press(self, talk: Talk) -> None:
        pressed = talk.turn.pressed
        assert pressed is not None
        await self._acts[pressed.action.partition(":")[2]](talk, pressed.data)

    # -- telling again ------------------------------------------------------------------------------------

    async def _original(self, talk: Talk, data: Mapping[str, Any]) -> None:
        told = self._retelling.tell(items_from(data.get("told", talk.memory.told)), talk.today)
        talk.say(OriginalReply(tuple(source_of(one.citation) for one in told)) if told else NothingYetReply())

    async def _simple(self, talk: Talk, data: Mapping[str, Any]) -> None:
        interview = talk.memory.interview
        if interview and not interview.done and "told" not in data:
            self._interviewing.ask_again(talk)
            return
        items = items_from(data.get("told", talk.memory.told))
        told = self._retelling.tell([(policy, name, facts[:1]) for policy, name, facts in items], talk.today)
        if not told:
            talk.say(NothingYetReply())
            return
        period = worst_period(one.citation for one in told)
        choices = (button("human"), button("original", told=items), *rating(items, "policy/simple"))
        talk.say(SimpleReply(tuple(map(part_of, told)), period, choices=choices))

    async def _next(self, talk: Talk, data: Mapping[str, Any]) -> None:
        items = items_from(data["told"])
        told = self._retelling.tell(items, talk.today)
        if not told:
            talk.say(NothingYetReply())
            return
        talk.memory.told = items
        period = worst_period(one.citation for one in told)
        choices = (button("human"), button("original", told=items), *rating(items))
        talk.say(AnswerReply(tuple(map(part_of, told)), period, choices=choices))

    async def _again(self, talk: Talk, _data: Mapping[str, Any]) -> None:
        """The replies of the last turn that were no news: cards and buttons as they were."""
        turn, row = talk.turn, Message
        mine = (row.conversation_id == turn.conversation_id, row.speaker == str(Speaker.BOT), ~row.forgotten)
        last = await turn.session.scalar(
            select(row.turn).where(*mine, row.turn.is_not(None)).order_by(row.seq.desc()).limit(1)
        )
        said = await transcript.replies_of(turn.session, turn.conversation_id, last) if last is not None else []
        said = [message for message in said if message.template != "frame/greeting"]
        if not said:
            talk.say(NothingYetReply())
            return
        talk.say(*map(SaidAgain, said))

    # -- people, feedback, news ---------------------------------------------------------------------------

    async def _human(self, talk: Talk, _data: Mapping[str, Any]) -> None:
        await self._helping.serve(talk, HUMAN)

    async def _complain(self, talk: Talk, _data: Mapping[str, Any]) -> None:
        await self._helping.serve(talk, COMPLAINT)

    async def _rate(self, talk: Talk, data: Mapping[str, Any]) -> None:
        turn, useful = talk.turn, bool(data["useful"])
        feedback_id = await note_feedback(
            turn.session,
            turn.conversation_id,
            template=str(data["template"]),
            about=str(data["about"]),
            useful=useful,
            now=turn.now,
        )
        if useful:
            talk.say(ThanksReply(""))
            return
        talk.say(WhyReply(choices=tuple(button("why", of=why, why=str(why), id=feedback_id) for why in Why)))

    async def _useful(self, talk: Talk, _data: Mapping[str, Any]) -> None:
        await self._rate_typed(talk, useful=True)

    async def _useless(self, talk: Talk, _data: Mapping[str, Any]) -> None:
        await self._rate_typed(talk, useful=False)

    async def _rate_typed(self, talk: Talk, *, useful: bool) -> None:
        """The word instead of the button: it means the answer last given, whatever was asked since."""
        told = items_from(talk.memory.told)
        useful_choice, useless_choice = rating(told)
        await self._rate(talk, (useful_choice if useful else useless_choice).data)

    async def _why(self, talk: Talk, data: Mapping[str, Any]) -> None:
        why = Why(data["why"])
        await note_why(talk.turn.session, talk.turn.conversation_id, int(data["id"]), why)
        step = {Why.WRONG_PLACE: button("change_place"), Why.UNCLEAR: button("simple")}.get(why)
        talk.say(ThanksReply(str(why), choices=(*((step,) if step else ()), button("human"))))

    async def _tell(self, talk: Talk, _data: Mapping[str, Any]) -> None:
        await self._note_wish(talk, wanted=True)

    async def _no_tell(self, talk: Talk, _data: Mapping[str, Any]) -> None:
        await self._note_wish(talk, wanted=False)

    async def _note_wish(self, talk: Talk, *, wanted: bool) -> None:
        turn = talk.turn
        await self._tools.register.answer_consent(
            turn.session, turn.conversation_id, Purpose.GAP_NEWS, given=wanted, now=turn.now
        )
        await tell_of_gaps(turn.session, turn.conversation_id, tell=wanted)
        talk.say(TellNotedReply(wanted))

    # -- places -------------------------------------------------------------------------------------------

    async def _place(self, talk: Talk, data: Mapping[str, Any]) -> None:
        """A place was chosen: for the question that waits, and for good if none was known or they change it."""
        code, memory = str(data["code"]), talk.memory
        keeps = bool(data.get("keep")) or talk.region is None
        how = "first" if talk.region is None else "changed"
        question = memory.question if memory.question and (memory.awaiting or data.get("keep")) else ""
        if keeps:
            await set_place(talk, self._tools, code)
        if data.get("keep") or not question:
            talk.say(PlaceSetReply(self._tools.place_name(code), self._tools.serving_place(code), how))
        memory.awaiting = ""
        before = memory.answered_for and self._tools.serving_place(memory.answered_for)
        if question and before != self._tools.serving_place(code):
            await self._asking.ask(talk, question, region=code)

    async def _elsewhere(self, talk: Talk, _data: Mapping[str, Any]) -> None:
        talk.memory.awaiting = talk.memory.awaiting or "place"
        talk.say(ElsewhereReply())

    async def _change_place(self, talk: Talk, _data: Mapping[str, Any]) -> None:
        self._asking.ask_place(talk, "profile")

    async def _menu(self, talk: Talk, _data: Mapping[str, Any]) -> None:
        place = self._tools.serving_place(talk.region) if talk.region else ""
        talk.say(MenuReply(place, choices=(*map(Choice, asked_often()), button("human"))))

    # -- interview ----------------------------------------------------------------------------------------

    async def _check(self, talk: Talk, data: Mapping[str, Any]) -> None:
        provision = self._retelling.find(str(data["policy"]), str(data["provision"]))
        if provision is None:
            talk.say(NothingYetReply())
            return
        self._interviewing.begin(talk, str(data["policy"]), provision, talk.memory.question)

    async def _check_all(self, talk: Talk, _data: Mapping[str, Any]) -> None:
        if talk.region is None or not self._interviewing.begin_general(talk, talk.region, ""):
            talk.memory.question = label("check_all_question")
            self._asking.ask_place(talk, "place")

    async def _answer(self, talk: Talk, data: Mapping[str, Any]) -> None:
        value = data["value"]
        self._interviewing.answer(talk, str(data["name"]), value if isinstance(value, bool | None) else float(value))

    async def _stop(self, talk: Talk, _data: Mapping[str, Any]) -> None:
        self._interviewing.stop(talk)
