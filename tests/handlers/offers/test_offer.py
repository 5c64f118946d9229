"""The rules about offers: moves, completeness, forbidden limits, numbers."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import LOCAL
from bot.quiet import QuietHours
from handlers.offers.limits import load_limits
from handlers.offers.offer import (
    COMING,
    MOVES,
    Draft,
    Kind,
    Move,
    OfferMoveRefused,
    State,
    check_in_code,
    check_move,
    closes_at,
    code_digits,
    faults_of,
    limits_in,
    missing_of,
    over_at,
)
from handlers.offers.reminding import Reminder, reminders

NOW = datetime(2026, 11, 29, 10, 0, tzinfo=LOCAL)
SOON = datetime(2026, 12, 5, 9, 0, tzinfo=LOCAL)
HAINAN = "460000"


def draft(**more: object) -> Draft:
    return Draft(**{"kind": Kind.COURSE, "title": "叉车班", "region": "421083", "starts": SOON, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("move", list(Move))
def test_only_the_moves_of_the_table_are_made(move: Move, state: State) -> None:
    if state in MOVES[move].origins:
        assert check_move(move, state) is MOVES[move].target
    else:
        with pytest.raises(OfferMoveRefused):
            check_move(move, state)


def test_what_is_cancelled_stays_cancelled() -> None:
    assert all(State.CANCELLED not in step.origins for step in MOVES.values())
    assert State.CANCELLED not in COMING


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"title": " "}, "title"),
        ({"title": "长" * 121}, "title"),
        ({"starts": None}, "starts"),
        ({"starts": NOW - timedelta(days=2)}, "starts"),
        ({"starts": NOW - timedelta(days=2), "ends": NOW - timedelta(hours=1)}, "ends"),
        ({"ends": SOON - timedelta(hours=1)}, "ends"),
        ({"closes": SOON + timedelta(days=2)}, "closes"),
        ({"seats": 0}, "seats"),
        ({"kind": Kind.VACANCY, "pay_from": 5000, "pay_to": 4000}, "pay_to"),
        ({"details": {"needs": "长" * 2001}}, "needs"),
    ],
)
def test_what_cannot_stand_is_named_by_its_field(more: dict[str, object], fault: str) -> None:
    assert list(faults_of(draft(**more), now=NOW)) == [fault]


def test_a_vacancy_needs_no_day() -> None:
    assert faults_of(draft(kind=Kind.VACANCY, starts=None), now=NOW) == {}


def test_what_had_begun_already_may_still_be_changed() -> None:
    begun = NOW - timedelta(days=1)
    assert faults_of(draft(starts=begun), now=NOW)
    assert faults_of(draft(starts=begun), now=NOW, known_start=begun) == {}


def test_what_people_ask_first_and_is_not_written_is_missing() -> None:
    assert missing_of(draft(kind=Kind.VACANCY)) == ("employer", "trade", "pay_from", "place")
    assert missing_of(draft(kind=Kind.FAIR, place="镇上", details={"employers": "3家"})) == ()


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("限男性", "sex"),
        ("女士优先", "sex"),
        ("只招女工", "sex"),
        ("限能吃苦的女性", "sex"),
        ("要求男性", "sex"),
        ("有经验，女性，能倒班", "sex"),
        ("男保安两名", "sex"),
        ("四十五岁以下", "age"),
        ("年龄最好在45以下", "age"),
        ("18-45岁", "age"),
        ("年龄45周岁以下", "age"),
        ("不超过50岁", "age"),
        ("限90后", "age"),
        ("残疾人勿扰", "disability"),
        ("四肢健全，五官端正", "disability"),
        ("不招少数民族", "people"),
        ("不要信教的", "faith"),
        ("要查乙肝两对半", "illness"),
        ("已婚已育优先", "marriage"),
        ("限本地户口", "origin"),
    ],
)
def test_limits_that_the_law_forbids_are_found_with_their_clause(words: str, name: str) -> None:
    (found,) = limits_in(draft(details={"needs": words}), load_limits())
    assert found.name == name
    assert "就业促进法" in found.clause
    assert found.words in words


@pytest.mark.parametrize("words", ["限35岁以下女性", "45岁以下男的", "女，18-40岁", "男性50岁以内", "招聘40岁以内女工"])
def test_a_limit_of_age_and_sex_in_one_breath_is_both(words: str) -> None:
    found = limits_in(draft(details={"needs": words}), load_limits())
    assert {limit.name for limit in found} == {"sex", "age"}


@pytest.mark.parametrize(
    "words",
    [
        "男女不限，年龄不限",
        "有男女宿舍",
        "男女各10名",
        "子女可以随行",
        "年满18周岁",
        "16岁以上",
        "16-60周岁",
        "18岁到法定退休年龄",
        "残疾人也可以",
        "会电焊，有证",
        "初中文化，身体健康",
        "信仰不限",
        "本地有宿舍",
    ],
)
def test_what_shuts_nobody_out_is_no_limit(words: str) -> None:
    assert limits_in(draft(details={"needs": words}), load_limits()) == ()


def test_limits_of_age_cite_the_document_of_the_place_that_has_one() -> None:
    (here,) = limits_in(draft(title="45岁以下", region=HAINAN), load_limits())
    (there,) = limits_in(draft(title="45岁以下"), load_limits())
    assert "海南省" in here.clause
    assert "海南省" not in there.clause


@given(st.integers(min_value=1, max_value=10**6))
def test_no_two_of_an_offer_share_a_number_at_the_door(offer_id: int) -> None:
    codes = {check_in_code(offer_id, seq) for seq in range(1, 500)}
    assert len(codes) == 499
    assert {len(code) for code in codes} == {4}


def test_numbers_are_short_while_there_are_few() -> None:
    assert [code_digits(count) for count in (0, 1_799, 1_800, 20_000)] == [4, 4, 5, 6]


def test_a_course_closes_when_it_begins_and_a_fair_when_it_is_over() -> None:
    ends = SOON + timedelta(hours=7)
    assert closes_at(Kind.COURSE, SOON, ends, None) == SOON
    assert closes_at(Kind.FAIR, SOON, ends, None) == ends
    assert closes_at(Kind.VACANCY, None, None, None) is None
    assert over_at(SOON, None) == datetime(2026, 12, 5, 23, 59, 59, tzinfo=LOCAL)


QUIET = QuietHours.read("21:00-08:00")


@pytest.mark.parametrize(
    ("starts", "day", "hours"),
    [
        ("2026-12-05T14:00", "2026-12-04T10:00", "2026-12-05T12:00"),
        # Two hours before is in the quiet; at its end an hour and a half is left.
        ("2026-12-05T09:30", "2026-12-04T10:00", "2026-12-05T08:00"),
        # At the end of the quiet it would be too late: the evening before.
        ("2026-12-05T08:30", "2026-12-04T10:00", "2026-12-04T20:30"),
        ("2026-12-05T05:00", "2026-12-04T10:00", "2026-12-04T20:30"),
    ],
)
def test_reminders_keep_out_of_the_quiet_hours(starts: str, day: str, hours: str) -> None:
    at = datetime.fromisoformat(starts).replace(tzinfo=LOCAL)
    found = reminders(at, timed=True, quiet=QUIET.end_after)
    assert {which: f"{due:%Y-%m-%dT%H:%M}" for which, due in found.items()} == {
        Reminder.DAY: day,
        Reminder.HOURS: hours,
    }


def test_what_begins_at_no_known_time_is_reminded_of_once() -> None:
    assert list(reminders(SOON, timed=False, quiet=QUIET.end_after)) == [Reminder.DAY]
