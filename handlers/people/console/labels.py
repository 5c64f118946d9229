"""Words of the people service for staff: `templates/console/people/labels.yaml`."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from handlers.people.trades import load_trades


@lru_cache(maxsize=1)
def _labels() -> dict[str, Any]:
    text = (files("templates") / "console" / "people" / "labels.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def term(group: str, name: str) -> str:
    """`term("group", "retired_fisher")` -> 退捕渔民; a name that is not in the table as it is."""
    return str(_labels()[group].get(name, name))


def names_of(group: str) -> list[tuple[str, str]]:
    """Name and word of everything in a table, for lists to choose from."""
    return [(name, str(word)) for name, word in _labels()[group].items()]


def trade_name(trade: str) -> str:
    """Empty for `any`, `other` and ids that are not in the table any more."""
    return load_trades().name(trade)
