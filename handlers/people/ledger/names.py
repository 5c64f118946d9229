"""What stands in a column of names and is no name of one person: two persons, 同上, a village. Pure; `names.yaml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from handlers.people.ledger.cells import Cell, plain
from handlers.people.ledger.values import BadValue
from knowledge.faults import read_yaml
from knowledge.surnames import surname_shape


@dataclass(frozen=True)
class _Words:
    nobody: frozenset[str]
    not_one: tuple[str, ...]
    places: tuple[str, ...]
    place_ends: tuple[str, ...]


@lru_cache(maxsize=1)
def _load() -> _Words:
    data = read_yaml((files("handlers.people.ledger") / "names.yaml").read_text("utf-8"))
    return _Words(frozenset(data["nobody"]), tuple(data["not_one"]), tuple(data["places"]), tuple(data["place_ends"]))


@lru_cache(maxsize=1)
def _person() -> re.Pattern[str]:
    """A surname and one or two characters more; 李家村 is a place."""
    return re.compile(f"(?:{surname_shape()})(?!家.).{{1,2}}")


def is_place(name: str) -> bool:
    """Whether it is called as villages are, and as hardly anybody is."""
    said = _load()
    if name.endswith(said.places):
        return True
    return name.endswith(said.place_ends) and len(name) > 1 and not _person().fullmatch(name)


def check_name(cell: Cell) -> None:
    """What can be read as a name and is none. Raises BadValue: name_two, name_bad."""
    text = plain(cell)
    if " " in text and _are_two(text.split(" ")):
        raise BadValue("name_two")
    name = re.sub(r"\([^()]*\)|\s", "", text)
    said = _load()
    if name in said.nobody or ("·" not in name and is_place(name)):
        raise BadValue("name_bad")
    if any(name.endswith(end) and len(name) >= len(end) + 2 for end in said.not_one):
        raise BadValue("name_bad")


def _are_two(parts: list[str]) -> bool:
    """张八 李九, below or beside each other: each a whole name; 欧阳 明亮 and 阿依古丽 买买提 are one."""
    names = [bare for part in parts if (bare := re.sub(r"\(.*|[、,;/]", "", part))]
    if len(names) < 2 or re.fullmatch(surname_shape(), names[0]):
        return False
    return all(re.fullmatch(rf"(?:{surname_shape()})[\u4e00-\u9fff]{{1,2}}", name) for name in names)
