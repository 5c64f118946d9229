"""Sums that a question names to have them confirmed: the figure must not decide which matter is meant."""

from __future__ import annotations

import re
from functools import cache

from knowledge.language import ASKING, bare
from knowledge.phrases import Counting, phrases

MATTER = 1
"""Characters before a claimed sum that may name what it is for; without one, the sum alone does."""
SAYS_NOTHING = re.compile(r"[给补发奖报领拿贷得有是到人天月年次户个元钱每1的我你他们能可以就才都对真听说]")


@cache
def _claimed() -> re.Pattern[str]:
    shapes = phrases(Counting)
    return re.compile(f"(?:{shapes.claimed_sum.pattern})(?=(?:{shapes.claim.pattern})[?？。!！]*$)")


def without_claim(text: str) -> tuple[str, bool]:
    """A question (in standard words) without the sum that it wants confirmed, and whether there was one.

    招一个给2000不 is 招一个给多少钱不; 只签了半年，能领2000不 is 只签了半年，能领补贴不.
    """
    found = _claimed().search(text)
    if found is None:
        return text, False
    front = text[: found.start()] + next(group for group in found.groups() if group is not None)
    if len(SAYS_NOTHING.sub("", ASKING.sub("", bare(front)))) < MATTER or phrases(Counting).for_each.search(front):
        return text, False
    if not phrases(Counting).if_entitled.search(front):
        return f"{front}多少钱{text[found.end() :]}", True
    return f"{front}{'款' if front.endswith('贷') else '补贴'}{text[found.end() :]}", True
