"""补充资料: one question after the other, each answered by a button or in free words, and kept at once."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.clock import LOCAL
from bot.dialogue import Outcome, Turn
from bot.door import drop_unwanted
from bot.messages import Reply
from bot.sealing import Sealer, find_phone
from handlers.people.asking import choices_of, next_item, read_answer, read_stated, said_by
from handlers.people.labels import button, label, say_all
from handlers.people.matching import Matching
from handlers.people.pay import bare_pay
from handlers.people.person import Purpose, WishKind
from handlers.people.profiling import Item, Profiling
from handlers.people.reading import Reader
from handlers.people.register import Register
from handlers.people.replies import (
    AskDisability,
    AskProfile,
    ForOther,
    Matched,
    ProfileDone,
    ProfileQuestion,
)
from handlers.people.said import Said, WishSaid
from handlers.people.talk import Memory, Step, read_memory
from knowledge.language import plain

MOST_QUESTIONS = 5
"""In one round; the rest another time."""
NAME_ITEM, PAY_ITEM = "name", "pay"
"""What is asked behind the phone, and behind the work that is wished for."""


class Filling:
    def __init__(
        self, register: Register, profiling: Profiling, matching: Matching, reader: Reader, sealer: Sealer
    ) -> None:
        self._register = register
        self._profiling = profiling
        self._matching = matching
        self._reader = reader
        self._sealer = sealer

    async def begin(self, turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        """Nothing is asked before they agree that it is kept."""
        profile = await self._register.read_profile(turn.session, turn.conversation_id)
        memory = replace(memory, asked=(), said={})
        if profile.may(Purpose.PROFILE):
            return await self._next(turn, memory, ())
        choices = (button("agree"), button("decline", quiet=True))
        return Outcome((AskProfile(choices=choices),), replace(memory, step=Step.AGREE).to_state(), stays=True)

    async def agree(self, turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        await self._register.answer_consent(
            turn.session, turn.conversation_id, Purpose.PROFILE, given=True, now=turn.now
        )
        return await self._next(turn, memory, ())

    async def ask_only(self, turn: Turn, memory: Memory, item: Item, *, said: str | None = None) -> Outcome:
        """This one question: once it is answered, the answer stands instead of what is kept.

        我的电话换了，是138…: what they said with it may be the answer. `said`: that answer alone; empty for none.
        """
        if item is not Item.PHONE:
            await self._register.answer_consent(
                turn.session, turn.conversation_id, Purpose.PROFILE, given=True, now=turn.now
            )
        asked = self._ask(replace(memory, asked=tuple(map(str, Item)), changing=str(item)), item, ())
        assert asked.state is not None
        if said == "" or turn.incoming.value is not None:
            return asked
        told = turn if said is None else replace(turn, incoming=replace(turn.incoming, text=said))
        return await self._take_answer(told, read_memory(asked.state)) or asked

    async def answer(self, turn: Turn, memory: Memory, data: Mapping[str, Any]) -> Outcome:
        """A button under a question."""
        return await self._keep(turn, memory, said_by(Item(data["item"]), str(data["value"])))

    async def skip(self, turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        if memory.step is Step.NAME:
            return await self._keep_contact(turn, memory, "")
        return await self._next(turn, memory, ())

    async def end(self, turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        if memory.step is Step.NAME:
            await self._note_contact(turn, memory, "")
        return self._done(memory, ())

    async def take_words(self, turn: Turn, memory: Memory) -> Outcome | None:
        """Words while a question stands; None where they do not answer it."""
        words = plain(turn.incoming.text).strip("。.,，!！~ ")
        if memory.changing and memory.step is Step.QUESTION and self._reader.shapes["no"].fullmatch(words):
            return self._done(memory, ())  # 算了: what is kept stays
        if self._reader.shapes["ends"].fullmatch(words):
            return await self.end(turn, memory, {})
        if self._reader.shapes["skips"].fullmatch(words):
            return await self.skip(turn, memory, {})
        if memory.step is Step.NAME and (name := self._name_in(turn.incoming.text)):
            stated = await self.read_stated(turn)  # 会电焊 is no name
            return (
                await self._keep_contact(turn, memory, name) if stated is None else await self._take_other(turn, memory)
            )
        takes = {Step.PAY: self._take_pay, Step.QUESTION: self._take_answer}.get(memory.step)
        taken = await takes(turn, memory) if takes is not None else None
        return taken or await self._take_other(turn, memory)

    async def put_right(self, turn: Turn, memory: Memory, item: Item, said: Said) -> Outcome:
        """Something that is kept is another, while another question stands."""
        await self._profiling.drop(turn.session, turn.conversation_id, item, now=turn.now)
        return self._ask_again(memory, await self._note(turn, said))

    async def read_stated(self, turn: Turn) -> Said | None:
        """What they plainly tell of themselves, asked or not; None for anything else."""
        profile = await self._register.read_profile(turn.session, turn.conversation_id)
        today = turn.now.astimezone(LOCAL).date()
        return read_stated(self._reader, turn.incoming.text, today=today, home=profile.region)

    async def _take_other(self, turn: Turn, memory: Memory) -> Outcome | None:
        """The answer to another question than the one that stands is kept, and the same is asked again."""
        if memory.changing or (said := await self.read_stated(turn)) is None:
            return None
        kept = await self._profiling.view(turn.session, turn.conversation_id, now=turn.now)
        if not kept.profile.may(Purpose.PROFILE):
            return None
        if said.sensitive:
            return await self._keep(turn, memory, said)  # asked for by itself
        return self._ask_again(memory, await self._note(turn, said))

    def _ask_again(self, memory: Memory, noted: tuple[str, ...]) -> Outcome:
        match memory.step:
            case Step.PAY:
                return self._ask_pay(memory, noted)
            case Step.NAME:
                return self._ask_name(memory, noted)
        return self._ask(memory, Item(memory.item), noted)

    async def _take_pay(self, turn: Turn, memory: Memory) -> Outcome | None:
        """How much they want for the work that they wish for."""
        shapes, words = self._reader.shapes, plain(turn.incoming.text).strip("。.,，!！~ ")
        if shapes["any_pay"].fullmatch(words):
            return await self._next(turn, memory, ())
        if shapes["day_pay"].fullmatch(words):
            return self._ask_pay(memory, ())  # how many days, nobody knows but they
        pay = bare_pay(turn.incoming.text, shapes)
        if pay is None:
            return None
        kept = await self._profiling.view(turn.session, turn.conversation_id, now=turn.now)
        held = [wish for wish in kept.wishes if wish.kind == WishKind.WORK]
        open_ones = [wish for wish in held if wish.pay_from is None] or held
        wishes = tuple(WishSaid(WishKind.WORK, wish.trade, wish.words, wish.region, pay) for wish in open_ones)
        return await self._next(turn, memory, await self._note(turn, Said(wishes=wishes)))

    async def _take_answer(self, turn: Turn, memory: Memory) -> Outcome | None:
        item = Item(memory.item)
        if item is Item.PHONE:
            return self._take_phone(turn, memory)
        profile = await self._register.read_profile(turn.session, turn.conversation_id)
        today = turn.now.astimezone(LOCAL).date()
        said = read_answer(self._reader, item, turn.incoming.text, today=today, home=profile.region)
        if said is None:
            return None
        if said.other:
            return Outcome((ForOther(said.other),), memory.to_state(), stays=True)
        return await self._keep(turn, memory, said)

    # -- keeping ------------------------------------------------------------------------------------------

    async def _keep(self, turn: Turn, memory: Memory, said: Said) -> Outcome:
        where = (turn.session, turn.conversation_id)
        profile = await self._register.read_profile(*where)
        if not profile.may(Purpose.PROFILE):
            return await self.begin(turn, memory, {})  # an old button, after they had it all deleted
        if memory.changing and memory.changing == memory.item:
            await self._profiling.drop(*where, Item(memory.item), now=turn.now)
            memory = replace(memory, changing="")
        noted = await self._note(turn, said)
        if said.sensitive and not profile.was_asked(Purpose.DISABILITY):
            choices = (button("disability_yes"), button("disability_no"))
            memory = replace(memory, step=Step.DISABILITY)
            return Outcome((AskDisability(choices=choices),), memory.to_state(), stays=True)
        wanted = [wish for wish in said.wishes if wish.kind is WishKind.WORK]
        if memory.item == Item.WORK and wanted and not any(wish.pay_from for wish in wanted):
            return self._ask_pay(memory, noted)
        return await self._next(turn, memory, noted)

    async def _note(self, turn: Turn, said: Said) -> tuple[str, ...]:
        """-> what was kept, each as it stands behind 您"""
        await self._profiling.keep(turn.session, turn.conversation_id, said, now=turn.now)
        return say_all(said.without_sensitive(), self._reader.regions, year=turn.now.astimezone(LOCAL).year)

    def _ask_pay(self, memory: Memory, noted: tuple[str, ...]) -> Outcome:
        memory = replace(memory, step=Step.PAY, item=PAY_ITEM)
        choices = (button("skip", quiet=True), button("enough", quiet=True))
        return Outcome((ProfileQuestion(PAY_ITEM, noted, False, choices=choices),), memory.to_state(), stays=True)

    def _take_phone(self, turn: Turn, memory: Memory) -> Outcome | None:
        """The name is asked for whether or not the ledger holds the phone, so that nothing is learned from it."""
        phone = find_phone(turn.incoming.text)
        if phone is None:
            return None
        sealed = base64.b64encode(self._sealer.seal(phone, "talk.phone")).decode()
        return self._ask_name(replace(memory, step=Step.NAME, item=NAME_ITEM, phone=sealed), ())

    def _ask_name(self, memory: Memory, noted: tuple[str, ...]) -> Outcome:
        question = ProfileQuestion(NAME_ITEM, noted, bool(memory.changing), choices=(button("skip", quiet=True),))
        return Outcome((question,), memory.to_state(), stays=True)

    async def _keep_contact(self, turn: Turn, memory: Memory, name: str) -> Outcome:
        if await self._note_contact(turn, memory, name):
            reply = Matched(choices=(button("mine", quiet=True),))
            return Outcome((reply,), replace(memory, step=Step.NONE, phone="", item="").to_state())
        noted = (label("item", Item.PHONE),) if memory.changing else ()
        return await self._next(turn, replace(memory, phone=""), noted)

    async def _note_contact(self, turn: Turn, memory: Memory, name: str) -> bool:
        if not memory.phone:
            return False
        phone = self._sealer.open(base64.b64decode(memory.phone), "talk.phone")
        if memory.changing:
            for follow in self._register.phone_followers:
                await follow(turn.session, turn.conversation_id, phone, turn.now)
        return await self._matching.keep_contact(
            turn.session, turn.conversation_id, phone=phone, name=name, now=turn.now
        )

    def _name_in(self, text: str) -> str:
        """A name and nothing else; empty if it is none."""
        words = self._reader.shapes["named"].sub("", drop_unwanted(text).strip("。.,，!！ "))
        shapes = self._reader.shapes
        return words if shapes["name"].fullmatch(words) and not shapes["no_name"].search(words) else ""

    # -- going on -----------------------------------------------------------------------------------------

    async def _next(self, turn: Turn, memory: Memory, noted: tuple[str, ...]) -> Outcome:
        kept = await self._profiling.view(turn.session, turn.conversation_id, now=turn.now)
        item = next_item(kept, memory.asked) if len(memory.asked) < MOST_QUESTIONS else None
        if item is None:
            return self._done(memory, noted)
        return self._ask(memory, item, noted)

    def _ask(self, memory: Memory, item: Item, noted: tuple[str, ...]) -> Outcome:
        asked = tuple(dict.fromkeys((*memory.asked, str(item))))
        memory = replace(memory, step=Step.QUESTION, item=str(item), asked=asked)
        question = ProfileQuestion(str(item), noted, bool(memory.changing), choices=choices_of(item))
        return Outcome((question,), memory.to_state(), stays=True)

    def _done(self, memory: Memory, noted: tuple[str, ...]) -> Outcome:
        reply: Reply = ProfileDone(noted, choices=(button("mine", quiet=True),))
        memory = replace(memory, step=Step.NONE, item="", asked=(), phone="", changing="")
        return Outcome((reply,), memory.to_state())
