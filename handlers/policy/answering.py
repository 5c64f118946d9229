"""Answers a question of policy inside a conversation: the answer, its buttons, what is remembered, what was in vain."""

from __future__ import annotations

from dataclasses import replace

from bot.messages import Choice, Reply
from handlers.people.person import Purpose
from handlers.policy.following import Ask, for_places, make_whole, stand_alone
from handlers.policy.gaps import keep_gap
from handlers.policy.labels import button
from handlers.policy.memory import ToldItem
from handlers.policy.replies import WhichPlaceReply
from handlers.policy.retelling import Retelling, items_of
from handlers.policy.talk import MOST_CHOICES, Talk, Tools
from handlers.policy.talk_replies import AskTellReply
from handlers.policy.wording import reply_to
from knowledge.interview import BENEFITS
from knowledge.language import plain
from knowledge.places import read_places
from knowledge.policy import Aspect, Provision
from knowledge.reading import read_question
from knowledge.results import Answer, Answered, Clarify, Context, Reason, Told, Unknown

NEXT = (
    Aspect.AMOUNT,
    Aspect.CONDITIONS,
    Aspect.HOW,
    Aspect.DOCUMENTS,
    Aspect.WHEN,
    Aspect.DURATION,
    Aspect.LIMITS,
    Aspect.WHO,
)
"""What people ask next, most often first."""
LONG = 60
"""From so many characters on an answer can be said more simply."""
WORTH_TELLING = frozenset({Reason.NOT_STATED, Reason.ABSENT_HERE, Reason.NOT_COVERED})
MOST_BUBBLES = 2
"""In one turn; what is less urgent waits for another."""


class Answering:
    def __init__(self, tools: Tools, retelling: Retelling) -> None:
        self._tools = tools
        self._retelling = retelling

    def look_up(self, talk: Talk, question: str, region: str | None = None) -> Answer:
        """What the documents say, with the turn before in mind. Nothing is remembered yet."""
        context = talk.context(region)
        if (question, context) not in talk.found:
            ask = self._ask(question, context)
            asked_in = replace(context, previous=ask.previous, region=ask.region or context.region)
            talk.found[question, context] = self._tools.knowing.book.answer(ask.text, asked_in)
        return talk.found[question, context]

    async def answer(self, talk: Talk, question: str, *, region: str | None = None) -> Answer:
        """Answer a question; `region` is a place for this question alone."""
        found = self.look_up(talk, question, region)
        await self.present(talk, question, found, region=region)
        return found

    async def answer_everywhere(self, talk: Talk) -> None:
        """The question that waits for a place, for each place that was offered: they will not say theirs."""
        memory, book = talk.memory, self._tools.knowing.book
        codes = [code for place in memory.places if (code := book.regions.resolve(place))]
        question = memory.question
        found = book.answer(for_places(question, codes, book), talk.context())
        await self.present(talk, question, found)

    async def present(self, talk: Talk, question: str, found: Answer, *, region: str | None = None) -> None:
        """Word an answer and remember it."""
        if region is None and self._asks_on(talk, question, found):
            return
        self._remember(talk, question, found, region)
        memory = talk.memory
        match found:
            case Answered():
                memory.told = items_of(found.told)
                talk.say(with_choices(reply_to(found), self._choices(found.told, can_check=True)))
            case Clarify(matters=(_, *_)):
                talk.say(reply_to(found))
            case Clarify():
                memory.awaiting, memory.places = "place", found.places
                choices = self._tools.place_choices(found.places, keep=False)
                talk.say(with_choices(reply_to(found), choices))
            case Unknown(reason=Reason.NOT_COVERED):
                memory.awaiting = "look"
                looks = self._tools.place_choices(found.elsewhere, keep=False)[:3] if found.elsewhere else ()
                talk.say(with_choices(reply_to(found), (*looks, button("human"))))
                await self._keep_gap(talk, question, found)
            case Unknown():
                memory.told = items_of(found.told)
                talk.say(with_choices(reply_to(found), self._choices(found.told, can_check=False)))
                await self._keep_gap(talk, question, found)

    def _ask(self, question: str, context: Context) -> Ask:
        return make_whole(question, context, self._tools.knowing.book, self._matter_before(context))

    def _matter_before(self, context: Context) -> Provision | None:
        """The provision that the turn before was about, in any document that holds it."""
        previous = context.previous
        if previous is None or previous.provision is None:
            return None
        found = [policy.by_id.get(previous.provision) for policy in self._retelling.policies.values()]
        return next((one for one in found if one and one.topic == previous.topic), None)

    def _remember(self, talk: Talk, question: str, found: Answer, region: str | None) -> None:
        """The question as it stands by itself, for follow-ups and for another place."""
        memory, context, book = talk.memory, talk.context(region), self._tools.knowing.book
        ask = self._ask(question, context)
        whole, region = ask.whole, ask.region or region
        if whole is None:
            matter = provision_of(found)
            whole = stand_alone(question, context, book, matter[1] if matter else None)
            memory.question = whole
        memory.previous = replace(found.memory, question=whole)
        if region and not found.memory.places and region != talk.region:
            memory.previous = replace(memory.previous, places=(region,))
        memory.answered_for = region or talk.region
        memory.awaiting, memory.places = "", ()

    async def _keep_gap(self, talk: Talk, question: str, found: Unknown) -> None:
        """A question in vain is kept; once, the person is asked whether to be told of an answer."""
        if found.reason is Reason.NOT_OURS:
            return
        turn, profile, memory = talk.turn, talk.profile, talk.memory
        kept = await keep_gap(
            turn.session,
            turn.conversation_id,
            question=question,
            region=memory.answered_for,
            reason=found.reason,
            tell=profile.may(Purpose.GAP_NEWS),
            now=turn.now,
        )
        asked = memory.asked_tell or profile.was_asked(Purpose.GAP_NEWS) or len(talk.replies) >= MOST_BUBBLES
        if kept and found.reason in WORTH_TELLING and not asked:
            memory.asked_tell = True
            talk.say(AskTellReply(choices=(button("tell"), button("no_tell", quiet=True))))

    def _asks_on(self, talk: Talk, question: str, found: Answer) -> bool:
        """要什么材料, while "which place?" stands: the place is still asked for, none is taken for them."""
        memory, book = talk.memory, self._tools.knowing.book
        if memory.awaiting != "place" or not memory.places or talk.region is not None or isinstance(found, Clarify):
            return False
        named = read_places(plain(question), book.regions, home=None, covered=book.covered).codes
        if named or not found.told or not read_question(question, talk.context(), book.regions, book.covered).leaning:
            return False
        memory.question = f"{memory.question}，{question}"
        choices = self._tools.place_choices(memory.places, keep=False)
        talk.say(WhichPlaceReply(found.told[0].provision.plain, memory.places, choices=choices))
        return True

    def _choices(self, told: tuple[Told, ...], *, can_check: bool) -> tuple[Choice, ...]:
        """At most four next steps, a person among them; the clause last, for the web opens it in the card itself."""
        items = items_of(told)
        steps: list[Choice] = []
        if len(told) == 1:
            one = told[0]
            if can_check and one.provision.conditions and one.provision.kind in BENEFITS:
                steps.append(button("check", policy=one.policy, provision=one.provision.id))
            steps += [next_choice(one, aspect) for aspect in open_aspects(one)[: 2 - len(steps)]]
            if len(steps) < 2 and sum(len(fact.say) for fact in one.facts) > LONG:
                steps.append(button("simple", told=items))
        steps.append(button("human"))
        if told:
            steps.append(button("original", told=items))
        return (*steps[-MOST_CHOICES:], *rating(items))


def with_choices(reply: Reply, choices: tuple[Choice, ...]) -> Reply:
    return replace(reply, choices=choices)


def rating(items: tuple[ToldItem, ...], template: str = "policy/answer") -> tuple[Choice, ...]:
    """有用 and 没用, which stand apart from the next steps."""
    about = "、".join(f"{policy}/{provision}" for policy, provision, _ in items[:2])
    return tuple(
        button(name, "rate", quiet=True, useful=name == "useful", about=about, template=template)
        for name in ("useful", "useless")
    )


def open_aspects(told: Told) -> list[Aspect]:
    """What the document states of the matter and the answer left out."""
    said = {fact.id for fact in told.facts}
    left = {fact.aspect for fact in told.provision.facts if fact.id not in said}
    return [aspect for aspect in NEXT if aspect in left]


def next_choice(told: Told, aspect: Aspect) -> Choice:
    facts = [fact.id for fact in told.provision.facts if fact.aspect is aspect]
    return button("next", of=aspect, told=[[told.policy, told.provision.id, facts]])


def provision_of(found: Answer) -> tuple[str, Provision] | None:
    """The one matter that an answer is about."""
    told = () if isinstance(found, Clarify) else found.told
    return (told[0].policy, told[0].provision) if len(told) == 1 else None
