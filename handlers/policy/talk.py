"""One turn of the policy dialogue: the message, what is remembered, who asks; and what all its parts share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from bot.clock import LOCAL
from bot.dialogue import HandOver, Turn
from bot.messages import Reply
from handlers.people.person import Profile
from handlers.people.register import Register
from handlers.policy.knowing import Knowing
from handlers.policy.memory import Memory
from handlers.policy.placing import tidy
from handlers.policy.wording import lines_of
from knowledge.results import Answer, Context
from knowledge.routes import Recognition, Route

HUMAN = Recognition(Route.CONSULT, False, "command", 1.0)
COMPLAINT = Recognition(Route.GRIEVANCE, False, "command", 1.0)
"""Buttons: nothing was told with them yet."""


@dataclass
class Talk:
    """A turn in the making."""

    turn: Turn
    memory: Memory
    profile: Profile
    recognition: Recognition
    replies: list[Reply] = field(default_factory=list)
    hand_over: HandOver | None = None
    """Who goes on with this turn."""
    found: dict[tuple[str, Context], Answer] = field(default_factory=dict)
    """What the documents said in this turn: to tell whose the words are, they are often asked before they answer."""

    @property
    def words(self) -> str:
        return tidy(self.turn.incoming.text)

    @property
    def today(self) -> date:
        return self.turn.now.astimezone(LOCAL).date()

    @property
    def region(self) -> str | None:
        return self.profile.region

    def context(self, region: str | None = None) -> Context:
        return Context(self.today, region or self.profile.region, self.memory.previous)

    def say(self, *replies: Reply) -> None:
        self.replies += replies


@dataclass(frozen=True)
class Tools:
    """What the parts of the dialogue work with."""

    knowing: Knowing
    register: Register
    desk: str
    """The dialogue that takes complaints, wishes for a person and questions for progress."""
    offers: str
    """The dialogue that takes wishes for work and courses."""

    def place_name(self, code: str) -> str:
        """A place as people know it; empty for a code that is no place any more."""
        return self.knowing.book.regions.full_name(code)

    def serving_place(self, code: str) -> str:
        """The place whose document answers for it."""
        shelves = self.knowing.book.serving(code)
        return shelves[0].policy.document.place if shelves else ""

    def covered_places(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(shelf.policy.document.place for shelf in self.knowing.book.shelves))

    def hotlines(self, code: str | None) -> tuple[tuple[str, str], ...]:
        """Whom somebody from a place can call."""
        return lines_of(self.knowing, code)


async def set_place(talk: Talk, tools: Tools, code: str | None) -> None:
    """The person's own place from now on, in the register and for the rest of this turn."""
    turn = talk.turn
    await tools.register.set_place(turn.session, turn.conversation_id, code, now=turn.now)
    talk.profile = Profile(code, talk.profile.agreed, talk.profile.refused)
