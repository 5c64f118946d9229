"""What a cell means: numbers of persons, phones, dates, years, amounts. Pure; raises BadValue with a code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from handlers.people.ledger.cells import Cell, Number, Number1904, Wrong, plain
from handlers.people.ledger.columns import Columns
from handlers.people.ledger.gone import named_gone
from handlers.people.ledger.identity import BadIdentity, Identity, read_identity
from knowledge.numerals import value_of

EMPTY = frozenset(
    {"", "-", "--", "—", "——", "/", "\\", "无", "没有", "暂无", "未知", "不详", "none", "null", "n/a", "nan", "0"}
)
"""What stands in a cell that holds nothing."""
MOST_ACCOUNT = 30
"""Digits; more are two accounts."""
MOST_YUAN = Decimal(100_000_000)

_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,2}")
_MOBILE = re.compile(r"(?:\+?(?:00)?86)?0?(1[3-9][0-9]{9})")
_LANDLINE = re.compile(r"(?:\+?(?:00)?86)?(0[1-9][0-9]{1,2})?([2-9][0-9]{6,7})(?:(?:转|x|ext)\.?([0-9]{1,6}))?")
_ROUNDED_PHONE = re.compile(r"1[3-9][0-9]{4}0{5}")
_DAY = re.compile(r"(?:19|20)[0-9]{2}(?:[-./年 ]+[0-9]{1,2}[-./月 ]+[0-9]{1,2}日?|(?:0[1-9]|1[0-2])[0-3][0-9])")
_SERIAL = re.compile(r"[1-6][0-9]{4}(?:\.[0-9]+)?")
_NO_DAY = re.compile(r"0{4}[-./年]0{1,2}[-./月]0{1,2}日?|1900[-./年]0?1[-./月]0{1,2}日?|1899[-./年]12[-./月]3[01]日?")
"""Day 0 of the spreadsheets: an empty cell that was counted with."""
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_SERIAL_SINCE = 1980
"""A bare 20193 in a column of anything but births is no day of 1955: somebody left the point out."""
_DIGITS = str.maketrans("〇零一二三四五六七八九○Ｏ", "0012345678900")
_FULL = re.compile(
    r"([0-9]{4}|[0-9]{2})[-./年 ]+([0-9]{1,2})(?:[-./月 ]+([0-9]{1,2})(?:日|号)?|月)?(?:[ T日][0-9:.]+Z?)?"
)
_RUN = re.compile(r"((?:19|20)[0-9]{2})(0[1-9]|1[0-2])([0-3][0-9])?")
_AMERICAN = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/((?:19|20)[0-9]{2})")
_YEAR = re.compile(r"((?:19|20)[0-9]{2})(?:年度?|年份)?")
_AMOUNT = re.compile(
    r"(?:¥|￥|rmb|cny|人民币)?([+-]?[0-9][0-9,]*(?:\.[0-9]+)?(?:e\+?[0-9]+)?)(万)?(?:块钱|块|圆|元整|元|整)?(?:/[月年人])?"
)


class BadValue(ValueError):
    """What stands there is not what the column is for. `code`: a name of `ledger.yaml`, group `fault`."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def text_of(cell: Cell) -> str:
    """Plain words; empty where nothing is meant. Raises BadValue for a cell without a value."""
    if isinstance(cell, Wrong):
        raise BadValue("no_value")
    text = plain(cell)
    if isinstance(cell, Number):
        return _whole(text)
    return "" if text.casefold() in EMPTY else text


def _whole(text: str) -> str:
    """13812345678.0, 1.3812345678E10 -> 13812345678, where no digit is lost."""
    if re.fullmatch(r"[+-]?[0-9]+\.0+", text):
        return text.partition(".")[0]
    if re.fullmatch(r"[+-]?[0-9.]+[eE][+-]?[0-9]+", text):
        try:
            number = Decimal(text)
        except InvalidOperation:
            return text
        if number == number.to_integral_value() and abs(number) < 10**15:
            return f"{number:.0f}"
    return text


def read_id(cell: Cell, *, today: date) -> Identity:
    """Raises BadValue: id_missing, id_masked, id_mangled, id_length, id_place, id_date, id_check.

    Mangled: spreadsheets keep fifteen digits of a number, and 421083199001011234 comes back as 4.21083E+17.
    """
    raw = re.sub(r"\.0+$", "", re.sub(r"\s", "", plain(cell)))
    raw = re.sub(r"^(?:居民)?身份证(?:号码?)?:?|\([^()0-9]*\)$", "", raw)
    if not text_of(cell):
        raise BadValue("id_missing")
    if re.search(r"[*＊×xX]{4}", raw):
        raise BadValue("id_masked")
    if _SCIENTIFIC.fullmatch(raw) or (isinstance(cell, Number) and _may_be_rounded(raw)):
        raise BadValue("id_mangled")
    # A cross and the Cyrillic letter stand for the X now and then.
    text = re.sub(r"[·._-]", "", raw).upper().replace("×", "X").replace("\u0425", "X")
    try:
        return read_identity(text, today=today)
    except BadIdentity as error:
        lost = len(text) == 18 and text.endswith("000")
        raise BadValue("id_mangled" if lost and error.code == "id_check" else error.code) from None


def _may_be_rounded(digits: str) -> bool:
    """Whether a number is one that a float holds: of the long ones only every 64th is, and 000 is what Excel leaves."""
    return bool(re.fullmatch(r"[0-9]{16,}", digits)) and (digits.endswith("000") or int(digits) == int(float(digits)))


def read_phones(cell: Cell, columns: Columns) -> list[str]:
    """All phones of a cell, mobile ones first: 138…/139…, 0716-2222222, +86 138…, 138…（儿子）.

    Raises BadValue: phone_bad, phone_masked; phone_mangled for a number that a spreadsheet showed as 1.39E+10.
    """
    if isinstance(cell, date):
        raise BadValue("phone_bad")
    text = re.sub(r"分机转?", "转", text_of(cell))
    if text in ("", "0") or text in columns.no_phone_words:
        return []
    if re.search(r"[0-9][*×xX]{3,}[0-9]", text):
        raise BadValue("phone_masked")
    if text.startswith("-") or any(word in text for word in columns.dead_phone_words):
        raise BadValue("phone_bad")
    if isinstance(cell, Number) and _ROUNDED_PHONE.fullmatch(text):
        raise BadValue("phone_mangled")
    found: list[str] = []
    for part in _phone_parts(text):
        if _DAY.fullmatch(part.strip()):
            raise BadValue("phone_bad")  # 2020-01-01 has as many digits as a line of a large city
        digits = re.sub(r"[\s()-]", "", part)
        if mobile := _MOBILE.fullmatch(digits):
            found.append(mobile[1])
        elif line := _LANDLINE.fullmatch(digits.casefold()):
            found.append("-".join(piece for piece in line.groups() if piece))
        elif digits:
            raise BadValue("phone_bad")
    if not found:
        raise BadValue("phone_bad")
    return mobile_first(found)


def mobile_first(phones: Sequence[str]) -> list[str]:
    """Each once."""
    return sorted(dict.fromkeys(phones), key=lambda phone: not _MOBILE.fullmatch(phone))


_PHONE_NOTE = re.compile(r"\([^()0-9]*\)|(?!转[0-9])[\u4e00-\u9fff]+[:：]?")
"""Whose it is and what for: （儿子）, 手机：, 微信同号; the extension (转801) is part of it."""


def _phone_parts(text: str) -> Sequence[str]:
    parts = [part for part in re.split(r"[/、,;|\\]", _PHONE_NOTE.sub("、", text)) if part.strip()]
    found: list[str] = []
    for part in parts:
        apart = part.split()
        # 138 1234 5678 is one number, 13812345678 13912345678 are two.
        whole = len(apart) > 1 and all(len(re.sub(r"\D", "", one)) >= 7 for one in apart)
        found += apart if whole else [part]
    return found


def read_date(cell: Cell, *, birth: bool = False, span: bool = False) -> str:
    """-> 2019-12-31, 2019-12 or 2019, as far as it says; empty for none. Raises BadValue: date_bad.

    `birth`: days long ago may be meant. `span`: of a time from one day to another the first. What can be read in two
    ways is not read: 5/6/2019, and the number 2019.1, which a spreadsheet has made of 2019.10 as well.
    """
    if isinstance(cell, date):
        day = cell.date() if isinstance(cell, datetime) else cell
        if _NO_DAY.fullmatch(day.isoformat()):
            return ""
        return _check(day.year, day.month, day.day)
    text = text_of(cell)
    if text in ("", "0") or _NO_DAY.fullmatch(text.split(" ")[0]):
        return ""
    if span:
        text = re.split(r"(?<=[0-9年月日])\s*(?:至|到|-{2,}|[—–~～]+|-(?=\s*(?:[0-9]{4}|今)))", text)[0]
    if _SERIAL.fullmatch(text):
        epoch = _EPOCH_1904 if isinstance(cell, Number1904) else _EPOCH
        day = epoch + timedelta(days=int(float(text)))
        if day.year < _SERIAL_SINCE and not birth:
            raise BadValue("date_bad")
        return _check(day.year, day.month, day.day)
    if isinstance(cell, Number) and re.fullmatch(r"(?:19|20)[0-9]{2}\.1", text):
        raise BadValue("date_bad")
    text = re.sub(r"\s*([年月日号./-])\s*", r"\1", _digits_of_date(text))
    if found := _RUN.fullmatch(text):
        return _check(int(found[1]), int(found[2]), int(found[3]) if found[3] else None)
    if found := _YEAR.fullmatch(text):
        return _check(int(found[1]), None, None)
    if found := _AMERICAN.fullmatch(text):
        month, day_of_month = int(found[1]), int(found[2])
        if month != day_of_month and day_of_month <= 12:
            raise BadValue("date_bad")
        return _check(int(found[3]), month, day_of_month)
    if (found := _FULL.fullmatch(text)) and (len(found[1]) == 4 or found[3] or "年" in text):
        return _check(_four(found[1]), int(found[2]), int(found[3]) if found[3] else None)
    raise BadValue("date_bad")


def _digits_of_date(text: str) -> str:
    """二〇一九年十二月三十一日 -> 2019年12月31日."""
    text = text.replace("元月", "1月")
    if not re.search(r"[一二三四五六七八九十〇零○]", text):
        return text
    text = re.sub(r"([〇零○一二三四五六七八九]{2,4})(?=年)", lambda found: found[1].translate(_DIGITS), text)
    return re.sub(r"[一二三四五六七八九十]+(?=[月日号])", lambda found: str(value_of(found[0])), text)


def _four(year: str) -> int:
    """19年 is 2019, 98年 is 1998."""
    number = int(year)
    return number if len(year) == 4 else number + (1900 if number > 50 else 2000)


def _check(year: int, month: int | None, day: int | None) -> str:
    try:
        date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        raise BadValue("date_bad") from None
    if not 1900 <= year <= 2100:
        raise BadValue("date_bad")
    return "-".join([f"{year:04}", *(f"{part:02}" for part in (month, day) if part is not None)])


def read_year(cell: Cell) -> int:
    """2023, 2023年度, 二〇二三年, any day of it. Raises BadValue: year_bad."""
    if isinstance(cell, date):
        return cell.year
    try:
        return int(read_date(cell)[:4])
    except ValueError:
        raise BadValue("year_bad") from None


def read_amount(cell: Cell) -> Decimal | None:
    """Yuan, two places: 1,200元, ¥1200.00, 一千二, 1.2万, 1200,50. Raises BadValue: amount_bad, amount_negative."""
    text = "0" if plain(cell) == "0" else text_of(cell)
    if not text:
        return None
    if isinstance(cell, date):
        raise BadValue("amount_bad")
    text = text.replace(" ", "").casefold()
    if re.fullmatch(r"\(.+\)", text):
        text = "-" + text[1:-1]  # how accountants write it
    if re.fullmatch(r"[0-9]+,[0-9]{1,2}(?:元)?", text):
        text = text.replace(",", ".")
    if found := _AMOUNT.fullmatch(text):
        amount = Decimal(found[1].replace(",", "")) * (10_000 if found[2] else 1)
    elif (spoken := value_of(re.sub(r"(?:块钱|块|圆|元整|元|整)$", "", text))) is not None:
        amount = Decimal(spoken)
    else:
        raise BadValue("amount_bad")
    if amount < 0:
        raise BadValue("amount_negative")
    if amount > MOST_YUAN:
        raise BadValue("amount_bad")
    return amount.quantize(Decimal("0.01"))


def read_last4(cell: Cell) -> str:
    """The last four digits of a bank account; no more of it is kept. Raises BadValue: account_mangled, account_bad."""
    text = re.sub(r"\s", "", text_of(cell))
    if not text:
        return ""
    if _SCIENTIFIC.search(text) or (isinstance(cell, Number) and _may_be_rounded(text)):
        raise BadValue("account_mangled")
    digits = re.sub(r"[^0-9]", "", text)
    if isinstance(cell, date) or not 4 <= len(digits) <= MOST_ACCOUNT:
        raise BadValue("account_bad")
    return digits[-4:]


def read_gender(cell: Cell) -> str:
    """`male`, `female`; empty for none. Raises BadValue: gender_bad."""
    text = text_of(cell).casefold()
    if not text:
        return ""
    for gender, said in (("male", ("男", "男性", "1", "m", "male")), ("female", ("女", "女性", "2", "f", "female"))):
        if text in said:
            return gender
    raise BadValue("gender_bad")


_LETTER = "(?:[^\\W\\d_]|[\ue000-\uf8ff])"
"""Rare characters of names lie in the private area in older Chinese encodings."""
_NAME = re.compile(rf"{_LETTER}(?:{_LETTER}|[·•・.\-' ]){{0,38}}{_LETTER}|{_LETTER}{{2}}")


def read_name(cell: Cell, columns: Columns) -> str:
    """张三, 阿卜杜拉·买买提, with characters of any plane. Raises BadValue: name_missing, name_bad, person_gone."""
    text = text_of(cell)
    if not text:
        raise BadValue("name_missing")
    if named_gone(text, columns):
        raise BadValue("person_gone")
    if note := re.search(r"\(([^()]*)\)$", text):  # 张三（户主）
        text = text[: note.start()].strip()
    text = re.sub(r"[•・.●]", "·", text)
    if not text.isascii():
        text = text.replace(" ", "")  # 张　三
    if isinstance(cell, Number) or not _NAME.fullmatch(text):
        raise BadValue("name_bad")
    return text
