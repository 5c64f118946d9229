"""The words on our buttons, from `templates/replies/policy/labels.yaml`: a clerk may change them."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from bot.messages import Choice, ChoiceKind


@lru_cache(maxsize=1)
def _labels() -> dict[str, Any]:
    text = (files("templates") / "replies" / "policy" / "labels.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def label(name: str, of: str = "") -> str:
    """A button's words: `label("human")`, `label("next", "how")`."""
    found = _labels()[name]
    return str(found[of] if of else found)


def asked_often() -> tuple[str, ...]:
    """Questions that the menu offers."""
    return tuple(map(str, _labels()["asked_often"]))


KINDS = {"useful": ChoiceKind.USEFUL, "useless": ChoiceKind.USELESS, "original": ChoiceKind.CLAUSE}


def button(name: str, action: str = "", *, of: str = "", quiet: bool = False, **data: Any) -> Choice:
    """A button of the policy dialogue; its action is its name unless another is given."""
    kind = KINDS.get(name, ChoiceKind.STEP)
    return Choice(label(name, of), f"policy:{action or name}", data, quiet=quiet, kind=kind)
