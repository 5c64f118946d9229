"""Phrases of people in files: every fault is told with its line, and nothing is passed over in silence."""

from __future__ import annotations

import pytest

from knowledge.faults import KnowledgeError
from knowledge.phrases import lexicon_faults, read_shapes


def fault_lines(text: str) -> list[int]:
    with pytest.raises(KnowledgeError) as caught:
        read_shapes(text, "lexicon/tried.yaml", ["stop"], needed=["stop"])
    assert all(fault.file == "lexicon/tried.yaml" for fault in caught.value.faults)
    return [fault.line for fault in caught.value.faults]


def test_the_files_that_ship_have_no_fault() -> None:
    assert list(lexicon_faults()) == []


def test_lines_of_a_name_count_alike_and_groups_of_words_are_filled_in() -> None:
    shapes = read_shapes("words: {me: '(我|俺)'}\nstop:\n- 算了\n- '{me}不问了{1,2}'\n", "f", ["stop"])
    assert shapes["stop"].search("俺不问了了")
    assert shapes["stop"].search("那算了")
    assert not shapes["stop"].search("不问了")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [1]),
        ("stop: }\n", [1]),
        ("go:\n- 好\n", [1]),
        ("stop:\n- 算了\nstop:\n- 停\n", [3]),
        ("stop: 算了\n", [1]),
        ("stop: []\n", [1]),
        ("stop:\n- 算了\n- '(停'\n- '{me}停'\n", [3, 4]),
        ("stop:\n- 算了\n- ''\n", [3]),
    ],
    ids=["empty", "not YAML", "unknown", "twice", "no list", "nothing", "broken shapes", "an empty shape"],
)
def test_a_fault_is_told_with_its_line(text: str, lines: list[int]) -> None:
    assert fault_lines(text) == lines
