"""The table of trades (`trades.yaml`): what people say -> ids that wishes and offers are stored by."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bot.errors import StartupError
from knowledge.faults import read_yaml
from knowledge.language import clean, plain

ANY = "any"
"""Stored where work is wished for and no trade was named."""
OTHER = "other"
"""Stored where a trade was named that the table does not hold."""


@dataclass(frozen=True)
class Trades:
    """All trades, in the order of the file."""

    names: Mapping[str, str]
    """Id -> name."""
    shape: re.Pattern[str]
    meant: Mapping[str, str]
    """A word that people say -> id; empty for a word that only holds one."""
    near: Mapping[str, tuple[str, ...]]
    """Id -> others that whoever looks for it may be shown, too."""
    either: Mapping[str, tuple[str, ...]]
    """A word that people say -> other ids that it may mean as well."""

    def find(self, text: str) -> tuple[str, ...]:
        """Ids of all trades that a text names, in its order, each once."""
        return tuple(dict.fromkeys(trade for trade, _ in self.mentions(text)))

    def mentions(self, text: str) -> tuple[tuple[str, str], ...]:
        """(id, the word that was said) of all trades that a text names, in its order."""
        found = (match[0] for match in self.shape.finditer(plain(text)))
        return tuple(
            (trade, word) for word in found for trade in (self.meant[word], *self.either.get(word, ())) if trade
        )

    def with_near(self, trades: Sequence[str]) -> tuple[str, ...]:
        """These, and what is near to them."""
        return tuple(dict.fromkeys((*trades, *(near for trade in trades for near in self.near.get(trade, ())))))

    def name(self, trade: str) -> str:
        """The name of an id; empty for `any`, `other` and ids that are not in the table any more."""
        return self.names.get(trade, "")


@cache
def load_trades() -> Trades:
    """The table of the package; raises `StartupError` if a word or an id is claimed twice."""
    data: dict[str, Any] = read_yaml((files("handlers.people") / "trades.yaml").read_text("utf-8"))
    names: dict[str, str] = {}
    meant: dict[str, str] = {clean(word): "" for word in data["ordinary"]}
    for row in data["trades"]:
        if row["id"] in names or row["id"] in (ANY, OTHER):
            raise StartupError(f"trades.yaml: {row['id']} is there twice", exit_code=2)
        names[row["id"]] = row["name"]
        for word in dict.fromkeys(clean(said) for said in (row["name"], *row["say"])):
            if meant.setdefault(word, row["id"]) != row["id"]:
                raise StartupError(f"trades.yaml: {word} is claimed by {meant[word]} and {row['id']}", exit_code=2)
    words = sorted(meant, key=len, reverse=True)
    near = {trade: tuple(others) for trade, others in data["near"].items()}
    either = {clean(word): tuple(others) for word, others in data["either"].items()}
    if strangers := {*near, *(one for others in (*near.values(), *either.values()) for one in others)} - set(names):
        raise StartupError(f"trades.yaml: no trade {', '.join(sorted(strangers))}", exit_code=2)
    return Trades(names, re.compile("|".join(map(re.escape, words))), meant, near, either)


def find_trades(text: str) -> tuple[str, ...]:
    """Ids of all trades that a text names, in its order, each once."""
    return load_trades().find(text)
