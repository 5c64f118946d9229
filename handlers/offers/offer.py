"""The rules about offers: kinds, states, the table of moves, what is complete, which limits are forbidden. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.clock import LOCAL
from bot.errors import UserFacingError


class Kind(StrEnum):
    FAIR = "fair"  # 招聘会
    VACANCY = "vacancy"  # 岗位
    COURSE = "course"  # 培训班


class State(StrEnum):
    OPEN = "open"  # 可以报名
    FULL = "full"  # 满了，还可以排队
    CLOSED = "closed"  # 报名截止
    PAST = "past"  # 已经结束
    CANCELLED = "cancelled"  # 取消了


class Move(StrEnum):
    FILL = "fill"
    FREE = "free"
    CLOSE = "close"
    REOPEN = "reopen"
    PASS = "pass"  # noqa: S105  # an act, no password
    CANCEL = "cancel"


@dataclass(frozen=True)
class Step:
    origins: frozenset[State]
    target: State


COMING = frozenset({State.OPEN, State.FULL, State.CLOSED})
"""What still lies ahead."""
TAKING = frozenset({State.OPEN, State.FULL})
"""Whoever wants to may still come in, or wait in line."""

MOVES: dict[Move, Step] = {
    Move.FILL: Step(frozenset({State.OPEN}), State.FULL),
    Move.FREE: Step(frozenset({State.FULL}), State.OPEN),
    Move.CLOSE: Step(TAKING, State.CLOSED),
    Move.REOPEN: Step(frozenset({State.CLOSED, State.PAST}), State.OPEN),
    Move.PASS: Step(COMING, State.PAST),
    Move.CANCEL: Step(COMING, State.CANCELLED),
}
"""From where, to where. FILL, FREE and PASS happen by themselves."""


class Standing(StrEnum):
    """Where somebody stands who registered."""

    IN = "in"  # 报上了
    WAITING = "waiting"  # 排队
    CANCELLED = "cancelled"  # 取消了
    CAME = "came"  # 到场了


ACTIVE = frozenset({Standing.IN, Standing.WAITING})


class OfferMoveRefused(UserFacingError):
    """The table does not hold this move for this state. Data: move, state."""

    code = "offer_move_refused"


def check_move(move: Move, state: State) -> State:
    """The state after it. Raises OfferMoveRefused."""
    step = MOVES[move]
    if state not in step.origins:
        raise OfferMoveRefused(move=str(move), state=str(state))
    return step.target


# -- what is written ----------------------------------------------------------------------------------------

MOST_TITLE, MOST_PLACE, MOST_EMPLOYER, MOST_WORDS = 120, 120, 120, 2000
MOST_SEATS = 100_000
MOST_PAY = 200_000
MOST_TOGETHER = 5
"""Seats that one registration may take: who comes with more is better served by a person."""

DETAILS = ("needs", "meals", "housing", "transport", "hours", "fee", "contact", "bring", "employers", "more")
"""What may be said beside the columns, each in a few words."""


@dataclass(frozen=True)
class Draft:
    """An offer as it was written, all of it read; `faults` says what could not be."""

    kind: Kind
    title: str
    region: str
    """Whose people it is for; a division code."""
    place: str = ""
    """Where, in words."""
    site: str = ""
    """The division code of where; empty where it could not be told."""
    starts: datetime | None = None
    ends: datetime | None = None
    closes: datetime | None = None
    """Until when one can register; None: until it begins (a fair: until it ends)."""
    timed: bool = True
    """False: a day without a time of day."""
    seats: int | None = None
    """None: as many as come."""
    trade: str = ""
    employer: str = ""
    pay_from: int | None = None
    """Yuan a month."""
    pay_to: int | None = None
    policy: str = ""
    provision: str = ""
    """The clause of the allowance: document and provision."""
    details: dict[str, str] = field(default_factory=dict)
    misspelt: tuple[tuple[str, str], ...] = ()
    """Towns in the place that are none there, and the one that is perhaps meant."""
    faults: dict[str, str] = field(default_factory=dict)
    """Field -> code, found while reading: unknown, outside, unreadable."""


class OfferUnfit(UserFacingError):
    """Data: faults, field -> missing, long, unknown, outside, unreadable, past, order, number."""

    code = "offer_unfit"


class OfferDoubtful(UserFacingError):
    """It may be kept after a second look. Data: missing, limits, misspelt; same: number of one like it, or empty."""

    code = "offer_doubtful"


def faults_of(draft: Draft, *, now: datetime, known_start: datetime | None = None) -> dict[str, str]:
    """What must be mended, field -> code. `known_start`: when it began as it stands, which may lie in the past."""
    found = dict(draft.faults)
    for name, words, most in (
        ("title", draft.title, MOST_TITLE),
        ("place", draft.place, MOST_PLACE),
        ("employer", draft.employer, MOST_EMPLOYER),
    ):
        if len(words) > most:
            found.setdefault(name, "long")
    if not draft.title.strip():
        found.setdefault("title", "missing")
    if not draft.region:
        found.setdefault("region", "missing")
    if draft.kind is not Kind.VACANCY and draft.starts is None:
        found.setdefault("starts", "missing")
    if draft.starts and draft.ends and draft.ends < draft.starts:
        found.setdefault("ends", "order")
    if draft.starts and draft.closes and draft.closes > (draft.ends or end_of_day(draft.starts)):
        found.setdefault("closes", "order")
    over = over_at(draft.starts, draft.ends)
    if over is not None and over <= now and draft.starts != known_start:
        found.setdefault("ends" if draft.ends else "starts", "past")
    if draft.seats is not None and not 1 <= draft.seats <= MOST_SEATS:
        found.setdefault("seats", "number")
    for name, pay in (("pay_from", draft.pay_from), ("pay_to", draft.pay_to)):
        if pay is not None and not 1 <= pay <= MOST_PAY:
            found.setdefault(name, "number")
    if draft.pay_from and draft.pay_to and draft.pay_to < draft.pay_from:
        found.setdefault("pay_to", "order")
    for name, words in draft.details.items():
        if len(words) > MOST_WORDS:
            found.setdefault(name, "long")
    return found


NEEDED: dict[Kind, tuple[str, ...]] = {
    Kind.FAIR: ("place", "employers"),
    Kind.VACANCY: ("employer", "trade", "pay_from", "place"),
    Kind.COURSE: ("trade", "place", "seats"),
}
"""What whoever reads it asks first; without it the offer may stand, after a second look."""


@dataclass(frozen=True)
class Limit:
    """Words that shut people out, and the clause that forbids it."""

    name: str
    """sex, age, disability, people, faith, illness, marriage, origin."""
    words: str
    clause: str


@dataclass(frozen=True)
class Shape:
    """How a limit is worded; the clause of one place goes before that of the whole country."""

    name: str
    pattern: re.Pattern[str]
    clause: str
    allowed: re.Pattern[str] | None = None
    """What looks like it and is none."""
    region: str = ""
    """Prefix of the places where this clause holds; empty for all."""


def missing_of(draft: Draft) -> tuple[str, ...]:
    """What is left open that people ask first."""
    return tuple(
        name for name in NEEDED[draft.kind] if not (getattr(draft, name, None) or draft.details.get(name, "").strip())
    )


def limits_in(draft: Draft, shapes: Sequence[Shape]) -> tuple[Limit, ...]:
    """Limits of age, sex, health and descent in what was written; each once."""
    found: dict[str, Limit] = {}
    for text in (draft.title, *draft.details.values()):
        for shape in shapes:
            if shape.name in found or not draft.region.startswith(shape.region):
                continue
            rest = shape.allowed.sub("", text) if shape.allowed else text
            if hit := shape.pattern.search(rest):
                found[shape.name] = Limit(shape.name, hit[0], shape.clause)
    return tuple(found.values())


# -- when ---------------------------------------------------------------------------------------------------

LONG_OPEN = timedelta(days=180)
"""A vacancy without an end is not shown for longer: nobody knows whether it still stands."""


def end_of_day(at: datetime) -> datetime:
    return at.astimezone(LOCAL).replace(hour=23, minute=59, second=59, microsecond=0)


def over_at(starts: datetime | None, ends: datetime | None) -> datetime | None:
    """When it is past; None where nothing says so."""
    return ends or (end_of_day(starts) if starts else None)


def closes_at(kind: Kind, starts: datetime | None, ends: datetime | None, closes: datetime | None) -> datetime | None:
    """Until when one can register: as written; else a course until it begins, anything else until it is over."""
    if closes is not None:
        return closes
    return starts if kind is Kind.COURSE else over_at(starts, ends)


# -- numbers ------------------------------------------------------------------------------------------------


def code_digits(offers: int) -> int:
    """How many digits the next offer's number has: short to say, and at most a fifth of them taken."""
    return 4 if offers < 1_800 else 5 if offers < 18_000 else 6


def check_in_code(offer_id: int, seq: int) -> str:
    """What somebody says at the door: four digits, another for each of an offer; five from the ten thousandth on."""
    # 6007 has no factor in common with 10,000: no two of an offer share a number.
    return f"{(seq * 6007 + offer_id * 37) % 10_000:04}" if seq < 10_000 else f"{seq:05}"
