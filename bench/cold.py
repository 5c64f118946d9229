"""What a cold `shangan ask` takes: a new process, everything read, one answer."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from bench.table import Row

RUNS = 5
AIM = 2.0
ASK = (sys.executable, "-m", "bot", "ask", "厂里招人有没有补贴", "--region", "洪湖市", "--json")
BARE = (sys.executable, "-c", "import numpy, pydantic, yaml, jinja2, typer")


def seconds_of(command: tuple[str, ...]) -> float:
    """The median of several runs, after one that fills the caches."""
    taken = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


def rows() -> list[Row]:
    took, floor = seconds_of(ASK), seconds_of(BARE)
    return [Row("cold `shangan ask`", took, "s", "its imports alone", floor, "≤ 2", took <= AIM)]
