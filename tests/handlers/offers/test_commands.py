"""`shangan events …` on a data folder of their own, and a chat that registers there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.commands import Machine

FAIR = {
    "kind": "fair",
    "title": "春风招聘会",
    "region": "洪湖市",
    "starts": "2026-12-05T09:00:00+08:00",
    "ends": "2026-12-05T16:00:00+08:00",
    "seats": 1,
}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "data")


def add(machine: Machine, **more: object) -> dict[str, object]:
    found: dict[str, object] = json.loads(
        machine.say("events", "add", "--json", "-", told=json.dumps({**FAIR, **more}))
    )
    return found


def test_an_event_is_added_and_people_register_for_it_in_a_chat(machine: Machine) -> None:
    made = add(machine)
    assert set(made) == {"id", "code", "warnings"}
    code = str(made["code"])
    lines = [{"chat": chat, "text": f"报名 {code}", "profile": {"region": "洪湖市"}} for chat in ("a", "b")]
    told = "".join(json.dumps(line) + "\n" for line in lines)
    said = [json.loads(line) for line in machine.say("chat", "--json", told=told).splitlines()]
    assert [line["chat"] for line in said] == ["a", "b"]
    found = json.loads(machine.run_alone("events", "show", code, "--json"))
    assert (found["state"], found["seats"], found["taken"], found["waiting"]) == ("full", 1, 1, 1)
    assert (found["registered"], found["on_waiting_list"]) == (1, 1)
    assert [one["code"] for one in machine.ask("events", "list")] == [code]


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"title": ""}, "title"),
        ({"kind": "wedding"}, "kind"),
        ({"region": "没有的地方"}, "region"),
        ({"starts": "13月40日"}, "starts"),
        ({"starts": "2026-01-05T09:00:00+08:00", "ends": None}, "starts"),
        ({"seats": 0}, "seats"),
    ],
)
def test_what_is_wrong_is_named_and_ends_with_2(machine: Machine, more: dict[str, object], fault: str) -> None:
    file = machine.folder / "event.json"
    file.write_text(json.dumps({**FAIR, **more}), "utf-8")
    assert fault in machine.run("events", "add", "--json", str(file), code=2)


def test_what_is_no_json_and_what_is_not_there_end_with_2(machine: Machine) -> None:
    file = machine.folder / "event.json"
    file.write_text("[1]", "utf-8")
    machine.run("events", "add", str(file), code=2)
    machine.run("events", "add", str(machine.folder / "nothing.json"), code=2)
    machine.run("events", "show", "0000", code=2)


def test_dates_may_be_written_as_people_write_them(machine: Machine) -> None:
    made = add(machine, starts="下周六上午9点", ends="下午4点")
    found = machine.ask("events", "show", str(made["code"]))
    assert (found["starts"], found["ends"]) == ("2026-12-05T09:00:00+08:00", "2026-12-05T16:00:00+08:00")


def test_a_table_is_looked_at_first_and_faults_end_with_1(machine: Machine) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ("类型", "名称", "地区", "开始"),
        ("岗位", "保洁员", "洪湖市", None),
        ("培训班", "叉车班", "洪湖市", None),
    ):
        sheet.append(row)
    file = machine.folder / "events.xlsx"
    book.save(file)
    looked = json.loads(machine.say("events", "import", str(file), "--json", code=1))
    assert (looked["rows"], looked["fit"], looked["added"]) == (2, 1, 0)
    assert looked["faults"] == [{"row": 3, "column": "开始", "code": "missing"}]
    assert machine.ask("events", "list") == []
    done = json.loads(machine.say("events", "import", str(file), "--yes", "--json", code=1))
    assert (done["added"], len(done["codes"])) == (1, 1)
