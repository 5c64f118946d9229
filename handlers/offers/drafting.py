"""What somebody wrote of an offer, in a form, a table or JSON -> a `Draft`, with what could not be read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from bot.clock import LOCAL
from bot.staff.roles import is_region_id
from handlers.offers.days import find_day
from handlers.offers.offer import DETAILS, Draft, Kind, end_of_day
from handlers.offers.when import read_moment, read_when
from handlers.people.trades import load_trades
from knowledge.numerals import to_digits
from knowledge.regions import Regions

KINDS = {
    **{str(kind): kind for kind in Kind},
    **dict.fromkeys(("招聘会", "招工会", "活动", "job_fair", "双选会"), Kind.FAIR),
    **dict.fromkeys(("岗位", "招工", "招聘", "工作", "职位", "job"), Kind.VACANCY),
    **dict.fromkeys(("培训班", "培训", "课程", "班", "课", "training"), Kind.COURSE),
}
TOWN = re.compile(r"[\u4e00-\u9fff]{2,4}(?:镇|乡|街道)(?!子|[\u4e00-\u9fff]?口)")
ALIKE = 0.6
"""How much a town's name must be like what was written, to be meant by it."""
UNLIMITED = frozenset({"", "不限", "无", "没有", "不限制", "若干", "none", "null"})


def read_draft(written: Mapping[str, Any], *, regions: Regions, home: str, now: datetime) -> Draft:
    """`home`: the region of whoever wrote it, where none is named. What is wrong stands in `faults`."""
    fields = {name: _words(value) for name, value in written.items()}
    faults: dict[str, str] = {}
    kind = KINDS.get(fields.get("kind", "").lower())
    if kind is None:
        faults["kind"] = "unknown" if fields.get("kind") else "missing"
    region = _region(fields.get("region", ""), home, regions)
    if region is None:
        faults["region"] = "unknown"
    place = fields.get("place", "")
    starts, ends, timed = _times(fields, faults, now)
    pay_from, pay_to = _pay(fields, faults)
    policy, _, provision = fields.get("clause", "").partition(".")
    trade = fields.get("trade", "")
    return Draft(
        kind=kind or Kind.FAIR,
        title=fields.get("title", ""),
        region=region or "",
        place=place,
        site=_site(place, region or home, regions),
        starts=starts,
        ends=ends,
        closes=_closes(fields, faults, now),
        timed=timed,
        seats=_seats(fields, faults),
        trade=_trade(trade, fields.get("title", ""), kind, faults),
        employer=fields.get("employer", ""),
        pay_from=pay_from,
        pay_to=pay_to,
        policy=fields.get("policy", "") or policy,
        provision=fields.get("provision", "") or provision,
        details={name: fields[name] for name in DETAILS if fields.get(name)},
        misspelt=misspelt_in(place, region or home, regions),
        faults=faults,
    )


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFKC", str(value))
    return "".join(c for c in text if c >= " " or c == "\n").strip()


def _region(words: str, home: str, regions: Regions) -> str | None:
    if not words:
        return home or None
    if is_region_id(words):
        return words if regions.name(words) else None
    return regions.resolve_whole(words)


def _site(place: str, region: str, regions: Regions) -> str:
    """The smallest division that the words name; else the region itself."""
    found = [mention.code for mention in regions.find(place, near=region)]
    return max(found, key=lambda code: len(regions.ancestors(code)), default=region)


def misspelt_in(place: str, region: str, regions: Regions) -> tuple[tuple[str, str], ...]:
    """Towns that are named and are none there, each with the one that is spelt most like it: 罗山镇, 螺山镇."""
    from rapidfuzz import process
    from rapidfuzz.distance import Indel

    towns = [name for code, name in regions.names.items() if len(code) == 9 and region and code.startswith(region[:6])]
    found = []
    for hit in TOWN.finditer(place):
        written = re.split("[省市县区]", hit[0])[-1]
        if any(written.endswith(name) for name in towns) or regions.find(written, near=region):
            continue
        near = process.extractOne(written, towns, scorer=Indel.normalized_similarity, score_cutoff=ALIKE)
        if near is not None:
            found.append((written, near[0]))
    return tuple(found)


def _times(
    fields: Mapping[str, str], faults: dict[str, str], now: datetime
) -> tuple[datetime | None, datetime | None, bool]:
    said, said_end = fields.get("starts", ""), fields.get("ends", "")
    starts = ends = None
    timed = True
    if said:
        if (read := read_moment(said, now)) is None:
            faults["starts"] = "unreadable"
        else:
            starts, timed = read
            span = read_when(said, now)
            if not said_end and span is not None and span.start == starts and span.end != end_of_day(starts):
                ends = span.end  # 12月5日 9:00-16:00 says both
    if said_end:
        ends, end_timed = _end(said_end, starts, now)
        if ends is None:
            faults["ends"] = "unreadable"
        timed = timed and (starts is not None or end_timed)
    return starts, ends, timed


def _end(words: str, starts: datetime | None, now: datetime) -> tuple[datetime | None, bool]:
    today = now.astimezone(LOCAL).date()
    if starts is not None and find_day(words, today) is None and (span := read_when(words, now)) is not None:
        return datetime.combine(starts.astimezone(LOCAL).date(), span.start.time(), LOCAL), True  # 下午4点, that day
    if (read := read_moment(words, now)) is None:
        return None, False
    at, timed = read
    return (at if timed else end_of_day(at)), timed


def _closes(fields: Mapping[str, str], faults: dict[str, str], now: datetime) -> datetime | None:
    if not (words := fields.get("closes", "")):
        return None
    if (read := read_moment(words, now)) is None:
        faults["closes"] = "unreadable"
        return None
    at, timed = read
    return at if timed else datetime.combine(at.date(), time(23, 59, 59), LOCAL)


def _number(words: str) -> int | None:
    found = re.fullmatch(r"[^\d]{0,3}(\d{1,7})(?:\.0+)?\s*(?:个|名|人|元|块|/月)?[^\d]{0,4}", to_digits(words))
    return int(found[1]) if found else None


def _seats(fields: Mapping[str, str], faults: dict[str, str]) -> int | None:
    words = fields.get("seats", "")
    if words.lower() in UNLIMITED:
        return None
    if (found := _number(words)) is None:
        faults["seats"] = "unreadable"
    return found


def _pay(fields: Mapping[str, str], faults: dict[str, str]) -> tuple[int | None, int | None]:
    """4000, 4000-6000, 四千以上, 面议 -> from, to."""
    found: list[int | None] = []
    for name in ("pay_from", "pay_to"):
        words = re.sub(r"(?<=\d),(?=\d{3})", "", to_digits(fields.get(name, "")))
        both = re.fullmatch(r"\D{0,4}(\d{3,6})\s*(?:元|块)?\s*(?:-|—|–|~|到|至)+\s*(\d{3,6})\D{0,4}", words)
        if both and name == "pay_from" and not fields.get("pay_to"):
            return int(both[1]), int(both[2])
        if not words or words in ("面议", "面谈", *UNLIMITED):
            found.append(None)
        elif (number := _number(words)) is None:
            faults[name] = "unreadable"
            found.append(None)
        else:
            found.append(number)
    return found[0], found[1]


def _trade(words: str, title: str, kind: Kind | None, faults: dict[str, str]) -> str:
    """By its id, by what people say, else from the title."""
    trades = load_trades()
    if words in trades.names:
        return words
    if words:
        if found := trades.find(words):
            return found[0]
        faults["trade"] = "unknown"
        return ""
    found = trades.find(title) if kind is not Kind.FAIR else ()
    return found[0] if found else ""
