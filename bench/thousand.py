"""A thousand documents: the five, each for two hundred other counties with other figures; load, answers, memory."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from bench.table import Row
from knowledge import compiled
from knowledge.answers import Context, PolicyBook
from knowledge.loader import load_policies
from knowledge.notours import load_foreign
from knowledge.policy import Policy
from knowledge.regions import load_regions, short_name
from knowledge.shelf import build_shelves

DOCUMENTS = 1000
QUESTIONS = 1500
SEED = 20260302
TODAY = date(2026, 11, 23)
WITHOUT_PLACE, NAMED_PLACE = 0.05, 0.10
"""Shares of questions without a known place, and with another place named in them."""
AIM_LOAD, AIM_P99, AIM_MEMORY = 10.0, 40.0, 800.0
PATIENCE = 600


def counties() -> Iterator[tuple[str, str]]:
    """(code, name) of counties that no shipped document is for or speaks of, each name once."""
    regions = load_regions()
    policies = load_policies()
    said = "".join(policy.source + policy.asks_text for policy in policies)
    seen = {policy.document.place for policy in policies}
    for code, name in regions.names.items():
        if len(code) == 6 and not code.endswith("00") and len(name) > 2 and name not in seen:
            seen.add(name)
            if short_name(name) not in said:
                yield code, name


def figures_of(policy: Policy, shift: int) -> dict[str, str]:
    """Digits of the document's money and percentages -> others, the same in every file."""
    changed: dict[str, str] = {}
    for provision in policy.provisions:
        for fact in provision.facts:
            value = fact.value.money or fact.value.percent if fact.value else None
            if value and value == int(value):
                changed[f"{int(value)}"] = f"{int(value) + shift * (10_000 if value >= 10_000 else 1)}"
                if value >= 10_000 and value % 10_000 == 0:
                    changed[f"{int(value) // 10_000}万"] = f"{int(value) // 10_000 + shift}万"
    return changed


def vary(folder: Path, policy: Policy, code: str, name: str, shift: int, into: Path) -> None:
    """One document for another county with other figures."""
    place, own = policy.document.place, short_name(load_regions().name(policy.document.region))
    figures = figures_of(policy, shift)
    numbers = re.compile(
        r"(?<![\d.])(?:" + "|".join(sorted(map(re.escape, figures), key=len, reverse=True)) + r")(?![\d.])"
    )
    into.mkdir()
    for file in ("policy.yaml", "asks.txt", "source.txt"):
        text = (folder / file).read_text("utf-8")
        text = text.replace(f'region: "{policy.document.region}"', f'region: "{code}"')
        text = text.replace(place, name).replace(own, short_name(name))
        if figures:
            text = numbers.sub(lambda found: figures[found[0]], text)
        (into / file).write_text(text, "utf-8")


def generate(root: Path, count: int = DOCUMENTS) -> None:
    shipped = Path(str(files("knowledge") / "policies"))
    policies = load_policies()
    for number, (code, name) in zip(range(count), counties(), strict=False):
        policy = policies[number % len(policies)]
        shift = number // len(policies) % 40 + 1
        vary(shipped / policy.id, policy, code, name, shift, root / f"{policy.id}-{code}")


def asked(policies: tuple[Policy, ...], chosen: random.Random) -> Iterator[tuple[str, str | None]]:
    """Questions of people in these places: (words, region)."""
    while True:
        policy = chosen.choice(policies)
        _, asks = chosen.choice([group for group in policy.asks if group[1]])
        words, dice = chosen.choice(asks), chosen.random()
        if dice < WITHOUT_PLACE:
            yield words, None
        elif dice < WITHOUT_PLACE + NAMED_PLACE:
            yield f"{policy.document.place}{words}", chosen.choice(policies).document.region
        else:
            yield words, policy.document.region


def measure(root: Path) -> dict[str, Any]:
    """In a process of its own: load, answer, and what memory that takes."""
    start = time.perf_counter()
    policies = load_policies(root)
    regions = load_regions(frozenset(policy.document.region for policy in policies))
    book = PolicyBook(build_shelves(policies, load_foreign()), regions)
    loaded = time.perf_counter() - start
    sample = random.Random(SEED)
    few = tuple(sample.sample(policies, min(60, len(policies))))  # their asks are read to ask them; all are loaded
    questions = [words for words, _ in zip(asked(few, sample), range(QUESTIONS), strict=False)]
    start = time.perf_counter()
    for shelf in book.shelves:
        shelf.learn()
    learned = time.perf_counter() - start
    taken, slowest = [], ("", 0.0)
    for words, region in questions:
        start = time.perf_counter()
        book.answer(words, Context(TODAY, region))
        taken.append(time.perf_counter() - start)
        slowest = max(slowest, (words, taken[-1]), key=lambda item: item[1])
    taken.sort()
    status = Path("/proc/self/status").read_text()
    rss = int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024
    return {
        "documents": len(policies),
        "classifiers": len({id(shelf.learn) for shelf in book.shelves}),
        "load": loaded,
        "learn": learned,
        "p50": taken[len(taken) // 2] * 1000,
        "p99": taken[int(len(taken) * 0.99)] * 1000,
        "slowest": slowest,
        "memory": rss,
    }


def in_process(root: Path, cache: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.thousand", str(root), str(cache)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def rows() -> list[Row]:
    root = Path(tempfile.mkdtemp(prefix="shangan-thousand-"))
    try:
        documents, cache = root / "policies", root / "cache"
        documents.mkdir()
        generate(documents)
        first = in_process(documents, cache)
        later = in_process(documents, cache)
        five = measure(Path(str(files("knowledge") / "policies")))
    finally:
        shutil.rmtree(root, ignore_errors=True)
    note = (
        f"{later['classifiers']} classifiers; slowest {later['slowest'][1] * 1000:.0f} ms: {later['slowest'][0][:16]}"
    )
    return [
        Row(f"{later['documents']} documents, load", later["load"], "s", "the five", five["load"], "≤ 10",
            later["load"] <= AIM_LOAD, "records kept from the first load"),
        Row("  the very first load", first["load"], "s", "the five", five["load"], "≤ 10", first["load"] <= AIM_LOAD,
            f"learning {first['learn']:.0f} s once, then {later['learn']:.1f} s"),
        Row("  answer, p50", later["p50"], "ms", "the five", five["p50"]),
        Row("  answer, p99", later["p99"], "ms", "the five", five["p99"], "≤ 40", later["p99"] <= AIM_P99, note),
        Row("  resident memory", later["memory"], "MB", "the five", None, "≤ 800", later["memory"] <= AIM_MEMORY),
    ]  # fmt: skip


if __name__ == "__main__":
    documents, cache = map(Path, sys.argv[1:])
    compiled.folders = lambda: [cache]  # what is made of made-up documents is not kept beside the code
    print(json.dumps(measure(documents)))
