"""Whether a row with somebody's number is about somebody else: numbers that slipped by a row hold, too. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.staff.roles import Scope


def is_another(said: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Of two rows with another name each, as the ledgers have them.

    A name set right keeps the phone, the village or the household. One of which no character is left, or with
    another phone and another place as well, is somebody else's.
    """
    name, old = str(said.get("name", "")), str(before.get("name", ""))
    if not name or not old:
        return False
    phones, places, households = _phones(said, before), _places(said, before), _same("householder", said, before)
    if True in (phones, places, households):
        return False
    return not set(name) & set(old) or (phones is False and places is False)


def _phones(said: Mapping[str, Any], before: Mapping[str, Any]) -> bool | None:
    """Whether one is the same; None where one of both has none."""
    new, old = (
        {phone for column in ("phone", "household_phone") for phone in row.get(column, ())} for row in (said, before)
    )
    return bool(new & old) if new and old else None


def _places(said: Mapping[str, Any], before: Mapping[str, Any]) -> bool | None:
    village = _same("village", said, before)
    region = _same("region", said, before)
    if region is False and _within(str(said["region"]), str(before["region"])):
        region = None
    # A township has thousands: it tells apart, and does not tell that somebody is the same.
    return False if village is False or region is False else village


def _within(one: str, other: str) -> bool:
    return Scope(one).covers(other) or Scope(other).covers(one)


def _same(field: str, said: Mapping[str, Any], before: Mapping[str, Any]) -> bool | None:
    new, old = said.get(field), before.get(field)
    return new == old if new and old else None
