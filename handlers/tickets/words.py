"""The words people use around a complaint (words.yaml), checked and ready to look for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from knowledge.surnames import surname_shape

try:
    from yaml import CSafeLoader as YamlLoader
except ImportError:  # libyaml is missing on some builds; the pure loader is only slower
    from yaml import SafeLoader as YamlLoader  # type: ignore[assignment]


class Act(StrEnum):
    """What a short message does, where a form or a ticket is at hand."""

    WITHDRAW = "withdraw"  # 撤了吧
    LEAVE = "leave"  # 我不参加了
    CANCEL = "cancel"  # 算了不报了
    NOT_NOW = "not_now"  # 回头再说
    NOT_SOLVED = "not_solved"  # 没解决
    OBJECT = "object"  # 不服
    RATE_DISSATISFIED = "rate_dissatisfied"  # 不满意
    RATE_MOSTLY = "rate_mostly"  # 基本满意
    RATE_SATISFIED = "rate_satisfied"  # 满意
    SOLVED = "solved"  # 解决了
    URGE = "urge"  # 催一下
    ASK_STATUS = "ask_status"  # 办得咋样了
    JOINED = "joined"  # 算我一个
    NEW = "new"  # 另外报一件
    RESUME = "resume"  # 继续刚才那个
    SKIP = "skip"  # 不想说
    NOTHING_MORE = "nothing_more"  # 没有了
    CONFIRM = "confirm"  # 没错，交吧
    MORE = "more"  # 还有
    YES = "yes"
    NO = "no"


@dataclass(frozen=True)
class ActWords:
    """How one act is said."""

    say: frozenset[str]
    shapes: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None


@dataclass(frozen=True)
class Words:
    """All of words.yaml."""

    acts: Mapping[Act, ActWords]
    """In order of precedence."""
    longest: int
    particles: re.Pattern[str]
    thanks: re.Pattern[str]
    """Said around an act and no part of it."""
    facts: Mapping[str, re.Pattern[str]]
    bosses: Mapping[str, re.Pattern[str]]
    """包工头, 老板: what stands on the card -> how it is said."""
    surnames: re.Pattern[str]
    no_names: frozenset[str]
    """Ordinary words and places that look like a name: 武汉, 安全."""


class WordsFaulty(ValueError):
    """words.yaml cannot be used; says why, all faults at once."""


FACTS = frozenset(
    {
        "anonymous", "not_anonymous", "confidential", "not_confidential", "joint", "helping", "helping_acts",
        "kin_subject", "kin_not", "myself", "wish", "reach_time", "reach_say", "report", "complaint", "request",
        "consult", "matter", "asking_on", "owed", "people_word", "visit_verb", "others_before", "helping_someone",
        "unit_tail", "unit_framing", "unit_not", "titles", "takes_up", "here", "demand", "harm", "courtesy", "drops",
        "seeks_work",
    }
)  # fmt: skip
"""What the readers look for; the loader refuses a file that lacks one or holds another."""


@cache
def load_words() -> Words:
    """words.yaml, read once."""
    data = yaml.load((files("handlers.tickets") / "words.yaml").read_text("utf-8"), Loader=YamlLoader)
    return parse_words(data)


def parse_words(data: Mapping[str, Any]) -> Words:
    """Raises WordsFaulty with every fault."""
    faults: list[str] = []
    groups: Mapping[str, str] = data.get("groups", {})

    def shape(where: str, text: object) -> re.Pattern[str]:
        whole = str(text)
        for name, group in groups.items():
            whole = whole.replace(f"{{{name}}}", group)
        try:
            return re.compile(whole)
        except re.error as fault:
            faults.append(f"{where}: {fault}")
            return re.compile("(?!)")

    def act_words(name: str, item: Mapping[str, Any]) -> ActWords:
        if unknown := set(item) - {"say", "shapes", "unless"}:
            faults.append(f"acts.{name}: unknown {sorted(unknown)}")
        if not item.get("say"):
            faults.append(f"acts.{name}: nothing said")
        return ActWords(
            frozenset(map(str, item.get("say", ()))),
            tuple(shape(f"acts.{name}", text) for text in item.get("shapes", ())),
            shape(f"acts.{name}.unless", item["unless"]) if "unless" in item else None,
        )

    acts = {}
    for name, item in data["acts"].items():
        if name not in {act.value for act in Act}:
            faults.append(f"acts.{name}: no such act")
            continue
        acts[Act(name)] = act_words(name, item)
    faults += [f"acts.{act}: missing" for act in Act if act not in acts]
    given = set(data["facts"]) - {"boss"}
    faults += [f"facts.{name}: missing" for name in sorted(FACTS - given)]
    faults += [f"facts.{name}: nobody looks for it" for name in sorted(given - FACTS)]
    words = Words(
        acts=acts,
        longest=int(data["longest"]),
        particles=shape("particles", data["particles"]),
        thanks=shape("thanks", data["thanks"]),
        facts={name: shape(f"facts.{name}", data["facts"][name]) for name in sorted(given)},
        bosses={name: shape(f"facts.boss.{name}", text) for name, text in data["facts"].get("boss", {}).items()},
        surnames=re.compile(surname_shape()),
        no_names=frozenset(map(str, data["no_names"])),
    )
    if faults:
        raise WordsFaulty("\n".join(faults))
    return words
