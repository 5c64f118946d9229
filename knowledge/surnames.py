"""Surnames (lexicon/surnames.yaml): what a name begins with."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml

AROUND = 6
"""Characters before a given name that are looked at."""


@cache
def surname_shape() -> str:
    """The alternatives of a pattern, the double ones first: 欧阳|司马|[赵钱孙…]."""
    data = yaml.safe_load((files("knowledge") / "lexicon" / "surnames.yaml").read_text("utf-8"))
    return "|".join([*data["double"], f"[{''.join(data['single'].split())}]"])


@cache
def _before_given() -> re.Pattern[str]:
    data = yaml.safe_load((files("knowledge") / "lexicon" / "surnames.yaml").read_text("utf-8"))
    return re.compile(rf"(?:{data['before']})(?![{data['words']}])(?:{surname_shape()})$")


@cache
def _after_given() -> re.Pattern[str]:
    data = yaml.safe_load((files("knowledge") / "lexicon" / "surnames.yaml").read_text("utf-8"))
    return re.compile(data["after"])


def is_given_name(text: str, start: int, end: int) -> bool:
    """Whether what stands there is the given name of somebody: 秀英 in 李秀英13987654321, 文昌 in 我叫张文昌."""
    before = ("，" + text[:start])[-AROUND:]
    return bool(_before_given().search(before)) and (end == len(text) or bool(_after_given().match(text, end)))
