"""Takes names, numbers and addresses out of a question before it is kept apart from its conversation. Pure.

Rather a word too many than a name left in: what staff read here is the matter, never the person.
"""

from __future__ import annotations

import re
import unicodedata

from knowledge.surnames import surname_shape

NAME, NUMBER, ADDRESS = "［姓名］", "［号码］", "［地址］"

SURNAME = f"(?:{surname_shape()})"
CALLED = r"(?:叫|名叫|名字(?:是|叫)|姓名(?:是|：|:)?|本人|我是|他是|她是|联系人(?:是|：|:)?)"
TITLES = (
    r"(?:老板|经理|主任|书记|科长|局长|所长|站长|村长|支书|会计|队长|总|工头|师傅|先生|女士|大姐|大哥|同志|"
    r"医生|老师|镇长|乡长|组长)"
)
NO_NAME = re.compile(
    "^(?:我|您|你|他|她|它|谁|哪|什|怎|能|不|没|有|在|去|来|想|要|可|退|脱|低|外|本|农|城|企|个|单|失|残|男|女|老|小|大|一|两|几|多|后|前|农民|打)"
)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+", re.ASCII), NUMBER),
    (re.compile(r"(?i)(?:https?://|www\.)\S+"), NUMBER),
    (re.compile(r"(?i)(微信|qq|v信|vx)(号|号码)?(是|：|:)?\s*[a-z0-9_-]{5,}", re.ASCII | re.IGNORECASE), NUMBER),
    (re.compile(r"(?<![0-9A-Za-z])\d(?:[ -]?\d){6,}[xX]?(?![0-9A-Za-z])"), NUMBER),
    (re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][A-Z0-9]{5,6}"), NUMBER),
    (re.compile(r"(?:零|一|二|三|四|五|六|七|八|九|幺){7,}"), NUMBER),
    (
        re.compile(
            r"[一-龥]{0,6}(?:路|街|巷|弄|大道|胡同|小区|花园|新村|家园|公寓)\s*\d*号?(?:院|楼)?(?:\d+(?:栋|幢|号楼|单元|室|号|楼|层))*"
            r"(?=\d|[，,。；;]|住|$)|\d+(?:栋|幢|号楼|单元|室|号院|组\d+号|门牌)(?:\d+(?:栋|幢|单元|室|号))*"
        ),
        ADDRESS,
    ),
    (
        re.compile(r"[一-龥]{1,4}(?:村|社区|渔场|分场|大队)(?:\d+|[一二三四五六七八九十]+)(?:组|队|号)(?:\d+号)?"),
        ADDRESS,
    ),
)
_INNER = "(?![的了那这和跟在说有是吗呢啊人家们])[一-龥]"
_COMMON = frozenset(
    {
        "单位",
        "项目",
        "全体",
        "高级",
        "水产",
        "洪湖",
        "武汉",
        "万宁",
        "扬州",
        "海南",
        "罗庄",
        "安全",
        "管理",
        "支部",
        "成人",
        "常务",
        "农业",
        "车间",
        "包工",
        "时候",
        "关于",
        "家里",
        "钱",
        "施工队",
    }
)
_CALLED_NAME = re.compile(rf"({CALLED}\s*)({SURNAME}(?:{_INNER}){{1,2}})(?=[，,。；;、\s\d的：:］［]|$)")
_TITLED_NAME = re.compile(rf"{SURNAME}(?:(?:{_INNER}){{0,2}}?)(?={TITLES})")
_LONE_NAME = re.compile(
    rf"(?:(?<=^)|(?<=[，,。；;、\s])){SURNAME}(?:{_INNER}){{1,2}}(?=[，,。；;、\s]*［号码］|[，,；;、]|$)"
)


def scrub(text: str) -> str:
    """The same question without what would tell whose it is."""
    # Full-width digits and letters only: punctuation stays as people wrote it.
    text = "".join(unicodedata.normalize("NFKC", c) if "０" <= c <= "ｚ" and c.isalnum() else c for c in text).strip()
    for shape, mark in _RULES:
        text = shape.sub(mark, text)
    text = _CALLED_NAME.sub(lambda m: m[1] + NAME if _is_name(m[2]) else m[0], text)
    text = _TITLED_NAME.sub(lambda m: NAME if _is_name(m[0]) else m[0], text)
    text = _LONE_NAME.sub(lambda m: NAME if _is_name(m[0]) and (len(m[0]) == 3 or NUMBER in text) else m[0], text)
    return re.sub(r"(［(?:姓名|号码|地址)］)(?:[，,、\s]*\1)+", r"\1", text)[:300]


def _is_name(words: str) -> bool:
    return words not in _COMMON and not NO_NAME.match(words)
