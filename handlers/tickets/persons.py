"""Who speaks and for whom: 我叫张水生, 姓符, 替邻居报; never a name out of ordinary words. Pure."""

from __future__ import annotations

import re

from handlers.tickets.words import Words

GIVEN = r"[^\W\d_a-zA-Z的了那这和跟在说有是吗呢啊吧人家们我你他她它不没要想给把被就都也还去来到从叫帮替对很]"
_CALLED = (
    r"(?:(?:我|俺|侬|本人|咱)(?:的)?(?:名字|姓名|大名)?(?:就)?(?:名?叫|是|叫做)|(?:我|俺|侬|本人)?(?:的)?(?:名字|姓名)(?:就)?(?:是|叫|：|:|，)?|"
    r"本人|联系人(?:是|：|:)?|申请人(?:是|：|:)?|投诉人(?:是|：|:)?)"
)
END = r"(?=$|[，,。；;、！!？?：:\s\d（(+]|的(?:$|[，,。；;、\s])|电话|手机|联系|身份证|住|男|女|今年|家住|是|在|我|，|(?:幺|一)[三五七八九])"
_OTHERS = re.compile(
    r"(?:老板|工头|包工头|头家|他|她|经理|主任|村长|书记|会计|厂长|队长|干部|组长|领导|那个|这个|个|中介|的人|都|师傅|对方|村里|全|一个|同|负责人|科长|支书|班头|老师|村|湾|大家|全组|爸|妈|爹|娘|公|婆|哥|弟|姐|妹|伴|儿子|闺女|邻居|同事|朋友|工友|老乡|亲戚|丈夫|媳妇|男人)"
    r"(?:[^，,。；;]{0,4})$"
)
_COMMON = frozenset(
    ["单位", "项目", "全体", "高级", "水产", "安全", "管理", "成人", "常务", "农业", "车间", "包工", "时候", "关于", "施工", "黄牌", "金额", "成都", "马上", "从来", "常常", "广东", "江苏", "海南", "云南", "洪湖", "武汉", "万宁", "扬州", "罗庄", "高邮", "江都", "文昌", "临沂", "农民", "渔民", "工人", "退捕", "脱贫", "贫困", "低保", "残疾", "普通", "万全", "龙口", "燕窝", "乌林", "曹市", "府场", "方便", "和乐", "明天", "明年", "后天", "包工头", "外地", "本地", "老实", "时间", "金湖", "常州", "应该", "房子", "安排", "全部", "全家", "周末", "周日", "周六", "周一", "周二", "周三", "周四", "周五", "谢谢", "宁愿", "都市", "甘愿", "经常", "平时", "古镇", "冷库", "石头", "路费", "田地", "水电", "于是", "东西", "向你", "关门", "连续", "牛场", "毛病", "温泉", "花钱", "雷州", "白天", "白干", "别人", "全村", "苗木"]
)


def find_name(text: str, words: Words, *, has_phone: bool) -> str:
    """The name somebody gave as their own; a surname alone where only that was said; empty if none."""
    surname = words.surnames.pattern
    full = re.compile(rf"{_CALLED}\s*(?P<name>(?:{surname})(?:{GIVEN}){{1,2}}?){END}")
    found = ""
    for match in full.finditer(text):
        if _is_name(match["name"], words) and not _OTHERS.search(text[: match.start()][-8:]):
            found = match["name"]
    alone = re.compile(rf"(?:我|俺|侬|免贵|本人)?(?:是)?姓(?!名)\s*(?P<name>{surname})(?!{GIVEN}{{3}}|的[^，,。；;、\s])")
    for match in alone.finditer(text):
        if found or (_OTHERS.search(text[: match.start()][-8:]) and not match[0].startswith(("我", "俺", "免贵"))):
            continue
        found = match["name"]
    # The whole name may follow: 我姓符的，符永福; or stand alone beside the phone: 136…，李.
    lone = re.compile(rf"(?:^|[，,。；;、\s]|(?<=\d))(?P<name>(?:{surname})(?:{GIVEN}){{0,2}})(?=$|[，,。；;、\s\d])")
    if (found and len(found) == 1) or (not found and has_phone):
        for match in lone.finditer(text):
            name = match["name"]
            if not _is_name(name, words) or (found and not name.startswith(found)):
                continue
            near = re.search(r"\d\s*[，,、]?\s*$", text[: match.start("name")]) or re.match(r"\s*[，,、]?\s*[\d幺]", text[match.end() :])
            if found or near:
                return name
    return found


def _is_name(name: str, words: Words) -> bool:
    if name in _COMMON or name[:2] in _COMMON:
        return False
    return not (len(name) > 1 and words.facts["titles"].search(name))


def find_acting_for(text: str, words: Words) -> str:
    """Whose matter it is, if not one's own: 爸, 邻居. `text` in standard words."""
    facts = words.facts
    for match in facts["helping"].finditer(text):
        rest = text[match.end() : match.end() + 12]
        if facts["helping_acts"].search(rest) or not rest.strip("，。,. 啊吧"):
            return match["who"]
    if match := re.search(r"(?:帮|替|给)(?:别)?人家?(?:问|报|反映|投诉|说)[^。！？]{0,8}?(?P<who>老乡|邻居|同事|工友|朋友|亲戚|同学)", text):
        return match["who"]
    for match in facts["kin_subject"].finditer(text):
        if facts["kin_not"].search(text[: match.end()][-10:]) or facts["myself"].search(text):
            continue
        return match["own"] or match["bare"]
    return ""


def without_names(text: str, words: Words) -> str:
    """Words for a card: 我叫张水生 and 王大娘 are 大娘 at most."""
    surname = words.surnames.pattern
    text = re.sub(rf"{_CALLED}\s*(?:{surname})(?:{GIVEN}){{1,2}}?{END}", "", text)
    text = re.sub(rf"(?:我|俺|侬|免贵|本人|他|她|老板|工头)?(?:是)?姓(?!名)\s*(?:{surname})(?=$|[，,。；;、\s的])", "", text)
    text = re.sub(rf"(?<!{GIVEN})(?:{surname})(?:{GIVEN})?(?={words.facts['titles'].pattern})", "", text)
    return re.sub(rf"(?<=[，,。同事工友])[小老](?:{surname})(?![^\W\d_]?(?:年|板))", "", text)
