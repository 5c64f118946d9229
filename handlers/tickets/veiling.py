"""A conversation as staff read it: names and numbers half hidden, though the person told them to us."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.messages import Shown, Speaker
from handlers.tickets.ledger import hide
from handlers.tickets.persons import find_name
from handlers.tickets.words import load_words


def veil(shown: Sequence[Shown], name: str) -> list[Shown]:
    """The same with names and numbers half hidden: that they were told to us is no reason to show them to all."""
    names = {name} | {_own_name(message.text) for message in shown if message.speaker is Speaker.YOU}
    names = {found for found in names if len(found) > 1}
    return [
        replace(message, text=hide(message.text, names), data=_hidden(message.data, names))
        if message.speaker is not Speaker.STAFF
        else message
        for message in shown
    ]


def _own_name(text: str) -> str:
    return find_name(text, load_words(), has_phone=False)


def _hidden(value: Any, names: Iterable[str]) -> Any:
    if isinstance(value, str):
        return hide(value, names)
    if isinstance(value, Mapping):
        return {key: _hidden(item, names) for key, item in value.items()}
    return [_hidden(item, names) for item in value] if isinstance(value, list | tuple) else value
