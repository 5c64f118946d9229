"""`shangan campaigns`, on a data folder of their own."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands import Machine

SAID = [
    {"chat": "a", "id": "1", "text": "我是洪湖市的", "profile": {"region": "洪湖市"}},
    {"chat": "a", "id": "2", "text": "开通通知"},
]


def test_a_campaign_is_added_sent_shown_and_a_faulty_one_leaves_nothing(tmp_path: Path):
    machine = Machine(tmp_path / "data", clock="2026-11-24T09:00:00+08:00")
    lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in SAID)
    assert machine.say("chat", "--json", told=lines).count("\n") == 2
    file = tmp_path / "campaign.json"
    file.write_text(
        json.dumps({"text": "{place}周六有招聘会", "audience": {"region": "洪湖市"}, "approved_by": "赵科长"}), "utf-8"
    )
    found = machine.ask("campaigns", "add", str(file), "--start")
    shown = json.loads(machine.run_alone("campaigns", "show", str(found["id"]), "--json"))
    assert (shown["state"], shown["maybe_repeated"], shown["approved_by"]) == ("running", 0, "赵科长")
    machine.run("campaigns", "pause", str(found["id"]))
    file.write_text(json.dumps({"text": "{when}有招聘会", "audience": {"region": "洪湖市"}}), "utf-8")
    assert "text: variable:when" in machine.run("campaigns", "add", str(file), "--start", code=2)
    file.write_text(json.dumps({"text": "好", "audience": {"region": "月球"}, "colour": "red"}), "utf-8")
    assert "colour: unknown" in machine.run("campaigns", "add", str(file), code=2)
    assert [one["state"] for one in machine.ask("campaigns", "list")] == ["paused"]
    assert "no campaign 99" in machine.run("campaigns", "show", "99", code=2)


def test_a_notice_of_an_offer_is_of_its_kind_unless_another_is_given(tmp_path: Path):
    machine = Machine(tmp_path / "data", clock="2026-11-24T09:00:00+08:00")
    course = {"kind": "培训班", "title": "电焊班", "region": "洪湖市", "starts": "2026-12-05T09:00", "seats": 30}
    offer = json.loads(machine.say("events", "add", "--json", "-", told=json.dumps(course)))["code"]
    written = {"text": "{when}开班", "audience": {"region": "洪湖市"}, "offer": offer}
    for given, kind in (({}, "training"), ({"kind": "policy"}, "policy")):
        (tmp_path / "campaign.json").write_text(json.dumps({**written, **given}), "utf-8")
        found = machine.ask("campaigns", "add", str(tmp_path / "campaign.json"))
        assert machine.ask("campaigns", "show", str(found["id"]))["kind"] == kind
