"""The words on the buttons of offers, names of kinds and states: `templates/replies/offers/labels.yaml`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

import yaml

from bot.messages import Choice

MOST_TITLE = 10
"""Characters of a title on a button."""


class Titled(Protocol):
    """What a button names."""

    @property
    def code(self) -> str: ...

    @property
    def title(self) -> str: ...


@cache
def _labels() -> dict[str, Any]:
    text = (files("templates") / "replies" / "offers" / "labels.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def label(group: str, name: str) -> str:
    """`label("kind", "fair")` -> 招聘会."""
    return str(_labels()[group][name])


def door_columns() -> list[str]:
    """The headers of the list for the door, in order."""
    return list(map(str, _labels()["door_columns"]))


def button(name: str, action: str = "", *, quiet: bool = False, words: str = "", **data: Any) -> Choice:
    """A button whose action is its name, unless another is given: `button("cancel", registration=7)`."""
    return Choice(words or label("button", name), f"offers:{action or name}", data, quiet=quiet)


def human() -> Choice:
    """To a person, who is asked for by way of the policy dialogue."""
    return Choice(label("button", "human"), "policy:human", quiet=True)


def show_buttons(offers: Sequence[Titled]) -> tuple[Choice, ...]:
    """One for each of a list, by its number."""
    return tuple(
        button("show", words=f"{number} {offer.title[:MOST_TITLE]}", code=offer.code)
        for number, offer in enumerate(offers, 1)
    )
