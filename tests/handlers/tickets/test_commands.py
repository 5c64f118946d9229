"""`shangan tickets|queue|audit|demo`, backup and restore, on a data folder of their own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.commands import Machine

ROWS = [
    {"number": "261124-00012", "chat": "a", "region": "洪湖市", "category": "insurance", "text": "补贴没到账"},
    {"chat": "b", "region": "洪湖市", "category": "labour", "text": "=欠薪", "state": "working", "group": True},
    {"chat": "c", "category": "general", "text": "问个事", "state": "supplement"},
]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "here")


def test_queues_are_added_listed_and_staffed(machine: Machine) -> None:
    place = ("--region", "洪湖市", "--category", "insurance")
    made = machine.ask("queue", "add", "社保", *place, "--telegram-chat", "-100")
    assert (made["region"], made["category"], made["telegram_chat"]) == ("421083", "insurance", "-100")
    machine.run("queue", "add", "社保", "--region", "洪湖市", "--category", "labour", code=2)
    machine.run_alone("queue", "add", "x", "--region", "无此地", "--category", "labour", code=2)
    who = ("--role", "clerk", "--region", "洪湖市", "--queue", "社保", "--json")
    machine.run("staff", "add", "zhou", *who)
    machine.run("staff", "add", "li", "--role", "clerk", "--region", "洪湖市")
    machine.run("queue", "assign", "社保", "li")
    machine.run("queue", "assign", "社保", "nobody", code=2)
    machine.run("staff", "duty", "li", "away")
    assert [one["username"] for one in machine.ask("queue", "duty", "社保")] == ["zhou"]
    assert machine.ask("queue", "list")[0]["staff"] == ["zhou", "li"]


def test_tickets_are_seeded_shown_listed_exported_and_handed_over(machine: Machine) -> None:
    numbers = machine.seed(ROWS)
    assert numbers[0] == "261124-00012"
    shown = machine.ask("tickets", "show", "26112400012")
    assert (shown["state"], shown["region"], shown["timeline"][0]["text"]) == ("waiting", "421083", "补贴没到账")
    machine.run_alone("tickets", "show", "261124-99999", code=2)
    lines = [json.loads(line) for line in machine.run("tickets", "list", "--json").splitlines()]
    assert {line["number"]: line["state"] for line in lines} == dict(
        zip(numbers, ("waiting", "working", "supplement"), strict=True)
    )
    # A number that was given elsewhere is not given again.
    assert machine.seed(ROWS[1:]) != numbers[1:]
    assert "261124-00012" not in numbers[1:]
    machine.run("tickets", "export", str(machine.folder / "a.xlsx"))
    cells = [cell for row in load_workbook(machine.folder / "a.xlsx").active.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    machine.run("tickets", "export", str(machine.folder / "b.xlsx"), "--unmasked", code=2)
    machine.run("tickets", "export", str(machine.folder / "b.xlsx"), "--unmasked", "--reason", "核对")
    machine.run("staff", "add", "zhou", "--role", "clerk", "--region", "洪湖市")
    assert "0 tickets" in machine.run("tickets", "hand-over", "zhou")
    assert machine.ask("audit", "verify") == {"unbroken": True, "broken": []}


@pytest.mark.parametrize(
    "row",
    [
        {"text": "x", "state": "nowhere"},
        {"text": "x", "category": "nothing"},
        {"text": "x", "region": "无此地"},
        {"text": "x", "chat": "a", "channel": "pigeon"},
        {"number": "261124-00012", "text": "again"},
        ["no object"],
    ],
)
def test_of_a_faulty_file_nothing_is_put_in(machine: Machine, row: Any) -> None:
    machine.seed([*ROWS[:1], row], code=2)
    assert machine.run("tickets", "list", "--json") == ""


def test_tampering_is_told_by_the_exit_code(machine: Machine) -> None:
    import sqlite3

    machine.seed(ROWS)
    with sqlite3.connect(machine.folder / "shangan.sqlite3") as database:
        database.execute("UPDATE ticket_entry SET role = 'head' WHERE id = 1")
    machine.run_alone("audit", "verify", code=1)


def test_a_demo_fills_an_empty_database_only(machine: Machine) -> None:
    machine.run("demo", "--count", "25")
    lines = [json.loads(line) for line in machine.run("tickets", "list", "--json").splitlines()]
    assert len(lines) == 25
    assert len({line["state"] for line in lines}) > 2
    machine.run("demo", code=2)
    assert machine.ask("audit", "verify")["unbroken"]


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_tickets_and_attachments_go_through_backup_and_restore(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    """SQLite to SQLite, and to PostgreSQL and back."""
    import sqlite3

    first = Machine(tmp_path / "first")
    first.seed(ROWS)
    first.run("staff", "add", "zhou", "--role", "clerk", "--region", "洪湖市")
    with sqlite3.connect(first.folder / "shangan.sqlite3") as database:
        database.execute(
            "INSERT INTO ticket_attachment (ticket_id, at, name, media_type, size, digest, content, channel, reference)"
            " VALUES (1, '2026-11-24 01:00:00', 'a.jpg', 'image/jpeg', 5, '', x'ffd8ff0001', '', '')"
        )
    url = request.getfixturevalue("postgres_url") if kind == "postgres" else ""
    places = [first, Machine(tmp_path / "second", url)]
    if kind != "sqlite":
        places.append(Machine(tmp_path / "third"))
    for place, (old, new) in enumerate(pairwise(places)):
        archive = tmp_path / f"{place}.zip"
        old.run("backup", str(archive))
        new.run("restore", str(archive))
        assert new.ask("audit", "verify") == {"unbroken": True, "broken": []}
        assert new.ask("tickets", "show", "261124-00012") == old.ask("tickets", "show", "261124-00012")
        assert new.run("tickets", "list", "--json") == old.run("tickets", "list", "--json")
    # What was restored goes on: numbers, ids and chains.
    last = places[-1]
    assert len(last.seed([{"chat": "d", "text": "新的"}])) == 1
    assert last.ask("audit", "verify")["unbroken"]
    with sqlite3.connect(last.folder / "shangan.sqlite3") as database:
        assert database.execute("SELECT content FROM ticket_attachment").fetchone() == (b"\xff\xd8\xff\x00\x01",)


@pytest.mark.parametrize("step", ["queue", "number", "ticket", "entry", "timer", "delivery", "commit"])
def test_killed_between_two_steps_nothing_is_half_done(machine: Machine, step: str) -> None:
    machine.seed(ROWS)
    before = machine.run("tickets", "list", "--json")
    child = subprocess.run(
        [sys.executable, "-m", "tests.handlers.tickets.kill_child", step],
        env=machine.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    assert machine.run("tickets", "list", "--json") == before
    assert machine.ask("audit", "verify")["unbroken"]
    assert len(machine.seed([{"chat": "d", "text": "新的"}])) == 1
