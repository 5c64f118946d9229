"""A conversation on a page of the console: what was said as bubbles, and what was written beside it, day by day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.clock import LOCAL


@dataclass(frozen=True)
class Item:
    """One thing in it: a bubble, or something that the person never sees."""

    at: str
    """10:10"""
    day: str
    """11月24日, on the first of a day; else empty."""
    bubble: object = None
    line: object = None


def make_items(parts: Iterable[tuple[datetime, object, object]]) -> list[Item]:
    """When, bubble or None, line or None; the oldest first."""
    items: list[Item] = []
    before = None
    for moment, bubble, line in parts:
        at = moment.astimezone(LOCAL)
        day = f"{at.month}月{at.day}日" if at.date() != before else ""
        before = at.date()
        items.append(Item(f"{at.hour}:{at.minute:02}", day, bubble, line))
    return items
