"""The words on the buttons of tickets, names of categories and states: `templates/replies/tickets/labels.yaml`."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from bot.messages import Choice
from handlers.tickets.facts import Count, Money


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


def wants_somebody() -> str:
    """What a matter is about when nothing was told but 转人工, 快点."""
    return str(_labels()["wants_somebody"])


def latest_holds() -> str:
    """What a reply says of itself that rests on a document which may hold no longer."""
    return str(_labels()["latest_holds"])


def ledger_columns() -> list[str]:
    """The headers of the ledger, in order."""
    return list(map(str, _labels()["ledger_columns"]))


def say_money(money: Money | None) -> str:
    """每人 8000 元, 大约 3000 元; empty for none."""
    if money is None:
        return ""
    words = _labels()["money"]
    yuan = f"{money.yuan.normalize():f}"
    return str(words["each" if money.each else "sum"]).format(yuan=yuan, rough=words["rough"] if money.rough else "")


def say_count(count: Count | None) -> str:
    """13 人, 10 人以上; empty for none."""
    if count is None:
        return ""
    return str(_labels()["people"]["at_least" if count.at_least else "exactly"]).format(count=count.number)
