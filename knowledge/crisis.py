"""Signs that somebody is in danger (crisis.yaml): explicit, so that staff can read why an alarm was raised.

Recall first: a sign counts wherever it stands in a message. Figures of speech (累死了, 想死你们了) are taken out
before; a kind's `unless` stops it where the message only asks about a rule.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any

import yaml

from knowledge.language import plain, sound

try:
    from yaml import CSafeLoader as YamlLoader
except ImportError:  # libyaml is missing on some builds; the pure loader is only slower
    from yaml import SafeLoader as YamlLoader  # type: ignore[assignment]


class Crisis(StrEnum):
    """What kind of danger; the first three are the route crisis, the others an urgent grievance."""

    SELF_HARM = "self_harm"
    VIOLENCE = "violence"
    GATHERING = "gathering"
    HELD = "held"
    DANGER = "danger"
    MASS_ARREARS = "mass_arrears"

    @property
    def is_grievance(self) -> bool:
        return self in (Crisis.HELD, Crisis.DANGER, Crisis.MASS_ARREARS)


@dataclass(frozen=True)
class Alarm:
    """A sign found in a message."""

    kind: Crisis
    words: str
    """The words that raised it; never logged."""


@dataclass(frozen=True)
class _Signs:
    kind: Crisis
    lone: tuple[re.Pattern[str], ...]
    """One of these is enough; apart, as each alone is scanned for by its first character: twice as fast."""
    joint: tuple[re.Pattern[str], ...]
    """One of each is needed."""
    heard: tuple[str, ...]
    """Phrases as they sound, for what voice input misspells."""
    unless: re.Pattern[str] | None


class Alarms:
    """All signs; immutable."""

    def __init__(self, figures: re.Pattern[str] | None, signs: Sequence[_Signs]) -> None:
        self.figures = figures
        self._signs = tuple(signs)

    def without_figures(self, words: str) -> str:
        """Standard words (`plain`) without the strong ones that mean no harm."""
        return self.figures.sub("～", words) if self.figures else words

    def find(self, text: str) -> Alarm | None:
        """The gravest sign in a text, in the order of crisis.yaml."""
        words = self.without_figures(re.sub(r"\s+", "", plain(text)))
        heard = heard_as(words)
        for signs in self._signs:
            found = _found(signs, words, heard)
            if found and not (signs.unless and signs.unless.search(words)):
                return Alarm(signs.kind, found)
        return None


def _found(signs: _Signs, words: str, heard: str) -> str:
    """The words that are a sign; empty if none is."""
    for pattern in signs.lone:
        if match := pattern.search(words):
            return match[0]
    found: list[str] = []
    for pattern in signs.joint:
        if not (match := pattern.search(words)):
            break  # the others are not looked for: most messages are no danger
        found.append(match[0])
    else:
        if found:
            return "…".join(found)
    return next((phrase.strip() for phrase in signs.heard if phrase in heard), "")


def heard_as(words: str) -> str:
    """Words as voice input hears them: syllables between blanks."""
    return f" {' '.join(sound(character) for character in words if character.isalnum())} "


def load_alarms() -> Alarms:
    """The signs of crisis.yaml."""
    data: dict[str, Any] = yaml.load((files("knowledge") / "crisis.yaml").read_text("utf-8"), Loader=YamlLoader)
    words: dict[str, str] = data["words"]

    def pattern(shapes: Sequence[str]) -> re.Pattern[str] | None:
        """One pattern for all shapes, with {name} replaced by its group of words."""
        whole = "|".join(f"(?:{shape})" for shape in shapes)
        for name, group in words.items():
            whole = whole.replace(f"{{{name}}}", group)
        return re.compile(whole) if shapes else None

    signs = [
        _Signs(
            Crisis(kind),
            lone=tuple(filter(None, (pattern([shape]) for shape in shapes.get("any", ())))),
            joint=tuple(filter(None, map(pattern, shapes.get("all", ())))),
            heard=tuple(heard_as(phrase) for phrase in shapes.get("heard", ())),
            unless=pattern(shapes.get("unless", ())),
        )
        for kind, shapes in data["kinds"].items()
    ]
    return Alarms(pattern(data["figures"]), signs)
