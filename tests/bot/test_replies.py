"""Every template parses, uses what its reply declares, and is worded with a sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from jinja2 import DictLoader

from bot import help as frame_help
from bot.errors import StartupError
from bot.messages import Choice, Reply, Shown, Speaker
from bot.replies import ReplyBook, to_data

FORBIDDEN = "！!~亲哦"


@dataclass(frozen=True)
class Fee(Reply):
    template: ClassVar[str] = "fake/fee"
    sum: int
    lines: tuple[Choice, ...] = ()


def book_with(**templates: str) -> ReplyBook:
    book = ReplyBook([Fee])
    book.add_templates(
        DictLoader(
            {
                name.replace("__", "/").replace("_txt", ".txt").replace("_html", ".html"): text
                for name, text in templates.items()
            }
        )
    )
    return book


@pytest.mark.parametrize("kind", frame_help.KINDS)
def test_every_reply_of_the_frame_has_its_words(kind: type[Reply]) -> None:
    text = ReplyBook(frame_help.KINDS).word(kind.sample())
    assert text
    assert not set(text) & set(FORBIDDEN)


def test_templates_of_the_frame_have_no_fault() -> None:
    assert ReplyBook(frame_help.KINDS).faults() == []


@pytest.mark.parametrize("code", ["internal", "button_unknown", "too_many"])
def test_errors_have_their_words(code: str) -> None:
    assert ReplyBook().word_error(code, {"reference": "ABC234"})


def faulty() -> Iterator[tuple[str, str]]:
    yield "{{ sum }} {{ price }}", "price"
    yield "{% if sum %}", "line 1"
    yield "{{ sum | no_filter }}", "no_filter"


@pytest.mark.parametrize(("text", "named"), list(faulty()))
def test_faulty_template_is_refused_by_name(text: str, named: str) -> None:
    book = book_with(replies__fake__fee_txt=text)
    with pytest.raises(StartupError, match="fake/fee") as caught:
        book.check()
    assert named in str(caught.value)
    assert caught.value.exit_code == 2


def test_missing_template_is_refused() -> None:
    assert "missing" in "".join(ReplyBook([Fee]).faults())


def test_what_people_wrote_is_never_run() -> None:
    book = book_with(
        replies__fake__fee_txt="{{ lines[0].label }}", replies__fake__fee_html="<p>{{ lines[0].label }}</p>"
    )
    reply = Fee(1, (Choice("{{ 7*7 }}<script>"),))
    assert book.word(reply) == "{{ 7*7 }}<script>"
    shown = Shown(1, Speaker.BOT, "x", datetime(2026, 3, 2, tzinfo=UTC), "fake/fee", to_data(reply))
    assert book.card(shown) == "<p>{{ 7*7 }}&lt;script&gt;</p>"


def test_card_that_no_longer_fits_old_data_gives_way_to_the_words() -> None:
    book = book_with(replies__fake__fee_txt="x", replies__fake__fee_html="{{ sum }}")
    shown = Shown(1, Speaker.BOT, "x", datetime(2026, 3, 2, tzinfo=UTC), "fake/fee", {})
    assert book.card(shown) is None
    assert book.card(Shown(1, Speaker.YOU, "x", datetime(2026, 3, 2, tzinfo=UTC))) is None


def test_times_are_read_as_on_the_wall() -> None:
    book = book_with(replies__fake__fee_txt="{{ '2026-12-01T01:20:00+00:00' | moment }} {{ '2026-12-01' | day }}")
    assert book.word(Fee(1)) == "12月1日（星期二）9:20 12月1日（星期二）"
