"""The people dialogue: what is kept of a person, confirmed by one tap, shown, changed and deleted; and who wants what.

It speaks when its commands and buttons are used, on the route `optout`, and where another dialogue hands over
(`handlers.people.intents`). Read `step` top to bottom.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.clock import LOCAL
from bot.dialogue import Outcome, Turn
from bot.routing import normalise_command
from handlers.people.check_talk import CheckTalk
from handlers.people.filling import Filling
from handlers.people.intents import DIALOGUE, Intent
from handlers.people.labels import button, say_all
from handlers.people.my_data import MyDataTalk
from handlers.people.opting_talk import OptingTalk
from handlers.people.person import Group, Purpose
from handlers.people.profiling import Item, Profiling, new_in
from handlers.people.reading import Reader
from handlers.people.register import Register
from handlers.people.replies import (
    AskDisability,
    AskTold,
    ConfirmProfile,
    DisabilityNoted,
    Matched,
    ProfileDone,
    ProfileKept,
    ProfileLeft,
    SayAgain,
    ToldKept,
)
from handlers.people.said import Said, said_from
from handlers.people.talk import Memory, Step, read_memory, silent
from knowledge.opting import may_mean_anything
from knowledge.routes import Recognition, Route

FEWEST = 2
"""So many facts of one message are worth a question of ours."""

FILLING = (Step.QUESTION, Step.NAME, Step.PAY)
"""A question of 补充资料 stands, and goes on standing while something else is asked."""
STANDS = (*FILLING, Step.CHECK_IN)
"""Questions that stand though something else is said in between."""

YES_NO = {
    Step.CONFIRM: ("keep_profile", "leave"),
    Step.AGREE: ("agree", "decline"),
    Step.DISABILITY: ("disability_yes", "disability_no"),
    Step.NOTICES: ("notices_yes", "notices_no"),
    Step.TOLD: ("keep_told", "leave_told"),
    Step.MAY_CHECK: ("check_ins_yes", "check_ins_no"),
    Step.DELETE: ("erase", "keep"),
    Step.DROP: ("drop", "keep"),
    Step.STOPPING: ("stop", "stop_nothing"),
}
"""What a yes, and what a no, presses while a question stands."""


class PeopleDialogue:
    name = DIALOGUE

    def __init__(
        self,
        register: Register,
        profiling: Profiling,
        reader: Reader,
        filling: Filling,
        opting: OptingTalk,
        checks: CheckTalk,
    ) -> None:
        self._register = register
        self._profiling = profiling
        self._reader = reader
        self._filling = filling
        self._opting = opting
        self._checks = checks
        mine = MyDataTalk(register, profiling, reader.regions, filling, opting)
        self._mine = mine
        self._acts: dict[str, Callable[[Turn, Memory, Mapping[str, Any]], Awaitable[Outcome]]] = {
            "mine": mine.mine,
            "add": self._filling.begin,
            "agree": self._filling.agree,
            "decline": self._decline,
            "answer": self._filling.answer,
            "skip": self._filling.skip,
            "enough": self._filling.end,
            "keep_profile": self._keep,
            "leave": self._leave,
            "amend": self._amend,
            "note": self._note,
            "edit": mine.edit,
            "item": mine.item,
            "change": self._change,
            "ask_drop": mine.ask_drop,
            "drop": mine.drop,
            "forget": mine.forget,
            "disability_yes": self._disability_yes,
            "disability_no": self._disability_no,
            "notices_yes": self._opting.notices_yes,
            "notices_no": self._opting.notices_no,
            "stop": self._opting.stop,
            "stop_all": self._opting.stop,
            "stop_nothing": self._opting.stop_nothing,
            "may_stop": self._may_stop,
            "seldom": self._opting.seldom,
            "resume": self._opting.resume,
            "send_me": self._opting.send_me,
            "check_ins_yes": checks.agree,
            "check_ins_no": checks.decline,
            "check_ins_stop": checks.decline,
            "check_in": checks.press,
            "keep_told": self._keep_told,
            "leave_told": self._leave,
            "delete": mine.delete,
            "erase": mine.erase,
            "keep": mine.spare,
        }

    async def step(self, turn: Turn) -> Outcome:
        memory = read_memory(turn.state)
        outcome = await self._step(turn, memory)
        match outcome.replies[-1:]:
            case (ProfileDone(noted=(_, *_)) | Matched(),):
                return await self._checks.offer_after(turn, memory, outcome)
        return outcome

    async def _step(self, turn: Turn, memory: Memory) -> Outcome:
        if turn.pressed is not None:
            return await self._acts[turn.pressed.action.partition(":")[2]](turn, memory, turn.pressed.data)
        match turn.slots.get("intent"):
            case Intent.NOTICE:
                return await self._notice(turn, memory)
            case Intent.ASK_NOTICES:
                return await self._opting.ask(turn, memory)
            case Intent.KEEP_TOLD:
                return await self._offer_told(turn, memory, turn.slots["facts"])
            case Intent.OPT:
                return await self._opting.take(turn, memory)
        if _alarms(turn):
            return Outcome(passed=True)  # somebody in danger answers no question of ours
        answered = await self._take_answer(turn, memory)
        if answered is not None:
            return answered
        if turn.understood.route == "optout":
            return await self._opting.take(turn, memory)
        stands = memory.step in STANDS
        return Outcome(
            state=(memory if stands else replace(memory, step=Step.NONE, check_in={}, changing="")).to_state(),
            passed=True,
        )

    async def _take_answer(self, turn: Turn, memory: Memory) -> Outcome | None:
        """Words right after a question of ours; None where they do not answer it."""
        if turn.below and memory.step not in STANDS:
            return None  # a yes to whoever asked since is none to us
        if memory.step in FILLING:
            return await self._filling.take_words(turn, memory)
        if memory.step in (Step.CHECK_IN, Step.CHECKED, Step.MAY_CHECK) and self._checks.is_weary(turn):
            return await self._checks.decline(turn, memory, {})
        if memory.step in (Step.CHECK_IN, Step.CHECKED):
            return await self._checks.take_words(turn, memory)
        said = normalise_command(turn.incoming.text)
        if memory.step is Step.NOTICES and (seat := await self._opting.seat_in(turn)) is not None:
            return Outcome(state=replace(memory, step=Step.NONE).to_state(), hand_over=seat)
        if memory.step is Step.STOPPING and may_mean_anything(turn.incoming.text):
            return await self._opting.stop(turn, memory, {})  # 取消, said again to whether messages are meant
        for act, shape in zip(YES_NO.get(memory.step, ()), ("yes", "no"), strict=False):
            if said and self._reader.shapes[shape].fullmatch(said):
                return await self._acts[act](turn, memory, {})
        if memory.step in (Step.CONFIRM, Step.AMEND) and (found := await self._read(turn)).weight:
            return self._confirm_also(turn, memory, found)
        if memory.step is Step.AGREE and (told := await self._filling.read_stated(turn)) is not None:
            return self._confirm(turn, memory, told, asked_for=False)  # told before we might keep it
        return None

    async def _may_stop(self, turn: Turn, memory: Memory, data: Mapping[str, Any]) -> Outcome:
        """不发了: the no to a question of ours, where one stands."""
        said, acts = normalise_command(turn.incoming.text), YES_NO.get(memory.step, ())
        if acts and self._reader.shapes["no"].fullmatch(said):
            return await self._acts[acts[1]](turn, memory, {})
        return await self._opting.may_stop(turn, memory, data)

    async def _change(self, turn: Turn, memory: Memory, data: Mapping[str, Any]) -> Outcome:
        """我不是三十六是三十七: of what is kept, of what is asked about just now, or told for the first time."""
        item, said = Item(data["item"]), data.get("said")
        if not said:
            return await self._mine.change(turn, memory, data)
        kept = await self._profiling.view(turn.session, turn.conversation_id, now=turn.now)
        found = self._reader.read(said, today=turn.now.astimezone(LOCAL).date())
        if memory.step is Step.CONFIRM and found.weight:
            return self._confirm_also(turn, memory, found)
        if item not in kept.items and found.weight and Purpose.PROFILE not in kept.profile.refused:
            return self._confirm(turn, memory, found, asked_for=False)
        if memory.step in FILLING and not memory.changing and found.weight and not kept.of_ledger:
            return await self._filling.put_right(turn, memory, item, found)
        return await self._mine.change(turn, memory, data)

    async def _read(self, turn: Turn) -> Said:
        profile = await self._register.read_profile(turn.session, turn.conversation_id)
        today = turn.now.astimezone(LOCAL).date()
        return self._reader.read(turn.incoming.text, today=today, home=profile.region)

    # -- what they told by the way ------------------------------------------------------------------------

    async def _notice(self, turn: Turn, memory: Memory) -> Outcome:
        """They told of themselves in a question: whether to keep it, once a week at most."""
        if not memory.may_ask(turn.now):
            return silent(memory)
        said = await self._read(turn)
        kept = await self._profiling.view(turn.session, turn.conversation_id, now=turn.now)
        if said.weight < FEWEST or Purpose.PROFILE in kept.profile.refused:
            return silent(memory)
        fresh = new_in(said.without_sensitive(), kept)
        if replace(fresh, region=None, village="").weight == 0:
            return silent(memory)
        return self._confirm(turn, replace(memory, asked_at=turn.now.isoformat()), said, asked_for=False)

    async def _note(self, turn: Turn, memory: Memory, data: Mapping[str, Any]) -> Outcome:
        """They pressed that what they told may be kept (`by_the_way`): it is shown first."""
        found = dict(data["said"])
        groups = (Group.DISABILITY_CERTIFICATE,) if found.pop("sensitive", False) else ()
        said = said_from(found)
        memory = replace(memory, asked_at=turn.now.isoformat())
        return self._confirm(turn, memory, replace(said, groups=(*said.groups, *groups)), asked_for=False)

    def _confirm_also(self, turn: Turn, memory: Memory, found: Said) -> Outcome:
        """What they add to, or put right in, what they are asked about."""
        before = said_from(memory.said) if memory.said else Said()
        if memory.said.get("sensitive"):
            before = replace(before, groups=(*before.groups, Group.DISABILITY_CERTIFICATE))
        return self._confirm(turn, memory, before.merged(found), asked_for=True)

    def _confirm(self, turn: Turn, memory: Memory, said: Said, *, asked_for: bool) -> Outcome:
        """Nothing sensitive waits in our row for a yes; it is asked for by itself afterwards."""
        shown = said.without_sensitive()
        words = say_all(shown, self._reader.regions, year=turn.now.astimezone(LOCAL).year)
        if not words:
            return self._ask_disability(memory)
        data = {**shown.to_data(), "sensitive": bool(said.sensitive)}
        choices = (button("keep_profile", said=data), button("leave"), button("amend"))
        memory = replace(memory, step=Step.CONFIRM, said=data)
        return Outcome((ConfirmProfile(words, asked_for, choices=choices),), memory.to_state(), stays=True)

    async def _keep(self, turn: Turn, memory: Memory, data: Mapping[str, Any]) -> Outcome:
        found = dict(data.get("said") or memory.said)
        sensitive = found.pop("sensitive", False)
        said = said_from(found)
        consents = (turn.session, turn.conversation_id)
        await self._register.answer_consent(*consents, Purpose.PROFILE, given=True, now=turn.now)
        await self._profiling.keep(*consents, said, now=turn.now)
        words = say_all(said, self._reader.regions, year=turn.now.astimezone(LOCAL).year)
        kept = ProfileKept(words, choices=(button("add"), button("mine", quiet=True)))
        memory = replace(memory, step=Step.NONE, said={})
        profile = await self._register.read_profile(*consents)
        if sensitive and not profile.was_asked(Purpose.DISABILITY):
            asked = self._ask_disability(memory)
            return replace(asked, replies=(replace(kept, choices=()), *asked.replies))
        return Outcome((kept,), memory.to_state())

    async def _leave(self, _turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        return Outcome((ProfileLeft(),), replace(memory, step=Step.NONE, said={}, facts={}).to_state())

    async def _decline(self, turn: Turn, memory: Memory, data: Mapping[str, Any]) -> Outcome:
        await self._register.answer_consent(
            turn.session, turn.conversation_id, Purpose.PROFILE, given=False, now=turn.now
        )
        return await self._leave(turn, memory, data)

    async def _amend(self, _turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        # What was misread must not come back beside what they say now.
        return Outcome((SayAgain(),), replace(memory, step=Step.AMEND, said={}).to_state(), stays=True)

    def _ask_disability(self, memory: Memory) -> Outcome:
        choices = (button("disability_yes"), button("disability_no"))
        memory = replace(memory, step=Step.DISABILITY, said={})
        return Outcome((AskDisability(choices=choices),), memory.to_state(), stays=True)

    async def _disability_yes(self, turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        return await self._note_disability(turn, memory, given=True)

    async def _disability_no(self, turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        return await self._note_disability(turn, memory, given=False)

    async def _note_disability(self, turn: Turn, memory: Memory, *, given: bool) -> Outcome:
        where = (turn.session, turn.conversation_id)
        await self._register.answer_consent(*where, Purpose.DISABILITY, given=given, now=turn.now)
        if given:
            await self._register.answer_consent(*where, Purpose.PROFILE, given=True, now=turn.now)
            await self._profiling.keep(*where, Said(groups=(Group.DISABILITY_CERTIFICATE,)), now=turn.now)
        return Outcome((DisabilityNoted(given),), replace(memory, step=Step.NONE).to_state())

    # -- the interview's answers --------------------------------------------------------------------------

    async def _offer_told(self, turn: Turn, memory: Memory, facts: Mapping[str, Any]) -> Outcome:
        profile = await self._register.read_profile(turn.session, turn.conversation_id)
        new = {name: value for name, value in facts.items() if value is not None and profile.told.get(name) != value}
        if not new or Purpose.PROFILE in profile.refused:
            return silent(memory)
        if profile.may(Purpose.PROFILE) and profile.told:
            await self._profiling.keep_told(turn.session, turn.conversation_id, new, now=turn.now)
            return silent(memory)
        if not memory.may_ask(turn.now):
            return silent(memory)
        memory = replace(memory, step=Step.TOLD, facts=dict(new), asked_at=turn.now.isoformat())
        choices = (button("keep_told", facts=dict(new)), button("leave_told", quiet=True))
        return Outcome((AskTold(choices=choices),), memory.to_state(), stays=True)

    async def _keep_told(self, turn: Turn, memory: Memory, data: Mapping[str, Any]) -> Outcome:
        where = (turn.session, turn.conversation_id)
        await self._register.answer_consent(*where, Purpose.PROFILE, given=True, now=turn.now)
        await self._profiling.keep_told(*where, data.get("facts") or memory.facts, now=turn.now)
        return Outcome((ToldKept(),), replace(memory, step=Step.NONE, facts={}).to_state())


def _alarms(turn: Turn) -> bool:
    """A sign of danger; a mere likeness to one may be the answer: 厂子倒了，没活干了."""
    found = turn.understood
    return found.route == Route.CRISIS or (isinstance(found, Recognition) and found.reason.startswith("alarm"))
