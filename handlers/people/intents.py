"""How another dialogue lets this one go on with a turn: hand-overs by name, with their slots."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from bot.dialogue import HandOver

DIALOGUE = "people"


class Intent(StrEnum):
    OPT = "opt"
    """The words are about messages of ours: no more of them, or again."""
    NOTICE = "notice"
    """Their question has its answer; if they told of themselves, ask whether that is to be kept."""
    ASK_NOTICES = "ask_notices"
    """Something was done for which notices are useful; ask once whether they want them."""
    KEEP_TOLD = "keep_told"
    """The interview has ended; ask whether its answers are to be kept."""


def opt() -> HandOver:
    return HandOver(DIALOGUE, {"intent": str(Intent.OPT)})


def notice() -> HandOver:
    """After an answer. Says nothing where there is nothing new, or where it was asked within the week."""
    return HandOver(DIALOGUE, {"intent": str(Intent.NOTICE)})


def ask_notices() -> HandOver:
    """After a registration, or an answer about an offer. Says nothing where it was answered or asked before."""
    return HandOver(DIALOGUE, {"intent": str(Intent.ASK_NOTICES)})


def keep_told(facts: Mapping[str, Any]) -> HandOver:
    """`facts`: name of `asker.yaml` -> yes, no or a figure."""
    return HandOver(DIALOGUE, {"intent": str(Intent.KEEP_TOLD), "facts": dict(facts)})
