"""Words of closed columns -> ours. Pure; which word means what stands under `values` in `columns.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers.people.ledger.denying import Denials

UNCLEAR, ASIDE = "unclear", "aside"
_PARTS = re.compile(r"[，,、;；。()（）/+]+")


@dataclass(frozen=True)
class ValueWord:
    """A word of a closed column."""

    word: str
    value: str
    """Ours; UNCLEAR: whoever writes this has not said which; ASIDE: that part of the cell speaks of something else."""
    whole: bool
    """It must be the whole cell."""
    weak: bool
    """Counts where no other word does."""


def longest_first(words: Mapping[str, Sequence[str]]) -> list[ValueWord]:
    found = [_value_word(str(word), value) for value, some in words.items() for word in some]
    # What must be the whole cell goes before what is only part of one.
    return sorted(found, key=lambda one: (not one.whole, -len(one.word)))


def _value_word(word: str, value: str) -> ValueWord:
    return ValueWord(word.lstrip("=~").casefold(), value, word.startswith("="), word.startswith("~"))


def choose(words: Sequence[ValueWord], text: str, denials: Denials, *, state: bool) -> str:
    """就业（企业） -> employed; empty where no word is known, words of different meaning stand together, or something
    takes them back. `state`: the column says what somebody is, so who was it or belongs to one is not it.
    """
    text = text.replace(" ", "").casefold()
    for one in words:
        if one.whole and text == one.word:
            return one.value
    text = "\n".join(part for part in _PARTS.split(text) if not _is_aside(words, part))
    found: set[str] = set()
    weak: set[str] = set()
    for one in words:
        if not one.whole and one.word in text:
            # What a longer word holds says nothing of its own: 未就业 holds 就业.
            text = text.replace(one.word, "\n")
            (weak if one.weak else found).add(one.value)
    meant = found or weak
    if len(meant) != 1 or UNCLEAR in meant or denials.deny(text, state=state):
        return ""
    return meant.pop()


def _is_aside(words: Sequence[ValueWord], part: str) -> bool:
    return any(one.value == ASIDE and one.word in part for one in words)
