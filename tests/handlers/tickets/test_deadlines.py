"""Limits as data: what ships, what a bureau changes, and how faults are named."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files
from pathlib import Path

import pytest

from bot.errors import StartupError
from handlers.tickets.calendar import load_calendars
from handlers.tickets.deadlines import NAME, Limit, Unit, load_deadlines
from handlers.tickets.ticket import Category, Kind, Priority
from handlers.tickets.worktime import LOCAL

HOURS = load_calendars().of(None)
START = datetime(2026, 11, 24, 10, 14, tzinfo=LOCAL)


def ours() -> str:
    return (files("handlers.tickets") / NAME).read_text("utf-8")


def faults_of(folder: Path, text: str) -> list[str]:
    (folder / NAME).write_text(text, "utf-8")
    with pytest.raises(StartupError) as refused:
        load_deadlines(folder)
    assert refused.value.exit_code == 2
    return str(refused.value).splitlines()


@pytest.mark.parametrize(
    ("kind", "days"), [(Kind.CONSULT, 2), (Kind.REQUEST, 5), (Kind.COMPLAINT, 10), (Kind.REPORT, 10)]
)
def test_how_long_an_answer_may_take(kind: Kind, days: int) -> None:
    limits = load_deadlines().limits(kind, Category.INSURANCE, Priority.ORDINARY)
    assert limits.answer == Limit(days, Unit.DAYS)
    assert limits.extension == limits.answer
    assert limits.answer.minutes(HOURS, START) == days * 420


def test_urgent_matters_are_taken_and_called_sooner_and_hard_ones_take_longer() -> None:
    deadlines = load_deadlines()
    ordinary = deadlines.limits(Kind.REQUEST, Category.PETITION, Priority.ORDINARY)
    urgent = deadlines.limits(Kind.REQUEST, Category.PETITION, Priority.URGENT)
    for wait in ("accept", "contact"):
        assert getattr(urgent, wait).minutes(HOURS, START) < getattr(ordinary, wait).minutes(HOURS, START)
    assert ordinary.answer == Limit(15, Unit.DAYS)


def test_a_limit_in_days_of_the_calendar_is_what_is_worked_in_them() -> None:
    assert Limit(7, Unit.CALENDAR_DAYS).minutes(HOURS, START) == 5 * 420
    assert Limit(4, Unit.HOURS).minutes(HOURS, START) == 240


def test_the_data_folder_goes_before_ours(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(ours().replace("consult: 2 days", "consult: 3 hours"), "utf-8")
    limits = load_deadlines(tmp_path).limits(Kind.CONSULT, Category.GENERAL, Priority.ORDINARY)
    assert limits.answer == Limit(3, Unit.HOURS)


def test_all_faults_are_named_at_once_with_their_lines(tmp_path: Path) -> None:
    text = (
        ours()
        .replace("consult: 2 days", "consult: 2 weeks")
        .replace("petition: 15 days", "petitions: 15 days")
        .replace("silence: 2 days", "silence: 0 days")
        .replace("task: 1 days", "tusk: 1 days")
    )
    said = faults_of(tmp_path, text)
    for word in ("consult", "petitions", "silence", "tusk"):
        line = next(n for n, words in enumerate(text.splitlines(), 1) if words.strip().startswith(word))
        assert any(f"line {line}: {word}" in found for found in said), word
    assert any(": task:" in found for found in said)  # missing, so without a line


@pytest.mark.parametrize("name", ["answer", "urgent", "difficult"])
@pytest.mark.parametrize("value", ["5 days", "[1, 2]", "7"])
def test_a_faulty_table_stops_the_start_and_never_crashes(tmp_path: Path, name: str, value: str) -> None:
    kept = "\n".join(line for line in ours().splitlines() if line[:1] not in " " and not line.startswith(name))
    assert any(name in line for line in faults_of(tmp_path, f"{kept}\n{name}: {value}\n"))


def test_a_table_without_a_limit_for_what_is_missing_waits_as_long_as_after_the_answer(tmp_path: Path) -> None:
    lines = [line for line in ours().splitlines() if not line.startswith("supplement:")]
    (tmp_path / NAME).write_text("\n".join(lines).replace("silence: 2 days", "silence: 3 days"), "utf-8")
    assert load_deadlines(tmp_path).supplement == Limit(3, Unit.DAYS)
