"""The words on the buttons of tickets, and the names of categories and states, from `templates/replies/tickets/labels.yaml`."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from bot.messages import Choice


@lru_cache(maxsize=1)
def _labels() -> dict[str, Any]:
    text = (files("templates") / "replies" / "tickets" / "labels.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def label(group: str, name: str) -> str:
    """`label("category", "labour")` -> 劳动监察."""
    return str(_labels()[group][name])


def button(name: str, *, dialogue: str = "tickets", quiet: bool = False, **data: Any) -> Choice:
    """A button whose action is its name: `button("solved", number="…")`."""
    return Choice(label("button", name), f"{dialogue}:{name}", data, quiet=quiet)


def queue_name(place: str, category: str) -> str:
    """社保补贴 · 洪湖市."""
    words = _labels()
    place = place or str(words["everywhere"])
    return str(words["queue"]).format(category=label("category", category), place=place)
