"""The contract of `shangan ask`: one JSON line an input line, in order, whatever the lines hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from handlers.policy.labels import label
from tests.commands import Said, call

FIELDS = {"route", "urgent", "outcome", "text", "buttons", "citations", "period", "milliseconds"}
ROUTES = {
    "policy", "grievance", "consult", "jobs", "training", "status", "optout", "greeting", "offtopic", "crisis",
}  # fmt: skip
CLOCK = "2026-11-23T10:00:00+08:00"


def settings(tmp_path: Path) -> dict[str, str]:
    clock = tmp_path / "clock.txt"
    clock.write_text(CLOCK, "utf-8")
    return {"SHANGAN_CLOCK_FILE": str(clock), "SHANGAN_DATA_DIR": str(tmp_path / "data")}


def shangan(tmp_path: Path, *arguments: str) -> Said:
    return call(("ask", *arguments), settings(tmp_path))


def shangan_alone(tmp_path: Path, *arguments: str) -> Said:
    """The same in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "ask", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        env={**os.environ, **settings(tmp_path)},
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def batch(tmp_path: Path, *lines: str | bytes) -> list[dict[str, Any]]:
    file = tmp_path / "questions.jsonl"
    file.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    done = shangan(tmp_path, "--batch", str(file))
    assert (done.code, done.err) == (0, "")
    return [json.loads(line) for line in done.out.split("\n") if line]


def line(number: int, q: Any, region: Any = "洪湖市") -> str:
    return json.dumps({"id": f"q{number}", "q": q, "region": region}, ensure_ascii=False)


def test_every_line_of_a_batch_is_answered_in_its_order(tmp_path: Path) -> None:
    questions = [
        ("招一个渔民补多少钱", "洪湖市"),
        ("厂里招人有没有补贴", None),
        ("低保怎么申请", "武汉市"),
        ("今天天气怎么样", "武汉市"),
        ("", None),
        ("我不想活了", "洪湖市"),
        ("你好", None),
        ("补贴\u2028多少\x85钱\x00", "洪湖市"),
        ("<b>{{ 7*7 }}</b> '; DROP TABLE x; --", "海南省"),
        ("招一个渔民补多少钱", "监利"),
    ]
    said = batch(tmp_path, *(line(number, q, region) for number, (q, region) in enumerate(questions)))
    assert [answer["id"] for answer in said] == [f"q{number}" for number in range(len(questions))]
    for answer in said:
        assert set(answer) == {"id", *FIELDS}
        assert answer["route"] in ROUTES
        assert answer["outcome"] in {"answer", "clarify", "no_answer", "handoff"}
        assert answer["period"] in {"in_force", "ended", "undated", None}
        assert answer["text"].strip()
        assert (answer["period"] is None) == (not answer["citations"])
    told, asked, *_ = said
    assert (told["outcome"], told["period"], told["urgent"]) == ("answer", "ended", False)
    assert "1000元" in told["text"]
    (citation,) = told["citations"]
    assert set(citation) == {"policy", "title", "region", "document_number", "section", "quote", "period"}
    assert (citation["region"], citation["document_number"]) == ("洪湖市", "洪人社办〔2023〕7号")
    source = (files("knowledge") / "policies" / citation["policy"] / "source.txt").read_text("utf-8")
    assert all("".join(quote.split()) in "".join(source.split()) for quote in citation["quote"].split("\n"))
    assert asked["outcome"] == "clarify"
    assert {"洪湖市", "武汉市"} <= set(asked["buttons"])
    assert all(place in asked["text"] for place in asked["buttons"][:-1])
    assert {label("human"), label("original"), label("useful")} <= set(told["buttons"])
    assert (said[5]["route"], said[5]["urgent"], said[5]["outcome"]) == ("crisis", True, "handoff")
    assert (said[6]["route"], said[6]["outcome"]) == ("greeting", "answer")
    assert "49" not in said[8]["text"]
    assert (said[9]["outcome"], said[9]["citations"]) == ("no_answer", [])
    assert "监利" in said[9]["text"]


def test_a_bad_line_is_told_so_and_the_next_one_is_answered(tmp_path: Path) -> None:
    said = batch(
        tmp_path,
        "not json",
        "[]",
        "null",
        '{"id": "a"}',
        line(1, 5),
        line(2, "补贴", 7),
        line(3, "补贴", "火星"),
        "",
        b'{"id": "b", "q": "\xff\xfe"}',
        '{"id": "c", "q": "\\ud800"}',
        "[" * 100_000,
        line(4, "招一个渔民补多少钱"),
    )
    assert [answer["id"] for answer in said] == [None, None, None, "a", "q1", "q2", "q3", None, "c", None, "q4"]
    assert all(set(answer) == {"id", "error"} for answer in said[:8])
    assert said[-1]["outcome"] == "answer"


def test_one_question_is_one_object(tmp_path: Path) -> None:
    done = shangan_alone(tmp_path, "招一个渔民补多少钱", "--region", "新堤", "--json")
    assert (done.code, done.err) == (0, "")
    assert set(json.loads(done.out)) == FIELDS


@pytest.mark.parametrize(
    "arguments",
    [(), ("补贴", "--region", "火星"), ("--batch", "nowhere.jsonl"), ("补贴", "--no-such-option")],
)
def test_wrong_usage_ends_with_2_and_a_word(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = shangan(tmp_path, *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.strip()
    assert "Traceback" not in done.err
