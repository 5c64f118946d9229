"""Administrative divisions: a place named in any way -> its code, what lies above and below it.

Codes follow GB/T 2260 (six digits: province, prefecture, county) and GB/T 10114 (nine: township).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from types import MappingProxyType

import yaml

from knowledge.misheard import Heard, Hearing
from knowledge.phrases import AroundPlaces, phrases
from knowledge.surnames import is_given_name

PEOPLES = (
    "(?:(?:汉|回|藏|苗|彝|壮|满|侗|瑶|白|傣|黎|佤|畲|水|土|羌|怒|京|布依|朝鲜|土家|哈尼|傈僳|高山|拉祜|东乡|纳西|景颇|达斡尔|仫佬|布朗|"
    "撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺|各)族|"
    "(?:(?<!内)蒙古|维吾尔|哈萨克|柯尔克孜)族?)+"
)
"""The peoples in the names of autonomous places: 乐东黎族自治县 is 乐东."""
SUFFIXES = re.compile(
    rf"(?:(?:{PEOPLES})?(?:自治区|自治州|自治县|自治旗|民族乡|区|乡)|特别行政区|省|市|地区|盟|林区|矿区|区|县|旗|街道|镇|乡)$"
)

AUTONOMOUS = ("自治县", "自治州", "自治旗")
GIVEN = 2
"""Characters of a given name that a place may be called like."""
LEVELS = {2: "province", 4: "prefecture", 6: "county", 9: "township"}


@dataclass(frozen=True)
class Mention:
    """A place found in a text."""

    code: str
    start: int
    end: int
    text: str
    sure: bool = True
    """False where an ordinary word only sounds like it."""


class Regions:
    """Finds and relates places. Built once; all questions are pure."""

    def __init__(
        self,
        names: dict[str, str],
        aliases: dict[str, str],
        *,
        ordinary: frozenset[str] = frozenset(),
        served: frozenset[str] = frozenset(),
        sounding: Mapping[str, bool] = MappingProxyType({}),
    ) -> None:
        self.names = names
        """code -> official name."""
        self.ordinary = ordinary
        """Short names that are ordinary words too."""
        self.served = served
        """Codes that a document is held for; names in their provinces are recognised without suffix."""
        self._sounding = sounding
        """Ordinary words that sound like a short name -> whether they are rare."""
        self._provinces = frozenset(code[:2] for code in served)
        self._codes: dict[str, list[str]] = {}
        for code, name in names.items():
            self._codes.setdefault(name, []).append(code)
            short = short_name(name)
            if short != name and len(short) >= 2:
                self._codes.setdefault(short, []).append(code)
                if name.endswith(AUTONOMOUS):  # 乐东黎族自治县 is spoken of as 乐东县
                    self._codes.setdefault(short + name[-1], []).append(code)
        for alias, code in aliases.items():
            self._codes.setdefault(alias, []).insert(0, code)
        self._aliases = frozenset(aliases)

    def name(self, code: str) -> str:
        """The official name; empty for a code that is not known."""
        return self.names.get(code, "")

    def full_name(self, code: str) -> str:
        """With the levels that tell it apart: 临沂市罗庄区, but 洪湖市 and 海南省 alone."""
        name = self.name(code)
        if len(code) == 6 and code[4:] != "00" and name.endswith("区"):
            return self.name(code[:4] + "00") + name
        return name

    def whole_name(self, code: str) -> str:
        """A township with its county: 洪湖市螺山镇; else the full name."""
        return self.full_name(code[:6]) + self.name(code) if len(code) > 6 else self.full_name(code)

    def ancestors(self, code: str) -> tuple[str, ...]:
        """From itself upwards, to the province."""
        chain = [code] if len(code) in (6, 9) else []
        if len(code) == 9:
            chain.append(code[:6])
        county = code[:6]
        for above in (county[:4] + "00", county[:2] + "0000"):
            if above not in chain and above in self.names:
                chain.append(above)
        return tuple(dict.fromkeys(chain))

    def is_within(self, code: str, area: str) -> bool:
        """Whether `code` is `area` or lies below it."""
        return area in self.ancestors(code)

    def is_name(self, text: str) -> bool:
        """Whether a division is called so, in full, in short or by an alias."""
        return text in self._codes

    def resolve(self, name: str) -> str | None:
        """The division a name stands for, the most likely one if several share it; None if it is no place."""
        name = re.sub(r"\s", "", name)
        found = self.find(name, bare=True)
        if not found:
            return None
        codes = [mention.code for mention in found]
        return max(codes, key=lambda code: len(self.ancestors(code)))

    def resolve_whole(self, name: str) -> str | None:
        """The same, where every word is a place: 洪湖市某镇, whose town is not known, is not all of 洪湖市."""
        name = re.sub(r"\s", "", name)
        known = sum(mention.end - mention.start for mention in self.find(name, bare=True))
        return self.resolve(name) if known == len(name) else None

    @cached_property
    def _first(self) -> dict[str, list[str]]:
        """First two characters -> names that begin with them, longest first."""
        table: dict[str, list[str]] = {}
        for name in self._codes:
            if len(name) >= 2:
                table.setdefault(name[:2], []).append(name)
        for names in table.values():
            names.sort(key=len, reverse=True)
        return table

    def find(self, text: str, *, bare: bool = False, near: str | None = None) -> tuple[Mention, ...]:
        """Places named in a text, from left to right, longest first. `near`: the place that is known already.

        A short name without its suffix counts where it cannot be an ordinary word: in provinces we hold
        documents for, for provinces and prefectures, or (`bare`) where the whole text is a place.
        """
        return tuple(mention for mention in self._mentions(text, bare=bare, near=near) if mention.sure)

    def perhaps(self, text: str) -> Mention | None:
        """A place that an ordinary word stands for perhaps: 海难补贴多少."""
        return next((mention for mention in self._mentions(text, bare=False) if not mention.sure), None)

    def _mentions(self, text: str, *, bare: bool, near: str | None = None) -> list[Mention]:
        found: list[Mention] = []
        at = 0
        while at < len(text) - 1:
            for name in self._first.get(text[at : at + 2], ()):
                if (
                    text.startswith(name, at)
                    and self._counts(name, text, at, bare=bare, near=near)
                    and not self._cuts(text, at, name)
                ):
                    known = (near[:6],) if near else ()
                    before = (*known, *(mention.code for mention in found))
                    if not self._is_shared(name, before):
                        found.append(Mention(self._pick(name, before), at, at + len(name), name))
                    at += len(name) - 1
                    break
            else:
                if heard := self._hear(text, at, alone=bare):
                    found.append(Mention(heard.code, at, at + heard.length, text[at : at + heard.length], heard.sure))
                    at += heard.length - 1
            at += 1
        return [mention for mention in found if not _is_of_a_person(text, mention)]

    def _hear(self, text: str, at: int, *, alone: bool) -> Heard | None:
        heard = self._hearing.hear(text, at, alone=alone)
        if heard is None or self.is_name(text[at : at + 2]) or self.is_name(text[at : at + heard.length]):
            return None  # another place's name, though not taken for one here
        cut = any(text.startswith(name, at + 1) for name in self._first.get(text[at + 1 : at + 3], ()))
        return None if cut else heard

    @cached_property
    def _hearing(self) -> Hearing:
        own = {short_name(self.names[code]): code for code in self.served if code in self.names}
        known = {short_name(name): code for code, name in self.names.items() if len(code) == 6 and code.endswith("00")}
        tails = {code: name.removeprefix(short_name(name)) for code, name in self.names.items() if code in self.served}
        # 区 follows ordinary words: 实验区, 开发区.
        tails = {code: tail for code, tail in tails.items() if tail != "区"}
        rare = (word for word, is_rare in self._sounding.items() if is_rare)
        return Hearing(own, known, ordinary=self._sounding, rare=rare, tails=tails)

    def _cuts(self, text: str, at: int, name: str) -> bool:
        """Whether a short name ends within the name of a place we hold documents for: 换成武汉 holds no 成武."""
        return len(name) == 2 and any(text.startswith(own, at + 1) for own in self._own_names)

    @cached_property
    def _own_names(self) -> tuple[str, ...]:
        return tuple(short_name(self.names[code]) for code in self.served if code in self.names)

    def _counts(self, name: str, text: str, at: int, *, bare: bool, near: str | None) -> bool:
        codes, ordinary = self._codes[name], name in self.ordinary
        if name in self._aliases or any(self.names.get(code) == name for code in codes):
            return bare or (len(name) > 1 and not ordinary)
        # A township far from where they live is named in full: 大桥边上打鱼 of somebody of 洪湖 is no place.
        close = [code for code in codes if len(code) == 6 or near is None or self._is_around(code, near)]
        if ordinary and not close and not bare:
            return False
        before, after = text[:at], text[at + len(name) :]
        around = phrases(AroundPlaces)
        at_home = any(code[:2] in self._provinces for code in close)
        framed = bool(around.place_before.search(before))
        held = near is not None or any(self.is_within(code, area) for code in codes for area in self.served)
        if not before and (held or not ordinary):  # 新开的店 is no place
            framed = framed or bool(around.place_after.match(after))
        if ordinary:
            return (bare or framed) and (at_home or name == text)
        if any(code.endswith("00") and len(code) == 6 for code in codes) or at_home:
            return True
        return bare or framed

    def _is_around(self, code: str, near: str) -> bool:
        """In the same prefecture, or in the province that alone is known."""
        return code[:4] == near[:4] or self.is_within(code, near)

    def _is_shared(self, name: str, before: tuple[str, ...]) -> bool:
        """汊河 is a township of 洪湖 and one of 扬州: said alone it is no place, or they get another's rules."""
        codes = self._codes[name]
        if len(codes) < 2 or name in self._aliases or any(len(code) != 9 for code in codes):
            return False
        if any(self.is_within(code, above) for above in before for code in codes):
            return False
        served = {code[:6] for code in codes if any(self.is_within(code, area) for area in self.served)}
        return len(served or {code[:6] for code in codes}) > 1

    def _pick(self, name: str, before: tuple[str, ...]) -> str:
        """Of several divisions with one name: below one just named, in a served province, the higher one."""
        codes = self._codes[name]
        for above in reversed(before):
            for code in codes:
                if code != above and self.is_within(code, above):
                    return code

        def rank(code: str) -> tuple[bool, bool, bool, int]:
            home = any(self.is_within(code, area) or self.is_within(area, code) for area in self.served)
            return (
                not home,
                code[:2] not in self._provinces,
                name in self._aliases and code != codes[0],
                len(self.ancestors(code)),
            )

        return min(codes, key=rank)


def _is_of_a_person(text: str, mention: Mention) -> bool:
    """秀英 in 李秀英; 秀英区 is a place after any character."""
    return mention.end - mention.start == GIVEN and is_given_name(text, mention.start, mention.end)


@lru_cache(maxsize=8192)
def short_name(name: str) -> str:
    """洪湖市 -> 洪湖; 琼中黎族苗族自治县 -> 琼中; names that would be left with one character stay."""
    short = SUFFIXES.sub("", name)
    return short if len(short) >= 2 else name


def load_regions(served: frozenset[str] = frozenset()) -> Regions:
    """Read the divisions that ship with the package."""
    folder = files("knowledge") / "divisions"
    names: dict[str, str] = {}
    for table in ("divisions.tsv", "townships.tsv"):
        for line in (folder / table).read_text("utf-8").splitlines():
            if line and not line.startswith("#"):
                code, name = line.split("\t")
                names[code] = name
    aliases: dict[str, str] = {}
    for line in (folder / "historic.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            old, code = line.split("\t")
            aliases[old] = code
    for alias, code in yaml.safe_load((folder / "aliases.yaml").read_text("utf-8")).items():
        aliases[str(alias)] = str(code)
    ordinary = frozenset((folder / "ordinary.txt").read_text("utf-8").split()) - {"#"}
    lines = (folder / "sounding.txt").read_text("utf-8").splitlines()
    words = [line for line in lines if not line.startswith("#")]
    sounding = {word: line.startswith("~") for line in words for word in line.removeprefix("~").split()}
    return Regions(names, aliases, ordinary=ordinary, served=served, sounding=sounding)
