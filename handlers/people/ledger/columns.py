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

import yaml

from handlers.people.ledger.cells import Cell, plain


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
    """A word that is not known refuses no row; it is kept as it stands."""
    extra: bool = False
    """Read where it is there; not in the empty template."""


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
class Columns:
    """Everything that `columns.yaml` says."""

    fields: Mapping[Template, Mapping[str, Field]]
    needs: Mapping[Template, Sequence[Sequence[str]]]
    """Columns without which it is not this ledger; of each inner list one is enough."""
    aliases: Mapping[Template, Mapping[str, str]]
    prefixes: Sequence[str]
    values: Mapping[str, Sequence[tuple[str, str]]]
    """Table -> (word, ours), the longest first; `=` before a word: the whole cell."""
    groups: Mapping[str, GroupRule]
    no_words: frozenset[str]
    total_words: frozenset[str]
    note_words: frozenset[str]
    sample_words: frozenset[str]
    titles: Mapping[str, Mapping[str, str]]
    cache: dict[tuple[Template, str], str] = field(default_factory=dict, compare=False)

    def field_of(self, template: Template, header: str) -> str:
        """The field that a header names; empty where it is not known."""
        key = (template, header)
        if (found := self.cache.get(key)) is None:
            found = self._find(self.aliases[template], header)
            if len(self.cache) < 10_000:
                self.cache[key] = found
        return found

    def _find(self, aliases: Mapping[str, str], header: str) -> str:
        for spelling in _spellings(header):
            if found := aliases.get(spelling):
                return found
            for prefix in self.prefixes:
                rest = spelling.removeprefix(prefix).lstrip("的")
                if rest != spelling and (found := aliases.get(rest)):
                    return found
        return ""

    def choose(self, table: str, text: str) -> str:
        """就业（企业） -> employed; empty where no word is known."""
        text = text.replace(" ", "").casefold()
        for word, value in self.values[table]:
            if text == word[1:] if word.startswith("=") else word in text:
                return value
        return ""


def _spellings(header: str) -> list[str]:
    """A header as it may stand in the table: as it is, without notes in brackets."""
    text = normalise(header)
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】", "", text)
    return list(dict.fromkeys([text, bare, re.sub(r"[0-9]+$", "", bare)]))


def normalise(header: str) -> str:
    """联系　电话\\n（必填）* -> 联系电话(必填)."""
    text = unicodedata.normalize("NFKC", header).casefold()
    return re.sub(r"[\s*★☆※:：_、。.\"'“”]+|[\u200b-\u200f\ufeff]", "", text)


def header_text(cell: Cell) -> str:
    """As the file calls it, in one line, for telling."""
    return plain(cell)[:40]


@lru_cache(maxsize=1)
def load_columns() -> Columns:
    data = yaml.safe_load((files("handlers.people.ledger") / "columns.yaml").read_text("utf-8"))
    fields: dict[Template, dict[str, Field]] = {}
    aliases: dict[Template, dict[str, str]] = {}
    common: dict[str, list[str]] = {
        name: [one["label"], *one["also"]] for name, one in data["templates"]["T2"]["fields"].items()
    }
    for key, table in data["templates"].items():
        template = Template(key)
        fields[template] = {name: _field(name, one) for name, one in table["fields"].items()}
        spelled: dict[str, str] = {}
        for name, one in table["fields"].items():
            more = common["id_number"] if name == "id_number" else ()
            for word in (one["label"], *one["also"], *more):
                spelled.setdefault(normalise(str(word)), name)
        aliases[template] = spelled
    return Columns(
        fields,
        {Template(key): [one.split("|") for one in table["needs"]] for key, table in data["templates"].items()},
        aliases,
        sorted(data["prefixes"], key=len, reverse=True),
        {table: _longest_first(words) for table, words in data["values"].items()},
        {name: _rule(one) for name, one in data["groups"].items()},
        frozenset(data["no_words"]),
        frozenset(data["total_words"]),
        frozenset(data["note_words"]),
        frozenset(data["sample_words"]),
        data["titles"],
    )


def _field(name: str, one: Mapping[str, Any]) -> Field:
    return Field(
        name, one["label"], Kind(one["kind"]), one.get("values", ""), one.get("soft", False), one.get("extra", False)
    )


def _longest_first(words: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    pairs = [(str(word).casefold(), value) for value, some in words.items() for word in some]
    # What must be the whole cell goes before what is only part of one.
    return sorted(pairs, key=lambda pair: (not pair[0].startswith("="), -len(pair[0])))


def _rule(one: Mapping[str, Any]) -> GroupRule:
    return GroupRule(
        one.get("in", {}),
        one.get("not", ()),
        one.get("filled", ()),
        one.get("choice", {}),
        one.get("marked", ()),
        one.get("unless", ""),
    )
