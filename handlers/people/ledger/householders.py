"""Householders who are named beside their members and have no row of their own: they are told, not imported. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.people.ledger.rows import Reading


class Householders:
    """Of each number only what tells it apart is kept, so that many rows take little."""

    def __init__(self, *, wanted: bool) -> None:
        """`wanted`: whether the ledger is one of persons."""
        self._wanted = wanted
        self._own: set[int] = set()
        self._first: dict[int, tuple[int, int]] = {}

    def note(self, place: int, row: int, reading: Reading) -> None:
        if not self._wanted:
            return
        if reading.number:
            self._own.add(hash(reading.number))
        if reading.householder and (key := hash(reading.householder)) not in self._own:
            self._first.setdefault(key, (place, row))

    def apart(self) -> Iterator[tuple[int, int]]:
        """(place of the sheet, row) where each of them is named first."""
        return (where for key, where in self._first.items() if key not in self._own)
