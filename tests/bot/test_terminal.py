"""`shangan chat --json`: one line in, one line out, in order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.channels.terminal import talk_in_json
from tests.fakes import Said


async def converse(app: App, *lines: Any) -> list[dict[str, Any]]:
    written: list[str] = []
    given = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    await talk_in_json(app.conversation, given, written.append)
    return [json.loads(line) for line in written]


async def test_lines_are_answered_in_order_with_their_own_ids(app: App) -> None:
    said = await converse(
        app,
        {"chat": "a", "text": "补多少", "id": "x"},
        {"chat": "b", "text": "培训呢", "id": 7},
        {"chat": "a", "text": "还有呢"},
    )
    assert [(line["chat"], line["replies"][-1]["text"]) for line in said] == [
        ("a", "第 1 答：补多少"),
        ("b", "第 1 答：培训呢"),
        ("a", "第 2 答：还有呢"),
    ]
    assert [line["id"] for line in said[:2]] == ["x", 7]


async def test_same_id_gets_the_same_line(app: App) -> None:
    line = {"chat": "a", "text": "补多少", "id": "x"}
    first, _, again = await converse(app, line, {"chat": "a", "text": "培训呢", "id": "y"}, line)
    assert again == first


async def test_value_sent_as_text_presses_the_button(app: App) -> None:
    first, *_ = await converse(app, {"chat": "a", "text": "补多少"})
    button = first["replies"][-1]["buttons"][0]
    pressed, *_ = await converse(app, {"chat": "a", "text": button["value"]})
    assert button["label"] == "看原文"
    assert pressed["replies"][-1]["text"] == "按了 policy:original {'id': 1}"


async def test_waiting_news_comes_first_and_is_marked(app: App) -> None:
    await converse(app, {"chat": "a", "text": "补多少"})
    async with app.database.transaction() as session:
        await app.outbox.post(session, 1, [Said("有答复了")])
    line, *_ = await converse(app, {"chat": "a", "text": "好"})
    assert line["replies"][0] == {"text": "有答复了", "buttons": [], "pushed": True}
    assert "pushed" not in line["replies"][1]


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[1]",
        "null",
        '"text"',
        {"text": "补多少"},
        {"chat": "a"},
        {"chat": "a", "text": ["x"]},
        {"chat": "a", "text": True},
        {"chat": "a", "text": "x", "profile": "洪湖"},
        {"chat": "a", "text": "x", "attachments": [{"path": "/no/such/file"}]},
        {"chat": "a", "text": "x", "attachments": "y"},
        "[" * 100_000,
    ],
)
async def test_bad_line_is_an_error_and_the_next_one_is_answered(app: App, line: Any) -> None:
    bad, good = await converse(app, line, {"chat": "a", "text": "补多少"})
    assert set(bad) == {"error"}
    assert good["replies"]


async def test_half_a_character_in_and_valid_json_out(app: App) -> None:
    line, *_ = await converse(app, '{"chat": "\\ud83d", "text": "补\\ud83d多少"}')
    assert line["replies"][-1]["text"] == "第 1 答：补多少"


async def test_attachment_is_met_with_what_to_do_instead(app: App, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    given = {"chat": "a", "text": "", "attachments": [{"path": str(tmp_path / "photo.jpg")}]}
    line, *_ = await converse(app, given)
    assert "图片" in line["replies"][-1]["text"]
