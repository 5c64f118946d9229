"""Reading policy folders: what is sound is read, every structural fault is named with file and line, all at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from knowledge.faults import KnowledgeError
from knowledge.loader import load_policies, load_policy
from tests.knowledge.tiny import ASKS, Edit, write_policy


def faults_of(root: Path) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        load_policies(root)
    return [str(fault) for fault in caught.value.faults]


def test_a_sound_folder_is_read_whole(tmp_path: Path) -> None:
    policy = load_policy(write_policy(tmp_path))
    assert policy.id == "honghu-2025-tiny"
    assert [provision.id for provision in policy.provisions] == ["hiring", "training"]
    assert sum(len(asks) for _, asks in policy.asks) == 13
    assert "给予1000元/人" in policy.source


def test_the_shipped_documents_are_the_five(policies: tuple[Any, ...]) -> None:
    assert {policy.document.place for policy in policies} == {"洪湖市", "海南省", "临沂市罗庄区", "扬州市", "武汉市"}


def test_faults_of_all_files_are_named_at_once(tmp_path: Path) -> None:
    def no_title(data: dict[str, Any]) -> None:
        del data["document"]["title"]

    write_policy(tmp_path, "first-2025", edit=no_title)
    write_policy(tmp_path, "second-2025", asks=f"{ASKS}# nothing\n无\n")
    (write_policy(tmp_path, "third-2025") / "source.txt").unlink()
    faults = faults_of(tmp_path)
    assert [fault.split(":")[0] for fault in faults] == [
        "first-2025/policy.yaml",
        "second-2025/asks.txt",
        "third-2025/source.txt",
    ]


def test_a_fault_names_its_line(tmp_path: Path) -> None:
    def bad_kind(data: dict[str, Any]) -> None:
        data["provisions"][1]["kind"] = "present"

    folder = write_policy(tmp_path, edit=bad_kind)
    lines = (folder / "policy.yaml").read_text("utf-8").splitlines()
    wanted = next(number for number, line in enumerate(lines, 1) if "kind: present" in line)
    (fault,) = faults_of(tmp_path)
    assert fault.startswith(f"honghu-2025-tiny/policy.yaml:{wanted}: provisions.1.kind")


def two_values(data: dict[str, Any]) -> None:
    data["provisions"][0]["facts"][0]["value"]["percent"] = 5


def same_id(data: dict[str, Any]) -> None:
    data["provisions"][1]["id"] = "hiring"


def same_fact(data: dict[str, Any]) -> None:
    data["provisions"][0]["facts"][1]["id"] = "amount"


def lost_neighbour(data: dict[str, Any]) -> None:
    data["provisions"][0]["together"] = ["gone"]


def stated_and_not(data: dict[str, Any]) -> None:
    data["provisions"][0]["not_stated"] = {"amount": "没写多少钱"}


def lost_near(data: dict[str, Any]) -> None:
    data["silences"][0]["near"] = "gone"


def unknown_field(data: dict[str, Any]) -> None:
    data["provisions"][0]["colour"] = "red"


def no_facts(data: dict[str, Any]) -> None:
    data["provisions"][1]["facts"] = []


def loose_condition(data: dict[str, Any]) -> None:
    data["provisions"][0]["conditions"] = {"is": "fisher", "min": "age"}


def not_kebab(data: dict[str, Any]) -> None:
    data["provisions"][0]["id"] = "吸纳 补贴"


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (two_values, "exactly one"),
        (same_id, "two provisions have this id"),
        (same_fact, "two facts have this id"),
        (lost_neighbour, "together names gone"),
        (stated_and_not, "stated by a fact and named as not stated"),
        (lost_near, "near names gone"),
        (unknown_field, "Extra inputs"),
        (no_facts, "without facts"),
        (loose_condition, "a condition is exactly one"),
        (not_kebab, "kebab-case"),
    ],
)
def test_a_record_with_a_fault_is_refused(tmp_path: Path, edit: Edit, words: str) -> None:
    write_policy(tmp_path, edit=edit)
    assert any(words in fault for fault in faults_of(tmp_path))


@pytest.mark.parametrize(
    ("asks", "line", "words"),
    [
        (ASKS.replace("# hiring.amount", "# hiring.sum"), 4, "hiring.sum is not in policy.yaml"),
        (ASKS.replace("# hiring!contact", "# hiring!smell"), 10, "is no aspect"),
        (ASKS.replace("# hiring!contact", "# gone!contact"), 10, "gone is not in policy.yaml"),
        (ASKS.replace("# ~lunch", "# ~dinner"), 18, "~dinner is not in policy.yaml"),
        (f"招人补贴\n{ASKS}", 1, "before any # header"),
        (ASKS.replace("# training\n", "#\n"), 12, "empty # header"),
    ],
)
def test_asks_that_point_nowhere_are_refused(tmp_path: Path, asks: str, line: int, words: str) -> None:
    write_policy(tmp_path, asks=asks)
    assert any(f"asks.txt:{line}: " in fault and words in fault for fault in faults_of(tmp_path))


def test_broken_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    folder = write_policy(tmp_path)
    (folder / "policy.yaml").write_text("document:\n  title: [洪湖\n", "utf-8")
    (fault,) = faults_of(tmp_path)
    assert fault.startswith("honghu-2025-tiny/policy.yaml:3: not YAML")


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe\x00", b"just words"])
def test_a_record_that_is_no_mapping_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = write_policy(tmp_path)
    (folder / "policy.yaml").write_bytes(content)
    (fault,) = faults_of(tmp_path)
    assert fault.startswith("honghu-2025-tiny/policy.yaml:1: ")


@pytest.mark.parametrize("name", ["policy.yaml", "asks.txt", "source.txt"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = write_policy(tmp_path)
    (folder / name).unlink()
    assert any(fault.startswith(f"honghu-2025-tiny/{name}:1: ") for fault in faults_of(tmp_path))


@pytest.mark.parametrize("name", ["asks.txt", "source.txt"])
def test_a_file_that_is_not_utf8_is_named(tmp_path: Path, name: str) -> None:
    folder = write_policy(tmp_path)
    (folder / name).write_bytes("招渔民".encode("gbk"))
    assert any(fault.startswith(f"honghu-2025-tiny/{name}:") for fault in faults_of(tmp_path))
