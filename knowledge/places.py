"""Which place a question is about: named in it, known of the asker, or unknown.

A named place beats the profile; a foreign place one goes to is a destination; an upper level named together
with a lower one is one place; 不是扬州 is no place at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.regions import Mention, Regions

DENIED = re.compile(r"(不是|并非|不在|不说|别说|莫说|不问|不算)(在|说|问|指|讲|我们)?$")
GOING = re.compile(r"(去|到|往|上|赴|跑|出到|派到|送到|介绍到|劳务输出到)(了|过)?(外地|外省)?$")
WORKING = re.compile(
    r"^[^，。,?？!！;；]{0,6}?(打工|打(了|过)?[^，。,]{0,6}工|务工|做工|做事|上班|干活|就业|进厂|找活|找事|送外卖|工地)"
)
STAYING = re.compile(r"(人在|现在在|如今在|住在|目前在|眼下在|人住|我在|正在|(?<![口籍是])在)$")
ON_BEHALF = re.compile(r"(帮|替|给|问|老家|户口|户籍|籍|那边|回|我是|俺是|是)[^，。,?？]{0,4}$")
BEHALF = re.compile(r"(帮|替|老家|户口|户籍)[^，。,?？]{0,4}$")
OF_PLACE = re.compile(
    r"(我|俺|咱|我们|俺们|咱们|我家|俺家|我老家|俺老家)(们)?(就|都|也)?(是|住|住在|属于)$|(户口|户籍)(是|在|落在)$"
)
IN_PLACE = re.compile(r"(我|俺|我们|俺们|我家|俺家|人)(就|现)?在$")
AT_END = re.compile(r"^(这边|这里|那边|那里|人|的[,，。?？]|[,，。?？]|$)")
ASKED_OF = re.compile(
    r"^(市|县|区|省|那边|那里|这边|人社局|的|地方|当地|现在|今年|对|有没有|有|是不是|给不给){0,3}"
    r"[^，。,?？]{0,6}(补贴|补助|奖补|政策|贷款|社保|养老|医保|规定|标准|文件|方案|公益岗|公益性岗位|创业|吸纳|培训|报销|待遇|代缴|给多少|补多少)"
)
NOT_ASKED_OF = re.compile(r"(在|从|去|到|跟|和|与|往|给|由|被|同|回|来自|是)$")
HEARSAY = re.compile(r"(人家|别人|隔壁|听说|听人说|听|朋友|同行|同学|工友)[^，。,?？]{0,4}$")
HEARD = re.compile(
    r"^(那边|那里|那头|人)?[^，。,?？]{0,2}(讲|说|传)|^的?(朋友|同行|人家|工友|同学|厂家|老板)[^，。,?？]{0,6}(讲|说)|"
    r"^的?(厂|公司|企业)[^，。,?？]{0,8}(补|给|拿)"
)
RELATIVE = re.compile(
    r"(姐|妹|哥|弟|舅|叔|姑|姨|伯|婶|嫂|爸|妈|爹|娘|爷|奶|外公|外婆|姥|公婆|岳父|岳母|亲家|亲戚|老乡|侄|外甥|表亲|孙|儿子|女儿|闺女|姑娘|"
    r"老表|媳妇|老公|老伴|老家)[^，。,?？]{0,8}$"
)
OURS = re.compile(r"(我们|俺们|咱们?|我|俺)$")
WHEREABOUTS = re.compile(r"(我|俺|我们|俺们|人|厂|户口|户籍|家)[^，。,?？]{0,3}(在|住|住在|是)$|^(我|俺|人)?(在|住)$")
OVER_THERE = re.compile(r"^(那边|那里|那头|那儿|老家)")
NAME_TAIL = re.compile(r"^(公共招聘|招聘网|就业网|好就业|水产养殖技工|菜薹|鸡师傅|粽师|莲藕|木兰|茶匠|建筑工|自贸港)")
COMPARING = re.compile(
    r"哪个(地方|高|多|好|强|划算)|比一?下|比一比|相比|对比|比较|差多少|差在哪|差别|区别|不同|各(是|有|管|补|给|多少|自)|分别|"
    r"[23两三](个?地方|处|边|头)|比.{0,12}(多|少|高|低|好)|还是.{0,6}(多|高)"
)
EVERYWHERE = re.compile(r"各地|每个地方|所有地方|都有哪些地方|哪些地方有|(?<![去到在上往找是归])哪个地方|几个地方")
ALL_OF_IT = re.compile(r"直接说|[都全](说|讲|列)(一下|一遍|说|讲|出来|吧|给我|了|[,，。?？]|$)")
"""All places for one who has none; for one with a place it means all there is, at home."""


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


def read_places(text: str, regions: Regions, *, home: str | None, covered: frozenset[str]) -> PlaceReading:
    """The places a question is about; `home` is the asker's known place, `covered` the documents' regions."""
    found = [mention for mention in regions.find(text) if not DENIED.search(text[: mention.start])]
    groups = _joined(found, regions)
    wanted: list[Mention] = []
    going: list[Mention] = []
    for mention in groups:
        before, after = text[: mention.start], text[mention.end :]
        serves = any(regions.is_within(mention.code, area) or regions.is_within(area, mention.code) for area in covered)
        own = bool(OF_PLACE.search(before) or (IN_PLACE.search(before) and AT_END.match(after)))
        working = bool(WORKING.match(after))
        if (GOING.search(before) and (working or not serves)) or (working and (STAYING.search(before) or not serves)):
            going.append(mention)
        elif not serves and not own and (home or len(groups) > 1) and not asked_of(before, after):
            going.append(mention)  # a foreign name beside a known place is where one goes or comes from
        else:
            wanted.append(mention)
    if not wanted and going and home is None:
        served = [m for m in going if any(regions.is_within(m.code, area) for area in covered)]
        wanted = [m for m in served if not WORKING.match(text[m.end :])]
    # A place one goes to is part of the matter (象山 in the question what was signed with it); only ours is left out.
    rest = _without(text, [mention for mention in groups if mention not in going])
    comparing = len({m.code for m in wanted}) > 1 and COMPARING.search(rest) is not None
    if not comparing:
        framed = any(STAYING.search(text[: m.start]) or BEHALF.search(text[: m.start]) for m in wanted)
        at_home = [m for m in wanted if home and regions.is_within(home, m.code)]
        comparing = len({m.code for m in wanted}) > 1 and not framed and not at_home
        if not comparing:
            wanted = _asked_for(text, wanted, at_home)
    codes = tuple(dict.fromkeys(mention.code for mention in wanted))
    everywhere = not codes and bool(EVERYWHERE.search(text) or (home is None and ALL_OF_IT.search(text)))
    return PlaceReading(codes, comparing or everywhere, bool(codes), rest)


def asked_of(before: str, after: str) -> bool:
    """Whether a place's own rules are asked about (监利的养老补贴), not what one does there."""
    return ASKED_OF.match(after) is not None and NOT_ASKED_OF.search(before) is None and "转" not in after


def _asked_for(text: str, wanted: list[Mention], at_home: list[Mention]) -> list[Mention]:
    """Of several places named in a story, the one the question is about.

    What a friend tells of his place is a contrast; where a relative lives is what is asked about; where the asker
    lives or works yields to a place named for its matter.
    """
    if len({mention.code for mention in wanted}) < 2:
        return wanted[-1:]
    if ours := [m for m in at_home if OURS.search(text[: m.start])]:
        return ours[-1:]
    elsewhere = [m for m in wanted if m not in at_home and not HEARSAY.search(text[: m.start])
                 and not HEARD.match(text[m.end :])]  # fmt: skip
    if over_there := [m for m in elsewhere if OVER_THERE.match(text[m.end :])]:
        return over_there[-1:]
    if elsewhere and ("那边" in text or "那里" in text or "那头" in text):
        return elsewhere[-1:]
    if related := [m for m in elsewhere if RELATIVE.search(text[: m.start])]:
        return related[-1:]
    behalf = [m for m in wanted if ON_BEHALF.search(text[: m.start]) and not STAYING.search(text[: m.start])]
    if at_home and elsewhere and all(WHEREABOUTS.search(text[: m.start]) for m in at_home):
        return ([m for m in behalf if m in elsewhere] or elsewhere)[-1:]
    away = [m for m in wanted if not STAYING.search(text[: m.start])]
    return (at_home or behalf or away or wanted)[-1:]


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
    parts, at = [], 0
    for mention in mentions:
        if NAME_TAIL.match(text[mention.end :]):
            continue
        parts.append(text[at : mention.start])
        at = mention.end
    return "".join([*parts, text[at:]])
