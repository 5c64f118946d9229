"""Words that correct what a form holds: 不是三个月是五个月, 金额写错了 应该是四千八, 电话改成138…. Pure.

What is corrected is told by a word (金额, 电话), by what the wrong part was, or by what the right part is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from handlers.tickets.counts import find_people, find_visits
from handlers.tickets.facts import Count, Facts
from handlers.tickets.money import find_money
from handlers.tickets.periods import find_period
from handlers.tickets.persons import find_name
from handlers.tickets.phone import find_phone, without_numbers
from handlers.tickets.whereabouts import find_region, find_unit, find_village
from handlers.tickets.words import load_words
from knowledge.language import clean, plain
from knowledge.regions import Regions

LONGEST = 80
"""A longer message tells a story; 不是 and 是 in it correct nothing."""
SENTENCE = re.compile(r"[。！!；;\n]+")
_SHAPES = (
    re.compile(r"(?<!是)不是(?!说|讲|吗|不)(?P<old>.{1,20}?)[，,、\s]*(?:而是|应该是|应是|(?<!不)是)(?P<new>.+)"),
    re.compile(r"(?:应该|其实)?(?<!不)是(?!不是)(?P<new>.{1,24}?)[，,、\s]*(?<!是)不是(?!说|讲|吗|不)(?P<old>.+)"),
    re.compile(
        r"(?:应该是|应当是|改成|改为|改做|换成|更正为|应为|其实是|实际是|正确的是|改一下|更正一下)[，,：:\s是]*(?P<new>.+)"
    ),
    re.compile(r"(?:错了|不对|错啦|写错|说错|弄错|搞错|记错|填错|读错|听错)[^是]{0,8}?是(?P<new>.+)"),
    re.compile(r"(?:错了|不对|错啦)[，,、\s]+(?P<new>.+)"),
)
_FIELDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("phone", re.compile(r"电话|手机|号码|联系方式")),
    ("amount", re.compile(r"金额|钱数|多少钱|欠款|工钱|数额|总数|款")),
    ("name", re.compile(r"名字|姓名|我叫|我姓|(?<!老板)姓")),
    ("people", re.compile(r"人数|几个人|多少人")),
    ("visits", re.compile(r"趟|次数")),
    ("village", re.compile(r"村|社区")),
    ("region", re.compile(r"地方|地址|地点|镇|街道|哪里")),
    ("unit", re.compile(r"单位|公司|厂|工地|老板")),
    ("since", re.compile(r"时间|日期|月|年")),
)


def read_correction(text: str, facts: Facts, *, today: date, regions: Regions) -> Facts | None:
    """The facts with what these words put right; None if they correct nothing."""
    text = clean(text)
    if len(text) > LONGEST:
        return None
    corrected = facts
    for sentence in SENTENCE.split(text):
        for shape in _SHAPES:
            match = shape.search(sentence)
            if match is None:
                continue
            old = match.groupdict().get("old") or ""
            told = sentence[: match.start()]
            if (after := _put_right(corrected, match["new"], old, told, today, regions)) is not None:
                corrected = after
                break
    corrected = _taken_back(text, corrected)
    return None if corrected is facts or corrected == facts else corrected


def _put_right(facts: Facts, new: str, old: str, told: str, today: date, regions: Regions) -> Facts | None:
    words = load_words()
    sums = without_numbers(new)

    def amount() -> Facts | None:
        # 欠 tells that the bare number is money; a number of people or months has been read before.
        found = find_money("欠" + sums.strip(), words.facts["owed"])
        if found and facts.amount and facts.amount.each and not re.search("一共|总共|合计", new):
            found = replace(found, each=True)
        return replace(facts, amount=found) if found else None

    def people() -> Facts | None:
        found = find_people(sums)
        some = re.search(r"[^，,\s]{1,4}个(?!多?月|星期|工)", sums)
        if found is None and some and re.search(r"[个人户名家]", old + sums):
            found = find_people(some[0] + "人")
        if found is None and re.fullmatch(r"\s*\d{1,4}\s*", sums) and int(sums) > 0:
            found = Count(int(sums))
        return replace(facts, people=found) if found else None

    def region() -> Facts | None:
        code, named = find_region(_framed(sums), None, regions)
        return replace(facts, region=code, region_named=True) if code and named else None

    def since() -> Facts | None:
        found = find_period(sums, today)
        return replace(facts, since=found) if found else None

    def phone() -> Facts | None:
        found = find_phone(new)
        return replace(facts, phone=found) if found else None

    def name() -> Facts | None:
        bare = re.sub(r"^(?:我)?(?:叫|姓|是)", "", new.strip())
        found = find_name(f"我叫{bare}", words, has_phone=False) or find_name(f"我姓{bare}", words, has_phone=False)
        return replace(facts, name=found) if found else None

    def unit() -> Facts | None:
        found = find_unit(sums, words, regions)
        return replace(facts, unit=found) if found else None

    def village() -> Facts | None:
        found = find_village(sums, regions)
        return replace(facts, village=found) if found else None

    def visits() -> Facts | None:
        found = find_visits("跑了" + sums)
        return replace(facts, visits=found) if found else None

    readers: dict[str, Callable[[], Facts | None]] = {
        "phone": phone, "name": name, "visits": visits, "since": since, "people": people, "region": region,
        "village": village, "unit": unit, "amount": amount,
    }  # fmt: skip
    named = [field for field, shape in _FIELDS if shape.search(told)]
    if facts.name and old and facts.name in old:
        named.insert(0, "name")
    for field in dict.fromkeys(named):
        if (after := readers[field]()) is not None:
            return after
    # Without a word for it: by what the right part is; a name is never guessed.
    return next((after for field in readers if field != "name" and (after := readers[field]()) is not None), None)


def _framed(words: str) -> str:
    """A short place name counts where the sentence says that it is one."""
    return f"我在{words.strip()}"


def _taken_back(text: str, facts: Facts) -> Facts:
    """不用匿名了, 可以公开, 是我自己的事."""
    words, standard = load_words().facts, plain(text)
    if facts.anonymous and words["not_anonymous"].search(standard):
        facts = replace(facts, anonymous=False)
    if facts.confidential and words["not_confidential"].search(standard):
        facts = replace(facts, confidential=False)
    if facts.acting_for and re.search(r"(是|就是)?我(自己|本人)的?(事|自己的|$)|不是(帮|替)", standard):
        facts = replace(facts, acting_for="")
    return facts
