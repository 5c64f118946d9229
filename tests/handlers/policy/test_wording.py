"""What is entered of offices and documents is shown; what is not entered is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.messages import Shown, Speaker
from bot.replies import ReplyBook, to_data
from handlers.policy.replies import KINDS, SAMPLE_PART, SAMPLE_SOURCE, AnswerReply, ServiceReply
from handlers.policy.talk_replies import KINDS as TALK_KINDS
from handlers.policy.talk_replies import OriginalReply
from handlers.policy.wording import service_reply
from knowledge.offices import Office, Offices
from knowledge.routes import Recognition, Route
from tests.bureau import knowing

BOOK = ReplyBook([*KINDS, *TALK_KINDS])
AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize("route", [Route.GRIEVANCE, Route.CONSULT, Route.STATUS, Route.JOBS, Route.TRAINING])
def test_a_hand_over_names_the_hours_where_they_are_entered(route: Route) -> None:
    hours = "周一至周五 8:30-17:30"
    office = Office("洪湖市人力资源和社会保障局", "0716-0000000", "文泉大道", hours)
    known = replace(knowing(), offices=Offices({"421083": office}, knowing().offices.fallback))
    reply = service_reply(known, Recognition(route, False, "rule", 1.0), "421083")
    assert reply.hours == hours
    assert hours in BOOK.word(reply)
    without = replace(reply, hours="")
    assert isinstance(without, ServiceReply)
    assert len(BOOK.word(without)) < len(BOOK.word(reply)) - len(hours)


def test_the_clause_says_what_its_document_is_based_on() -> None:
    told = OriginalReply((SAMPLE_SOURCE,))
    answer = AnswerReply((SAMPLE_PART,), "ended")
    (number,) = SAMPLE_SOURCE.based_on
    assert number in BOOK.word(told)
    assert number in (card_of(told) or "")
    assert number in (card_of(answer) or "")
    assert number not in BOOK.word(OriginalReply((replace(SAMPLE_SOURCE, based_on=()),)))


def test_the_card_of_an_answer_kept_by_an_older_version_is_still_drawn() -> None:
    data = to_data(AnswerReply((SAMPLE_PART,), "ended"))
    del data["parts"][0]["source"]["based_on"]
    assert card_of(AnswerReply((SAMPLE_PART,), "ended"), data)


def card_of(reply: AnswerReply | OriginalReply, data: dict[str, object] | None = None) -> str | None:
    shown = Shown(1, Speaker.BOT, BOOK.word(reply), AT, reply.template, data or to_data(reply))
    return BOOK.card(shown)


def test_of_several_documents_each_is_said_with_its_own_period() -> None:
    ended = replace(SAMPLE_SOURCE, period="ended", period_words="2023年")
    parts = (
        replace(SAMPLE_PART, place="甲市", source=ended),
        replace(SAMPLE_PART, place="乙市", source=replace(ended, period_words="至2025年底")),
        replace(SAMPLE_PART, place="丙市", source=replace(ended, period="undated", period_words="")),
    )
    last = BOOK.word(AnswerReply(parts, "ended")).splitlines()[-1]
    assert [last.index(words) for words in ("甲市的管2023年", "乙市的管至2025年底", "丙市的")] == sorted(
        last.index(words) for words in ("甲市的管2023年", "乙市的管至2025年底", "丙市的")
    )
