"""asks.txt: the questions that must find a matter, under `# target` headers, one a line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from knowledge.policy import Aspect, Target


class Asks(tuple[str, ...]):
    """The asks under one header; remembers the header's line."""

    line: int = 1


@dataclass(frozen=True)
class AskFile:
    """What an asks.txt holds."""

    groups: tuple[tuple[Target, Asks], ...]
    faults: tuple[tuple[int, str], ...]
    """(line, what is wrong)."""


def parse_asks(text: str) -> AskFile:
    faults: list[tuple[int, str]] = []
    groups: list[tuple[Target, Asks]] = []
    target: Target | None = None
    lines: list[str] = []
    start = 1

    def close() -> None:
        if target is not None:
            asks = Asks(lines)
            asks.line = start
            groups.append((target, asks))

    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if line.startswith("#"):
            close()
            start, lines = number, []
            try:
                target = parse_target(line.lstrip("#").split()[0] if line.strip("# ") else "")
            except ValueError as error:
                target = None
                faults.append((number, str(error)))
        elif line:
            if target is None and not faults:
                faults.append((number, "an ask before any # header"))
            lines.append(line)
    close()
    return AskFile(tuple(groups), tuple(faults))


@lru_cache(maxsize=4096)
def parse_target(header: str) -> Target:
    """`provision`, `provision.fact`, `provision!aspect` or `~silence`."""
    if header.startswith("~"):
        return Target(silence=header[1:])
    if "!" in header:
        provision, aspect = header.split("!", 1)
        if aspect not in set(Aspect):
            raise ValueError(f"{aspect!r} is no aspect ({', '.join(Aspect)})")
        return Target(provision=provision, missing=Aspect(aspect))
    provision, _, fact = header.partition(".")
    if not provision:
        raise ValueError("an empty # header")
    return Target(provision=provision, fact=fact or None)


def target_key(target: Target) -> str:
    """The header again."""
    if target.silence:
        return f"~{target.silence}"
    if target.missing:
        return f"{target.provision}!{target.missing}"
    return f"{target.provision}.{target.fact}" if target.fact else str(target.provision)
