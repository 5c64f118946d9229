"""A policy folder of two provisions, made in a temporary directory and broken at will."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml

from knowledge.answers import PolicyBook
from knowledge.loader import load_policies
from knowledge.notours import Foreign
from knowledge.regions import load_regions
from knowledge.shelf import build_shelves

SOURCE = """{place}渔民就业办法
{place}人社发〔{year}〕1号
一、补贴
（一）吸纳补贴。企业招用退捕渔民并签订1年以上劳动合同的，给予{amount}元/人一次性补贴。
（二）技能培训。每年组织退捕渔民参加技能培训不少于2次，地点在新堤。
"""
ASKS = """# hiring
招退捕渔民有没有补贴
厂里用渔民给不给钱
# hiring.amount
招一个渔民补多少钱
用一个渔民给好多
# hiring.contract
合同要签几年
签半年合同行不行
# hiring!contact
招人补贴打哪个电话问
# training
渔民技能培训
有没有学手艺的班
# training.times
一年培训几次
一年办几回班
# ~lunch
培训管不管饭
培训有没有饭吃
"""

Edit = Callable[[dict[str, Any]], None]


def record(place: str, region: str, amount: int, year: int, until: str | None) -> dict[str, Any]:
    """What policy.yaml holds."""
    period = {"from": f"{year}-01-01", "until": until, "words": f"{year}年"} if until else None
    hiring_quote = f"企业招用退捕渔民并签订1年以上劳动合同的，给予{amount}元/人一次性补贴"
    training_quote = "每年组织退捕渔民参加技能培训不少于2次，地点在新堤"
    common = {"asker": ["person", "employer"], "section": "一"}
    return {
        "document": {
            "title": f"{place}渔民就业办法",
            "number": f"{place}人社发〔{year}〕1号",
            "issuer": f"{place}人力资源和社会保障局",
            "region": region,
            "place": place,
            "issued": f"{year}-01-01",
            "period": period,
        },
        "operative": {"from": "一、补贴"},
        "provisions": [
            {
                "id": "hiring",
                "name": "吸纳补贴",
                "plain": "招渔民的补贴",
                "topic": "hiring-subsidy",
                "kind": "subsidy",
                **common,
                "facts": [
                    {
                        "id": "amount",
                        "aspect": "amount",
                        "value": {"money": amount, "per": "人"},
                        "say": f"每招一人一次性给{amount}元。",
                        "quote": [hiring_quote, "（一）吸纳补贴"],
                    },
                    {
                        "id": "contract",
                        "aspect": "conditions",
                        "say": "要签1年以上劳动合同。",
                        "quote": [hiring_quote],
                    },
                ],
            },
            {
                "id": "training",
                "name": "技能培训",
                "plain": "渔民的培训",
                "topic": "training",
                "kind": "training",
                **common,
                "facts": [
                    {
                        "id": "times",
                        "aspect": "duration",
                        "value": {"count": 2, "of": "次"},
                        "say": "每年不少于2次，在新堤。",
                        "quote": [training_quote, "（二）技能培训"],
                    }
                ],
            },
        ],
        "silences": [{"id": "lunch", "what": "培训管不管饭", "near": "training"}],
    }


def write_policy(
    root: Path,
    name: str = "honghu-2025-tiny",
    *,
    place: str = "洪湖市",
    region: str = "421083",
    amount: int = 1000,
    year: int = 2025,
    until: str | None = None,
    edit: Edit | None = None,
    asks: str = ASKS,
) -> Path:
    """The folder of a small, sound document; `edit` spoils its record."""
    folder = root / name
    folder.mkdir(parents=True)
    source = SOURCE.format(place=place, amount=amount, year=year)
    (folder / "original.txt").write_text(source, "utf-8")
    (folder / "source.txt").write_text(source, "utf-8")
    (folder / "mends.yaml").write_text("[]\n", "utf-8")
    (folder / "asks.txt").write_text(asks, "utf-8")
    data = record(place, region, amount, year, until)
    if edit:
        edit(data)
    (folder / "policy.yaml").write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")
    return folder


def tiny_book(root: Path, foreign: Iterable[Foreign] = ()) -> PolicyBook:
    """All folders under `root`, ready to be asked."""
    policies = load_policies(root)
    regions = load_regions(frozenset(policy.document.region for policy in policies))
    return PolicyBook(build_shelves(policies, foreign), regions)
