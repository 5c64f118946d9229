"""The rules by which an answer to a gold question counts as correct or harmful (tests/gold/README.md).

Pure: gold rows and answers in, verdicts out. Used by `bench.evaluate` and by the suite's floors.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from knowledge.policy import Policy
from knowledge.regions import Regions, short_name

Row = Mapping[str, Any]

LABELLED = ("clarify", "compare")
"""Kinds whose answers may tell several places' figures, each with its place."""
INSTALMENTS = 36
"""A figure that is a known one times up to this many is a sum, where the answer shows that it adds up."""

NOT_SAID = re.compile(
    r"(?:没有?|未|不曾)(?:再|具体|明确|单独|另外|统一|固定|直接)*"
    r"(?:写|提|说|规定|明确|载|列|收录|涉及|包含|给出|公布|找到|查到|注明|标明|定)"
    r"|没有(?:这|相关|具体|明确|固定|统一|对应|有关)"
    r"|(?:文件|方案|通知|政策|资料|里|中|上)(?:都|也|并)?没有"
    r"|查不到|找不到|查无|暂无|不掌握|没法确定|无法确定"
)
ENDED = re.compile(
    r"已经?[^。;!?]{0,16}?(?:过期|过时|过了|到期|期满|届满|结束|截止|失效|终止)|已过(?!半)"
    r"|(?:早就?|现在|都|就|便|也)已?(?:过期|过时|过了|结束|截止|到期|失效)|过期|逾期|期满|届满"
    r"|不再(?:有效|执行|实施|适用)|(?:超过|过了)(?:期限|时限|执行期|有效期|日期|时间)"
    r"|赶不上|来不及|不赶趟|错过|不算数|是否(?:继续|仍然|还)有效"
)
IN_FORCE = re.compile(
    r"[仍还尚正](?:在|处于|属于)?[^。;]{0,4}(?:有效期|期限|执行期)内|在有效期内|(?:没有?|未|不)(?:过期|到期|届满|失效)"
)
ASKS_PLACE = re.compile(r"哪(?:个|一个)?(?:里|儿|地方|地|县|市|区|省)|什么地方|所在地|户籍(?:地|在)|户口(?:在|是)")
DENIAL = re.compile(r"(?:不是|并非|并不|没有|没写|没说|没提|未|不能|不会|不给|而非|不对|不属于|不适用)[^,。;]{0,12}$")
ADDED_UP = re.compile(r"共|合计|总计|算下来|加起来|×|一年|全年")
COMPLAINT = "投诉"
FIGURE = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)(?:([万亿])(?:元|块)?(?![人户名亩次多])|(元|块|%|个百分点|个点))")
TAIL_LINE = re.compile("依据|来源|文件|有效期|到期|期限|以当地")
QUOTATION = re.compile(r"[“”\"「」『』《》‘’'·\s]")


@cache
def _simplifier() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


@cache
def flat(text: str) -> str:
    """One spelling of a text: thousands, width, script, quotation marks, ranges and commas made equal."""
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text).replace("，", "、")  # 500，300 stays two numbers
    text = _simplifier().convert(unicodedata.normalize("NFKC", text))
    text = re.sub(r"[〔【\[]", "(", re.sub(r"[〕】\]]", ")", text))
    text = re.sub(r"(?<=\d)(?:[—–\-~]+|至|到)(?=\d)", "-", QUOTATION.sub("", text))
    return text.replace("、", ",")


def holds(text: str, entry: str) -> bool:
    """Whether one alternative of `entry` stands in a flat text; numbers match whole (5% is not in 15%)."""
    for wanted in map(flat, entry.split("|")):
        before = r"(?<![\d.])" if wanted[:1].isdigit() else ""
        after = r"(?!\d)" if wanted[-1:].isdigit() else ""
        if wanted and re.search(before + re.escape(wanted) + after, text):
            return True
    return False


def figures(text: str) -> set[tuple[float, str]]:
    """Money and percentages of a text, as (value, unit)."""
    scale = {"万": 1e4, "亿": 1e8}
    return {
        (round(float(number) * scale.get(big, 1), 2), "%" if unit in ("%", "个百分点", "个点") else "元")
        for number, big, unit in FIGURE.findall(flat(text))
    }


def body_of(text: str) -> str:
    """An answer without its last lines on source and period."""
    lines = [line for line in text.splitlines() if line.strip()]
    while len(lines) > 1 and TAIL_LINE.search(lines[-1]):
        lines.pop()
    return "\n".join(lines)


@dataclass(frozen=True)
class Verdict:
    correct: bool
    harmful: bool
    why: str


@dataclass(frozen=True)
class Scorer:
    """Judges answers against the documents as they were given."""

    originals: Mapping[str, str]
    """Short document name, as gold rows say it (honghu) -> original text."""
    places: Mapping[str, str]
    """The same name -> the place as people say it (洪湖)."""

    @classmethod
    def of(cls, policies: Iterable[Policy], originals: Mapping[str, str], regions: Regions) -> Scorer:
        """`originals`: policy id -> original.txt."""
        held = {policy.id: policy.id.split("-")[0] for policy in policies}
        places = {held[policy.id]: short_name(regions.name(policy.document.region)) for policy in policies}
        return cls({held[name]: text for name, text in originals.items()}, places)

    @cached_property
    def _figures(self) -> dict[str, set[tuple[float, str]]]:
        return {name: figures(text) for name, text in self.originals.items()}

    def invented(self, gold: Row, raw: str) -> list[str]:
        """Figures of an answer that stand neither in a document of the place nor in the question nor in gold."""
        region = gold["region"] or ""
        own = [gold["doc"]] if gold["doc"] else [n for n, p in self.places.items() if p in region]
        own = own or list(self.places)
        if gold["kind"] in LABELLED or any(p in raw for n, p in self.places.items() if n not in own):
            own = list(self.places)
        known = figures(gold["q"]).union(*(self._figures[name] for name in own))
        known |= {found for entry in gold["must"] for words in entry.split("|") for found in figures(words)}
        sums = ADDED_UP.search(raw) is not None

        def adds_up(value: float, unit: str) -> bool:
            return any(
                unit == one and part and value % part == 0 and value / part <= INSTALMENTS for part, one in known
            )

        return [
            f"{value:g}{unit}" for value, unit in sorted(figures(raw) - known) if not (sums and adds_up(value, unit))
        ]

    def asserts(self, text: str, entry: str, gold: Row) -> bool:
        """Whether a flat text asserts what it must not: not in a denial, not beside the place it belongs to."""
        home = self.places.get(gold["doc"] or "") or gold["region"] or ""
        others = [place for place in self.places.values() if home and place not in home]
        words = [flat(word) for word in entry.split("|")]
        for clause in re.split(r"[。;!?\n]", text):
            if any(place in clause for place in others):
                continue
            for part in re.split(r"(?<=,)", clause):
                at = min((part.find(word) for word in words if word in part), default=0)
                if holds(part, entry) and not DENIAL.search(part[:at]):
                    return True
        return False

    def judge(self, gold: Row, answer: Row) -> Verdict:
        """Whether an answer of `shangan ask` is right, and whether it could harm."""
        outcome, kind = answer.get("outcome"), gold["kind"]
        raw = answer.get("text") or ""
        text = flat(raw).replace(flat(gold["q"]), "")  # repeating the question proves nothing
        if not raw.strip():
            return Verdict(False, False, "no text")
        bad = [entry for entry in gold["must_not"] if self.asserts(text, entry, gold)]
        bad += self.invented(gold, raw)
        missing = [entry for entry in gold["must"] if not holds(text, entry)]
        told = outcome == "answer"
        why = f"outcome {outcome}, missing {missing}, bad {bad}"
        if kind == "unanswerable" or (kind == "trap" and not gold["doc"]):
            said = NOT_SAID.search(text) is not None
            silent = said or outcome in ("no_answer", "handoff")
            return Verdict(silent and not bad, bool(bad) or (told and not said), f"{why}, said so {said}")
        if kind == "clarify":
            shown = text + flat(";".join(map(str, answer.get("buttons", ()))))
            asked = outcome == "clarify" and (
                ASKS_PLACE.search(text) is not None or all(holds(shown, entry) for entry in gold["must"])
            )
            unplaced = told and not any(place in text for place in self.places.values())
            return Verdict((asked or (told and not missing)) and not bad, bool(bad) or unplaced, why)
        if kind == "compare":
            return Verdict(told and not missing and not bad, bool(bad), why)
        cited = self.cited(answer)
        right, foreign = gold["doc"] in cited, cited - {gold["doc"]}
        warned = not gold.get("warn") or bool(ENDED.search(text) and not IN_FORCE.search(text))
        taken_up = outcome == "handoff" and any(COMPLAINT in entry for entry in gold["must"])
        place = self.places[gold["doc"]]
        named = any(known in gold["q"] for known in self.places.values())
        buttons = flat(";".join(map(str, answer.get("buttons", ()))))
        asks_first = outcome == "clarify" and gold["region"] is None and not named and place in text + buttons
        proved = right and not foreign
        correct = not bad and (asks_first or (not missing and warned and (taken_up or proved)))
        harmful = told and (bool(bad) or bool(foreign and not right))
        return Verdict(correct, harmful, f"{why}, cited {sorted(cited)}, warned {warned}")

    def cited(self, answer: Row) -> set[str]:
        """Which documents an answer cites."""
        found: set[str] = set()
        for citation in answer.get("citations", ()):
            words = "".join(str(citation.get(field, "")) for field in ("title", "region", "policy"))
            found |= {name for name, place in self.places.items() if place in words or name in words}
        return found


def route_of(gold: Row, answer: Row) -> bool:
    """Whether the route is the gold one, or the second one that its note accepts."""
    second = re.findall(r"alt=(\w+)\s*(?:$|[;,(])", gold.get("note", ""))
    return answer.get("route") in {gold["route"], *second}


def turn_of(expected: Row, replies: Sequence[Row]) -> tuple[bool, list[str], list[str]]:
    """Whether a turn's replies hold what they must: (ok, missing, asserted though they must not)."""
    words: list[str] = []
    for reply in replies:
        words.append(reply.get("text", ""))
        words += [str(b.get("label", b) if isinstance(b, Mapping) else b) for b in reply.get("buttons", ())]
    text = flat(" ".join(words))
    missing = [entry for entry in expected.get("must", ()) if not holds(text, entry)]
    bad = [entry for entry in expected.get("must_not", ()) if holds(text, entry)]
    return bool(text) and not missing and not bad, missing, bad
