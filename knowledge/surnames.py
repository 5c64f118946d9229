"""Surnames (lexicon/surnames.yaml): what a name begins with."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml


@cache
def surname_shape() -> str:
    """The alternatives of a pattern, the double ones first: 欧阳|司马|[赵钱孙…]."""
    data = yaml.safe_load((files("knowledge") / "lexicon" / "surnames.yaml").read_text("utf-8"))
    return "|".join([*data["double"], f"[{''.join(data['single'].split())}]"])
