"""The policy dialogue: questions with memory, the interview, danger, and what other services cannot take yet.

Read `_take_words` top to bottom: danger, staying with somebody in danger, the open interview, places, what was
handed over and goes on, other routes, and only then the documents.
"""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import HandOver, Outcome, Turn
from bot.door import has_words
from handlers.people import intents
from handlers.people.register import Register
from handlers.policy.answering import Answering
from handlers.policy.asking import Asking
from handlers.policy.crises import Crises
from handlers.policy.helping import CONTINUED, Helping, disputes, is_ordinary, scolds
from handlers.policy.interviewing import Interviewing
from handlers.policy.judging import Decision, Verdict, decide
from handlers.policy.knowing import Knowing
from handlers.policy.memory import Memory, read_memory, write_memory
from handlers.policy.noting import NoteTold, note_nothing, noted_in
from handlers.policy.placing import PlaceWish, read_wish
from handlers.policy.pressing import Pressing
from handlers.policy.retelling import Retelling
from handlers.policy.talk import Talk, Tools, set_place
from handlers.policy.talk_replies import NotTheSameReply, PlaceSetReply
from knowledge.asker import Asker
from knowledge.following import asks_anew, means_own_place
from knowledge.routes import Recognition, Route
from knowledge.stating import doubts, states_own_case, tells_unpaid

KNOWN = (Route.OPTOUT, Route.CRISIS)
"""Routes that are no doubt of an answer."""
TOLD = (Route.GRIEVANCE, Route.CONSULT, Route.JOBS, Route.TRAINING, Route.STATUS)
"""What is told without a question, and must not be lost beside the place."""


class PolicyDialogue:
    name = "policy"

    def __init__(
        self,
        knowing: Knowing,
        register: Register,
        crises: Crises,
        asker: Asker,
        *,
        desk: str,
        offers: str,
        note_told: NoteTold = note_nothing,
    ) -> None:
        self._tools = Tools(knowing, register, desk, offers)
        self._retelling = retelling = Retelling(knowing.book)
        self._note_told = note_told
        self._answering = Answering(self._tools, retelling)
        self._interviewing = Interviewing(self._tools, retelling, asker)
        self._asking = Asking(self._tools, self._answering, self._interviewing)
        self._helping = Helping(self._tools, self._answering, crises)
        self._pressing = Pressing(self._tools, retelling, self._asking, self._interviewing, self._helping)

    async def step(self, turn: Turn) -> Outcome:
        memory = read_memory(turn.state, turn.now)
        if turn.pressed is None and not self._is_for_us(turn, memory):
            return Outcome(passed=True)
        profile = await self._tools.register.read_profile(turn.session, turn.conversation_id)
        recognition = turn.understood
        assert isinstance(recognition, Recognition)
        talk = Talk(turn, memory, profile, recognition)
        if profile.told and not memory.facts:
            memory.facts = {"self": dict(profile.told)}  # kept with their consent: not asked again
        judged = memory.interview is not None and memory.interview.done
        if turn.slots:
            await self._helping.tell_beside(talk)
        elif turn.pressed is not None:
            await self._pressing.press(talk)
        else:
            await self._take_words(talk)
        if noted := list(noted_in(talk, self._retelling)):
            await self._note_told(turn.session, turn.conversation_id, noted, turn.now)
        if talk.hand_over is None:
            talk.hand_over = self._keeping(talk, judged=judged)
        return Outcome(
            tuple(talk.replies), write_memory(memory, turn.now), stays=self._stays(memory), hand_over=talk.hand_over
        )

    def _keeping(self, talk: Talk, *, judged: bool) -> HandOver | None:
        """Whether they are asked to have kept what they said; never while a question of ours stands."""
        memory = talk.memory
        if memory.crisis or memory.awaiting or not memory.interview_is_over:
            return None
        if memory.interview is not None and not judged and memory.interview.other:
            return None  # what was said of somebody else is not the asker's
        if memory.interview is not None and not judged:
            facts = memory.facts.get("self", {})
            return intents.keep_told(facts) if facts else None
        return intents.notice() if talk.turn.pressed is None else None

    def _is_for_us(self, turn: Turn, memory: Memory) -> bool:
        """Words are; a bare ？ is while a question of ours stands."""
        if has_words(turn.incoming.text):
            return True
        return bool(turn.incoming.text) and self._stays(memory)

    def _stays(self, memory: Memory) -> bool:
        return bool(memory.crisis) or not memory.interview_is_over

    async def _take_words(self, talk: Talk) -> None:
        memory = talk.memory
        if self._is_danger(talk):
            await self._helping.meet_danger(talk)
            return
        if memory.crisis and self._helping.stay(talk):
            return
        if self._helping.names_offer(talk):
            self._helping.give_to_offers(talk)
            return
        if self._is_unpaid(talk):
            memory.interview = None
            await self._helping.serve(talk, replace(talk.recognition, route=Route.GRIEVANCE))
            return
        if memory.interview is not None and not self._moves(talk) and self._interviewing.take(talk):
            return
        if await self._take_place(talk):
            return
        if scolds(talk.words):
            await self._helping.serve(talk, talk.recognition)
        elif memory.question and self._doubts(talk):
            await self._asking.ask(talk, memory.question)  # the documents say the same, however often
        elif memory.service and not self._wish(talk).only_place and self._helping.continues(talk):
            await self._helping.go_on(talk)
        else:
            await self._answer(talk, talk.words)

    async def _answer(self, talk: Talk, words: str) -> None:
        decision = self._decide(talk, words)
        match decision.verdict:
            case Verdict.DOCUMENTS:
                open_before = not talk.memory.interview_is_over
                await self._asking.ask(talk, words, found=decision.found)
                if open_before and len(talk.replies) == 1:
                    self._interviewing.ask_again(talk, resume=True)
            case Verdict.BOTH:
                await self._helping.serve(talk, talk.recognition, beside=decision.found)
            case Verdict.SERVICE:
                await self._helping.serve(talk, talk.recognition)
            case Verdict.UNCLEAR:
                self._asking.ask_what(talk, words)

    def _is_danger(self, talk: Talk) -> bool:
        """Signs of danger always count; a mere likeness does not where the words plainly go on with the talk."""
        recognition, memory = talk.recognition, talk.memory
        if not (recognition.urgent or recognition.route is Route.CRISIS):
            return False
        if recognition.reason.startswith("alarm"):
            return True
        wish = self._wish(talk)
        goes_on = memory.at is not None and (wish.refuses or (wish.code is not None and (wish.only_place or wish.sets)))
        if not (goes_on or (memory.at is not None and is_ordinary(talk.words)) or self._interviewing.answers(talk)):
            return True
        talk.recognition = Recognition(Route.OFFTOPIC, False, "goes on", 0.0)
        return False

    def _is_unpaid(self, talk: Talk) -> bool:
        """Pay is owed, which answers no question of an interview and adds to no wish for work."""
        memory = talk.memory
        goes_on = memory.service in CONTINUED or not memory.interview_is_over
        return goes_on and talk.recognition.route not in KNOWN and tells_unpaid(talk.words)

    def _doubts(self, talk: Talk) -> bool:
        """What was told is doubted; after a wish for work it may be that, which is doubted."""
        told = not talk.memory.service and doubts(talk.words)
        return talk.recognition.route not in KNOWN and (told or disputes(talk.words))

    def _decide(self, talk: Talk, words: str) -> Decision:
        """By its route, by what the documents say, or because it goes on with what was asked before."""
        return decide(
            words,
            talk.recognition,
            lambda: self._answering.look_up(talk, words),
            follows=talk.memory.previous is not None,
            only_place=self._wish(talk).only_place or self._asks_anew(words),
        )

    # -- places -------------------------------------------------------------------------------------------

    def _wish(self, talk: Talk) -> PlaceWish:
        asked = bool(talk.memory.awaiting)
        return read_wish(talk.words, self._tools.knowing.book, home=talk.region, asked_place=asked)

    def _asks_anew(self, words: str) -> bool:
        book = self._tools.knowing.book
        return asks_anew(words, book.regions, book.covered)

    def _moves(self, talk: Talk) -> bool:
        """They put their place right in the middle of something: that goes before an answer."""
        wish = self._wish(talk)
        return wish.sets and wish.code != talk.region and (wish.permanent or wish.corrects)

    async def _take_place(self, talk: Talk) -> bool:
        """What was said about places. -> False if the words go on to be answered as they are"""
        memory, wish = talk.memory, self._wish(talk)
        if memory.previous and means_own_place(talk.words) and wish.code is None:
            memory.previous = replace(memory.previous, places=())
        if wish.refuses and memory.awaiting == "place" and memory.places:
            await self._answering.answer_everywhere(talk)
            return True
        if wish.denied:
            await set_place(talk, self._tools, None)
            self._asking.ask_place(talk, "place" if memory.question else "profile")
            return True
        if wish.equates and talk.region:
            other = self._tools.place_name(wish.equates)
            talk.say(NotTheSameReply(self._tools.place_name(talk.region), other))
            return True
        tells = memory.previous is not None and not (wish.only_place or wish.permanent) and states_own_case(talk.words)
        if tells:
            return False  # 我在浙江做了两个月就回来了 is no move
        sets = wish.sets or (wish.code is not None and wish.only_place and self._takes_as_own(talk))
        if not sets or (memory.service and not wish.permanent and not wish.question):
            return False
        await self._set_place(talk, wish)
        return True

    def _takes_as_own(self, talk: Talk) -> bool:
        """A bare place answers "which place?"; it is theirs for good where none is known, or they change it."""
        memory = talk.memory
        alone = not memory.question and memory.previous is None  # somebody who begins with 洪湖
        return memory.awaiting == "profile" or (talk.region is None and (memory.awaiting == "place" or alone))

    async def _set_place(self, talk: Talk, wish: PlaceWish) -> None:
        memory, code, before = talk.memory, wish.code, talk.region
        assert code is not None
        waited = memory.awaiting == "place"
        if before and self._tools.knowing.book.regions.is_within(before, code):
            code = before  # they named the larger place that theirs lies in
        await set_place(talk, self._tools, code)
        memory.awaiting = ""
        if memory.previous:
            memory.previous = replace(memory.previous, places=())
        serving = self._tools.serving_place(code)
        if not waited or not serving:
            how = "first" if before is None else "unchanged" if before == code else "changed"
            talk.say(PlaceSetReply(self._tools.place_name(code), serving, how))
        told_before = self._tools.serving_place(memory.answered_for) if memory.answered_for else ""
        if wish.question:
            await self._answer(talk, wish.question)
        elif not (wish.only_place or wish.corrects or wish.permanent) and talk.recognition.route in TOLD:
            await self._helping.serve(talk, talk.recognition)  # a complaint that begins with where they live
        elif memory.question and (waited or not serving or told_before != serving):
            memory.interview = None
            await self._asking.ask(talk, memory.question)
