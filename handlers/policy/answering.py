"""Answers a question of policy inside a conversation: the answer, its buttons, what is remembered, what was in vain."""

from __future__ import annotations

from dataclasses import replace

from handlers.people.person import Purpose
from handlers.policy.gaps import keep_gap
from handlers.policy.labels import button
from handlers.policy.offering import answer_with_choices, place_choices
from handlers.policy.replies import WhichPlaceReply
from handlers.policy.retelling import Retelling, items_of
from handlers.policy.talk import Talk, Tools
from handlers.policy.talk_replies import AskTellReply
from knowledge.language import plain
from knowledge.places import read_places
from knowledge.policy import Provision
from knowledge.results import Answer, Answered, Clarify, Reason, Unknown

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
            talk.found[question, context] = self._tools.knowing.book.answer(question, context)
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
        found = book.answer(memory.question, talk.context(), places=codes)
        await self.present(talk, memory.question, found)

    async def present(self, talk: Talk, question: str, found: Answer, *, region: str | None = None) -> None:
        """Word an answer and remember it."""
        if region is None and self._asks_on(talk, question, found):
            return
        self._remember(talk, found, region)
        memory = talk.memory
        talk.say(answer_with_choices(found, self._tools.knowing.book.regions))
        match found:
            case Answered():
                memory.told = items_of(found.told)
            case Clarify(matters=(_, *_)):
                pass
            case Clarify():
                memory.awaiting, memory.places = "place", found.places
            case Unknown():
                if found.reason is Reason.NOT_COVERED:
                    memory.awaiting = "look"
                else:
                    memory.told = items_of(found.told)
                await self._keep_gap(talk, found)

    def _remember(self, talk: Talk, found: Answer, region: str | None) -> None:
        """The question as it stands by itself, for follow-ups and for another place."""
        memory, previous = talk.memory, found.memory
        memory.question = previous.question
        if region and not previous.places and region != talk.region:
            previous = replace(previous, places=(region,))
        memory.previous = previous
        memory.answered_for = previous.places[0] if len(previous.places) == 1 else region or talk.region
        memory.awaiting, memory.places = "", ()

    async def _keep_gap(self, talk: Talk, found: Unknown) -> None:
        """A question in vain is kept; once, the person is asked whether to be told of an answer."""
        if found.reason is Reason.NOT_OURS:
            return
        turn, profile, memory = talk.turn, talk.profile, talk.memory
        kept = await keep_gap(
            turn.session,
            turn.conversation_id,
            question=memory.question,  # whole, though it leaned on the turn before
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
        if named or not found.told or not book.read(question, talk.context()).leaning:
            return False
        memory.question = f"{memory.question}，{question}"
        choices = place_choices(memory.places, book.regions, keep=False)
        talk.say(WhichPlaceReply(found.told[0].provision.plain, memory.places, choices=choices))
        return True


def provision_of(found: Answer) -> tuple[str, Provision] | None:
    """The one matter that an answer is about."""
    told = () if isinstance(found, Clarify) else found.told
    return (told[0].policy, told[0].provision) if len(told) == 1 else None
