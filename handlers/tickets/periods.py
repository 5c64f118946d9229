"""When something was: 三月到五月, 去年腊月, 开春到现在, 三个月 -> the words kept, days where they are certain. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date

from handlers.tickets.facts import Period
from handlers.tickets.money import read_sum

N = r"(?:\d{1,2}|十[一二]?|[一二三四五六七八九两])"
DAY = "[一二三]?十?[一二三四五六七八九十]"
YEAR = (
    r"(?:大前年|前年|去年|今年|当年|(?<!\d)20\d\d年?|二[〇零]?[〇零]?[一二][一二三四五六七八九零〇]年|二[一二三四五六]年|"
    r"(?<!\d)2\d年)"
)
LUNAR = r"(?:腊月|正月|冬月|农历|阴历|旧历)"
SEASON = (
    r"(?:开春|春天|春上|夏天|热天|秋天|冬天|年初|年头|年中|年底|年末|年尾|上半年|下半年|过年|春节|过完年|年前|年后|清明|五一|端午|"
    r"中秋|八月十五|国庆|十一(?![点个月天岁人号户万千])|元旦|暑假|寒假|麦收|秋收|割麦|双抢|腊月|正月|元宵|封湖|禁捕|退捕|上岸|疫情)"
)
_SO_FAR = r"(?:到|至)(?:现在|今天|如今|今|目前|眼下)|至今|以来|开始|起"
_RANGE = re.compile(
    rf"(?P<y1>{YEAR})?(?:的)?(?P<l1>{LUNAR})?(?P<m1>{N})月?份?(?:底|初|中旬)?(?:\d{{1,2}}[号日])?(?:做|干|一直|拖|欠|工作|上班)?\s*(?:到|至|-|—|~|～|开始到|起到|一直到)+"
    rf"\s*(?P<y2>{YEAR})?(?P<l2>{LUNAR})?(?P<m2>{N})月(?:份)?"
)
_MIXED = re.compile(
    rf"(?:{YEAR})?(?:{SEASON}|{LUNAR}|{N}月份?)(?:底|初)?(?:到|至|一直到)(?:{YEAR})?(?:{SEASON}|{N}月份?)(?:底|初)?"
)
_SINCE_MONTH = re.compile(
    rf"(?P<y>{YEAR})?(?P<l>{LUNAR})?(?P<m>{N})月份?(?:初|底|中旬|\d{{1,2}}[号日])?(?:开始|起|以来|(?:一直)?(?:到|至)(?:现在|今天|今|目前)|后)"
)
_SO_FAR_FROM = re.compile(rf"(?:{YEAR})?(?:{SEASON})?(?:{_SO_FAR})")
_MONTH = re.compile(rf"(?P<y>{YEAR})(?P<l>{LUNAR})?(?P<m>{N})月份?(?:(?P<d>\d{{1,2}}|{DAY})[号日])?")
_LONE_MONTH = re.compile(
    rf"(?<![\d一二三四五六七八九十第个])(?P<m>{N})月份?(?!工资条|内)(?:(?P<d>\d{{1,2}}|{DAY})[号日])?"
)
_LAST_MONTH = re.compile(r"(?P<far>上上|上)个?月")
_YEAR_PART = re.compile(rf"(?:{YEAR})(?:{SEASON})")
_YEAR = re.compile(rf"(?P<y>{YEAR})")
_SEASON = re.compile(rf"(?:{SEASON})(?!转产|证|渔)")
_LENGTH = re.compile(
    r"(?:整整|快|将近|差不多|拖了|等了|欠了|干了|都)?(?P<n>大?半年|[俩仨]月|一年半|1年半|半个月|[一二三四五六七八九两几]{2}个?月|"
    r"(?:\d{1,3}|[一二三四五六七八九十两百]{1,4}|好几|几)(?:个多?|多个?|来个)?(?P<u>月|年|天|星期|礼拜|周))(?:多|半)?(?![前后底初末份岁级终轻龄薪])"
)
_NO_LENGTH = re.compile(r"(?:满|签|做满|干满|合同|期限|以内|之内|超过|每|第|一天|培训|学了|学)$")
_ZH = dict(zip("一二三四五六七八九十", range(1, 11), strict=True)) | {"两": 2, "零": 0, "〇": 0}


def find_period(text: str, today: date) -> Period | None:
    """The span a text tells of, the most exact one first; None if it tells of none."""
    for shape, make in _READERS:
        for match in shape.finditer(text):
            if found := make(match, today):
                return found
    return None


def _range(match: re.Match[str], today: date) -> Period | None:
    first, last = _month(match["m1"]), _month(match["m2"])
    words = match[0]
    if not first or not last:
        return None
    if match["l1"] or match["l2"]:
        return Period(words)
    y2 = _year(match["y2"], today) if match["y2"] else None
    y1 = _year(match["y1"], today) if match["y1"] else None
    if y1 is None and y2 is None:
        y2 = today.year if date(today.year, last, 1) <= today else today.year - 1
    if y2 is None:
        y2 = (y1 or 0) + (last < first)
    if y1 is None:
        y1 = y2 - (last < first)
    start, end = date(y1, first, 1), date(y2, last, monthrange(y2, last)[1])
    return Period(words, start, end) if start <= end else Period(words)


def _since_month(match: re.Match[str], today: date) -> Period | None:
    month = _month(match["m"])
    if not month:
        return None
    if match["l"]:
        return Period(match[0])
    return Period(match[0], date(_year_of(match["y"], month, today), month, 1))


def _one_month(match: re.Match[str], today: date) -> Period | None:
    month = _month(match["m"])
    if not month:
        return None
    groups = match.groupdict()
    if groups.get("l"):
        return Period(match[0])
    year = _year_of(groups.get("y"), month, today)
    day = _small(groups["d"]) if groups.get("d") else None
    last = monthrange(year, month)[1]
    if day and 1 <= day <= last:
        return Period(match[0], date(year, month, day), date(year, month, day))
    return Period(match[0], date(year, month, 1), date(year, month, last))


def _last_month(match: re.Match[str], today: date) -> Period | None:
    back = 2 if match["far"] == "上上" else 1
    year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
    return Period(match[0], date(year, month + 1, 1), date(year, month + 1, monthrange(year, month + 1)[1]))


def _one_year(match: re.Match[str], today: date) -> Period | None:
    year = _year(match["y"], today)
    if year is None:
        return Period(match[0])
    if match.string[match.end() : match.end() + 2] in ("到现", "至今", "到今"):
        return Period(match[0] + "至今", date(year, 1, 1))
    return Period(match[0], date(year, 1, 1), min(today, date(year, 12, 31)))


def _words(match: re.Match[str], _today: date) -> Period | None:
    bare = re.fullmatch(_SO_FAR, match[0])
    return None if bare or len(match[0]) < 2 else Period(match[0])


def _length(match: re.Match[str], _today: date) -> Period | None:
    if _NO_LENGTH.search(match.string[max(0, match.start() - 4) : match.start()]):
        return None
    words, unit = match["n"], match["u"]
    if unit in ("天", "星期", "礼拜", "周") or words == "半个月":
        return Period(match[0])
    months = {"半年": 6, "一年半": 18, "1年半": 18, "俩月": 2, "仨月": 3}.get(words)
    if months is None and unit and not words.startswith(("好", "几")):
        parsed = read_sum(words, 0)
        if parsed and not parsed[1] and words[parsed[2] :].lstrip("个") == unit:
            months = int(parsed[0]) * (12 if unit == "年" else 1)
    return Period(match[0], months=months if months and match[0].endswith(words) else None)


def _year_of(words: str | None, month: int, today: date) -> int:
    """The year named, else the one in which this month was last."""
    if words and (year := _year(words, today)):
        return year
    return today.year if month <= today.month else today.year - 1


def _year(words: str, today: date) -> int | None:
    words = words.rstrip("年") if words[0] in "2二" else words
    back = {"今年": 0, "去年": 1, "前年": 2, "大前年": 3}.get(words)
    if back is not None:
        return today.year - back
    digits = "".join(str(_ZH.get(c, c)) for c in words)
    if not digits.isdecimal():
        return None
    year = int(digits) if len(digits) == 4 else 2000 + int(digits[-2:])
    return year if 2000 <= year <= today.year else None


def _month(words: str) -> int | None:
    number = _small(words)
    return number if number and 1 <= number <= 12 else None


def _small(words: str) -> int | None:
    if words.isdecimal():
        return int(words)
    parsed = read_sum(words, 0)
    return int(parsed[0]) if parsed and parsed[2] == len(words) else None


_Reader = Callable[[re.Match[str], date], Period | None]
_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_RANGE, _range),
    (_MIXED, _words),
    (_SINCE_MONTH, _since_month),
    (_MONTH, _one_month),
    (_YEAR_PART, _words),
    (_SO_FAR_FROM, _words),
    (_LAST_MONTH, _last_month),
    (_YEAR, _one_year),
    (_LONE_MONTH, _one_month),
    (_LENGTH, _length),
    (_SEASON, _words),
)
