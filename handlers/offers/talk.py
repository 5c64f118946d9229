"""One turn of the offers dialogue: the message, what is remembered, what is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.dialogue import Turn
from bot.messages import Reply
from handlers.offers.offer import Kind
from handlers.offers.wanting import Party, Sought, sought_from
from knowledge.language import plain
from knowledge.phrases import Talking, phrases
from knowledge.routes import Recognition, Route

KINDS: Mapping[str, tuple[Kind, ...]] = {
    str(Route.JOBS): (Kind.VACANCY,),
    str(Route.TRAINING): (Kind.COURSE,),
}
"""Recognised route -> what is looked for."""
DIALOGUE = "offers"
GIVES_UP, ASKS_AFTER = "gives_up", "asks_after"
"""Intents of words that another dialogue got, of somebody who is registered: 取消, and 怎么样了."""
CERTAIN = 0.6
"""Score from which words are surely a question of policy."""
FRESH_FOR = timedelta(minutes=10)
COMPLAINING = 0.2
"""Lead from which words are a complaint."""
BARE = 10
"""Characters of words that hold a wish and nothing else: 三千以上的呢."""
MEANT_FOR = timedelta(hours=24)
"""What was shown is meant by 那个, and a question of ours stands, for so long."""


@dataclass
class Memory:
    """What the dialogue keeps of a conversation."""

    sought: Sought | None = None
    skip: int = 0
    """How many of what was found have been shown."""
    shown: list[str] = field(default_factory=list)
    """Numbers of the offers shown last."""
    about: str = ""
    """The one that is spoken of."""
    asking: dict[str, Any] = field(default_factory=dict)
    """The question that stands: `what` (confirm, cancel, tell, contact, place), and what it is about."""
    party: Party = field(default_factory=Party)
    at: datetime | None = None
    """When we last spoke here of offers."""

    @classmethod
    def read(cls, state: Mapping[str, Any], now: datetime) -> Memory:
        if not state or now - datetime.fromisoformat(state["at"]) > MEANT_FOR:
            return cls()
        return cls(
            sought_from(state["sought"]) if state["sought"] else None,
            state["skip"],
            list(state["shown"]),
            state["about"],
            dict(state["asking"]),
            Party(*state["party"]),
            datetime.fromisoformat(state["at"]),
        )

    def to_state(self, now: datetime) -> dict[str, Any]:
        """Empty where nothing is worth keeping."""
        if not (self.sought or self.shown or self.about or self.asking):
            return {}
        return {
            "sought": self.sought.to_data() if self.sought else None,
            "skip": self.skip,
            "shown": self.shown,
            "about": self.about,
            "asking": self.asking,
            "party": [self.party.relation, self.party.people],
            "at": now.isoformat(),
        }


@dataclass
class Talk:
    """A turn in the making."""

    turn: Turn
    memory: Memory
    home: str | None
    """Their own place, where it is known."""
    replies: list[Reply] = field(default_factory=list)

    @property
    def words(self) -> str:
        return self.turn.incoming.text

    def say(self, *replies: Reply) -> None:
        self.replies += replies

    def ask(self, what: str, **about: Any) -> None:
        """A question of ours stands from now on."""
        self.memory.asking = {"what": what, **about}

    @property
    def is_fresh(self) -> bool:
        """An offer was spoken of just now: a short question is about it."""
        at = self.memory.at
        return at is not None and self.turn.now - at < FRESH_FOR

    @property
    def is_current(self) -> bool:
        """Whether offers were spoken of last: nobody else's question stands above, or they were just now."""
        return self.is_fresh or not self.turn.below

    @property
    def is_wish(self) -> bool:
        """Whether the words sound like a wish for work or a course."""
        return str(self.turn.understood.route) in KINDS

    @property
    def recognised(self) -> Recognition:
        found = self.turn.understood
        assert isinstance(found, Recognition)
        return found

    @property
    def may_narrow(self) -> bool:
        """Words that sound like nothing in particular, 不少于四千的有没有, go on with what was looked for."""
        found, said = self.recognised, plain(self.words)
        if phrases(Talking).of_rules.search(said):
            return False
        if found.route is Route.GRIEVANCE:
            return found.lead < COMPLAINING and len(said) <= BARE
        return found.route in (Route.POLICY, Route.OFFTOPIC) and (found.score < CERTAIN or len(said) <= BARE)

    @property
    def asks_policy(self) -> bool:
        found = self.recognised
        return found.route is Route.POLICY and found.score >= CERTAIN
