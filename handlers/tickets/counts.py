"""How many people, and how often they went: 十几个工友, 好几户, 跑了八趟. Pure."""

from __future__ import annotations

import re

from handlers.tickets.facts import Count
from handlers.tickets.money import read_sum
from handlers.tickets.words import load_words

_PEOPLE = re.compile(r"(?P<vague>好几|几)?(?P<tens>[十百])?(?P<more>多|来|几|余)?(?:号|个|名|位|口)*")
_RATHER = re.compile(r"(?:我们|俺们|咱们?|俺|一起|一块|总共|一共|还有|是)[^，。；]{0,10}$")
_OTHER = re.compile(r"(?:找|问|换|派|来|去|打给|见)了?$|[第每]$")
_VISIT = re.compile(r"\s*(?:多|来|几)?(?:趟|回(?!复|答|来)|次|遍|个电话)")
_SPAN = re.compile(r"(?P<low>[一二三四五六七八九])(?P<high>[二三四五六七八九])")


def find_people(text: str) -> Count | None:
    """Whom it is about, counted; the count said of 我们 before another, the largest of several."""
    words = load_words().facts
    best: tuple[bool, int, Count] | None = None
    for at, end, count in _counted(text):
        match = _PEOPLE.match(text, end)
        if match is None or not words["people_word"].match(text, match.end()):
            continue
        if _OTHER.search(text[max(0, at - 4) : at]):
            continue
        number = count.number
        if number < 2 and not count.at_least:
            continue
        rather = _RATHER.search(text[max(0, at - 14) : at]) is not None
        found = Count(number, count.at_least or bool(match["more"]))
        if best is None or (rather, number) > best[:2]:
            best = (rather, number, found)
    return best[2] if best else None


def find_visits(text: str) -> int | None:
    """How often they went, called or asked, where the number is said; of 四五趟 the lower."""
    words = load_words().facts
    most = None
    for at, end, count in _counted(text):
        if not _VISIT.match(text, end) or not words["visit_verb"].search(text[max(0, at - 12) : at]):
            continue
        if count.number >= 2 and not text[at:end].startswith(("几", "好几")):
            most = max(most or 0, count.number)
    return most


def _counted(text: str) -> list[tuple[int, int, Count]]:
    """(start, end, count) of every number, the vague ones too."""
    found: list[tuple[int, int, Count]] = []
    at = 0
    while at < len(text):
        if vague := re.compile(r"好几十|几十|好几百|几百|上百|百把|百来|好几|几").match(text, at):
            word = vague[0]
            # 几 is two at least: nothing is guessed.
            low = 100 if word in ("上百", "百把", "百来") else 2 * (10 if "十" in word else 100 if "百" in word else 1)
            found.append((at, vague.end(), Count(low, at_least=True)))
            at = vague.end()
            continue
        span = _SPAN.match(text, at)
        if (
            span
            and text[span.end() : span.end() + 1] not in ("十", "百", "千", "万")
            and (text[span.end() : span.end() + 1] in ("个", "趟", "回", "次", "遍", "户", "家", "人", "名", "位"))
        ):
            low = "零一二三四五六七八九".index(span["low"])
            found.append((at, span.end(), Count(low, at_least=True)))
            at = span.end()
            continue
        parsed = read_sum(text, at)
        if parsed is None or parsed[0] != int(parsed[0]):
            at += 1 if parsed is None else max(1, parsed[2] - at)
            continue
        number, rough, end, _ = parsed
        if more := re.compile(r"[多来几余]").match(text, end):
            rough, end = True, more.end()
        found.append((at, end, Count(int(number), rough)))
        at = max(end, at + 1)
    return found
