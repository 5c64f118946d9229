"""Matters that belong to another body: recognised, so that people are sent to the right door."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from knowledge.faults import read_yaml


@dataclass(frozen=True)
class Foreign:
    """A topic that is not the bureau's."""

    id: str
    what: str
    """渔船补偿"""
    owner: str
    """农业农村局"""
    door: str
    """One spoken sentence: where to go."""
    asks: tuple[str, ...]


def load_foreign() -> tuple[Foreign, ...]:
    """The topics of not_ours.yaml."""
    path = files("knowledge") / "not_ours.yaml"
    data = read_yaml(path.read_text("utf-8"))
    return tuple(Foreign(**{**topic, "asks": tuple(map(str, topic["asks"]))}) for topic in data)
