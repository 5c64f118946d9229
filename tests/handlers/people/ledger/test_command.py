"""`shangan people import`: what it tells, how it ends, and a kill in the middle."""

from __future__ import annotations

import json
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Machine
from tests.handlers.people.ledger.make import HEAD, ID, OTHER, ROW, number, sheet, text


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "here")


def put(machine: Machine, content: bytes, name: str = "ledger.xlsx") -> str:
    file = machine.folder / name
    file.write_bytes(content)
    return str(file)


def persons(machine: Machine) -> int:
    with sqlite3.connect(machine.folder / "shangan.sqlite3") as base:
        return int(base.execute("SELECT count(*) FROM person").fetchone()[0])


def test_without_yes_nothing_is_written_and_with_it_once(machine: Machine) -> None:
    bad = ["示例王五", ID[:-1], "", "", ""]
    file = put(machine, sheet([*HEAD, "血型"], ROW, OTHER, bad))
    look = machine.ask("people", "import", file)
    counts = ("rows", "added", "changed", "same", "refused")
    assert [look[name] for name in counts] == [3, 2, 0, 0, 1]
    assert (look["template"], look["unknown_columns"], look["done"]) == ("T2", ["血型"], False)
    assert look["columns"]["身份证号"] == "id_number"
    (fault,) = look["faults"]
    assert (fault["row"], fault["column"], fault["code"], fault["refused"]) == (4, "身份证号", "id_length", True)
    assert persons(machine) == 0
    done = machine.ask("people", "import", file, "--yes")
    assert [done[name] for name in counts] == [3, 2, 0, 0, 1]
    again = machine.ask("people", "import", file, "--yes")
    assert [again[name] for name in counts] == [3, 0, 0, 2, 1]
    assert persons(machine) == 2
    for told in (json.dumps(done, ensure_ascii=False), machine.run("people", "import", file)):
        assert not any(private in told for private in ("示例", ID[6:14], "13800001234"))


def test_region_and_template_can_be_given(machine: Machine) -> None:
    file = put(machine, text(HEAD, ROW, encoding="gb18030"), "台账.csv")
    assert machine.ask("people", "import", file, "--region", "罗庄区")["refused"] == 1
    assert machine.ask("people", "import", file, "--region", "洪湖市")["regions"] == {"421083001": 1}
    machine.run("people", "import", file, "--region", "无此地", code=2)
    machine.run("people", "import", file, "--template", "T3", code=2)


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "table_empty"), (b"PK", "table_broken"), (b"a,b\r\n1,2\r\n", "table_no_header")]
)
def test_a_file_that_is_no_ledger_ends_with_its_code(machine: Machine, content: bytes, code: str) -> None:
    out = machine.say("people", "import", put(machine, content), "--yes", "--json", code=2)
    assert json.loads(out)["error"] == code


def test_a_file_that_is_not_there_is_said_so(machine: Machine) -> None:
    machine.run("people", "import", str(machine.folder / "nothing.xlsx"), code=2)


def test_killed_in_the_middle_it_is_finished_by_the_next_call(machine: Machine) -> None:
    rows = [["示例某人", number(born=born, order=order), "", "", ""] for born in BORN for order in range(1, 450)]
    file = put(machine, sheet(HEAD, *rows))
    machine.run("people", "import", put(machine, sheet(HEAD), "empty.xlsx"))  # makes the database
    process = machine.start("people", "import", file, "--yes", "--json")
    until(lambda: persons(machine) >= 200)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 200 <= persons(machine) < len(rows)
    again = machine.ask("people", "import", file, "--yes")
    assert (again["added"], again["changed"], again["same"]) == (0, 0, len(rows))
    assert persons(machine) == len(rows)
    with sqlite3.connect(machine.folder / "shangan.sqlite3") as base:
        runs: list[Any] = base.execute("SELECT state, counts FROM import_run ORDER BY id").fetchall()
        assert [(state, json.loads(counts)["added"]) for state, counts in runs] == [("done", len(rows)), ("done", 0)]
        assert base.execute("SELECT count(*) FROM import_file").fetchone() == (0,)


def test_a_ledger_goes_out_masked_and_in_full_only_with_a_reason(machine: Machine) -> None:
    machine.run("people", "import", put(machine, sheet(HEAD, ROW, OTHER)), "--yes")
    out = machine.folder / "out.xlsx"
    assert machine.run("people", "export", str(out), "--book", "village", "--village", "示例村").endswith("1 rows\n")
    machine.run("people", "export", str(out), "--unmasked", code=2)
    machine.run("people", "export", str(out), "--unmasked", "--reason", "核对")
    assert machine.ask("people", "import", str(out))["same"] == 2
    assert json.loads(machine.run("audit", "verify", "--json"))["unbroken"]


BORN = ("19680103", "19680104", "19680105", "19680106")


def until(holds: Any) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
