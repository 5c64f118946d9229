"""What the columns of the ledgers are called and mean: `columns.yaml`, read once; a header -> a field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

from handlers.people.ledger.cells import Cell, plain
from knowledge.faults import read_yaml


class Template(StrEnum):
    """Which ledger a sheet is (domain.md 2.2)."""

    T2 = "T2"  # 一人一档
    T3 = "T3"  # 缴费补贴台账
    T4 = "T4"  # 服务记录


class Kind(StrEnum):
    """What a column holds."""

    NAME = "name"
    ID = "id"
    PHONE = "phone"
    DATE = "date"
    YEAR = "year"
    AMOUNT = "amount"
    GENDER = "gender"
    CHOICE = "choice"
    YESNO = "yesno"
    LAST4 = "last4"
    TEXT = "text"
    SKIP = "skip"
    """Known and not kept: 序号, 年龄, what the number says better."""


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    kind: Kind
    values: str = ""
    """Of a choice: its table under `values`."""
    soft: bool = False
    """What is not understood refuses no row: a word is kept as it stands, a date is left out."""
    extra: bool = False
    """Read where it is there; not in the empty template."""
    yes: tuple[str, ...] = ()
    """Of a yes-or-no column: words that mean yes in this one."""
    span: bool = False
    """A time from one day to another is its first day."""


@dataclass(frozen=True)
class GroupRule:
    """What in a ledger makes somebody a member of a group."""

    words: Mapping[str, Sequence[str]]
    excluded: Sequence[str]
    filled: Sequence[str]
    choice: Mapping[str, Sequence[str]]
    marked: Sequence[str]
    """Yes-or-no columns."""
    unless: str
    """A yes-or-no column that undoes it."""


@dataclass(frozen=True)
class Instead:
    """Columns that stand for others which a sheet has not: a list of householders has no 姓名."""

    fields: Mapping[str, str]
    """Field -> the column that stands for it; of the first both must be so, the others may."""
    needs: str
    """A column without which it is not meant so."""
    unless: str
    """A column that shows that it is not meant so."""
    unless_like: Sequence[str]
    """Words of an unknown header that show the same."""
    once: bool
    """It does not name the holders of two numbers, one below the other."""


@dataclass(frozen=True)
class ValueWord:
    """A word of a closed column."""

    word: str
    value: str
    """Ours; UNCLEAR: whoever writes this has not said which."""
    whole: bool
    """It must be the whole cell."""
    weak: bool
    """Counts where no other word does."""


@dataclass(frozen=True)
class Columns:
    """Everything that `columns.yaml` says."""

    fields: Mapping[Template, Mapping[str, Field]]
    needs: Mapping[Template, Sequence[Sequence[str]]]
    """Columns without which it is not this ledger; of each inner list one is enough."""
    instead: Mapping[Template, Sequence[Instead]]
    aliases: Mapping[Template, Mapping[str, tuple[str, int]]]
    """Spelling -> (field, how far down its list it stands: the usual names come first)."""
    prefixes: Sequence[str]
    other_persons: tuple[str, ...]
    """Of whom a group of columns may speak instead."""
    other_names: tuple[str, ...]
    """What the header of somebody else's name ends with."""
    others_more: frozenset[str]
    """What may stand between such a name and its phone."""
    values: Mapping[str, Sequence[ValueWord]]
    """Of each table, the longest word first."""
    groups: Mapping[str, GroupRule]
    yes_words: frozenset[str]
    no_words: frozenset[str]
    total_words: frozenset[str]
    note_words: frozenset[str]
    sample_words: frozenset[str]
    gone_words: Sequence[str]
    no_phone_words: frozenset[str]
    dead_phone_words: Sequence[str]
    section_ends: tuple[str, ...]
    village_ends: tuple[str, ...]
    village_kinds: tuple[str, ...]
    """Words before such an end that name no village, alone or together."""
    titles: Mapping[str, Mapping[str, str]]
    cache: dict[tuple[Template, str], tuple[str, int]] = field(default_factory=dict, compare=False)
    chosen: dict[tuple[str, str], str] = field(default_factory=dict, compare=False)

    def field_of(self, template: Template, header: str) -> str:
        """The field that a header names; empty where it is not known."""
        return self.match(template, header)[0]

    def match(self, template: Template, header: str) -> tuple[str, int]:
        """The same, and how sure it is: of two columns for one field that with the smaller number is the field's."""
        key = (template, header)
        if (found := self.cache.get(key)) is None:
            found = self._find(self.aliases[template], header)
            if not found[0] and template is Template.T2:
                found = self._find_of_year(header)
            if len(self.cache) < 10_000:
                self.cache[key] = found
        return found

    def _find(self, aliases: Mapping[str, tuple[str, int]], header: str) -> tuple[str, int]:
        for loss, spelling in enumerate(_spellings(header)):
            if found := aliases.get(spelling):
                return (found[0], found[1] + loss * LOSS)
            for prefix in self.prefixes:
                rest = spelling.removeprefix(prefix).lstrip("的")
                if rest != spelling and (found := aliases.get(rest)):
                    return (found[0], found[1] + (loss + 5) * LOSS)
        return ("", 0)

    def _find_of_year(self, header: str) -> tuple[str, int]:
        """2024年就业状态; but 2014年脱贫户 asks of that year alone."""
        bare = _OF_YEAR.sub("", normalise(header))
        name, rank = self._find(self.aliases[Template.T2], bare) if bare != normalise(header) else ("", 0)
        kept = name and self.fields[Template.T2][name].kind in (Kind.CHOICE, Kind.TEXT)
        return (name, rank + LOSS) if kept else ("", 0)

    def group_of(self, header: str) -> str:
        """What stands over several columns, without the words that say nothing: 户主基本信息 -> 户主."""
        return re.sub(r"(?:基本|主要|个人)?(?:信息|情况|资料)$", "", normalise(header))

    def values_of(self, table: str) -> frozenset[str]:
        """Ours, of a closed column."""
        return frozenset(one.value for one in self.values[table]) - {UNCLEAR}

    def choose(self, table: str, text: str) -> str:
        """就业（企业） -> employed; empty where no word is known, or words of different meaning stand together."""
        key = (table, text)
        if (chosen := self.chosen.get(key)) is None:
            chosen = self._choose(table, text)
            if len(self.chosen) < 10_000:
                self.chosen[key] = chosen
        return chosen

    def _choose(self, table: str, text: str) -> str:
        text = text.replace(" ", "").casefold()
        found: set[str] = set()
        weak: set[str] = set()
        for one in self.values[table]:
            if one.whole:
                if text == one.word:
                    return one.value
            elif one.word in text:
                # What a longer word holds says nothing of its own: 未就业 holds 就业.
                text = text.replace(one.word, "\n")
                (weak if one.weak else found).add(one.value)
        meant = found or weak
        return meant.pop() if len(meant) == 1 and UNCLEAR not in meant else ""


UNCLEAR = "unclear"
LOSS = 1_000
"""More than any field has names."""
_OF_YEAR = re.compile(r"^(?:截至|截止)?20[0-9]{2}年?(?:度|底|末)?的?")


def _spellings(header: str) -> list[str]:
    """A header as it may stand in the table: as it is, without notes in brackets, without a number before or behind."""
    text = normalise(header)
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】", "", text)
    unnumbered = re.sub(r"^(?:[0-9]{1,2}|[①-⑳])(?=[^0-9])", "", bare)
    return list(dict.fromkeys([text, bare, unnumbered, re.sub(r"[0-9]+$", "", unnumbered)]))


def normalise(header: str) -> str:
    """联系　电话\\n（必填）* -> 联系电话(必填)."""
    text = unicodedata.normalize("NFKC", header).casefold()
    return re.sub(r"[\s*★☆※:：_、。.\"'“”]+|[\u200b-\u200f\ufeff]", "", text)


def header_text(cell: Cell) -> str:
    """As the file calls it, in one line, for telling."""
    return plain(cell)[:40]


@lru_cache(maxsize=1)
def load_columns() -> Columns:
    data = read_yaml((files("handlers.people.ledger") / "columns.yaml").read_text("utf-8"))
    fields: dict[Template, dict[str, Field]] = {}
    aliases: dict[Template, dict[str, tuple[str, int]]] = {}
    common: dict[str, list[str]] = {
        name: [one["label"], *one["also"]] for name, one in data["templates"]["T2"]["fields"].items()
    }
    for key, table in data["templates"].items():
        template = Template(key)
        fields[template] = {name: _field(name, one) for name, one in table["fields"].items()}
        spelled: dict[str, tuple[str, int]] = {}
        for name, one in table["fields"].items():
            more = common["id_number"] if name == "id_number" else ()
            for place, word in enumerate((one["label"], *one["also"], *more)):
                spelled.setdefault(normalise(str(word)), (name, place))
        aliases[template] = spelled
    return Columns(
        fields,
        {Template(key): [one.split("|") for one in table["needs"]] for key, table in data["templates"].items()},
        {Template(key): _instead(table) for key, table in data["templates"].items()},
        aliases,
        sorted(data["prefixes"], key=len, reverse=True),
        tuple(data["other_persons"]),
        tuple(data["other_names"]),
        frozenset(data["others_more"]),
        {table: _longest_first(words) for table, words in data["values"].items()},
        {name: _rule(one) for name, one in data["groups"].items()},
        frozenset(data["yes_words"]),
        frozenset(data["no_words"]),
        frozenset(data["total_words"]),
        frozenset(data["note_words"]),
        frozenset(data["sample_words"]),
        data["gone_words"],
        frozenset(data["no_phone_words"]),
        data["dead_phone_words"],
        tuple(data["section_ends"]),
        tuple(data["village_ends"]),
        tuple(data["village_kinds"]),
        data["titles"],
    )


def _field(name: str, one: Mapping[str, Any]) -> Field:
    return Field(
        name,
        one["label"],
        Kind(one["kind"]),
        one.get("values", ""),
        one.get("soft", False),
        one.get("extra", False),
        tuple(one.get("yes", ())),
        one.get("span", False),
    )


def _instead(table: Mapping[str, Any]) -> list[Instead]:
    words = ("needs", "unless", "unless_like", "once")
    return [
        Instead(
            {name: source for name, source in one.items() if name not in words},
            one.get("needs", ""),
            one.get("unless", ""),
            one.get("unless_like", ()),
            one.get("once", False),
        )
        for one in table.get("instead", ())
    ]


def _longest_first(words: Mapping[str, Sequence[str]]) -> list[ValueWord]:
    found = [_value_word(str(word), value) for value, some in words.items() for word in some]
    # What must be the whole cell goes before what is only part of one.
    return sorted(found, key=lambda one: (not one.whole, -len(one.word)))


def _value_word(word: str, value: str) -> ValueWord:
    return ValueWord(word.lstrip("=~").casefold(), value, word.startswith("="), word.startswith("~"))


def _rule(one: Mapping[str, Any]) -> GroupRule:
    return GroupRule(
        one.get("in", {}),
        one.get("not", ()),
        one.get("filled", ()),
        one.get("choice", {}),
        one.get("marked", ()),
        one.get("unless", ""),
    )
