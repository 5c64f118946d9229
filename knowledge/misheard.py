"""Places written as they sound, by voice input or a slip of the pen: 红湖 for 洪湖, 五汉 for 武汉.

Only the places of our documents and the well-known ones (provinces, prefectures) are heard, where a place is plainly
spoken of. An ordinary word that sounds like one is never taken for it; where it stands for one perhaps, it is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from knowledge.phrases import AroundPlaces, phrases
from knowledge.pinyin import syllable


@dataclass(frozen=True)
class Heard:
    code: str
    length: int
    sure: bool
    """False where the characters are an ordinary word too."""


def sounds(name: str) -> tuple[str, ...]:
    return tuple(map(syllable, name))


class Hearing:
    """Hears places; built once."""

    def __init__(
        self,
        own: Mapping[str, str],
        known: Mapping[str, str],
        *,
        ordinary: Iterable[str] = (),
        rare: Iterable[str] = (),
        tails: Mapping[str, str] | None = None,
    ) -> None:
        """Short name -> code: `own` places have documents, `known` ones are well known; `ordinary` words are no place,
        `rare` ones of them are where somebody says to be from there.

        `tails`: code -> what its official name adds (省, 市, 县), by which even an ordinary word is that place.
        """
        self._tails = tails or {}
        self._own = _by_sound(own)
        self._known = _by_sound(known)
        self._ordinary = frozenset(ordinary)
        self._rare = frozenset(rare)
        self._names = frozenset({*own, *known})
        lengths: dict[str, set[int]] = {}
        for key in (*self._own, *self._known):
            lengths.setdefault(key[0], set()).add(len(key))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def hear(self, text: str, at: int, *, alone: bool) -> Heard | None:
        """The place that sounds as the characters from `at` on; `alone`: nothing but a place is expected."""
        for length in self._lengths.get(syllable(text[at]), ()):
            written = text[at : at + length]
            if len(written) < length or written in self._names:
                continue
            key = sounds(written)
            code = self._own.get(key) or self._known.get(key)
            if code and (sure := self._is_place(text, at, length, code, alone=alone)) is not None:
                return Heard(code, length, sure)
        return None

    def _is_place(self, text: str, at: int, length: int, code: str, *, alone: bool) -> bool | None:
        """Whether a place is spoken of there: 我是红湖的, 五汉市, 红湖的补贴. None: it is not; False: perhaps."""
        around, own = phrases(AroundPlaces), code in self._own.values()
        written, before, after = text[at : at + length], text[:at], text[at + length :]
        if around.no_name.search(written):
            return None
        ends = bool(around.place_after.match(after))
        lives = ends and bool(around.of_place.search(before) or around.in_place.search(before))
        suffixed = bool(around.suffix.match(after))
        begins = not before or not before[-1].isalnum() or bool(around.place_before.search(before))
        spoken_of = own and begins and (ends or bool(around.asked_of.match(after)))
        if written in self._ordinary:
            named = own and after.startswith(self._tails.get(code) or "\0")
            from_there = written in self._rare and around.of_place.search(before) and around.of_there.match(after)
            return (named or bool(own and from_there)) or (False if own and (lives or spoken_of) else None)
        return lives or suffixed or spoken_of or (alone and not before and not after) or None


def _by_sound(names: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """Sound -> code, of sounds that stand for one place alone."""
    found: dict[tuple[str, ...], set[str]] = {}
    for name, code in names.items():
        found.setdefault(sounds(name), set()).add(code)
    return {key: next(iter(codes)) for key, codes in found.items() if len(codes) == 1}
