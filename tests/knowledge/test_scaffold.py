"""`knowledge new`: what a text of an official document gives by itself, and what a person is left to fill."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.check import check_policy, coverage, squeeze
from knowledge.faults import KnowledgeError
from knowledge.headings import drafts_of
from knowledge.loader import load_policy, shipped_policies
from knowledge.policy import Policy
from knowledge.regions import Regions
from knowledge.scaffold import scaffold

NUMERALS = "[一二三四五六七八九十]+"
HEADING = re.compile(
    rf"^[ ]*(?:{NUMERALS}、|[（(]{NUMERALS}[）)]|\d+[、.](?!\d))([^。；，,：:\s]{{2,12}})", re.MULTILINE
)
DOCUMENTS = (
    "hainan-2023-poverty-prevention",
    "honghu-2023-fishers",
    "luozhuang-2016-poverty-relief",
    "wuhan-2021-employment-support",
    "yangzhou-2023-rural-bases",
)


def drafted(tmp_path: Path, name: str, region: str | None = None) -> Path:
    file = tmp_path / "document.txt"
    file.write_bytes((shipped_policies() / name / "original.txt").read_bytes())
    return scaffold(file, region)[0].parent


def record_of(folder: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((folder / "policy.yaml").read_text("utf-8"))
    return data


def fill(folder: Path) -> None:
    """What a person would do, done by rule: every clause said in its own words, every provision asked for."""
    record = record_of(folder)
    lines = []
    for provision in record["provisions"]:
        provision |= {"plain": provision["name"], "topic": provision["id"]}
        lines.append(f"# {provision['id']}\n{provision['section']}{provision['name']}\n")
        for fact in provision["facts"]:
            fact["say"] = "见原文。"
    (folder / "policy.yaml").write_text(yaml.safe_dump(record, allow_unicode=True), "utf-8")
    (folder / "asks.txt").write_text("".join(lines), "utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_heading_of_the_document_is_in_the_draft(tmp_path: Path, name: str) -> None:
    shipped: Policy = load_policy(shipped_policies() / name)
    provisions = record_of(drafted(tmp_path, name))["provisions"]
    quoted = squeeze("".join(quote for p in provisions for fact in p["facts"] for quote in fact["quote"]))
    headings = HEADING.findall(shipped.source[shipped.source.find(shipped.operative.start) :])
    assert len(headings) > 10
    assert [heading for heading in headings if squeeze(heading) not in quoted] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_draft_is_refused_until_it_is_filled(tmp_path: Path, regions: Regions, name: str) -> None:
    folder = drafted(tmp_path, name)
    with pytest.raises(KnowledgeError) as caught:
        load_policy(folder)
    facts = sum(len(provision["facts"]) for provision in record_of(folder)["provisions"])
    assert sum("is still to be written" in fault.message for fault in caught.value.faults) >= facts
    assert all(fault.line > 1 for fault in caught.value.faults)
    fill(folder)
    faults, _ = check_policy(folder, regions)
    assert [str(fault) for fault in faults] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_quotes_are_verbatim_and_cover_the_operative_part(tmp_path: Path, name: str) -> None:
    folder = drafted(tmp_path, name)
    fill(folder)
    covered, total, missing = coverage(load_policy(folder))
    assert covered >= 0.98 * total, missing


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("honghu-2023-fishers", {"number": "洪人社办〔2023〕7号", "region": "421083", "place": "洪湖市",
                                 "title": "2023年退捕渔民就业安置和养老保险工作方案",
                                 "issuer": "洪湖市人力资源和社会保障局", "based_on": ["荆人社发〔2023〕3号"]}),
        ("luozhuang-2016-poverty-relief", {"number": "罗人社发〔2016〕23号", "region": "371311",
                                           "issued": date(2016, 5, 13), "place": "临沂市罗庄区"}),
        ("wuhan-2021-employment-support", {"number": None, "region": "420100", "based_on": ["鄂人社发〔2021〕25号"]}),
        ("hainan-2023-poverty-prevention", {"number": None, "region": "460000",
                                            "title": "海南省防止返贫就业攻坚行动实施方案"}),
        ("yangzhou-2023-rural-bases", {"number": None, "region": "321000",
                                           "title": "扬州市就业富民乡村振兴基地建设培育方案"}),
    ],
)  # fmt: skip
def test_what_the_head_of_a_document_says_is_filled_in(tmp_path: Path, name: str, wanted: dict[str, Any]) -> None:
    document = record_of(drafted(tmp_path, name))["document"]
    assert {key: document[key] for key in wanted} == wanted


def test_the_words_of_a_period_are_kept(tmp_path: Path) -> None:
    period = record_of(drafted(tmp_path, "honghu-2023-fishers"))["document"]["period"]
    assert period == {"from": date(2023, 1, 1), "until": date(2023, 12, 31), "words": "2023年"}


def test_chrome_and_advertisements_are_mended_with_a_reason(tmp_path: Path) -> None:
    for name, gone in (("yangzhou-2023-rural-bases", "招商热线"), ("luozhuang-2016-poverty-relief", "无障碍浏览")):
        root = tmp_path / name
        root.mkdir()
        folder = drafted(root, name)
        assert gone in (folder / "original.txt").read_text("utf-8")
        assert gone not in (folder / "source.txt").read_text("utf-8")
        assert all(step["why"] for step in yaml.safe_load((folder / "mends.yaml").read_text("utf-8")))


def test_brackets_of_both_widths_and_running_numbers_are_one_numbering() -> None:
    source = (
        "一、甲\n（一）乙。文一。\n(二)丙。文二。\n1.丁。文三。\n2、戊。文四。\n二、己\n(一)庚。文五。\n3．辛。文六。\n"
    )
    assert [(draft.section, draft.name) for draft in drafts_of(source)] == [
        ("一、（一）", "乙"),
        ("一、（二）", "丙"),
        ("一、（二）1", "丁"),
        ("一、（二）2", "戊"),
        ("二、（一）", "庚"),
        ("二、（一）3", "辛"),
    ]


def test_rows_of_a_table_in_an_annex_are_drafts() -> None:
    drafts = drafts_of("一、甲\n文。\n附件\n指标：标准\n1 就业率：达到90%\n2 培训：每年1次\n")
    assert [draft.section for draft in drafts] == ["一", "附件", "附件第1项", "附件第2项"]


def test_a_text_without_headings_is_one_draft() -> None:
    assert [draft.section for draft in drafts_of("关于补贴的通知\n给予1000元。\n")] == ["文首"]


def test_a_named_region_goes_before_what_the_text_says(tmp_path: Path) -> None:
    assert record_of(drafted(tmp_path, "wuhan-2021-employment-support", "监利市"))["document"]["region"] == "421088"


def test_no_such_region_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="火星 is no place"):
        drafted(tmp_path, "wuhan-2021-employment-support", "火星")


def test_a_folder_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    drafted(tmp_path, "honghu-2023-fishers")
    with pytest.raises(KnowledgeError, match="is there already"):
        drafted(tmp_path, "honghu-2023-fishers")


def bad_files() -> Iterator[bytes]:
    yield "关于补贴".encode("gbk")
    yield b""
    yield b" \n\n"


@pytest.mark.parametrize("content", bad_files())
def test_a_file_that_holds_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "document.txt"
    file.write_bytes(content)
    with pytest.raises(KnowledgeError):
        scaffold(file)
    assert list(tmp_path.iterdir()) == [file]
