"""Which place a question is about: named in it, known of the asker, or unknown.

A named place beats the profile; a foreign place one goes to is a destination; an upper level named together
with a lower one is one place; 不是扬州 is no place at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.phrases import AroundPlaces, phrases
from knowledge.regions import Mention, Regions


@dataclass(frozen=True)
class PlaceReading:
    """What a question says about places."""

    codes: tuple[str, ...] = ()
    """Places asked about, in order of naming; empty if none is named."""
    comparing: bool = False
    """Several places are to be told side by side."""
    explicit: bool = False
    """Named as the asker's own or asked-for place, not as a destination."""
    rest: str = ""
    """The question without the place words."""
    perhaps: Mention | None = None
    """Where none is named: a place that an ordinary word stands for perhaps."""
    workplace: tuple[str, str] | None = None
    """A place with a document where one works now, and what is asked of pay or conditions there."""


def read_places(text: str, regions: Regions, *, home: str | None, covered: frozenset[str]) -> PlaceReading:
    """The places a question is about; `home` is the asker's known place, `covered` the documents' regions."""
    around = phrases(AroundPlaces)
    found = [mention for mention in regions.find(text, near=home) if not around.denied.search(text[: mention.start])]
    groups = _joined(found, regions)
    wanted: list[Mention] = []
    going: list[Mention] = []
    for mention in groups:
        before, after = text[: mention.start], text[mention.end :]
        serves = any(regions.is_within(mention.code, area) or regions.is_within(area, mention.code) for area in covered)
        own = bool(around.of_place.search(before) or (around.in_place.search(before) and around.at_end.match(after)))
        working = bool(around.working.match(after))
        leaves = bool(around.going.search(before)) and (working or not serves)
        agrees = bool((home or len(groups) > 1) and around.partner.search(before) and around.agreed.match(after))
        if leaves or agrees or (working and (around.staying.search(before) or not serves)):
            going.append(mention)
        elif not serves and not own and (home or len(groups) > 1) and not asked_of(before, after):
            going.append(mention)  # a foreign name beside a known place is where one goes or comes from
        else:
            wanted.append(mention)
    if home and len(wanted) == 1 and _only_told_of(text, wanted[0]) and not regions.is_within(home, wanted[0].code):
        wanted = []
    if not wanted and going and home is None:
        served = [m for m in going if any(regions.is_within(m.code, area) for area in covered)]
        wanted = [m for m in served if not around.working.match(text[m.end :])]
    # A place one goes to is part of the matter (象山 in the question what was signed with it); only ours is left out.
    rest = _without(text, [mention for mention in groups if mention not in going])
    comparing = len({m.code for m in wanted}) > 1 and around.comparing.search(rest) is not None
    if not comparing:
        framed = any(around.staying.search(text[: m.start]) or around.behalf.search(text[: m.start]) for m in wanted)
        at_home = [m for m in wanted if home and regions.is_within(home, m.code)]
        comparing = len({m.code for m in wanted}) > 1 and not framed and not at_home
        if not comparing:
            wanted = _asked_for(text, wanted, at_home)
    codes = tuple(dict.fromkeys(mention.code for mention in wanted))
    if home and len(wanted) == 1 and not regions.is_within(home, wanted[0].code):
        beside = around.partner.search(text[: wanted[0].start]) or text[: wanted[0].start].endswith("比")
        if beside and around.comparing.search(rest):  # 跟武汉比哪个高: with what holds at home
            codes, comparing = (home, *codes), True
    everywhere = not codes and bool(around.everywhere.search(text) or (home is None and around.all_of_it.search(text)))
    perhaps = None if found else regions.perhaps(text)
    workplace = None if codes else _workplace(text, going, regions, covered)
    return PlaceReading(codes, comparing or everywhere, bool(codes), rest, perhaps, workplace)


def _workplace(text: str, going: list[Mention], regions: Regions, covered: frozenset[str]) -> tuple[str, str] | None:
    """Where one is at work now, if it is asked how one is paid and treated there: 我在海南打工，老板不给钱."""
    around = phrases(AroundPlaces)
    for mention in going:
        before, after = text[: mention.start], text[mention.end :]
        works = around.working.match(after) if around.staying.search(before) else None
        asked = after[works.end() :].lstrip("上里干活，, ") if works else ""
        of_pay = around.at_work.search(asked) is not None and around.public_money.search(asked) is None
        if of_pay and any(regions.is_within(mention.code, area) for area in covered):
            return mention.code, asked
    return None


def asked_of(before: str, after: str) -> bool:
    """Whether a place's own rules are asked about (监利的养老补贴), not what one does there."""
    around = phrases(AroundPlaces)
    return around.asked_of.match(after) is not None and around.not_asked_of.search(before) is None and "转" not in after


def _asked_for(text: str, wanted: list[Mention], at_home: list[Mention]) -> list[Mention]:
    """Of several places named in a story, the one the question is about.

    What a friend tells of his place is a contrast; where a relative lives is what is asked about; where the asker
    lives or works yields to a place named for its matter.
    """
    around = phrases(AroundPlaces)
    if len({mention.code for mention in wanted}) < 2:
        return wanted[-1:]
    if ours := [m for m in at_home if around.ours.search(text[: m.start])]:
        return ours[-1:]
    elsewhere = [m for m in wanted if m not in at_home and not around.hearsay.search(text[: m.start])
                 and not around.heard.match(text[m.end :])]  # fmt: skip
    if over_there := [m for m in elsewhere if around.over_there.match(text[m.end :])]:
        return over_there[-1:]
    if elsewhere and ("那边" in text or "那里" in text or "那头" in text):
        return elsewhere[-1:]
    if related := [m for m in elsewhere if around.relative.search(text[: m.start])]:
        return related[-1:]
    away = [m for m in wanted if not around.staying.search(text[: m.start])]
    behalf = [m for m in away if around.on_behalf.search(text[: m.start])]
    if at_home and elsewhere and all(around.whereabouts.search(text[: m.start]) for m in at_home):
        return ([m for m in behalf if m in elsewhere] or elsewhere)[-1:]
    return (at_home or behalf or away or wanted)[-1:]


def _only_told_of(text: str, mention: Mention) -> bool:
    """武汉亲戚说给两千，我们这边也是吗: what holds here is asked."""
    around = phrases(AroundPlaces)
    before, after = text[: mention.start], text[mention.end :]
    told = around.heard.match(after) or around.hearsay.search(before)
    return told is not None and around.here_too.search(after) is not None


def _joined(found: list[Mention], regions: Regions) -> list[Mention]:
    """Mentions with upper levels folded into the lower one named beside them; parts of names left out."""
    groups: list[Mention] = []
    for mention in found:
        if groups and mention.start - groups[-1].end <= 2:
            last = groups[-1]
            if regions.is_within(mention.code, last.code):
                groups[-1] = Mention(mention.code, last.start, mention.end, last.text + mention.text)
                continue
            if regions.is_within(last.code, mention.code):
                groups[-1] = Mention(last.code, last.start, mention.end, last.text + mention.text)
                continue
        groups.append(mention)
    kept: list[Mention] = []
    for mention in groups:
        below = next(
            (
                m
                for m in groups
                if m is not mention and m.code != mention.code and regions.is_within(m.code, mention.code)
            ),
            None,
        )
        if below is None:
            kept.append(mention)
    return kept


def _without(text: str, mentions: list[Mention]) -> str:
    around = phrases(AroundPlaces)
    parts, at = [], 0
    for mention in mentions:
        if around.name_tail.match(text[mention.end :]):
            continue
        parts.append(text[at : mention.start])
        at = mention.end
    return "".join([*parts, text[at:]])
