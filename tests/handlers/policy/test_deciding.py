"""One decision for the chat and for `shangan ask`: who answers, what is said, and which buttons stand under it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import App, build
from bot.clock import LOCAL, FixedClock
from bot.replies import ReplyBook
from bot.settings import Settings
from handlers.policy.ask import ask
from handlers.policy.eligible import wants_check
from handlers.policy.replies import KINDS
from tests.bureau import Person, knowing, wire_bureau

GOLD = Path(__file__).parents[2] / "gold"
ONLY_IN_TALK = {"policy/ask_tell", "policy/interview_question", "policy/interview_result", "policy/interview_overview"}
"""What the chat says beside: it keeps gaps and goes through conditions."""
INSTEAD = {"policy/sorry", "policy/thanks", "policy/ask_place", "policy/place_set"}
"""What it says to anger, to thanks, and to a place that is one's own."""
MESSAGES = [json.loads(line)["q"] for line in (GOLD / "routes.jsonl").read_text("utf-8").splitlines()]
MESSAGES += [json.loads(line)["q"] for line in (GOLD / "questions.jsonl").read_text("utf-8").splitlines()][::4]


@pytest.fixture
async def bureau(settings: Settings, clock: FixedClock) -> AsyncIterator[App]:
    async with build(settings, clock=clock, wire=wire_bureau) as app:
        yield app


async def test_the_chat_says_at_a_first_turn_what_ask_says(bureau: App, clock: FixedClock) -> None:
    book, today = ReplyBook(KINDS), clock.now().astimezone(LOCAL).date()
    compared = 0
    for number, words in enumerate(MESSAGES):
        if wants_check(words):
            continue  # asked to check, the chat begins with the conditions
        person = Person(bureau, f"p{number}", region="洪湖市")
        await person.say(words)
        if set(person.templates) & INSTEAD or person.templates[0] in ONLY_IN_TALK:
            continue
        if any(template.startswith(("tickets/", "offers/")) for template in person.templates):
            continue  # others take it; `ask` only says that they would
        if person.templates[0].startswith("people/"):
            continue  # what they want of messages is done there, and said
        said = ask(knowing(), book, words, region="洪湖市", today=today)
        told = [
            message
            for message, template in zip(person.replies, person.templates, strict=True)
            if template not in ONLY_IN_TALK and not template.startswith("people/")  # asked once, to keep what they told
        ]
        assert "\n\n".join(message.text for message in told) == said.text, words
        labels = dict.fromkeys(choice.label for message in told for choice in message.choices)
        assert tuple(labels) == said.buttons, words
        compared += 1
    assert compared >= 50


@pytest.mark.parametrize("word", ["汊河", "张三", "急", "老湾"])
def test_ask_asks_back_what_a_word_alone_is_about(word: str, clock: FixedClock) -> None:
    line = ask(knowing(), ReplyBook(KINDS), word, region=None, today=clock.now().date())
    assert (line.outcome, line.citations) == ("clarify", ())
    assert len(line.buttons) == 3


@pytest.mark.parametrize("word", ["投诉", "讨薪", "骗子", "进度", "人工", "找活", "救命"])
def test_a_word_that_says_enough_is_handed_over(word: str, clock: FixedClock) -> None:
    line = ask(knowing(), ReplyBook(KINDS), word, region=None, today=clock.now().date())
    assert line.outcome == "handoff"


@pytest.mark.parametrize("word", ["工地干了四十天包工头跑了，我那九千六找谁要", "老板跑了，工钱找谁要"])
def test_who_complains_is_not_told_that_the_documents_are_silent(word: str, clock: FixedClock) -> None:
    line = ask(knowing(), ReplyBook(KINDS), word, region="洪湖市", today=clock.now().date())
    assert (line.route, line.outcome) == ("grievance", "handoff")


@pytest.mark.parametrize("words", ["多少钱", "要带么子", "几时发？", "怎么申请"])
def test_what_is_asked_of_nothing_is_asked_back_and_no_figure_is_guessed(words: str, clock: FixedClock) -> None:
    line = ask(knowing(), ReplyBook(KINDS), words, region="洪湖市", today=clock.now().date())
    assert (line.route, line.outcome, line.citations) == ("policy", "clarify", ())


@pytest.mark.parametrize("words", ["做小工一天几多钱", "月薪五千往上的，包住"])
def test_who_asks_for_wages_is_told_no_subsidy(words: str, clock: FixedClock) -> None:
    line = ask(knowing(), ReplyBook(KINDS), words, region="洪湖市", today=clock.now().date())
    assert (line.route, line.outcome, line.citations) == ("jobs", "handoff", ())


@pytest.mark.parametrize("words", ["公益岗都做些么子活", "执照才办三个月，补不补"])
def test_a_rule_is_told_without_the_lead_of_a_route_that_nothing_was_asked_of(words: str, clock: FixedClock) -> None:
    line = ask(knowing(), ReplyBook(KINDS), words, region="罗庄区", today=clock.now().date())
    assert (line.outcome, bool(line.citations)) == ("answer", True)


@pytest.mark.parametrize("words", ["护林的活在哪报名", "电商班还开不", "执照办了半年，补贴还没给"])
def test_what_is_asked_of_a_service_is_served(words: str, clock: FixedClock) -> None:
    line = ask(knowing(), ReplyBook(KINDS), words, region="罗庄区", today=clock.now().date())
    assert line.outcome == "handoff"
