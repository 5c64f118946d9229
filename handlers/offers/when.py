"""Dates and times in every form people write: 下周六, 腊月二十, 5月3号上午, 2026.12.5-12.7 -> a span of time. Pure.

`now` is passed in; days are days in Asia/Shanghai. A date without a year is the next one, today counted.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.clock import LOCAL
from handlers.offers.days import AFTER, N, find_day, number


@dataclass(frozen=True)
class Span:
    """A stretch of time, in local time."""

    start: datetime
    end: datetime | None
    """The last moment; None where only a beginning was said."""
    timed: bool
    """Whether a time of day was said."""

    @property
    def last(self) -> datetime:
        """The end of what may be meant: of a beginning alone, the end of its day."""
        return self.end or datetime.combine(self.start.date(), time(23, 59, 59), LOCAL)


TO = r"\s*(?:-|—|–|~|到|至)+\s*"
PARTS: dict[str, tuple[int, int]] = {
    "凌晨": (0, 6),
    "清早": (6, 9),
    "清晨": (6, 9),
    "早晨": (6, 9),
    "早上": (6, 9),
    "上午": (8, 12),
    "中午": (11, 14),
    "下午": (12, 18),
    "午后": (12, 18),
    "傍晚": (17, 19),
    "晚上": (18, 22),
    "夜里": (19, 23),
    "早": (6, 9),
    "晚": (18, 22),
}
"""Part of the day -> the hours it is meant for."""
AFTERNOON = frozenset({"下午", "午后", "傍晚", "晚上", "夜里", "晚"})
EARLIEST_BARE = 7
"""三点 without a part of the day is in the afternoon; nobody holds a course at three in the morning."""
BEFORE = re.compile(r"(?:节|假)?(?:之|以)?前(?![台面边头天])")
BEHIND = re.compile(r"(?:节|假)?(?:之|以)?后(?![台面边头天])")
INCLUSIVE = re.compile(r"底|末|旬")


def _to_day(text: str, at: int, first: date) -> tuple[date, int] | None:
    """到7日, -12.7: the last day of a range that begins on `first`."""
    joint = re.compile(TO).match(text, at)
    if joint is None:
        return None
    found = find_day(text, first, joint.end())
    if found is not None and found[1] == joint.end():
        return found[0][1], found[2]
    bare = re.compile(rf"({N})(?:日|号)?(?![\d:点时])").match(text, joint.end())
    if bare is None or not bare[1].isdigit():
        return None
    try:
        last = first.replace(day=int(bare[1]))
    except ValueError:
        return None
    return (last, bare.end()) if last >= first else None


# -- times of day -------------------------------------------------------------------------------------------

PART = "|".join(sorted(PARTS, key=len, reverse=True))
CLOCK = re.compile(
    rf"(?P<part>{PART})?的?\s*(?P<h>{N})"
    rf"(?:[:：](?P<mm>\d\d)|[点时](?!间|候)(?P<rest>半|[一1]刻|[三3]刻|{N}分?)?(?:钟|整)?)"
)
PART_ALONE = re.compile(rf"(?P<part>{PART})")


def _clock(m: re.Match[str], part: str, after: time | None = None) -> time:
    """Raises ValueError for 25:00."""
    hour, rest = number(m["h"]), m["rest"] or ""
    minute = int(m["mm"] or 0)
    if rest == "半":
        minute = 30
    elif rest.endswith("刻"):
        minute = 15 if rest[0] in "一1" else 45
    elif rest:
        minute = number(rest.rstrip("分"))
    in_words = m["mm"] is None
    noon = part == "中午" and hour <= 2
    if hour < 12 and (part in AFTERNOON or noon or (not part and in_words and hour < EARLIEST_BARE)):
        hour += 12
    found = time(hour, minute)
    if after is not None and found <= after and hour < 12:
        found = time(hour + 12, minute)  # 上午9点到4点
    return found


def _times(text: str) -> tuple[time, time | None] | None:
    """The first time of day in a text, and where it ends."""
    hit = CLOCK.search(text)
    if hit is None:
        part = PART_ALONE.search(text)
        return None if part is None else (time(PARTS[part[1]][0]), time(PARTS[part[1]][1]))
    first = _clock(hit, hit["part"] or "")
    joint = re.compile(TO).match(text, hit.end())
    second = CLOCK.match(text, joint.end()) if joint else None
    last = _clock(second, second["part"] or "", first) if second else None
    return first, last if last is None or last > first else None


# -- all of it ----------------------------------------------------------------------------------------------


def read_when(text: str, now: datetime) -> Span | None:
    """The first time that a text names; None if it names none."""
    today = now.astimezone(LOCAL).date()
    words = unicodedata.normalize("NFKC", text[:200])
    found = find_day(words, today)
    try:
        times = _times(words[found[2] :] if found else words)
    except ValueError:
        times = None
    if found is None:
        if times is None or CLOCK.search(words) is None:
            return None
        first = last = today
        at = 0
    else:
        (first, last), start, at = found
        if (more := _to_day(words, at, last)) is not None:
            last, at = more
        elif hit := BEFORE.match(words, at):
            keep = INCLUSIVE.search(words[start:at])
            first, last, at = min(today, first), last if keep else first - timedelta(days=1), hit.end()
        elif hit := BEHIND.match(words, at):
            first, last, at = last + timedelta(days=1), last + timedelta(days=AFTER), hit.end()
    return _span(first, max(first, last), times)


def _span(first: date, last: date, times: tuple[time, time | None] | None) -> Span:
    if times is None:
        return Span(datetime.combine(first, time(), LOCAL), datetime.combine(last, time(23, 59, 59), LOCAL), False)
    begin, end = times
    start = datetime.combine(first, begin, LOCAL)
    if end is not None or last > first:
        return Span(start, datetime.combine(last, end or time(23, 59, 59), LOCAL), True)
    return Span(start, None, True)


def read_moment(text: str, now: datetime) -> tuple[datetime, bool] | None:
    """One moment as forms, files and JSON hold it: ISO first, then as people write. -> when, has a time of day"""
    words = unicodedata.normalize("NFKC", text).strip()
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        span = read_when(words, now)
        return None if span is None else (span.start, span.timed)
    timed = re.search(r"\d[T ]\d", words) is not None
    return (at if at.tzinfo else at.replace(tzinfo=LOCAL)).astimezone(LOCAL), timed
