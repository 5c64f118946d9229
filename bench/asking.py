"""What the clients ask: the asks of the five documents, as people of those places would send them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

from knowledge.loader import load_policies

LEAD_INS = ("", "", "请问", "你好，", "我想问哈，", "那个，")
SEED = 20260302


@cache
def _asks_by_place() -> tuple[tuple[str, tuple[str, ...]], ...]:
    chosen = random.Random(SEED)
    places = []
    for policy in load_policies():
        asks = [chosen.choice(LEAD_INS) + ask for _, lines in policy.asks for ask in lines]
        chosen.shuffle(asks)
        places.append((policy.document.place, tuple(asks)))
    return tuple(places)


def introduction(client: int) -> str:
    """The client says where they are from, so that they get answers and no question back."""
    places = _asks_by_place()
    return f"我是{places[client % len(places)][0]}的"


def questions(client: int, clients: int) -> Iterator[str]:
    """Questions for ever; nobody asks what another asks, before all are asked."""
    places = _asks_by_place()
    asks = places[client % len(places)][1]
    place = client // len(places)
    step = max(1, clients // len(places))
    while True:
        yield asks[place % len(asks)]
        place += step
