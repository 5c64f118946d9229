"""Whole conversations as data (tests/conversations/*.yaml), through the front door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.app import build
from bot.clock import FixedClock
from bot.settings import Settings
from tests.bureau import Person, wire_bureau
from tests.handlers.offers.board import publish_board

FOLDER = Path(__file__).parent / "conversations"
KEYS = {"say", "press", "after", "replies", "has", "any", "lacks", "buttons", "place"}


def conversations() -> Iterator[Any]:
    for file in sorted(FOLDER.glob("*.yaml")):
        for conversation in yaml.safe_load(file.read_text("utf-8")):
            yield pytest.param(conversation, id=f"{file.stem}: {conversation['name']}")


@pytest.mark.parametrize("conversation", list(conversations()))
async def test_conversation(conversation: dict[str, Any], settings: Settings) -> None:
    clock = FixedClock("2026-11-23T10:00:00+08:00")
    async with build(settings, clock=clock, wire=wire_bureau) as app:
        if conversation.get("offers"):
            await publish_board(app)
        person = Person(app, region=conversation.get("region"))
        for number, turn in enumerate(conversation["turns"], 1):
            assert set(turn) <= KEYS, f"turn {number}: unknown {set(turn) - KEYS}"
            clock.advance(**turn.get("after", {"seconds": 20}))
            await (person.press(turn["press"]) if "press" in turn else person.say(turn["say"]))
            await check(person, turn, f"turn {number}, {turn.get('press') or turn['say']}:\n{person.text}\n")


async def check(person: Person, turn: dict[str, Any], where: str) -> None:
    """Templates exactly; words in any order, white space aside."""
    text = "".join(person.text.split())
    assert person.replies, where
    if "replies" in turn:
        assert person.templates == turn["replies"], where
    for words in turn.get("has", ()):
        assert words in text, f"{words!r} is missing; {where}"
    if "any" in turn:
        assert any(words in text for words in turn["any"]), where
    for words in turn.get("lacks", ()):
        assert words not in text, f"{words!r} is said; {where}"
    for label in turn.get("buttons", ()):
        assert label in person.labels, f"{label} is not among {person.labels}; {where}"
    if "place" in turn:
        assert await person.place() == turn["place"], where
