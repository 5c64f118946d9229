"""The words of notices, on buttons, in lists and as reasons: `templates/replies/notices/labels.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml


@lru_cache(maxsize=1)
def _labels() -> dict[str, Any]:
    text = (files("templates") / "replies" / "notices" / "labels.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def label(group: str, name: str) -> str:
    """`label("kind", "fair")` -> 招聘会; what the group does not hold stands for itself."""
    return str(_labels()[group].get(name, name))


def names_of(group: str) -> Mapping[str, str]:
    """Id -> words."""
    found: dict[str, str] = _labels()[group]
    return found
