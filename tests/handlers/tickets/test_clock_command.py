"""`shangan clock --batch` as a script sees it: a line in, a line out, whatever the line is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot import cli
from bot.background import Timers
from bot.clock import FixedClock
from bot.database import Database
from bot.errors import DatabaseAway
from bot.staff.audit import Actor, ActorKind
from bot.staff.bureau import BureauSettings
from handlers.tickets.calendar import HolidayTable, load_calendars
from handlers.tickets.holidays import BureauHolidays
from tests.commands import read_knowledge_once

Answer = dict[str, Any]
Ask = Callable[..., list[Answer]]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setenv("SHANGAN_DATA_DIR", str(tmp_path))
    read_knowledge_once(monkeypatch)

    def act(*lines: object) -> list[Answer]:
        given = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        done = CliRunner().invoke(cli.app, ["clock", "--batch", "-"], input=given + "\n")
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.stdout.splitlines()]

    return act


def case(**more: object) -> dict[str, object]:
    return {"id": "a", "region": "洪湖市", "start": "2026-11-27T16:30:00+08:00", "working_minutes": 60, **more}


@pytest.mark.parametrize(
    ("changes", "due", "provisional"),
    [
        ({}, "2026-11-27T17:30:00+08:00", False),
        ({"working_minutes": 61}, "2026-11-30T08:31:00+08:00", False),
        ({"start": "2026-11-27T08:30:00Z", "working_minutes": 61}, "2026-11-30T08:31:00+08:00", False),
        ({"start": "2026-11-27T16:30"}, "2026-11-27T17:30:00+08:00", False),
        ({"region": None}, "2026-11-27T17:30:00+08:00", False),
        ({"region": "421083"}, "2026-11-27T17:30:00+08:00", False),
        ({"pauses": [["2026-11-27T17:00:00+08:00", "2026-11-30T09:00:00+08:00"]]}, "2026-11-30T09:30:00+08:00", False),
        ({"pauses": [["2026-11-27T17:00:00+08:00", None]]}, None, False),
        ({"working_minutes": None, "calendar_days": 15}, "2026-12-12T16:30:00+08:00", False),
        ({"start": "2031-09-30T17:00:00+08:00"}, "2031-10-06T09:00:00+08:00", True),
        ({"working_minutes": 0}, "2026-11-27T16:30:00+08:00", False),
    ],
)
def test_a_case_is_computed(ask: Ask, changes: dict[str, object], due: str | None, provisional: bool) -> None:
    given = {name: value for name, value in case(**changes).items() if name != "working_minutes" or value is not None}
    assert ask(given) == [{"id": "a", "due": due, "provisional": provisional}]


def test_the_holidays_of_the_console_count(ask: Ask, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the bureau itself counts: 30 September to 7 October 2031 are given as holidays, Sunday the 12th is worked."""
    monkeypatch.setenv("SHANGAN_DATABASE_URL", database_url)
    asyncio.run(set_holidays(database_url, 2031))
    assert ask(case(start="2031-09-29T17:00:00+08:00", working_minutes=60)) == [
        {"id": "a", "due": "2031-10-08T09:00:00+08:00", "provisional": False}
    ]
    friday = case(start="2031-10-10T17:00:00+08:00", working_minutes=60)
    assert ask(friday) == [{"id": "a", "due": "2031-10-12T09:00:00+08:00", "provisional": False}]


async def set_holidays(url: str, year: int) -> None:
    database, base = Database(url), load_calendars().table
    assert isinstance(base, HolidayTable)
    days = frozenset(date(year, 9, 30) + timedelta(days=n) for n in range(8))
    table = HolidayTable(frozenset({year}), days, frozenset({date(year, 10, 12)}), frozenset({year}))
    try:
        async with database.transaction() as session:
            await BureauHolidays(base, BureauSettings(database)).save(
                session,
                Timers(database, FixedClock()),
                year,
                table,
                seen="",
                actor=Actor(ActorKind.COMMAND),
                now=FixedClock().now(),
            )
    finally:
        await database.close()


def test_without_a_database_none_is_made(ask: Ask, tmp_path: Path) -> None:
    assert "due" in ask(case())[0]
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_cannot_be_asked_is_a_fault_and_no_guess(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHANGAN_DATA_DIR", str(tmp_path))
    (tmp_path / "cases.jsonl").write_text(json.dumps(case()) + "\n", "utf-8")
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"no database at all " * 100)
    monkeypatch.setenv("SHANGAN_DATABASE_URL", f"sqlite:///{damaged}")
    done = CliRunner().invoke(cli.app, ["clock", "--batch", str(tmp_path / "cases.jsonl")])
    assert isinstance(done.exception, DatabaseAway)
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("nonsense", "not_json"),
        ("[]", "not_an_object"),
        ("5", "not_an_object"),
        (case(start="yesterday"), "bad_time"),
        (case(start=None), "bad_time"),
        (case(region="无此地"), "unknown_region"),
        (case(region=["a"]), "unknown_region"),
        (case(calendar_days=3), "minutes_or_days"),
        (case(working_minutes=None), "minutes_or_days"),
        (case(working_minutes="60"), "bad_count"),
        (case(working_minutes=-1), "bad_count"),
        (case(working_minutes=1.5), "bad_count"),
        (case(working_minutes=True), "bad_count"),
        (case(working_minutes=10**12), "bad_count"),
        (case(pauses="x"), "bad_pauses"),
        (case(pauses=[["2026-11-27T17:00:00+08:00"]]), "bad_pauses"),
        (case(pauses=[["2026-11-28T10:00:00+08:00", "2026-11-28T09:00:00+08:00"]]), "pause_reversed"),
        (case(start="9999-12-31T23:59:00+08:00"), "too_far"),
        (case(start="9999-12-31T23:59:00-12:00"), "too_far"),
    ],
)
def test_a_bad_line_gets_an_error_and_the_others_go_on(ask: Ask, line: object, code: str) -> None:
    bad, good = ask(line, case(id="b"))
    assert bad["error"] == code
    assert bad["id"] == (line["id"] if isinstance(line, dict) else None)
    assert good == {"id": "b", "due": "2026-11-27T17:30:00+08:00", "provisional": False}


def test_lines_keep_their_order_and_their_ids(ask: Ask) -> None:
    found = ask(*(case(id=name) for name in (3, "x", None, {"a": 1})))
    assert [line["id"] for line in found] == [3, "x", None, {"a": 1}]


def test_the_table_of_the_data_folder_holds(ask: Ask, tmp_path: Path) -> None:
    start = case(start="2027-02-04T17:00:00+08:00")
    assert ask(start)[0]["provisional"]
    (tmp_path / "calendar.yaml").write_text(
        """
years: {2027: {holidays: ["2027-02-05 2027-02-11"]}}
hours:
  "421083":
    - {from: 01-01, shifts: ["09:00-12:00", "14:00-18:00"]}
""",
        "utf-8",
    )
    assert ask(start) == [{"id": "a", "due": "2027-02-04T18:00:00+08:00", "provisional": False}]
    assert ask(case(start="2027-02-04T17:30:00+08:00", region="罗庄区"))[0]["due"] == "2027-02-12T09:30:00+08:00"


def test_a_file_may_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHANGAN_DATA_DIR", str(tmp_path))
    (tmp_path / "cases.jsonl").write_text(json.dumps(case()) + "\n\n", "utf-8")
    done = CliRunner().invoke(cli.app, ["clock", "--batch", str(tmp_path / "cases.jsonl")])
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a"]
    assert CliRunner().invoke(cli.app, ["clock", "--batch", str(tmp_path / "none.jsonl")]).exit_code == 2
