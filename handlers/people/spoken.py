"""Commands of the people service in other words: 你们存了我哪些东西, 把我的都删了, 我的电话换了, 少发点. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from bot.dialogue import Pressed
from handlers.people.profiling import Item
from handlers.people.reading import shapes
from knowledge.language import plain
from knowledge.opting import topics_in
from knowledge.phrases import Shape, read_shapes

LONGEST = 32
"""Characters of such a message; a longer one tells something else, too."""
CHANGES = (Item.PHONE, Item.PLACE, Item.AGE, Item.EMPLOYMENT, Item.SKILLS, Item.GROUPS)
"""What somebody says of that it is another now, or was taken down wrongly."""
DROPS = (*CHANGES, Item.WORK, Item.TRAINING)
"""What somebody says of that it is to go."""
OF_MESSAGES = ("seldom", "stop", "may_stop", "resume", "send_me")
"""What is wished for our messages; the first that fits counts."""


@cache
def command_shapes() -> Mapping[str, Shape]:
    """The shapes of spoken.yaml; raises KnowledgeError with every fault of it."""
    needed = (*OF_MESSAGES, *(f"drop_{item}" for item in DROPS), "another_age", "change_age")
    text = (files("handlers.people") / "spoken.yaml").read_text("utf-8")
    return read_shapes(text, "people/spoken.yaml", needed, needed=needed)


def spoken(text: str) -> Pressed | None:
    """None where the words are no command."""
    if len(text) > LONGEST:
        return None
    words = re.sub(r"[\s，,。.!！?？~～、；;：:'’\"“”]+", "", plain(text))
    return next(_commands(words, text), None) if words else None


def _commands(words: str, text: str) -> Iterator[Pressed]:
    """What `words` may be, the surest first."""
    told, heard = shapes(), command_shapes()
    for name in ("mine", "delete"):
        if told[f"said_{name}"].fullmatch(words):
            yield Pressed(f"people:{name}", {}, text)
    if found := heard["another_age"].fullmatch(words):
        yield Pressed("people:change", {"item": str(Item.AGE), "said": _age_said(found)}, text)
    if heard["change_age"].fullmatch(words):
        yield Pressed("people:change", {"item": str(Item.AGE), "said": ""}, text)
    for item in CHANGES:
        if told[f"changed_{item}"].fullmatch(words):
            yield Pressed("people:change", {"item": str(item)}, text)
    for item in DROPS:
        if heard[f"drop_{item}"].fullmatch(words):
            yield Pressed("people:ask_drop", {"item": str(item)}, text)
    for name in OF_MESSAGES:
        if heard[name].fullmatch(words):
            yield Pressed(f"people:{name}", {"topics": sorted(map(str, topics_in(words)))}, text)


def _age_said(found: re.Match[str]) -> str:
    """The right one of 我不是三十六是三十七, as it would be said alone."""
    years = next(value for value in found.groupdict().values() if value)
    return f"{years}的" if years.endswith("年") else years if "年" in years else f"{years.rstrip('周岁')}岁"
