"""The check-in as it is talked: buttons or free words, three questions at most, and the yes that it rests on."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.clock import LOCAL
from bot.dialogue import Outcome, Turn
from bot.routing import normalise_command
from handlers.people.check_replies import (
    AskCheckIns,
    CheckInDone,
    CheckInQuestion,
    CheckInsNoted,
    check_in_choices,
)
from handlers.people.checking import Before, CheckIns
from handlers.people.following import Income, Question, after
from handlers.people.labels import button
from handlers.people.person import Employment, Purpose, WishKind
from handlers.people.profiling import Profiling
from handlers.people.reading import Reader
from handlers.people.register import Register
from handlers.people.said import Said
from handlers.people.talk import Memory, Step
from knowledge.language import plain


@dataclass(frozen=True)
class Told:
    """What a message says to a check-in."""

    employment: Employment | None = None
    income: Income | None = None
    training: bool | None = None
    wishes: Said | None = None
    in_trouble: bool = False
    """Somebody is ill or hurt; nothing more of it is read."""

    @property
    def is_any(self) -> bool:
        return self.in_trouble or any(one is not None for one in (self.employment, self.income, self.training))


class CheckTalk:
    def __init__(self, check_ins: CheckIns, register: Register, profiling: Profiling, reader: Reader) -> None:
        self._check_ins = check_ins
        self._register = register
        self._profiling = profiling
        self._reader = reader

    # -- may we ask? --------------------------------------------------------------------------------------

    async def offer_after(self, turn: Turn, memory: Memory, outcome: Outcome) -> Outcome:
        """They told of their work just now: whether they may be asked how it goes; once."""
        profile = await self._register.read_profile(turn.session, turn.conversation_id)
        if not profile.may(Purpose.PROFILE) or profile.was_asked(Purpose.CHECK_INS):
            return outcome
        ask = AskCheckIns(choices=(button("check_ins_yes"), button("check_ins_no", quiet=True)))
        state = {**(outcome.state or memory.to_state()), "step": str(Step.MAY_CHECK)}
        return Outcome((*outcome.replies, ask), state, stays=True)

    async def agree(self, turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        return await self._note(turn, memory, given=True)

    def is_weary(self, turn: Turn) -> bool:
        """莫问了: no more of these questions."""
        return self._reader.shapes["asks_no_more"].fullmatch(_said_word(turn.incoming.text)) is not None

    async def decline(self, turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        return await self._note(turn, memory, given=False)

    async def _note(self, turn: Turn, memory: Memory, *, given: bool) -> Outcome:
        await self._register.answer_consent(
            turn.session, turn.conversation_id, Purpose.CHECK_INS, given=given, now=turn.now
        )
        return Outcome((CheckInsNoted(given),), replace(memory, step=Step.NONE, check_in={}).to_state())

    # -- the questions ------------------------------------------------------------------------------------

    async def press(self, turn: Turn, memory: Memory, data: Mapping[str, Any]) -> Outcome:
        question, value = Question(data["question"]), str(data["value"])
        match question:
            case Question.EMPLOYMENT:
                told = Told(employment=Employment(value))
            case Question.INCOME:
                told = Told(income=Income(value))
            case Question.TRAINING:
                told = Told(training=value == "yes")
        last = memory.check_in.get("last")
        if last and last["question"] == question and memory.check_in["id"] == data["id"]:
            await self._undo(turn, memory)  # another button of the question that was answered just now
        return await self._take(turn, memory, int(data["id"]), question, told)

    async def take_words(self, turn: Turn, memory: Memory) -> Outcome | None:
        """Free words while a question stands, or right after the last answer; None where they say nothing to it."""
        if memory.check_in.get("last") and (corrected := await self._correct(turn, memory)) is not None:
            return corrected
        if memory.step is Step.CHECKED:
            return None
        question = Question(memory.check_in["question"])
        told = self._read(turn, turn.incoming.text, question)
        if not told.is_any:
            return None
        return await self._take(turn, memory, int(memory.check_in["id"]), question, told)

    async def _correct(self, turn: Turn, memory: Memory) -> Outcome | None:
        """说错了: the last answer is taken back; what is right is taken, or asked for again.

        None where something else follows (不对啊，老板欠我工资): those words are another's, and nothing is taken back.
        """
        found = self._reader.shapes["misspoke"].search(turn.incoming.text)
        if found is None:
            return None
        question, check_in = Question(memory.check_in["last"]["question"]), int(memory.check_in["id"])
        right = turn.incoming.text[found.end() :].strip()
        told = self._read(turn, right, question) if right else Told()
        if right and (not told.is_any or self._reader.shapes["not_answer"].search(right)):
            return None
        await self._undo(turn, memory)
        if told.is_any:
            return await self._take(turn, memory, check_in, question, told)
        return self._ask(memory, check_in, question)

    async def _undo(self, turn: Turn, memory: Memory) -> None:
        before = Before(**memory.check_in["last"]["before"])
        await self._check_ins.take_back(turn.session, int(memory.check_in["id"]), before)

    def _read(self, turn: Turn, text: str, question: Question) -> Told:
        words, shapes = plain(text), self._reader.shapes
        if shapes["in_trouble"].search(words) and not shapes["not_answer"].search(words):
            return Told(in_trouble=True)
        said = self._reader.read(text, today=turn.now.astimezone(LOCAL).date())
        if said.other:
            return Told()
        income = next((one for one in Income if shapes[f"income_{one}"].search(words)), None)
        courses = tuple(wish for wish in said.wishes if wish.kind is WishKind.TRAINING)
        employment, training = said.employment, True if courses else None
        if employment is None and said.work_form is not None:
            employment = Employment.EMPLOYED
        whole = {normalise_command(text), _said_word(text)}
        if question is Question.EMPLOYMENT and employment is None:
            employment = self._short_state(whole)
        if question is Question.TRAINING and training is None:
            if self._is_whole(("no", "skips", "not_working"), whole):
                training = False
            elif self._is_whole(("yes",), whole) or said.skills or words.startswith("想"):
                training = True
        return Told(employment, income, training, Said(wishes=courses) if courses else None)

    def _short_state(self, whole: Collection[str]) -> Employment | None:
        """还在做, 没得: what only the question makes an answer."""
        if self._is_whole(("not_working",), whole):
            return Employment.UNEMPLOYED
        return Employment.EMPLOYED if self._is_whole(("working",), whole) else None

    def _is_whole(self, names: Collection[str], whole: Collection[str]) -> bool:
        return any(self._reader.shapes[name].fullmatch(words) for name in names for words in whole)

    async def _take(self, turn: Turn, memory: Memory, check_in: int, question: Question, told: Told) -> Outcome:
        session, now = turn.session, turn.now
        answered = await self._check_ins.answer(
            session,
            check_in,
            employment=told.employment,
            income=told.income,
            training=told.training,
            in_trouble=told.in_trouble,
            now=now,
        )
        if answered is None:
            return Outcome((CheckInsNoted(given=False),), replace(memory, step=Step.NONE, check_in={}).to_state())
        row, before = answered
        last = {"question": str(question), "before": asdict(before)}
        if told.wishes is not None:
            profile = await self._register.read_profile(session, turn.conversation_id)
            if profile.may(Purpose.PROFILE):
                await self._profiling.keep(session, turn.conversation_id, told.wishes, now=now)
        if told.in_trouble:
            return self._end(memory, check_in, last, CheckInDone(concern=True, training=False, in_trouble=True))
        following = after(question, row.employment)
        while following is not None and _is_told(following, row.employment, row.income, row.training):
            following = after(following, row.employment)
        if following is None:
            concern = await self._check_ins.is_looked_after(session, row.person_id)
            done = CheckInDone(concern=concern, training=bool(row.training), in_trouble=False)
            return self._end(memory, check_in, last, done)
        return self._ask(memory, check_in, following, last)

    def _end(self, memory: Memory, check_in: int, last: Mapping[str, Any], done: CheckInDone) -> Outcome:
        memory = replace(memory, step=Step.CHECKED, check_in={"id": check_in, "last": last})
        return Outcome((done,), memory.to_state(), stays=True)

    def _ask(self, memory: Memory, check_in: int, question: Question, last: Mapping[str, Any] | None = None) -> Outcome:
        about = {"id": check_in, "question": str(question), **({"last": last} if last else {})}
        memory = replace(memory, step=Step.CHECK_IN, check_in=about)
        asked = CheckInQuestion(str(question), first=False, choices=check_in_choices(question, check_in))
        return Outcome((asked,), memory.to_state(), stays=True)


def _said_word(text: str) -> str:
    """Standard words of a short answer, without its marks."""
    return re.sub(r"[\s，,。.!！~～、]+", "", plain(text))


def _is_told(question: Question, employment: str, income: str, training: bool | None) -> bool:
    held = {Question.EMPLOYMENT: bool(employment), Question.INCOME: bool(income)}
    return held.get(question, training is not None)
