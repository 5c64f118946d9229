"""The words of ledgers: `templates/console/people/ledger.yaml`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def _words() -> dict[str, Any]:
    text = (files("templates") / "console" / "people" / "ledger.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def word(group: str, name: str) -> str:
    """`word("state", "going")` -> 正在导入."""
    return str(_words()[group][name])


def words_of(group: str) -> Any:
    """All of a group, in order."""
    return _words()[group]


def say_value(field: str, value: str) -> str:
    """A closed word as ledgers write it; any other as it stands."""
    if field == "fisher_type" and value == "none":
        value = "fisher_none"
    return str(_words()["value"].get(value, value))
