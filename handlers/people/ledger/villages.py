"""One village, one name: 中 原 村, 中原村委会 and, where it is certain, 中原 are 中原村. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

_COMMITTEE = re.compile(r"(?<=.)(村|社区)[村居]?民?委(?:员)?会$")
_BETWEEN = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")


def village_name(text: str) -> str:
    """Without spaces between its characters and without the committee."""
    return _COMMITTEE.sub(r"\1", _BETWEEN.sub("", " ".join(text.split())))


def full_name(said: str, before: str, known: Collection[str], ends: tuple[str, ...]) -> str:
    """A name without its end gets the one of the village that is known: of the person's `before`, or of the only one
    of the township that is called so. What was said `before` without an end stays.
    """
    if said == before or not said or said.endswith(ends):
        return said
    whole = [said + end for end in ends]
    if before in whole:
        return before
    found = [name for name in whole if name in known]
    return found[0] if len(found) == 1 else said
