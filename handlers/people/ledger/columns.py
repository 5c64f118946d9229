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
from handlers.people.ledger.closed import ASIDE, UNCLEAR, ValueWord, choose, longest_first
from handlers.people.ledger.denying import Denials, Wishing, any_of, read_denials, read_wishing
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
    neither: tuple[str, ...] = ()
    """Words that come near to these and leave it open: 低保边缘 in a column of 低保."""
    numbered: bool = False
    """The number of a certificate means yes."""
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

    @property
    def all_words(self) -> Sequence[Sequence[str]]:
        return [*self.words.values(), self.excluded]


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
    group_words: re.Pattern[str]
    """All words of all groups, so that 不稳定 denies nothing."""
    denials: Denials
    wishing: Wishing
    yes_words: frozenset[str]
    no_words: frozenset[str]
    total_words: frozenset[str]
    note_words: frozenset[str]
    sample_words: frozenset[str]
    gone_words: Sequence[str]
    gone_ends: tuple[str, ...]
    gone_notes: Sequence[str]
    gone_columns: Sequence[str]
    """Fields of 一人一档 in which somebody may be called dead."""
    relatives: re.Pattern[str]
    aside_sheets: re.Pattern[str]
    """Sheets of who is gone, of samples, of what counts no more."""
    kept_sheets: re.Pattern[str]
    """... unless its name says that they are left out: 已剔除死亡."""
    ditto_words: frozenset[str]
    header_ends: tuple[str, ...]
    """Of headers that are no names of persons."""
    shown: re.Pattern[str]
    """Words that name nobody and may be shown of a cell that is wrong."""
    no_phone_words: frozenset[str]
    dead_phone_words: Sequence[str]
    section_ends: tuple[str, ...]
    village_ends: tuple[str, ...]
    village_kinds: tuple[str, ...]
    """Words before such an end that name no village, alone or together."""
    titles: Mapping[str, Mapping[str, str]]
    cache: dict[tuple[Template, str], tuple[str, int]] = field(default_factory=dict, compare=False)
    chosen: dict[tuple[str, str], str] = field(default_factory=dict, compare=False)
    marks: dict[tuple[str, str], bool | None] = field(default_factory=dict, compare=False)
    """What cells of yes-or-no columns say, as they come."""

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
        return frozenset(one.value for one in self.values[table]) - {UNCLEAR, ASIDE}

    def choose(self, table: str, text: str) -> str:
        """就业（企业） -> employed; empty where that is not certain."""
        key = (table, text)
        if (chosen := self.chosen.get(key)) is None:
            chosen = choose(self.values[table], text, self.denials, state=table not in DEEDS)
            if len(self.chosen) < 10_000:
                self.chosen[key] = chosen
        return chosen


DEEDS = frozenset({"service_kind", "service_how", "paid_state"})
"""Closed columns of what was done, not of what somebody is."""
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
    groups = {name: _rule(one) for name, one in data["groups"].items()}
    return Columns(
        fields,
        {Template(key): [one.split("|") for one in table["needs"]] for key, table in data["templates"].items()},
        {Template(key): _instead(table) for key, table in data["templates"].items()},
        aliases,
        sorted(data["prefixes"], key=len, reverse=True),
        tuple(data["other_persons"]),
        tuple(data["other_names"]),
        frozenset(data["others_more"]),
        {table: longest_first(words) for table, words in data["values"].items()},
        groups,
        any_of([word for rule in groups.values() for some in rule.all_words for word in some]),
        read_denials(data["denials"]),
        read_wishing(data["wishing"]),
        frozenset(data["yes_words"]),
        frozenset(data["no_words"]),
        frozenset(data["total_words"]),
        frozenset(data["note_words"]),
        frozenset(data["sample_words"]),
        data["gone_words"],
        tuple(data["gone_ends"]),
        data["gone_notes"],
        data["gone_columns"],
        any_of(data["relatives"]),
        any_of(data["aside_sheets"]),
        any_of(data["kept_sheets"]),
        frozenset(data["ditto_words"]),
        tuple(data["header_ends"]),
        any_of(_shown_words(data)),
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
        tuple(map(str, one.get("yes", ()))),
        tuple(one.get("neither", ())),
        one.get("numbered", False),
        one.get("span", False),
    )


def _shown_words(data: Mapping[str, Any]) -> list[str]:
    """Of two characters or more: shorter ones may be of a name."""
    words = [word for table in data["values"].values() for some in table.values() for word in some]
    words += [word for name in ("yes_words", "no_words", "gone_ends", "ditto_words") for word in data[name]]
    words += [word for some in data["denials"].values() for word in some]
    words += [word for rule in data["groups"].values() for some in rule.get("in", {}).values() for word in some]
    return [bare for word in words if len(bare := str(word).lstrip("=~")) >= 2]


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


def _rule(one: Mapping[str, Any]) -> GroupRule:
    return GroupRule(
        one.get("in", {}),
        one.get("not", ()),
        one.get("filled", ()),
        one.get("choice", {}),
        one.get("marked", ()),
        one.get("unless", ""),
    )
