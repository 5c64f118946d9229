"""What somebody wants to earn a month, in free words -> yuan (words.yaml). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from knowledge.language import clean, plain
from knowledge.phrases import Shape

PAY_LEAST, PAY_MOST = 1000, 50_000
"""Yuan a month that somebody may wish for; other numbers are none."""


def pay_in(text: str, shapes: Mapping[str, Shape]) -> int | None:
    """The least that is wished for: of 四五千 it is 4000. None where the words say nothing of it."""
    words = _in_yuan(text)
    for found in shapes["pay"].finditer(words):
        if shapes["not_pay"].search(words[: found.start()]):
            continue
        name, digits = next((name, value) for name, value in found.groupdict().items() if value)
        if (pay := _wished(int(digits) * (1000 if name == "pay5" else 1))) is not None:
            return pay
    return None


def bare_pay(text: str, shapes: Mapping[str, Shape]) -> int | None:
    """The same behind the question how much is wished for, where a bare sum says it: 三千, 四千往上."""
    found = shapes["bare_pay"].fullmatch(_in_yuan(text).strip("。.,，!！~ "))
    return _wished(int(found["pay"])) if found else pay_in(text, shapes)


def _in_yuan(text: str) -> str:
    """Standard words with 四五千, 三千到五千 and 三千五 in digits, a figure for each."""
    # Put right before `plain`, which reads 五千一个月 as 5100.
    words = re.sub(r"([千百])[一1]?个月", r"\1每月", clean(text))
    words = re.sub(r"([一二两三四五六七八九])(?=[二三四五六七八九]千)", r"\1千到", words)
    words = re.sub(r"(\d)(?=(?:到|至|-|~)\d千)", r"\1千", words)
    words = re.sub(r"(?<!\d)(\d)千(\d)(?!\d)", r"\g<1>\g<2>00", words)
    words = plain(re.sub(r"(?<!\d)(\d)千", r"\g<1>000", words))
    return re.sub(r"(?<!\d)([1-4])万(?!\d)", r"\g<1>0000", words)


def _wished(yuan: int) -> int | None:
    return yuan if PAY_LEAST <= yuan <= PAY_MOST else None
