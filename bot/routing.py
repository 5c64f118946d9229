"""Which dialogue takes a message.

command -> button -> what is taken up -> running dialogues -> nothing said -> recognised route -> help.

While a member of staff talks there, the reception goes before all of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any

from bot.dialogue import Dialogue, HandOver, Outcome, Pressed, Turn
from bot.door import has_words
from bot.messages import Choice, Reply

MAX_HAND_OVERS = 5


Spoken = Callable[[str], Pressed | None]
TakesUp = Callable[[str, Mapping[str, Any]], bool]
"""Words and a dialogue's state -> whether they go on with what it keeps."""


class RoutingError(Exception):
    """The dialogues hand over to nobody or in a circle: a fault of ours."""


@dataclass(frozen=True)
class Routes:
    """The tables of the composition root."""

    dialogues: Mapping[str, Dialogue]
    """By name."""
    commands: Mapping[str, str]
    """What may be typed at any time -> action `<dialogue>:<verb>`, as if a button with that action was pressed."""
    routes: Mapping[str, str]
    """Recognised route -> dialogue name."""
    fallback: str
    """The dialogue for everything else, and for messages without words."""
    staff_room: str = ""
    """The dialogue of the staff groups; it also sees first what answers a message of ours, and its own commands."""
    staff_commands: frozenset[str] = frozenset()
    """Such as `/note`: with words behind them, so that no table of commands holds them."""
    reception: str = ""
    """The dialogue of conversations in which a member of staff talks instead of the bot."""
    spoken: tuple[Spoken, ...] = ()
    """What reads a command out of other words: 我的电话换了."""
    forms: frozenset[str] = frozenset()
    """Dialogues that ask for such things themselves: while one runs, only commands word by word count."""

    heard_below: frozenset[str] = frozenset()
    """Dialogues that hear what one above them lets pass, and let pass what is not theirs."""
    takes_up: Mapping[str, TakesUp] = field(default_factory=dict)
    """By dialogue: what goes on with it though it was put aside, or others lie above it."""

    def __post_init__(self) -> None:
        named = {
            *self.routes.values(),
            self.fallback,
            *([self.staff_room] if self.staff_room else ()),
            *([self.reception] if self.reception else ()),
            *(action.partition(":")[0] for action in self.commands.values()),
        }
        if strangers := sorted(named - set(self.dialogues)):
            raise RoutingError(f"no dialogue named {', '.join(strangers)}")
        normal = {normalise_command(word): action for word, action in self.commands.items()}
        object.__setattr__(self, "commands", normal)

    def command(self, text: str) -> Pressed | None:
        """The command that these words are, if they are one."""
        if len(text) > 32:
            return None
        action = self.commands.get(normalise_command(text))
        return Pressed(action, {}, text) if action else None

    def command_in(self, text: str, running: Sequence[str]) -> Pressed | None:
        """The command that is said in other words, where no form may wait for them."""
        if self.forms.intersection(running[-1:]):
            return None
        return next((pressed for read in self.spoken if (pressed := read(text)) is not None), None)


@dataclass
class Routed:
    """What a turn came to: what to say, and how the conversation stands after it."""

    replies: list[Reply] = field(default_factory=list)
    states: dict[str, Any] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)


def normalise_command(text: str) -> str:
    """`／Start@our_bot ` -> /start; 人工。 -> 人工."""
    text = unicodedata.normalize("NFKC", text).strip().lower()
    text = re.sub(r"^(/[a-z_]+)@\w+", r"\1", text)
    text = re.sub(r"^(/start)\s.*$", r"\1", text, flags=re.DOTALL)
    return text.strip(" \t\n。.!！?？,，、~")


def match_choice(text: str, choices: Sequence[Choice]) -> Choice | None:
    """The button that these words press: by its short id, its number or its label."""
    said = unicodedata.normalize("NFKC", text).strip()
    for choice in choices:
        if said == choice.value:
            return choice
    wanted = _normal_label(said)
    for choice in choices:
        if wanted and wanted == _normal_label(choice.label):
            return choice
    # With one button alone a number is more likely an answer in numbers: how many, how old.
    if len(choices) > 1 and re.fullmatch(r"[1-9][.、]?", said) and int(said[0]) <= len(choices):
        return choices[int(said[0]) - 1]
    return None


def _normal_label(text: str) -> str:
    return re.sub(r"[\s。.!！?？,，、;；:：“”\"'()（）]", "", unicodedata.normalize("NFKC", text).lower())


async def route(routes: Routes, turn: Turn, *, states: Mapping[str, Any], running: Sequence[str]) -> Routed:
    """Let the right dialogues take the turn, one after the other while they hand over or pass."""
    routed = Routed(states=dict(states), running=[name for name in running if name in routes.dialogues])
    name, *next_ones = _in_turn(routes, turn, routed.running, routed.states)
    below = routed.running[:-1]
    for _ in range(MAX_HAND_OVERS + len(next_ones) + 1):
        dialogue = routes.dialogues.get(name)
        if dialogue is None:
            raise RoutingError(f"no dialogue named {name}")
        outcome = await dialogue.step(replace(turn, state=routed.states.get(name, {}), below=name in below))
        _keep(routed, name, outcome)
        if outcome.passed and next_ones:
            name = next_ones.pop(0)
        elif outcome.hand_over is not None:
            name, turn = _hand_over(turn, outcome.hand_over)
            next_ones, below = [], []
        else:
            return routed
    raise RoutingError(f"more than {MAX_HAND_OVERS} hand-overs, the last to {name}")


def _in_turn(routes: Routes, turn: Turn, running: Sequence[str], states: Mapping[str, Any]) -> list[str]:
    """Who sees it first, and who next if that one passes."""
    held = [routes.reception] if routes.reception and turn.held else []
    if turn.pressed is not None:
        return [*held, turn.pressed.action.partition(":")[0]]
    staff = [routes.staff_room] if routes.staff_room and _is_of_staff(routes, turn) else []
    taken_up = [
        name for name, is_meant in routes.takes_up.items() if is_meant(turn.incoming.text, states.get(name, {}))
    ]
    others = [name for name in (*_running(routes, running), _by_route(routes, turn)) if name not in taken_up]
    return [*held, *staff, *taken_up, *others]


def _running(routes: Routes, running: Sequence[str]) -> list[str]:
    """The one on top, and what lies below it: a question that lets words pass makes nobody else deaf.

    Not through a form, whose words are its own.
    """
    top, below = running[-1:], reversed(running[:-1])
    if routes.forms.intersection(top):
        return [*top]
    reached = takewhile(lambda name: name not in routes.forms, below)
    return [*top, *(name for name in reached if name in routes.heard_below)]


def _is_of_staff(routes: Routes, turn: Turn) -> bool:
    incoming = turn.incoming
    first = incoming.text.split(maxsplit=1)[0].lower() if incoming.text.strip() else ""
    return bool(incoming.sender or incoming.reply_to) or first in routes.staff_commands


def _by_route(routes: Routes, turn: Turn) -> str:
    if not has_words(turn.incoming.text):
        return routes.fallback
    return routes.routes.get(turn.understood.route, routes.fallback)


def _keep(routed: Routed, name: str, outcome: Outcome) -> None:
    routed.replies += outcome.replies
    if outcome.forget:
        routed.states.clear()
        routed.running.clear()
    if outcome.state is not None:
        routed.states[name] = dict(outcome.state)
        if not outcome.state:
            del routed.states[name]
    if outcome.passed:
        return  # it stays open as it was
    if name in routed.running:
        routed.running.remove(name)
    if outcome.stays:
        routed.running.append(name)


def _hand_over(turn: Turn, hand_over: HandOver) -> tuple[str, Turn]:
    # The button was for the dialogue that hands over; the next one has the words and the slots.
    return hand_over.dialogue, replace(turn, pressed=None, slots=hand_over.slots)
