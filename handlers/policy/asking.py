"""A question of policy, taken to its answer: from the documents, or by going through the conditions."""

from __future__ import annotations

from handlers.policy.answering import Answering, provision_of
from handlers.policy.eligible import asks_eligibility, asks_in_general, wants_check
from handlers.policy.interviewing import Interviewing
from handlers.policy.offering import place_choices, unclear
from handlers.policy.placing import read_wish
from handlers.policy.talk import Talk, Tools
from handlers.policy.talk_replies import AskPlaceReply
from knowledge.cues import aspect_cues
from knowledge.interview import BENEFITS
from knowledge.language import plain
from knowledge.results import Answer, Answered

AWAITS_PLACE = ("place", "profile")


class Asking:
    def __init__(self, tools: Tools, answering: Answering, interviewing: Interviewing) -> None:
        self._tools = tools
        self._answering = answering
        self._interviewing = interviewing

    async def ask(self, talk: Talk, question: str, *, region: str | None = None, found: Answer | None = None) -> None:
        """Answer; where somebody asks whether they get it, go through the conditions with them.

        `found`: what the documents say to it, where that was looked up before.
        """
        if asks_in_general(question) and self._begin_general(talk, question, region):
            return
        found = found or self._answering.look_up(talk, question, region)
        matter = provision_of(found) if isinstance(found, Answered) else None
        checkable = matter is not None and matter[1].conditions is not None and matter[1].kind in BENEFITS
        if matter is None or not checkable or not asks_eligibility(question) or aspect_cues(plain(question)):
            await self._answering.present(talk, question, found, region=region)
            return
        if not wants_check(question):
            await self._answering.present(talk, question, found, region=region)
        else:
            talk.memory.question, talk.memory.previous = question, found.memory
            talk.memory.answered_for = region or talk.region
            talk.memory.awaiting = ""
        self._interviewing.begin(talk, *matter, question)

    def _begin_general(self, talk: Talk, question: str, region: str | None) -> bool:
        """能领几样: for the place named, or the asker's own; asked for where none is known."""
        wish = read_wish(question, self._tools.knowing.book, home=talk.region, asked_place=False)
        place = wish.code or region or talk.region
        talk.memory.question = question
        if place is None:
            self.ask_place(talk, "place")
            return True
        return self._interviewing.begin_general(talk, place, question)

    def ask_what(self, talk: Talk, words: str) -> None:
        """A word that tells nothing: a place we do not know, where we asked for one; else what is it about?"""
        memory = talk.memory
        if memory.awaiting == "place" and memory.places:
            choices = place_choices(memory.places, self._tools.knowing.book.regions, keep=False)
            talk.say(AskPlaceReply(memory.places, choices=choices))
        elif memory.awaiting in AWAITS_PLACE:
            self.ask_place(talk, memory.awaiting)
        else:
            talk.say(unclear(words))

    def ask_place(self, talk: Talk, awaiting: str) -> None:
        """Which place? `profile`: from now on; `place`: for the question that waits."""
        places = self._tools.covered_places()
        talk.memory.awaiting, talk.memory.places = awaiting, ()
        choices = place_choices(places, self._tools.knowing.book.regions, keep=awaiting == "profile")
        talk.say(AskPlaceReply(places, choices=choices))
