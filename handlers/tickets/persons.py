"""Who speaks and for whom: 我叫张水生, 姓符, 替邻居报; never a name out of ordinary words. Pure."""

from __future__ import annotations

import re

from handlers.tickets.words import Words

GIVEN = r"[^\W\d_a-zA-Z的了那这和跟在说有是吗呢啊吧人家们我你他她它不没要想给把被就都也还去来到从叫帮替对很]"
_CALLED = (
    r"(?:(?:我|俺|侬|本人|咱)(?:的)?(?:名字|姓名|大名)?(?:就)?(?:名?叫|是|叫做)|(?:我|俺|侬|本人)?(?:的)?(?:名字|姓名)(?:就)?(?:是|叫|：|:|，)?|"
    r"本人|联系人(?:是|：|:)?|申请人(?:是|：|:)?|投诉人(?:是|：|:)?)"
)
END = (
    r"(?=$|[，,。；;、！!？?：:\s\d（(+]|的(?:$|[，,。；;、\s])|电话|手机|联系|身份证|住|"
    r"男|女|今年|家住|是|在|我|(?:幺|一)[三五七八九])"
)


def find_name(text: str, words: Words, *, has_phone: bool) -> str:
    """The name somebody gave as their own; a surname alone where only that was said; empty if none."""
    surname = words.surnames.pattern
    full = re.compile(rf"{_CALLED}\s*(?P<name>(?:{surname})(?:{GIVEN}){{1,2}}?){END}")
    found = ""
    for match in full.finditer(text):
        if _is_name(match["name"], words) and not words.facts["others_before"].search(text[: match.start()][-8:]):
            found = match["name"]
    alone = re.compile(
        rf"(?:^|(?<=[，,。；;、！!？?\s])|(?<=\d)|我|俺|侬|免贵|本人)(?:就)?(?:是)?姓(?!名)\s*(?P<name>{surname})(?!{GIVEN}{{3}}|的[^，,。；;、\s])"
    )
    for match in alone.finditer(text):
        own = match[0].startswith(("我", "俺", "免贵"))
        if not found and (own or not words.facts["others_before"].search(text[: match.start()][-8:])):
            found = match["name"]
    # The whole name may follow: 我姓符的，符永福; or stand alone beside the phone: 136…，李.
    lone = re.compile(rf"(?:^|[，,。；;、\s]|(?<=\d))(?P<name>(?:{surname})(?:{GIVEN}){{0,2}})(?=$|[，,。；;、\s\d])")
    if (found and len(found) == 1) or (not found and has_phone):
        for match in lone.finditer(text):
            name = match["name"]
            if not _is_name(name, words) or (found and not name.startswith(found)):
                continue
            before = re.search(r"\d\s*[，,、]?\s*$", text[: match.start("name")])
            near = before or re.match(r"\s*[，,、]?\s*[\d幺]", text[match.end() :])
            if found or near:
                return name
    return found


def _is_name(name: str, words: Words) -> bool:
    if name in words.no_names or name[:2] in words.no_names:
        return False
    return not (len(name) > 1 and words.facts["titles"].search(name))


def find_acting_for(text: str, words: Words) -> str:
    """Whose matter it is, if not one's own: 爸, 邻居. `text` in standard words."""
    facts = words.facts
    for match in facts["helping"].finditer(text):
        rest = text[match.end() : match.end() + 12]
        if facts["helping_acts"].search(rest) or not rest.strip("，。,. 啊吧"):
            return match["who"]
    if someone := facts["helping_someone"].search(text):
        return someone["who"]
    for match in facts["kin_subject"].finditer(text):
        if facts["kin_not"].search(text[: match.end()][-10:]) or facts["myself"].search(text):
            continue
        return match["own"] or match["bare"]
    return ""


def without_names(text: str, words: Words) -> str:
    """Words for a card: 我叫张水生 and 王大娘 are 大娘 at most."""
    surname = words.surnames.pattern
    text = re.sub(rf"{_CALLED}\s*(?:{surname})(?:{GIVEN}){{1,2}}?{END}", "", text)
    text = re.sub(rf"(?:我|俺|侬|本人|他|她|老板|工头)?是?姓(?!名)\s*(?:{surname})(?=$|[，,。；;、\s的])", "", text)
    text = re.sub(rf"(?<!{GIVEN})(?:{surname})(?:{GIVEN})?(?={words.facts['titles'].pattern})", "", text)
    return re.sub(rf"(?<=[，,。同事工友])[小老](?:{surname})(?![^\W\d_]?(?:年|板))", "", text)
