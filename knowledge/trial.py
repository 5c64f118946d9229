"""The retrieval part of `shangan knowledge check`: do questions find what they must, and nothing else?

Asks must find their own matter; left-out asks and generated questions are measured against floors. Results are
kept beside the compiled classifiers, named by what went into them, so that an unchanged record is not tried again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from knowledge.answers import PolicyBook
from knowledge.compiled import keep_bytes, kept_bytes
from knowledge.faults import Fault
from knowledge.generated import Generator, Outcome
from knowledge.heldout import Confusion, HeldOut, examples_for, try_asks
from knowledge.language import concepts, plain
from knowledge.loader import shipped_policies
from knowledge.matcher import digest
from knowledge.notours import Foreign, load_foreign
from knowledge.policy import Policy
from knowledge.regions import Regions, load_regions
from knowledge.shelf import build_shelves

LEFT_OUT_FLOORS = {
    "hainan-2023-poverty-prevention": 0.68,
    "honghu-2023-fishers": 0.71,
    "luozhuang-2016-poverty-relief": 0.78,
    "wuhan-2021-employment-support": 0.69,
    "yangzhou-2023-rural-bases": 0.74,
}
"""Share of a document's asks that find their matter when left out of what is learned."""
LEFT_OUT_FLOOR = 0.60
"""For documents that are not named above: their first asks, by one hand, find less."""
GENERATED_FLOORS = {
    "no figure for an aspect not stated": 0.93,
    "an aspect not stated is said so": 0.87,
    "a matter only other places hold": 0.85,
    "a place one goes to": 0.96,
    "two levels of one place": 0.97,
    "two places": 0.97,
    "a misspelt place": 0.92,
    "a mistyped ask": 0.97,
}
KNOWN_CONFUSIONS = {
    "雨露计划+": "the plus sign is no word; 雨露计划 and 雨露计划+ are told together",
    "雨露计划+ 对象": "as above",
}
"""Asks that may find another matter than their own, and why that harms nobody."""
SHOWN = 5
"""Examples shown of what a measured share lacks."""
ASKED_ON = date(2026, 1, 1)
"""Generated questions ask on a fixed day; which one does not matter to what is found."""


def run(policies: Sequence[Policy], folder: Traversable | None = None) -> tuple[list[Fault], list[str]]:
    """Try all documents: (what is refused, lines that sum up)."""
    folder = folder or shipped_policies()
    foreign = load_foreign()
    regions = load_regions(frozenset(policy.document.region for policy in policies))
    faults = list(alias_faults(regions))
    summary: list[str] = []
    for policy in policies:
        found, line = try_document(policy, policies, foreign, folder)
        faults += found
        summary.append(line)
    key = [code_digest("."), *(policy.model_dump_json() for policy in policies), repr(foreign)]
    outcomes = {
        name: Outcome(**kept)
        for name, kept in remembered(
            "generated",
            key,
            lambda: {
                name: asdict(outcome)
                for name, outcome in Generator(PolicyBook(build_shelves(policies, foreign), regions), ASKED_ON)
                .run()
                .items()
            },
        ).items()
    }
    for name, outcome in outcomes.items():
        floor = GENERATED_FLOORS[name]
        summary.append(f"{name}: {outcome.good}/{outcome.asked} = {outcome.share:.3f} (floor {floor})")
        faults += [Fault("generated questions", 0, f"{name}: {line}") for line in outcome.forbidden]
        if outcome.share < floor:
            faults.append(Fault("generated questions", 0, f"{name}: {outcome.share:.3f} is below the floor {floor}"))
            faults += [Fault("generated questions", 0, f"such as {line}") for line in outcome.wrong[:SHOWN]]
    return faults, summary


def try_document(
    policy: Policy, policies: Sequence[Policy], foreign: Sequence[Foreign], folder: Traversable
) -> tuple[list[Fault], str]:
    """One document's asks, as learned and left out."""
    examples = examples_for(policy, [other for other in policies if other is not policy], foreign)
    kept = remembered(
        "heldout",
        [digest(examples), code_digest("heldout.py")],
        lambda: asdict(try_asks(policy, examples)),
    )
    tried = HeldOut(kept["asks"], tuple(Confusion(**one) for one in kept["confusions"]), kept["left_out"])
    where = f"{policy.id}/asks.txt"
    lines = line_numbers(folder / policy.id / "asks.txt")
    faults = [
        Fault(where, lines.get(one.ask, 1), f"“{one.ask}” finds {one.found}, not its own {one.wanted}")
        for one in tried.confusions
        if one.ask not in KNOWN_CONFUSIONS and not is_silent_too(one)
    ]
    floor = LEFT_OUT_FLOORS.get(policy.id, LEFT_OUT_FLOOR)
    if tried.asks and tried.left_out < floor:
        faults.append(Fault(where, 1, f"left out, {tried.left_out:.3f} of the asks find their matter; floor {floor}"))
    found = tried.asks - len(tried.confusions)
    return faults, (
        f"{policy.document.place} {policy.id}: {found}/{tried.asks} asks find their own matter, "
        f"left out {tried.left_out:.3f} (floor {floor})"
    )


def is_silent_too(confusion: Confusion) -> bool:
    """Whether the ask of a silence finds a matter of another body or place: the same answer, that it is not stated."""
    return confusion.wanted.startswith("~") and confusion.found.startswith(("!", "?"))


def line_numbers(path: Traversable) -> dict[str, int]:
    """Ask -> its line in asks.txt."""
    if not path.is_file():
        return {}
    return {line.strip(): number for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)}


# --- places


def alias_faults(regions: Regions, path: Traversable | None = None) -> Iterator[Fault]:
    """Aliases of places claimed twice, pointing nowhere, or that are words people use for something else."""
    path = path or files("knowledge") / "divisions" / "aliases.yaml"
    where = f"divisions/{path.name}"
    node = yaml.compose(path.read_text("utf-8"), Loader=yaml.SafeLoader)
    claimed: dict[str, str] = {}
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        alias, code, line = str(key.value), str(value.value), key.start_mark.line + 1
        if alias in claimed:
            yield Fault(where, line, f"{alias} is claimed twice: {claimed[alias]} and {code}")
        claimed[alias] = code
        if not regions.name(code):
            yield Fault(where, line, f"{alias}: {code} is no division")
        if alias in regions.ordinary or concepts(alias):
            yield Fault(where, line, f"{alias} is an ordinary word too")
        elif plain(alias) != alias:
            yield Fault(where, line, f"{alias} is a dialect word: it is read as {plain(alias)}, never as a place")


# --- what was found before


@cache
def code_digest(name: str) -> str:
    """A digest of one file or folder of this package, data included."""
    sums = hashlib.sha256()
    root = Path(__file__).parent
    start = root / name
    paths = sorted(start.rglob("*")) if start.is_dir() else [start]
    for path in paths:
        if path.is_file() and path.suffix in (".py", ".yaml", ".tsv", ".txt") and "policies" not in path.parts:
            sums.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return sums.hexdigest()


def remembered(kind: str, key: Sequence[str], compute: Callable[[], Any]) -> Any:
    """The JSON-able result kept for this key, or computed and kept."""
    name = f"{hashlib.sha256(repr(list(key)).encode()).hexdigest()[:24]}.json"
    if (data := kept_bytes(kind, name)) is not None:
        try:
            return json.loads(data)
        except ValueError:
            pass  # cut off by a crash: made again
    data = json.dumps(compute(), ensure_ascii=False).encode()
    keep_bytes(kind, name, data)
    return json.loads(data)
