"""Which of the columns of a sheet are read: one for each field, and none that speaks of somebody else. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from handlers.people.ledger.columns import Columns, Field, Kind, Template, normalise

_NAMES_OTHERS = frozenset({"helper", "contact_name"})
_ASKS = ("是否", "有无", "本人")
_OWN = ("本人", "户主", "个人", "渔民", "退捕渔民", "申请人", "参保人", "成员", "家庭成员")


@dataclass(frozen=True)
class Column:
    """A column of the sheet that is read."""

    index: int
    field: str
    header: str
    """As the file calls it."""


def is_others(header: str, columns: Columns) -> bool:
    """Whether a column, or the columns below it, are about somebody else: 帮扶责任人姓名, 紧急联系人."""
    bare = _bare(header)
    return bare.endswith(columns.other_names) and not bare.startswith(_ASKS) and bare not in columns.prefixes


def of_others(named: Sequence[Column], columns: Columns, fields: Mapping[str, Field]) -> dict[int, str]:
    """Places of columns that speak of whoever is named before them -> their header with that name's.

    A number is somebody else's only where the person has one elsewhere; a firm's phone only where the person has one.
    `named`: all columns of the sheet in order; `field` is empty where nothing is known of one.
    """
    if not any(one.field == "name" for one in named):
        return {}  # a contact may stand for the person then
    numbers = sum(one.field == "id_number" for one in named)
    found: dict[int, str] = {}
    between: list[Column] = []
    whose: Column | None = None
    had: set[str] = set()
    for one in named:
        kind = fields[one.field].kind if one.field else Kind.TEXT
        names_other = one.field in _NAMES_OTHERS or (kind is Kind.TEXT and is_others(one.header, columns))
        if names_other or (whose is None and one.field == "employer" and "phone" in had):
            whose, between = one, []
            continue
        if whose is not None and not one.header.startswith(_OWN):
            own_number = numbers == 1 or ("name" in had and "id_number" not in had)
            if kind is Kind.PHONE:
                found |= {column.index: f"{whose.header}/{column.header}" for column in (*between, one)}
                continue
            if one.field in ("gender", "birth", "relation") or (one.field == "id_number" and not own_number):
                found[one.index] = f"{whose.header}/{one.header}"
                continue
            if _bare(one.header) in columns.others_more:
                between.append(one)
                continue
        whose = None
        if one.field == "name" and "name" in had:
            had.clear()  # a second roster beside the first
        had.add(one.field)
    return found


def _bare(header: str) -> str:
    """帮扶责任人（1）姓名 -> 帮扶责任人."""
    text = re.sub(r"\([^()]*\)|[0-9]+$", "", normalise(header.rpartition("/")[2]))
    return re.sub(r"(?:姓名|名字|名称)?[0-9]*$", "", text)


def find_beside(known: Sequence[tuple[int, Column]]) -> int:
    """Where names and numbers begin anew, called as before; 0 where they do not."""
    first: dict[tuple[str, str], int] = {}
    again: dict[str, int] = {}
    for _, column in known:
        if first.setdefault((column.field, column.header), column.index) != column.index:
            again.setdefault(column.field, column.index)
    return min(again.values()) if {"name", "id_number"} <= again.keys() else 0


def one_of_each(
    known: Sequence[tuple[int, Column]], columns: Columns, template: Template
) -> tuple[list[Column], list[str]]:
    """Of several columns for one field the one that is called so most plainly; of phones all."""
    fields = columns.fields[template]
    newest: dict[str, int] = {}
    for _, column in known:
        newest[column.field] = max(newest.get(column.field, 0), year_of(column.header))
    best: dict[str, Column] = {}
    for _, column in sorted(known, key=lambda one: one[0]):
        if year_of(column.header) in (0, newest[column.field]):
            best.setdefault(column.field, column)
    found: list[Column] = []
    repeated: list[str] = []
    for _, column in known:
        kind = fields[column.field].kind
        if best[column.field] is column or kind is Kind.PHONE:
            found.append(column)
        elif kind is not Kind.SKIP:
            repeated.append(column.header)
    return found, repeated


def year_of(header: str) -> int:
    """Of 就业状态(2024年) 2024; 0 where none is said."""
    years = re.findall(r"20[0-9]{2}(?=年|\))", normalise(header))
    return max(map(int, years), default=0)


def stand_in_for(
    found: Sequence[Column], columns: Columns, template: Template, unknown: Sequence[str]
) -> tuple[list[Column], bool]:
    """Columns that stand for those which the sheet has not; and whether a name does beside a number of its own."""
    made = list(found)
    by_householder = False
    for rule in columns.instead[template]:
        have = {one.field for one in made}
        first = next(iter(rule.fields))
        if first in have or rule.fields[first] not in have or rule.unless in have:
            continue
        if rule.needs and rule.needs not in have:
            continue
        own_number = "id_number" in have and "id_number" in rule.fields
        like = any(word in header for header in unknown for word in rule.unless_like)
        # Two numbers, the holder of one named: whose the other is nobody says.
        if own_number and (rule.fields["id_number"] in have or like):
            continue
        by_householder = by_householder or (rule.once and own_number)
        swap = {source: name for name, source in rule.fields.items() if name not in have}
        made = [replace(one, field=swap.get(one.field, one.field)) for one in made]
    return made, by_householder
