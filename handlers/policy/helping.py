"""What is no question about rules: danger first, then the routes that other services take."""

from __future__ import annotations

from bot.dialogue import HandOver
from handlers.people import intents
from handlers.policy.answering import Answering
from handlers.policy.crises import Crises
from handlers.policy.judging import UNSURE, claim_of
from handlers.policy.labels import button
from handlers.policy.memory import Memory
from handlers.policy.offering import service_with_choices
from handlers.policy.placing import is_question
from handlers.policy.replies import CrisisReply
from handlers.policy.talk import COMPLAINT, HUMAN, Talk, Tools
from handlers.policy.talk_replies import CrisisStayReply, SorryReply, ThanksReply
from knowledge.language import plain
from knowledge.phrases import Talking, phrases
from knowledge.places import read_places
from knowledge.results import Answer, Answered
from knowledge.routes import Recognition, Route

BARE = 6
"""Of fewer characters, 转人工, there is nothing to take down: what was asked before is meant."""
TAKEN = frozenset({Route.GRIEVANCE, Route.CONSULT, Route.STATUS})
"""Routes that the desk takes."""
CONTINUED = frozenset({Route.JOBS, Route.TRAINING})
"""Routes that people go on with: they add facts, names, times."""
PLAINLY = 0.5
"""A claim of the documents that is told whatever is offered,"""
LEANING = 0.3
"""unless the route leads by so much and no rule is asked for."""
COMPLAINING, BARE_COMPLAINT = 0.2, 8
"""Lead from which, and characters up to which, 老板不给钱 is a complaint though work was spoken of."""
CERTAIN = 0.6
"""Score from which a recognised route counts against what the conversation was about."""
DOUBT_WORDS = 24
SHORT_WORDS = 16
ORDINARY_WORDS = 24


class Helping:
    def __init__(self, tools: Tools, answering: Answering, crises: Crises) -> None:
        self._tools = tools
        self._answering = answering
        self._crises = crises

    # -- danger -------------------------------------------------------------------------------------------

    async def meet_danger(self, talk: Talk) -> None:
        """Record it, alert the staff, say the right numbers; everything else stops."""
        turn, recognition, memory = talk.turn, talk.recognition, talk.memory
        kind = str(recognition.crisis or "violence")
        region = talk.region or self._named_place(talk)
        await self._crises.record(
            turn.session,
            turn.conversation_id,
            region=region,
            route=recognition.route.value,
            kind=kind,
            now=turn.now,
        )
        memory.awaiting = ""
        if recognition.route is Route.CRISIS:
            memory.crisis, memory.crisis_at = kind, turn.now
            talk.say(CrisisReply(kind))
        else:
            self._give_to_desk(talk, recognition)

    def stay(self, talk: Talk) -> bool:
        """While somebody is in danger the conversation stays with them. -> False if they asked something clear"""
        memory = talk.memory
        calmer = bool(phrases(Talking).calmer.search(plain(talk.words)))
        if not calmer and self.asks_policy(talk):
            memory.crisis, memory.crisis_at = "", None
            return False
        talk.say(CrisisStayReply(memory.crisis, calmer))
        if calmer:
            memory.crisis, memory.crisis_at = "", None
        return True

    def asks_policy(self, talk: Talk) -> bool:
        """A clear question that the documents answer."""
        if talk.recognition.route is not Route.POLICY or not is_question(talk.words):
            return False
        found = self._answering.look_up(talk, talk.words)
        certain = talk.recognition.score >= CERTAIN
        return isinstance(found, Answered) and (certain or not any(told.doubtful for told in found.told))

    # -- services -----------------------------------------------------------------------------------------

    async def serve(self, talk: Talk, recognition: Recognition, *, beside: Answer | None = None) -> None:
        """What can be done today for a route that is no policy question; `beside`: what the documents say to it."""
        memory = talk.memory
        region = talk.region or self._named_place(talk)
        memory.awaiting = ""
        if recognition is not HUMAN and recognition.route is not Route.GRIEVANCE and scolds(talk.words):
            talk.say(SorryReply(self._tools.hotlines(talk.region), choices=(button("human"),)))
            return
        if recognition.route is Route.GREETING and phrases(Talking).thanking.search(plain(talk.words)):
            talk.say(ThanksReply("welcome"))
            return
        if recognition.route in TAKEN:
            if beside is not None:
                await self._answering.present(talk, talk.words, beside)
            self._give_to_desk(talk, recognition)
            return
        if recognition.route in CONTINUED:
            if not (beside and memory.previous):
                memory.service = recognition.route.value
            if beside is not None and self._is_plainly_theirs(talk, beside):
                await self._answering.present(talk, talk.words, beside)
                beside = None
            self.give_to_offers(talk, back=beside is not None)
            return
        if recognition.route is Route.OPTOUT:
            talk.hand_over = intents.opt()
            return
        talk.say(service_with_choices(self._tools.knowing, recognition, region))
        if beside is not None:
            await self._answering.present(talk, talk.words, beside)

    def _give_to_desk(self, talk: Talk, recognition: Recognition) -> None:
        """To whoever takes matters down, with what is known already: the question asked and what was answered."""
        memory = talk.memory
        if recognition is COMPLAINT:
            talk.hand_over = HandOver(self._tools.desk, {"intent": Route.GRIEVANCE.value})
            return
        asked_for_person = recognition is HUMAN or (
            recognition.route is Route.CONSULT and len(plain(talk.words)) < BARE
        )
        talk.hand_over = HandOver(
            self._tools.desk,
            {
                "intent": recognition.route.value,
                "words": "" if asked_for_person else talk.words,
                "urgent": recognition.urgent,
                "about": "" if asked_for_person else self._told_of(memory),
                "question": memory.question if asked_for_person else "",
                "answer": self._told_before(memory) if asked_for_person and memory.question else "",
                "hotlines": [list(line) for line in self._tools.hotlines(talk.region)],
            },
        )

    def _told_of(self, memory: Memory) -> str:
        """The matter that was just spoken of: 去年的我还没收到 is about that."""
        if memory.previous is None or not memory.told:
            return ""
        policy, name, _ = memory.told[0]
        shelf = next((shelf for shelf in self._tools.knowing.book.shelves if shelf.policy.id == policy), None)
        provision = shelf.policy.by_id.get(name) if shelf else None
        return provision.name if provision else ""

    def _told_before(self, memory: Memory) -> str:
        """What the answer before said, in its own words."""
        policies = {shelf.policy.id: shelf.policy for shelf in self._tools.knowing.book.shelves}
        said = [
            provision.fact(fact).say
            for policy, name, facts in memory.told
            if policy in policies and (provision := policies[policy].by_id.get(name)) is not None
            for fact in facts
        ]
        return "".join(said)

    def continues(self, talk: Talk) -> bool:
        """Whether the words go on with what was handed over, rather than begin something new."""
        service, recognition = talk.memory.service, talk.recognition
        if not service or self.asks_policy(talk):
            return False
        if recognition.route is Route.GREETING and phrases(Talking).thanking.search(plain(talk.words)):
            return False
        if talk.memory.previous and is_question(talk.words) and recognition.lead < UNSURE:
            return False  # they were told policy before, and ask on
        if service in (Route.JOBS, Route.TRAINING) and is_question(talk.words):
            return False  # the documents speak of work and training; only wishes go on
        bare = len(plain(talk.words)) <= BARE_COMPLAINT
        if bare and recognition.route is Route.GRIEVANCE and recognition.lead >= COMPLAINING:
            return False
        if recognition.route is Route.GREETING and bare:
            return False
        other = recognition.route.value not in (service, "policy", "offtopic", "greeting")
        return not (other and recognition.score >= CERTAIN)

    def names_offer(self, talk: Talk) -> bool:
        """报名 4831 is no answer to a question of ours, whatever stands open."""
        return talk.recognition.reason.startswith("rule") and talk.recognition.route in CONTINUED

    def _is_plainly_theirs(self, talk: Talk, found: Answer) -> bool:
        """The documents speak of it whatever is offered; else they are told where nothing is."""
        of_rules = bool(phrases(Talking).of_rules.search(plain(talk.words)))
        told = isinstance(found, Answered) and claim_of(found) >= PLAINLY
        return told and (of_rules or talk.recognition.lead < LEANING)

    def give_to_offers(self, talk: Talk, *, more: bool = False, back: bool = False) -> None:
        """A wish for work or a course; `more`: they add to one that was handed over before; `back`: where nothing
        is offered the documents have something to say."""
        intent = talk.memory.service if more else talk.recognition.route.value
        talk.hand_over = HandOver(self._tools.offers, {"intent": intent, "more": more, "back": back})

    async def tell_beside(self, talk: Talk) -> None:
        """What the documents say to words that another dialogue has answered."""
        found = self._answering.look_up(talk, talk.words)
        if not (isinstance(found, Answered) and any(told.doubtful for told in found.told)):
            await self._answering.present(talk, talk.words, found)

    async def go_on(self, talk: Talk) -> None:
        """They add to a wish for work or a course."""
        named = self._named_place(talk)
        if named and talk.region is None:
            await self._tools.register.set_place(talk.turn.session, talk.turn.conversation_id, named, now=talk.turn.now)
        self.give_to_offers(talk, more=True)

    def _named_place(self, talk: Talk) -> str | None:
        book = self._tools.knowing.book
        codes = read_places(plain(talk.words), book.regions, home=talk.region, covered=book.covered).codes
        return codes[0] if len(codes) == 1 else None


def scolds(words: str) -> bool:
    """Anger at the machine, and nothing else."""
    return len(words) <= SHORT_WORDS and bool(phrases(Talking).scolding.search(plain(words)))


def disputes(words: str) -> bool:
    """Doubt of what was told, and nothing else: 你再查查, 莫糊弄我, 估个数也行."""
    return len(words) <= DOUBT_WORDS and bool(phrases(Talking).disputing.search(plain(words)))


def is_ordinary(words: str) -> bool:
    """When they are at home, that this was all, a number: what people add to what they said before."""
    return len(words) <= ORDINARY_WORDS and bool(phrases(Talking).ordinary.search(plain(words)))
