"""Where the points of a chart lie, as shares of its box; the words stand in HTML. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TICKS = 3


@dataclass(frozen=True)
class Lines:
    """Two lines in a box of 100 by 100, from zero."""

    ticks: tuple[int, ...]
    """Numbers beside the box, the highest first."""
    paths: tuple[str, ...]
    points: tuple[str, ...]


def draw_lines(*series: Sequence[int]) -> Lines:
    most = max((number for one in series for number in one), default=0)
    step = _round_up(most / TICKS)
    top = step * TICKS
    paths, points = [], []
    for one in series:
        across = max(len(one) - 1, 1)
        placed = [f"{100 * place / across:.2f} {100 - 100 * number / top:.2f}" for place, number in enumerate(one)]
        paths.append("M" + "L".join(placed))
        points.append("".join(f"M{point}h0" for point in placed))
    return Lines(tuple(step * tick for tick in range(TICKS, -1, -1)), tuple(paths), tuple(points))


def _round_up(number: float) -> int:
    """To 1, 2, 5, 10, 20, 50 and so on."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if step >= number:
                return step
        size *= 10


def heat_step(count: int, most: int) -> int:
    """Of four steps, by the share of the hottest: 0 for the coolest."""
    share = count / most if most else 0
    return 3 if share > 0.75 else 2 if share > 0.4 else 1 if share > 0.15 else 0
