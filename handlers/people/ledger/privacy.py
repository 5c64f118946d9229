"""What of a person stands on screens and in sheets: half hidden, unless somebody may have it whole."""

from __future__ import annotations

import re

from bot.sealing import Sealer, mask_id, mask_name, mask_phone
from handlers.people.ledger.persons import ID_NUMBER, NAME, PHONE

_LONG_NUMBER = re.compile(r"[0-9][0-9 -]{5,}[0-9xX]")


class Masked:
    def __init__(self, sealer: Sealer, *, unmasked: bool = False) -> None:
        self._sealer = sealer
        self._unmasked = unmasked

    def name(self, sealed: bytes | None) -> str:
        name = self._sealer.open(sealed, NAME) if sealed is not None else ""
        return name if self._unmasked else mask_name(name)

    def phone(self, sealed: bytes | None) -> str:
        phone = self._sealer.open(sealed, PHONE) if sealed is not None else ""
        return self.say_phone(phone)

    def id_number(self, sealed: bytes | None) -> str:
        number = self._sealer.open(sealed, ID_NUMBER) if sealed is not None else ""
        return number if self._unmasked or not number else mask_id(number)

    def id_text(self, number: str) -> str:
        return number if self._unmasked else mask_id(number)

    def birth(self, day: str) -> str:
        """1968-01-03 -> 1968."""
        return day if self._unmasked else day[:4]

    def whole(self, text: str) -> str:
        """What names a household or where it lives: all or nothing."""
        return text if self._unmasked else ""

    def say_phone(self, phone: str) -> str:
        return phone if self._unmasked or not phone else mask_phone(phone)

    def say_name(self, name: str) -> str:
        return name if self._unmasked else mask_name(name)

    def words(self, text: str, names: tuple[str, ...] = ()) -> str:
        """Free words: numbers in them, and these names."""
        if self._unmasked:
            return text
        for name in names:
            text = text.replace(name, mask_name(name)) if name else text
        return _LONG_NUMBER.sub("****", text)
