"""Words of a ledger that take back what stands beside them: 未外出务工, 原低保, 残疾人家属. Pure; they are data."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Denials:
    """Patterns of `denials` in `columns.yaml`."""

    plain: re.Pattern[str]
    """That it is not so, or not yet."""
    of_state: re.Pattern[str]
    """These, and that somebody was it, asks to be it, or belongs to one: what a person is, not what was done."""
    ended: re.Pattern[str]
    """That it is over, also where it stands behind a comma."""
    before: re.Pattern[str]
    """Right before a word and nothing but the contrary of it: 非低保."""
    negated: re.Pattern[str]
    """All that stands around such a word: 非…户, 没有享受…待遇."""
    harmless: re.Pattern[str]
    """Holds such a character and denies nothing: 目前, 无锡, 未就业毕业生."""
    unsure: re.Pattern[str]
    """Nobody has looked: 未核实 is no no."""

    def deny(self, text: str, known: re.Pattern[str] | None = None, *, state: bool = True) -> bool:
        """Whether something in a text takes back what stands there. `known`: words that are read as they stand."""
        if known is not None:
            text = known.sub("\n", text)
        return bool((self.of_state if state else self.plain).search(self.harmless.sub("\n", text)))

    def end(self, text: str) -> bool:
        """Whether a text says that something is over."""
        return bool(self.ended.search(self.harmless.sub("\n", text)))

    def is_contrary(self, text: str, start: int) -> bool:
        """Whether what stands right before a place turns it into its contrary."""
        return bool(self.before.search(text[:start]))


def read_denials(data: Mapping[str, Sequence[str]]) -> Denials:
    plain = [*data["plain"], *data["before"]]
    contrary = f"(?:{any_of(data['before']).pattern})(?:{any_of(data['links']).pattern})?"
    return Denials(
        any_of(plain),
        any_of([*plain, *data["ended"], *data["others"]]),
        any_of(data["ended"]),
        re.compile(f"{contrary}$"),
        re.compile(f"{contrary}(?:{any_of(data['tails']).pattern})*"),
        any_of(data["harmless"]),
        any_of(data["unsure"]),
    )


@dataclass(frozen=True)
class Wishing:
    """Patterns of `wishing`."""

    denied: re.Pattern[str]
    refused: re.Pattern[str]
    doubtful: re.Pattern[str]
    harmless: re.Pattern[str]


def read_wishing(data: Mapping[str, Sequence[str]]) -> Wishing:
    return Wishing(any_of(data["denied"]), any_of(data["refused"]), any_of(data["doubtful"]), any_of(data["harmless"]))


def any_of(words: Collection[str]) -> re.Pattern[str]:
    """The longest first; of no words what matches nothing."""
    ordered = sorted({str(word).casefold() for word in words}, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, ordered)) or r"(?!)")
