"""The title of each chart: what it shows, decided by rules from the same numbers that it draws. Pure.

The words are in `templates/console/tickets/findings.html`, one sentence a `name`. A finding never says more than its
numbers: two equal ones are not "the most", and one week is no trend.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from handlers.tickets.figures import Durations

RUN = 2
"""Weeks in a row that are a trend."""
RISE = 3
"""As many more, and half as many again, are a rise worth naming."""
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Finding:
    name: str
    data: Mapping[str, Any] = field(default_factory=dict)


def about_weeks(received: Sequence[int], answered: Sequence[int]) -> Finding:
    """Of whole weeks, the oldest first."""
    if not any(received) and not any(answered):
        return Finding("weeks_none")
    for name, more, less in (("weeks_gain", answered, received), ("weeks_lose", received, answered)):
        run = 0
        while run < len(more) and more[-1 - run] > less[-1 - run]:
            run += 1
        if run >= RUN:
            return Finding(name, {"weeks": run, "more": sum(more[-run:]) - sum(less[-run:])})
    return Finding("weeks_last", {"received": received[-1], "answered": answered[-1]})


@dataclass(frozen=True)
class Load:
    """What one has in hand; nobody's too."""

    name: str
    """Empty: nobody."""
    open: int
    overdue: int


def about_loads(loads: Sequence[Load]) -> Finding:
    if not any(load.open for load in loads):
        return Finding("load_none")
    late = [load for load in loads if load.overdue]
    if len(late) == 1:
        return Finding("load_overdue_one", {"overdue": late[0].overdue, "name": late[0].name})
    if late:
        held, unclaimed = (sum(load.overdue for load in late if bool(load.name) is named) for named in (True, False))
        holders = sum(1 for load in late if load.name)
        data = {"overdue": held + unclaimed, "holders": holders, "held": held, "unclaimed": unclaimed}
        return Finding("load_overdue", data)
    in_hand = {load.name: load.open for load in loads if load.name}
    top_name = only_most(in_hand)
    if top_name is None:
        return Finding("load_even", {"most": max(in_hand.values(), default=0)})
    return Finding("load_top", {"name": top_name, "open": in_hand[top_name]})


def about_answers(times: Mapping[Key, Durations | None], late: Mapping[Key, int]) -> Finding:
    """How long answers took by category, and how many of each came after their deadline."""
    return _about_times("answers", times, late)


def about_contacts(times: Mapping[Key, Durations | None], late: Mapping[Key, int]) -> Finding:
    return _about_times("contacts", times, late)


def _about_times(what: str, times: Mapping[Key, Durations | None], late: Mapping[Key, int]) -> Finding:
    known = {key: found for key, found in times.items() if found is not None}
    if not known and not any(late.values()):
        return Finding(f"{what}_none")
    if not any(late.values()):
        return Finding(f"{what}_in_time", {"ninety": max(found.ninety for found in known.values())})
    worst = only_most(late)
    data = {"late": sum(late.values()), "kinds": sum(1 for count in late.values() if count)}
    if worst is None:
        return Finding(f"{what}_late", data)
    return Finding(f"{what}_worst", {**data, "key": worst, "count": late[worst]})


def about_heat(now: Mapping[Key, int], before: Mapping[Key, int]) -> Finding:
    """Cells by place and category: what rose most, else what there is most of."""
    if not any(now.values()):
        return Finding("heat_none")
    rises = {key: count - before.get(key, 0) for key, count in now.items() if is_rise(count, before.get(key, 0))}
    if (top := only_most(rises)) is not None:
        return Finding("heat_rise", {"key": top, "more": rises[top]})
    if (top := only_most(now)) is not None:
        return Finding("heat_most", {"key": top, "count": now[top]})
    return Finding("heat_even", {"most": max(now.values())})


def about_breaches(counts: Mapping[Key, int]) -> Finding:
    total = sum(counts.values())
    if not total:
        return Finding("breach_none")
    if (top := only_most(counts)) is not None:
        return Finding("breach_most", {"total": total, "key": top, "count": counts[top]})
    return Finding("breach_even", {"total": total})


def about_voices(heard: int, solved: int, silent: int) -> Finding:
    if not heard:
        return Finding("voice_silent", {"silent": silent}) if silent else Finding("voice_none")
    if silent > heard:
        return Finding("voice_more_silent", {"heard": heard, "silent": silent})
    if solved == heard:
        return Finding("voice_all", {"heard": heard})
    return Finding("voice_some", {"heard": heard, "unsolved": heard - solved})


def is_rise(count: int, before: int) -> bool:
    return count - before >= RISE and count * 2 >= before * 3


def only_most(counts: Mapping[Key, int]) -> Key | None:
    """The key of the largest number, if there is one alone."""
    largest = max(counts.values(), default=0)
    top = [key for key, count in counts.items() if count == largest]
    return top[0] if largest and len(top) == 1 else None
