"""`knowledge check`: each refusal beside the record that passes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from knowledge.check import check_policy
from knowledge.regions import Regions
from tests.knowledge.tiny import ASKS, Edit, write_policy


def refusals(folder: Path, regions: Regions) -> list[str]:
    return [str(fault) for fault in check_policy(folder, regions)[0]]


def test_a_proved_record_passes_with_its_coverage(tmp_path: Path, regions: Regions) -> None:
    faults, summary = check_policy(write_policy(tmp_path), regions)
    assert faults == []
    assert "2 provisions, 3 facts, 13 asks" in summary
    assert "= 1.000" in summary


def fact(data: dict[str, Any], provision: int = 0, number: int = 0) -> dict[str, Any]:
    return data["provisions"][provision]["facts"][number]


def false_quote(data: dict[str, Any]) -> None:
    fact(data)["quote"].append("给予3000元/人一次性补贴")


def other_number(data: dict[str, Any]) -> None:
    fact(data)["say"] = "每招一人一次性给1500元。"


def number_in_words(data: dict[str, Any]) -> None:
    fact(data)["say"] = "每招一人一次性给一千五百元。"


def other_date(data: dict[str, Any]) -> None:
    fact(data, 1)["say"] = "每年8月底前不少于2次。"


def other_place(data: dict[str, Any]) -> None:
    fact(data, 1)["say"] = "每年不少于2次，在武汉市。"


def other_value(data: dict[str, Any]) -> None:
    fact(data)["value"]["money"] = 1500


def percent_value(data: dict[str, Any]) -> None:
    fact(data)["value"] = {"percent": 15}


def no_quote(data: dict[str, Any]) -> None:
    fact(data)["quote"] = []


def long_words(data: dict[str, Any]) -> None:
    fact(data)["say"] = "要签1年以上劳动合同，" * 12


def uncovered(data: dict[str, Any]) -> None:
    del data["provisions"][1]["facts"][0]["quote"][0]


def no_such_region(data: dict[str, Any]) -> None:
    data["document"]["region"] = "999999"


def no_such_anchor(data: dict[str, Any]) -> None:
    data["operative"]["from"] = "三、保障"


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (false_quote, "the quote is not in source.txt"),
        (other_number, "numbers that no quote holds: 1500"),
        (number_in_words, "numbers that no quote holds: 1500"),
        (other_date, "numbers that no quote holds: 8"),
        (other_place, "names 武汉市, which no quote holds"),
        (other_value, "the value 1500 元 is in no quote"),
        (percent_value, "the value 15 % is in no quote"),
        (no_quote, "no quote"),
        (long_words, "split the fact"),
        (uncovered, "no provision covers"),
        (no_such_region, "region is no division code"),
        (no_such_anchor, "is not in source.txt"),
    ],
)
def test_what_the_document_does_not_prove_is_refused(tmp_path: Path, regions: Regions, edit: Edit, words: str) -> None:
    assert any(words in fault for fault in refusals(write_policy(tmp_path, edit=edit), regions))


def spoken_number(data: dict[str, Any]) -> None:
    fact(data)["say"] = "每招一个人一次性给一千元。"


def own_place(data: dict[str, Any]) -> None:
    fact(data, 1)["say"] = "洪湖市每年不少于2次，在新堤。"


def left_out(data: dict[str, Any]) -> None:
    del data["provisions"][1]["facts"][0]["quote"][0]
    data["operative"]["left_out"] = [
        {"clause": "每年组织退捕渔民参加技能培训不少于2次，地点在新堤", "why": "for the test"}
    ]
    fact(data, 1)["say"] = "有技能培训。"


@pytest.mark.parametrize("edit", [spoken_number, own_place])
def test_the_same_words_in_another_spelling_pass(tmp_path: Path, regions: Regions, edit: Edit) -> None:
    assert refusals(write_policy(tmp_path, edit=edit), regions) == []


def test_a_clause_left_out_with_its_reason_is_not_called_uncovered(tmp_path: Path, regions: Regions) -> None:
    faults = refusals(write_policy(tmp_path, edit=left_out), regions)
    assert not any("no provision covers" in fault for fault in faults)


def test_an_ask_given_twice_is_refused(tmp_path: Path, regions: Regions) -> None:
    folder = write_policy(tmp_path, asks=ASKS.replace("有没有学手艺的班", "招一个渔民补多少钱"))
    assert any("asked twice" in fault for fault in refusals(folder, regions))


def test_a_provision_without_asks_is_refused(tmp_path: Path, regions: Regions) -> None:
    folder = write_policy(tmp_path, asks=ASKS.replace("# training.times", "# hiring").replace("# training", "# hiring"))
    assert any("training: a provision without asks" in fault for fault in refusals(folder, regions))


def test_a_source_that_is_not_the_mended_original_is_refused(tmp_path: Path, regions: Regions) -> None:
    folder = write_policy(tmp_path)
    original = folder / "original.txt"
    original.write_text(original.read_text("utf-8").replace("劳动合同", "劳动 合同"), "utf-8")
    assert any("is not original.txt with mends.yaml applied" in fault for fault in refusals(folder, regions))
    (folder / "mends.yaml").write_text("- {find: 劳动 合同, to: 劳动合同, why: blank of the scan}\n", "utf-8")
    assert refusals(folder, regions) == []


@pytest.mark.parametrize(
    ("mends", "words"),
    [
        ("- {find: 没有的话, to: 有, why: test}", "occurs 0 times"),
        ("- {find: 渔民, to: 渔人, why: test}", "times"),
        ("- {find: 渔民就业办法, to: 渔民就业办法}", "gives no reason"),
    ],
)
def test_a_mend_that_does_not_apply_is_refused(tmp_path: Path, regions: Regions, mends: str, words: str) -> None:
    folder = write_policy(tmp_path)
    (folder / "mends.yaml").write_text(f"{mends}\n", "utf-8")
    assert any("mends.yaml" in fault and words in fault for fault in refusals(folder, regions))
