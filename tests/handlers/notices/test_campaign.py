"""The rules about campaigns: the table of moves, approval, texts with variables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.notices.campaign import (
    ENDED,
    MOVES,
    ApprovalRefused,
    CampaignMoveRefused,
    Move,
    SchedulePast,
    State,
    allowed_moves,
    check_approval,
    check_move,
    check_time,
    faults_of,
    fill,
    missing_in,
    sms_parts,
    telegram_length,
    text_for,
    variables_in,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@given(st.sampled_from(Move), st.sampled_from(State))
def test_only_what_the_table_holds_is_allowed(move: Move, state: State):
    if state in MOVES[move].origins:
        assert check_move(move, state) is MOVES[move].target
    else:
        with pytest.raises(CampaignMoveRefused):
            check_move(move, state)


@pytest.mark.parametrize("state", sorted(ENDED))
def test_what_has_ended_moves_no_more(state: State):
    assert allowed_moves(state) == ()


@pytest.mark.parametrize("state", [state for state in State if state not in ENDED])
def test_everything_that_has_not_ended_can_be_stopped(state: State):
    assert Move.STOP in allowed_moves(state)


def test_a_large_one_is_not_approved_by_its_author():
    check_approval(size=500, above=500, by_author=True)
    check_approval(size=501, above=500, by_author=False)
    with pytest.raises(ApprovalRefused):
        check_approval(size=501, above=500, by_author=True)


def test_the_past_is_no_time_to_begin():
    check_time(NOW + timedelta(seconds=1), NOW)
    for at in (NOW, NOW - timedelta(days=1)):
        with pytest.raises(SchedulePast):
            check_time(at, NOW)


def test_variables_are_put_in_as_they_are():
    values = {"when": "12月5日{place}", "place": "新堤"}
    assert variables_in("{when}在{place}，{ when }") == ("when", "place")
    assert fill("{when}在{place}", values) == "12月5日{place}在新堤"
    assert missing_in("{when}{seats}", values) == ("seats",)


@pytest.mark.parametrize(
    ("title", "text", "faults"),
    [
        ("招聘会", "{when}有招聘会", {"text": "variable:when"}),
        ("招聘会", "{who}您好", {"text": "unknown:who"}),
        ("招聘会", "{}", {"text": "unknown:"}),
        ("招聘会", "", {"text": "missing"}),
        ("", "好", {"title": "missing"}),
        ("长" * 121, "好", {"title": "long"}),
        ("招聘会", "字" * 5000, {"text": "long"}),
        ("招聘会", "在{place}，字" + "字" * 3693, {"text": "long"}),
        ("招聘会", "在{place}", {}),
    ],
)
def test_what_cannot_be_sent_says_which_field_is_why(title: str, text: str, faults: dict[str, str]):
    assert faults_of(title, {"all": text}, {"place": "洪湖市新堤"}) == faults


@pytest.mark.parametrize(("length", "parts"), [(0, 0), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_a_short_message_holds_seventy_characters_and_its_parts_sixty_seven(length: int, parts: int):
    assert sms_parts("字" * length) == parts


def test_telegram_counts_what_lies_beyond_the_basic_plane_twice():
    assert telegram_length("𠮷字") == 3


def test_a_channel_without_a_text_of_its_own_gets_the_one_for_all():
    assert text_for({"all": "一", "webchat": "二"}, "webchat") == "二"
    assert text_for({"all": "一", "webchat": ""}, "webchat") == "一"
    assert text_for({"webchat": "二"}, "telegram") == "二"  # nobody gets an empty notice
