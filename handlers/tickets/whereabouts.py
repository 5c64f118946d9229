"""Where and at whose it was: region, village, employer. Pure."""

from __future__ import annotations

import re

from handlers.tickets.words import Words
from knowledge.phrases import AroundPlaces, phrases
from knowledge.places import read_places
from knowledge.regions import Regions

_VILLAGE = re.compile(
    r"(?P<name>[一-龥]{1,7}?(?:村|社区|居委会|大队|渔场|分场))(?P<group>(?:第?[一二三四五六七八九十\d]{1,2}(?:村民小)?组)?)(?!里头|干部|民|长|支书|委会|主任|里|会计|医|办|集体|书记|上|头|级|镇)"
)
_FRAMING = re.compile(r".*(?:[在是住到的家们俺我侬镇乡市县区省，,。\s于从去各个叫那这和跟帮]|街道|办事处|老家|户口)")
_NO_VILLAGE = re.compile(
    r"^(?:农|乡|全|本|外|哪|几|每|各|我|俺|咱|你|他|别|隔壁|邻|回|进|下|住|贫困|整|同|那|这|一|两|三|渔|驻|到|找|出|自然|行政|新农|在|"
    r"小|大|各个|了|被|靠|我们|俺们|咱们|说|问|叫|村)?(?:村|社区|居委会|大队|渔场)$"
)


def find_region(text: str, home: str | None, regions: Regions) -> tuple[str | None, bool]:
    """(code, named in these words?): to the township; the known home where nothing nearer is named."""
    # 我们三家 are three families, though 三家 is a township.
    text = re.sub(r"(?<=[们俺我咱])([二三四五六七八九])家", r"\1户", text)
    reading = read_places(text, regions, home=home, covered=regions.served)
    codes = list(reading.codes)
    if not codes:
        # 在文昌工地做工 is where one went for a question, but where it happened for a complaint.
        provinces = {area[:2] for area in regions.served}
        codes = [
            mention.code
            for mention in regions.find(text, near=home)
            if mention.code[:2] in provinces and not phrases(AroundPlaces).denied.search(text[: mention.start])
        ]
    if not codes:
        return home, False
    # A township and its county named apart are one place; so are a county and the home below it.
    deepest = max(codes, key=lambda code: (len(regions.ancestors(code)), codes.index(code)))
    code = deepest if regions.is_within(deepest, codes[-1]) else codes[-1]
    code = _township_after(text, code, regions)
    if home and home != code and regions.is_within(home, code):
        return home, True
    return code, True


def _township_after(text: str, code: str, regions: Regions) -> str:
    """The township named right after its county, where its short name alone is an ordinary word: 黄陂区前川."""
    for mention in regions.find(text):
        if mention.code == code and len(code) == 6:
            for below in regions.find("在" + text[mention.end : mention.end + 4]):
                if below.start == 1 and below.code != code and regions.is_within(below.code, code):
                    return below.code
    return code


def find_village(text: str, regions: Regions) -> str:
    """The village by name; empty for 我们村."""
    text = re.sub(r"[\s]+", "，", text)
    for mention in reversed(regions.find(text)):
        if len(mention.text) > 2 or text[mention.end : mention.end + 1] not in ("村", "社"):
            text = text[: mention.start] + "，" + text[mention.end :]
    for match in _VILLAGE.finditer(text):
        name = match["name"]
        tail = re.search(r"(?:村|社区|居委会|大队|渔场|分场)$", name)
        stem = name[: tail.start()] if tail else name
        stem = _FRAMING.sub("", stem)
        if 1 < len(stem) <= 4 and tail and not _NO_VILLAGE.match(stem + tail[0]):
            return stem + tail[0] + match["group"]
    return ""


def find_unit(text: str, words: Words, regions: Regions) -> str:
    """The employer as it was named: 恒发陶瓷有限公司, 服装厂, else 包工头 or 老板; a person's name never."""
    facts = words.facts
    best: tuple[int, str] | None = None
    for clause in re.split(r"[，。；！？,;!?\s]+", text):
        at = 0
        for match in facts["unit_tail"].finditer(clause):
            if match.start() < at:
                continue
            head = re.sub("帮扶|扶贫|就业", "", clause[at : match.start()])[-12:]
            at = match.end()
            for mention in regions.find(head):
                if mention.end < len(head) or len(head) > 2:
                    head = head[: mention.start] + "，" + head[mention.end :]
            pieces = re.split(rf"[，\d]|{facts['unit_framing'].pattern}", head)
            stem = pieces[-1].lstrip("一二三四五六七八九十几两多")
            if facts["unit_not"].search(stem):
                stem = ""
            if match[0] in ("店", "园区", "平台", "矿") and not stem:
                continue
            name = stem[-10:] + match[0]
            # The first proper name; a longer one tells more than 厂 alone.
            score = min(len(stem), 2)
            if best is None or score > best[0]:
                best = (score, name)
    if best:
        return best[1]
    return next((card for card, shape in words.bosses.items() if shape.search(text)), "")
