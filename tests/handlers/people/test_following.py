"""The rules of follow-up: proper moments, what an answer means, how silence counts."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.quiet import QuietHours
from handlers.people.checking import load_schedule
from handlers.people.following import (
    CheckInState,
    Question,
    TaskReason,
    after,
    concern,
    is_silence,
    next_moment,
)
from handlers.tickets.calendar import load_calendars

SILENT, ANSWERED = str(CheckInState.SILENT), str(CheckInState.ANSWERED)


@pytest.mark.parametrize(
    ("at", "moment"),
    [
        ("2026-11-24T10:00", "2026-11-24T10:00"),
        ("2026-11-24T22:30", "2026-11-25T08:30"),  # night
        ("2026-11-24T12:40", "2026-11-24T14:00"),  # the noon rest
        ("2026-11-28T10:00", "2026-11-30T08:30"),  # Saturday
        ("2026-10-02T10:00", "2026-10-08T08:30"),  # 国庆
    ],
)
def test_nobody_is_asked_at_night_on_rest_days_and_holidays(at: str, moment: str) -> None:
    hours = load_calendars().of("421083")
    found = next_moment(datetime.fromisoformat(f"{at}+08:00"), hours, QuietHours.read("21:00-08:00").end_after)
    assert found == datetime.fromisoformat(f"{moment}+08:00")


def test_quiet_hours_within_the_working_day_hold_too() -> None:
    hours = load_calendars().of("421083")
    found = next_moment(
        datetime.fromisoformat("2026-11-24T08:40+08:00"), hours, QuietHours.read("20:00-09:30").end_after
    )
    assert found == datetime.fromisoformat("2026-11-24T09:30+08:00")


def test_three_questions_at_most_and_income_only_of_who_has_work() -> None:
    assert after(Question.EMPLOYMENT, "employed") is Question.INCOME
    assert after(Question.EMPLOYMENT, "unemployed") is Question.TRAINING
    assert after(Question.INCOME, "employed") is Question.TRAINING
    assert after(Question.TRAINING, "employed") is None


@pytest.mark.parametrize(
    ("before", "employment", "income", "reason"),
    [
        ("employed", "unemployed", "", TaskReason.JOB_LOST),
        ("unemployed", "unemployed", "", None),
        ("employed", "employed", "down", TaskReason.INCOME_DOWN),
        ("employed", "employed", "same", None),
        ("", "not_looking", "", None),
    ],
)
def test_what_needs_somebody(before: str, employment: str, income: str, reason: TaskReason | None) -> None:
    assert concern(before=before, employment=employment, income=income) is reason


@pytest.mark.parametrize(
    ("states", "makes_task"),
    [
        ([SILENT], False),
        ([SILENT, SILENT], True),
        ([SILENT, SILENT, SILENT], False),
        ([SILENT, ANSWERED, SILENT], False),
        ([SILENT, SILENT, ANSWERED], True),
        ([ANSWERED, SILENT, SILENT], False),
        ([], False),
    ],
)
def test_two_silences_in_a_row_make_one_task(states: list[str], makes_task: bool) -> None:
    assert is_silence(states, 2) is makes_task


def test_the_schedule_leaves_time_to_answer() -> None:
    schedule = load_schedule()
    assert 0 < schedule.answer <= schedule.retry + schedule.answer < schedule.every
    assert schedule.silences >= 2
