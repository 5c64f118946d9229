"""Which of several running dialogues hears the words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from bot.dialogue import Outcome, Turn
from bot.messages import Address, ChannelName, Incoming
from bot.routing import Routes, route
from tests.fakes import FakeUnderstood


class Listener:
    """Takes its own name, and lets everything else pass."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.heard: list[bool] = []

    async def step(self, turn: Turn) -> Outcome:
        self.heard.append(turn.below)
        return Outcome(state={"on": True}, stays=True) if turn.incoming.text == self.name else Outcome(passed=True)


@pytest.mark.parametrize(
    ("running", "said", "heard"),
    [
        (["seats", "notices"], "seats", {"notices": [False], "seats": [True]}),
        (["seats", "notices"], "else", {"notices": [False], "seats": [True], "rules": [False]}),
        (["seats", "form"], "seats", {"form": [False], "rules": [False]}),
        (["seats", "form", "notices"], "seats", {"notices": [False], "rules": [False]}),
        (["rules", "seats"], "else", {"seats": [False], "rules": [True]}),
        (["seats", "other", "notices"], "seats", {"notices": [False], "seats": [True]}),
    ],
    ids=[
        "the one below",
        "then the route",
        "not through a form",
        "nor below one",
        "only once",
        "past one that is not heard there",
    ],
)
async def test_what_the_one_on_top_lets_pass(running: list[str], said: str, heard: dict[str, list[bool]]) -> None:
    listeners = {name: Listener(name) for name in ("rules", "seats", "form", "other", "notices")}
    routes = Routes(
        listeners,
        {},
        {"policy": "rules"},
        fallback="rules",
        forms=frozenset({"form"}),
        heard_below=frozenset({"seats", "notices"}),
    )
    incoming = Incoming(Address(ChannelName.TERMINAL, "p"), "1", said)
    turn = Turn(incoming, FakeUnderstood("policy"), 1, {}, datetime(2026, 11, 29, tzinfo=UTC), cast(Any, None))
    await route(routes, turn, states={}, running=running)
    assert {name: one.heard for name, one in listeners.items() if one.heard} == heard


@pytest.mark.parametrize(("states", "first"), [({"form": {"kept": 1}}, "form"), ({}, "seats")])
async def test_words_that_take_up_what_is_kept_reach_it_below_others(states: dict[str, Any], first: str) -> None:
    listeners = {name: Listener(name) for name in ("rules", "seats", "form")}
    routes = Routes(
        listeners,
        {},
        {},
        fallback="rules",
        forms=frozenset({"form"}),
        takes_up={"form": lambda text, state: text == "form" and bool(state)},
    )
    incoming = Incoming(Address(ChannelName.TERMINAL, "p"), "1", "form")
    turn = Turn(incoming, FakeUnderstood("policy"), 1, {}, datetime(2026, 11, 29, tzinfo=UTC), cast(Any, None))
    await route(routes, turn, states=states, running=["form", "seats"])
    assert next(name for name, one in listeners.items() if one.heard and name != "rules") == first
    assert listeners["form"].heard == ([True] if states else [])
