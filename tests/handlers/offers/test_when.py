"""Dates in every form people write."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import LOCAL
from handlers.offers.when import read_moment, read_when

NOW = datetime(2026, 11, 29, 10, 0, tzinfo=LOCAL)
"""A Sunday; the twenty-first of the tenth lunar month."""


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("下周六", "2026-12-05", "2026-12-05"),
        ("周六", "2026-12-05", "2026-12-05"),
        ("这周末有没有", "2026-11-28", "2026-11-29"),
        ("下周", "2026-11-30", "2026-12-06"),
        ("下下周三", "2026-12-09", "2026-12-09"),
        ("礼拜天", "2026-11-29", "2026-11-29"),
        ("周一到周五", "2026-11-30", "2026-12-04"),
        ("后天", "2026-12-01", "2026-12-01"),
        ("三天后", "2026-12-02", "2026-12-02"),
        ("过两周", "2026-12-13", "2026-12-13"),
        ("12/5", "2026-12-05", "2026-12-05"),
        ("12月5-7日", "2026-12-05", "2026-12-07"),
        ("12月5号到1月7号", "2026-12-05", "2027-01-07"),
        ("2026.12.5-12.7", "2026-12-05", "2026-12-07"),
        ("26年12月5号", "2026-12-05", "2026-12-05"),
        ("二〇二六年十二月五日", "2026-12-05", "2026-12-05"),
        ("20261205", "2026-12-05", "2026-12-05"),
        ("十二月二十日", "2026-12-20", "2026-12-20"),
        ("8月15", "2027-08-15", "2027-08-15"),
        ("明年3月8号", "2027-03-08", "2027-03-08"),
        ("下个月5号", "2026-12-05", "2026-12-05"),
        ("月底", "2026-11-26", "2026-11-30"),
        ("12月底前", "2026-11-29", "2026-12-31"),
        ("下个月", "2026-12-01", "2026-12-31"),
        ("腊月二十", "2027-01-27", "2027-01-27"),
        ("冬月初三", "2026-12-11", "2026-12-11"),
        ("正月初八", "2027-02-13", "2027-02-13"),
        ("农历八月十五", "2027-09-15", "2027-09-15"),
        ("除夕", "2027-02-05", "2027-02-05"),
        ("年前", "2026-11-29", "2027-02-05"),
        ("国庆", "2027-10-01", "2027-10-07"),
        ("五一前", "2026-11-29", "2027-04-30"),
        ("清明", "2027-04-05", "2027-04-05"),
    ],
)
def test_days_are_read(words: str, first: str, last: str) -> None:
    span = read_when(words, NOW)
    assert span is not None
    assert not span.timed
    assert (span.start.date().isoformat(), span.last.date().isoformat()) == (first, last)


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("5月3号上午", "2027-05-03T08:00", "2027-05-03T12:00"),
        ("明天上午九点", "2026-11-30T09:00", None),
        ("12月5日 9:00-16:00", "2026-12-05T09:00", "2026-12-05T16:00"),
        ("12月5日下午两点半", "2026-12-05T14:30", None),
        ("12月5号上午9点到4点", "2026-12-05T09:00", "2026-12-05T16:00"),
        ("大后天下午3点一刻", "2026-12-02T15:15", None),
        ("下周六晚上7点", "2026-12-05T19:00", None),
        ("明早8点", "2026-11-30T08:00", None),
        ("后天中午1点", "2026-12-01T13:00", None),
        ("12月5号三点", "2026-12-05T15:00", None),
    ],
)
def test_times_of_day_are_read(words: str, start: str, end: str | None) -> None:
    span = read_when(words, NOW)
    assert span is not None
    assert span.timed
    assert f"{span.start:%Y-%m-%dT%H:%M}" == start
    assert (f"{span.end:%Y-%m-%dT%H:%M}" if span.end else None) == end


@pytest.mark.parametrize(
    "words",
    ["", "有没有活干", "一个月四千", "3.5万", "1号楼", "55岁", "工资5000", "13月5日", "2月30日", "25:00", "最近有啥"],
)
def test_what_is_no_date_is_none(words: str) -> None:
    assert read_when(words, NOW) is None


def test_iso_is_read_with_its_zone_and_without() -> None:
    with_zone = read_moment("2026-12-05T01:00:00+00:00", NOW)
    assert with_zone == (datetime(2026, 12, 5, 9, tzinfo=LOCAL), True)
    assert read_moment("2026-12-05 09:00", NOW) == with_zone
    assert read_moment("2026-12-05", NOW) == (datetime(2026, 12, 5, tzinfo=LOCAL), False)


@given(st.text(max_size=60))
def test_no_text_breaks_it(words: str) -> None:
    span = read_when(words, NOW)
    assert span is None or span.start.tzinfo is not None


@given(st.text(alphabet="下周一二三十初廿月日号年前后点半上午-/.:0123456789正腊大这个到 ", max_size=24))
def test_a_span_never_ends_before_it_begins(words: str) -> None:
    span = read_when(words, NOW)
    assert span is None or span.end is None or span.start <= span.end


@given(st.integers(min_value=0, max_value=300), st.integers(min_value=0, max_value=23), st.integers(0, 59))
def test_a_date_comes_back_as_it_was_written(days: int, hour: int, minute: int) -> None:
    at = (NOW + timedelta(days=days)).replace(hour=hour, minute=minute, second=0, microsecond=0)
    shapes = [
        f"{at.month}月{at.day}日 {hour}:{minute:02}",
        f"{at.year}-{at.month:02}-{at.day:02} {hour:02}:{minute:02}",
        f"{at.year}.{at.month}.{at.day} {hour}:{minute:02}",
        f"{at.year}年{at.month}月{at.day}号{hour}:{minute:02}",
    ]
    for words in shapes:
        span = read_when(words, NOW)
        assert span is not None
        assert span.start == at, words
