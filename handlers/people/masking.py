"""Name and phone of a person, as lists for staff show them by default."""

from __future__ import annotations

from typing import Protocol

from bot.sealing import Sealer, mask_name, mask_phone


class Sealed(Protocol):
    """A `Person`, or its row."""

    @property
    def name(self) -> bytes | None: ...

    @property
    def phone(self) -> bytes | None: ...


def half_hidden(sealer: Sealer, person: Sealed) -> tuple[str, str]:
    """-> name and phone, each empty where there is none"""
    return (
        mask_name(sealer.open(person.name, "person.name")) if person.name else "",
        mask_phone(sealer.open(person.phone, "person.phone")) if person.phone else "",
    )
