"""What is answered, and what never is: another place's figure, a figure where the document is silent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.answers import Answer, Answered, Clarify, Context, PolicyBook, Previous, Reason, Told, Unknown
from knowledge.generated import pick, told_in
from knowledge.language import plain
from knowledge.notours import Foreign
from knowledge.numerals import numbers_in
from knowledge.phrases import AroundPlaces, phrases
from knowledge.policy import Aspect, PeriodState, Policy
from knowledge.regions import load_regions
from tests.knowledge.tiny import tiny_book, write_policy

HONGHU, WUHAN, JIANLI, HUBEI = "421083", "420100", "421088", "420000"
EVERY = 23
"""Of the shipped asks, one in so many is asked in every place that is not its own."""


@pytest.fixture
def two_places(tmp_path: Path) -> PolicyBook:
    """洪湖 gives 1000, 武汉 2000."""
    write_policy(tmp_path, "honghu-2025", amount=1000)
    write_policy(tmp_path, "wuhan-2025", place="武汉市", region=WUHAN, amount=2000, asks=WUHAN_ASKS)
    return tiny_book(tmp_path, [BOATS])


BOATS = Foreign("boats", "渔船补偿", "农业农村局", "去农业农村局问。", ("船收了给多少钱", "渔船补偿多少", "网具补偿"))
WUHAN_ASKS = """# hiring
武汉招渔民补贴
# hiring.amount
招一个渔民补多少钱
# hiring.contract
签多久的合同
# training
武汉渔民培训
# ~lunch
培训有没有饭
"""


def ask(book: PolicyBook, question: str, region: str | None = HONGHU, previous: Previous | None = None) -> Answer:
    return book.answer(question, Context(date(2026, 11, 23), region, previous))


def figures(told: Told) -> str:
    return "".join(fact.say for fact in told.facts)


# --- places


def test_the_askers_own_place_answers(two_places: PolicyBook) -> None:
    answer = ask(two_places, "招一个渔民补多少钱")
    assert isinstance(answer, Answered)
    assert answer.told[0].place == "洪湖市"
    assert "1000元" in figures(answer.told[0])


def test_a_named_place_goes_before_the_askers_own(two_places: PolicyBook) -> None:
    answer = ask(two_places, "武汉招一个渔民补多少钱")
    assert isinstance(answer, Answered)
    assert [told.place for told in answer.told] == ["武汉市"]
    assert "2000元" in figures(answer.told[0])


@pytest.mark.parametrize("region", ["421083001", "421083"])
def test_a_document_serves_what_lies_below_its_region(two_places: PolicyBook, region: str) -> None:
    answer = ask(two_places, "招一个渔民补多少钱", region)
    assert isinstance(answer, Answered)
    assert answer.told[0].place == "洪湖市"


def test_a_place_without_document_is_told_so_by_name(two_places: PolicyBook) -> None:
    answer = ask(two_places, "招一个渔民补多少钱", JIANLI)
    assert isinstance(answer, Unknown)
    assert (answer.reason, answer.place, answer.told) == (Reason.NOT_COVERED, "监利市", ())


def test_an_asker_from_above_is_asked_which_place(two_places: PolicyBook) -> None:
    answer = ask(two_places, "招一个渔民补多少钱", HUBEI)
    assert isinstance(answer, Clarify)
    assert set(answer.places) == {"洪湖市", "武汉市"}
    assert answer.within == "湖北省"


def test_without_a_place_it_is_asked_for(two_places: PolicyBook) -> None:
    answer = ask(two_places, "招一个渔民补多少钱", None)
    assert isinstance(answer, Clarify)
    assert set(answer.places) == {"洪湖市", "武汉市"}


def test_of_very_many_places_a_few_are_offered_and_none_told_beside_another(tmp_path: Path) -> None:
    counties = [code for code in load_regions().names if code.startswith("13") and not code.endswith("00")][:20]
    for code in counties:
        write_policy(tmp_path, f"hebei-2025-{code}", place=load_regions().name(code), region=code)
    book = tiny_book(tmp_path)
    for question in ("招一个渔民补多少钱", "各地招一个渔民补多少钱"):
        answer = ask(book, question, None)
        assert isinstance(answer, Clarify)
        assert 1 < len(answer.places) <= 8


def test_two_places_are_told_side_by_side(two_places: PolicyBook) -> None:
    answer = ask(two_places, "洪湖和武汉招一个渔民各补多少钱", None)
    assert isinstance(answer, Answered)
    assert {told.place: "".join(numbers_in(figures(told)) & {"1000", "2000"}) for told in answer.told} == {
        "洪湖市": "1000",
        "武汉市": "2000",
    }


def asks_elsewhere(book: PolicyBook) -> Iterator[tuple[str, str, Policy]]:
    """Shipped asks, each with the region of a document that is not its own."""
    everywhere = phrases(AroundPlaces).everywhere
    for shelf in book.shelves:
        for target, asks in shelf.policy.asks:
            if target.provision is None:
                continue
            for text in asks:
                if pick(f"{shelf.policy.id}{text}", EVERY) or book.regions.find(text) or everywhere.search(text):
                    continue
                for other in book.shelves:
                    if other is not shelf:
                        yield text, other.policy.document.region, other.policy


def test_no_ask_is_ever_told_another_places_figure(book: PolicyBook, today: date) -> None:
    lent = []
    for text, region, own in asks_elsewhere(book):
        for told in told_in(book.answer(text, Context(today, region))):
            said = [*(f for f in told.facts), *(f for _, f in told.beside)]
            proof = numbers_in(own.source)
            for fact in said:
                value = fact.value
                if told.policy == own.id or value is None:
                    continue
                money = f"{value.money:.10g}" if value.money is not None else None
                percent = f"{value.percent:g}%" if value.percent is not None else None
                if {money, percent} - {None} - proof:
                    lent.append((text, region, told.place, fact.say))
    assert lent == []


def test_a_question_that_compares_nothing_is_told_from_one_place_only(book: PolicyBook, today: date) -> None:
    for shelf in book.shelves:
        for target, asks in shelf.policy.asks:
            if target.provision is None or pick(target.provision, 4):
                continue
            for text in asks[:1]:
                answer = book.answer(text, Context(today, shelf.policy.document.region))
                if not book.regions.find(text) and isinstance(answer, Answered):
                    assert {told.policy for told in answer.told} == {shelf.policy.id}, text


def test_in_a_comparison_what_is_stated_goes_before_another_documents_silence(book: PolicyBook, today: date) -> None:
    answer = book.answer("罗庄和海南公益岗年龄要求有什么不同", Context(today, None))
    assert isinstance(answer, Answered)
    assert {told.provision.id for told in answer.told} == {"public-post", "public-post-hiring"}


def test_in_a_comparison_a_gap_is_not_filled_with_another_matter(book: PolicyBook, today: date) -> None:
    answer = book.answer("扬州和海南公益岗能不能兼职", Context(today, None))
    assert isinstance(answer, Answered)
    assert [told.provision.topic for told in answer.told] == ["public-post", "flexible-work"]


# --- silence


def test_an_aspect_that_is_not_stated_is_said_so(two_places: PolicyBook) -> None:
    answer = ask(two_places, "招人补贴打哪个电话问")
    assert isinstance(answer, Unknown)
    assert answer.reason is Reason.NOT_STATED
    assert answer.told[0].missing == (Aspect.CONTACT,)


def test_a_silence_is_said_with_what_the_document_does_say(two_places: PolicyBook) -> None:
    answer = ask(two_places, "培训管不管饭")
    assert isinstance(answer, Unknown)
    assert (answer.reason, answer.what) == (Reason.NOT_STATED, "培训管不管饭")
    assert answer.told[0].provision.id == "training"


def test_another_bodys_matter_is_sent_to_its_door(two_places: PolicyBook) -> None:
    answer = ask(two_places, "渔船补偿多少")
    assert isinstance(answer, Unknown)
    assert answer.reason is Reason.NOT_OURS
    assert answer.foreign == BOATS


@pytest.mark.parametrize("text", ["", " ", "？？？", "asdf qwer", "🙂🙂", "\x00\x01"])
def test_what_is_like_nothing_is_not_answered(two_places: PolicyBook, text: str) -> None:
    answer = ask(two_places, text)
    assert isinstance(answer, Unknown)
    assert answer.told == ()


def test_a_matter_only_another_place_holds_is_not_lent(tmp_path: Path) -> None:
    def rent(data: dict[str, Any]) -> None:
        hiring = data["provisions"][0]
        hiring |= {"id": "rent", "name": "场地租金补贴", "plain": "租房开店的补贴", "topic": "rent-subsidy"}

    write_policy(tmp_path, "honghu-2025")
    rents = "# rent\n租门面开店有补贴吗\n开店的房租补不补\n# rent.amount\n门面租金补多少\n# training\n学艺\n"
    write_policy(tmp_path, "wuhan-2025", place="武汉市", region=WUHAN, amount=500, edit=rent, asks=rents)
    answer = ask(tiny_book(tmp_path), "租门面开店补多少")
    assert isinstance(answer, Unknown)
    assert (answer.reason, answer.elsewhere, answer.told) == (Reason.ABSENT_HERE, ("武汉市",), ())


@pytest.mark.parametrize(
    ("question", "region", "point"),
    [
        ("贷款要还利息不", "421083", "利息"),
        ("借二十万一年几个点", "421083", "利"),
        ("招人那一千块材料交上去要等好久", "421083", "到账"),
        ("路费领过一回，还能再领不", "420100", "再领|第二回"),
        ("招工的奖补有没有封顶", "420100", "封顶|最多"),
    ],
)
def test_a_point_asked_beside_a_fact_is_said_to_be_open(
    book: PolicyBook, today: date, question: str, region: str, point: str
) -> None:
    answer = book.answer(question, Context(today, region))
    said = answer.what if isinstance(answer, Unknown) else ""
    gaps = [told.silent or "" for told in told_in(answer)]
    missing = {aspect for told in told_in(answer) for aspect in told.missing}
    assert re.search(point, said + "".join(gaps)) or (point == "到账" and Aspect.WHEN in missing)
    assert Aspect.DOCUMENTS not in missing


@pytest.mark.parametrize("question", ["差几岁就领养老金，公益岗能干到什么时候", "招一个贫困户车间最高贷多少"])
def test_a_point_that_a_fact_states_is_not_called_open(book: PolicyBook, today: date, question: str) -> None:
    answer = book.answer(question, Context(today, "371311"))
    assert isinstance(answer, Answered)
    assert not any(told.silent for told in answer.told)


@pytest.mark.parametrize(
    ("question", "home", "place"),
    [
        ("俺在海南工地上干，工钱得占多少", "371311", "海南省"),
        ("我在海南打工，老板不给钱怎么办", "421083", "海南省"),
        ("我在海南打工，养老补贴什么时候发", "421083", "洪湖市"),
        ("我在海南打工，一次性创业补贴多少", "420100", "武汉市"),
    ],
)
def test_pay_where_one_works_is_told_from_there(
    book: PolicyBook, today: date, question: str, home: str, place: str
) -> None:
    assert [told.place for told in told_in(book.answer(question, Context(today, home)))] == [place]


def test_a_figure_of_another_aspect_is_no_gap(book: PolicyBook, today: date) -> None:
    """2016年70%以上 stands as a limit: whoever asks 几成 is told it, and not that no amount is stated."""
    answer = book.answer("想创业的穷人要扶到几成", Context(today, "371311"))
    assert isinstance(answer, Answered)
    assert answer.told[0].facts[0].id == "percent-2016"
    assert not answer.told[0].missing


def test_neighbours_are_not_told_beside_a_missing_telephone(book: PolicyBook, today: date) -> None:
    for question in ("技能培训电话多少", "公益岗打哪个号码问", "创业服务找谁，电话多少"):
        answer = told_in(book.answer(question, Context(today, "321000")))
        assert answer, question
        assert all(Aspect.CONTACT in told.missing and not told.beside for told in answer), question


@pytest.mark.parametrize("text", ["怎么补贴这么少", "这么材料多", "公司的事业检查"])
def test_words_that_hold_a_dialect_word_stay(text: str) -> None:
    assert plain(text) == text


# --- periods


@pytest.mark.parametrize(
    ("until", "state"),
    [("2025-12-31", PeriodState.ENDED), ("2026-12-31", PeriodState.IN_FORCE), (None, PeriodState.UNDATED)],
)
def test_a_citation_says_whether_its_period_covers_today(tmp_path: Path, until: str | None, state: PeriodState) -> None:
    write_policy(tmp_path, until=until)
    answer = ask(tiny_book(tmp_path), "招一个渔民补多少钱")
    assert isinstance(answer, Answered)
    assert answer.told[0].citation.state is state


def test_a_period_ends_after_its_last_day(tmp_path: Path) -> None:
    write_policy(tmp_path, until="2026-11-23")
    book = tiny_book(tmp_path)
    for day, state in ((date(2026, 11, 23), PeriodState.IN_FORCE), (date(2026, 11, 24), PeriodState.ENDED)):
        answer = book.answer("招一个渔民补多少钱", Context(day, HONGHU))
        assert isinstance(answer, Answered)
        assert answer.told[0].citation.state is state


@pytest.fixture
def two_years(tmp_path: Path) -> PolicyBook:
    """One place: 1000 by the ended document of 2024, 1500 by that of 2026."""
    write_policy(tmp_path, "honghu-2024", amount=1000, year=2024, until="2024-12-31")
    write_policy(tmp_path, "honghu-2026", amount=1500, year=2026, until="2026-12-31")
    return tiny_book(tmp_path)


def test_the_newest_document_in_force_wins(two_years: PolicyBook) -> None:
    answer = ask(two_years, "招一个渔民补多少钱")
    assert isinstance(answer, Answered)
    assert "1500元" in figures(answer.told[0])


def test_an_old_document_answers_when_its_year_is_asked(two_years: PolicyBook) -> None:
    answer = ask(two_years, "2024年招一个渔民补多少钱")
    assert isinstance(answer, Answered)
    assert "1000元" in figures(answer.told[0])
    assert answer.told[0].citation.state is PeriodState.ENDED


# --- follow-ups


def test_a_place_alone_asks_the_question_before_anew(two_places: PolicyBook) -> None:
    first = ask(two_places, "招一个渔民补多少钱")
    answer = ask(two_places, "武汉呢", previous=first.memory)
    assert isinstance(answer, Answered)
    assert [told.place for told in answer.told] == ["武汉市"]
    assert "2000元" in figures(answer.told[0])


def test_a_follow_up_keeps_the_matter(two_places: PolicyBook) -> None:
    first = ask(two_places, "招一个渔民补多少钱")
    answer = ask(two_places, "那合同要签几年", previous=first.memory)
    assert isinstance(answer, Answered)
    assert answer.told[0].provision.id == "hiring"


def test_the_place_asked_back_for_answers_the_question(two_places: PolicyBook) -> None:
    first = ask(two_places, "招一个渔民补多少钱", None)
    answer = ask(two_places, "洪湖的", None, previous=first.memory)
    assert isinstance(answer, Answered)
    assert "1000元" in figures(answer.told[0])


def test_the_askers_own_place_comes_back_when_named(two_places: PolicyBook) -> None:
    first = ask(two_places, "武汉招一个渔民补多少钱")
    answer = ask(two_places, "那洪湖呢", previous=first.memory)
    assert isinstance(answer, Answered)
    assert answer.told[0].place == "洪湖市"


# --- whatever people send


PIECES = st.sampled_from(
    [
        "洪湖",
        "武汉",
        "监利",
        "补贴",
        "多少钱",
        "那",
        "呢",
        "和",
        "不是",
        "去",
        "打工",
        "，",
        "？",
        "2024年",
        "各地",
        "哪个高",
        "\n",
        "🙂",
    ]
)
TEXTS = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=12).map("".join))
PREVIOUS = st.none() | st.builds(
    Previous,
    question=TEXTS,
    places=st.lists(st.sampled_from([HONGHU, WUHAN, JIANLI, "460000", "421083001"]), max_size=3).map(tuple),
    topic=st.none() | st.sampled_from(["hiring-subsidy", "training", "gone"]),
    provision=st.none() | st.sampled_from(["hiring-subsidy", "gone"]),
    aspect=st.none() | st.sampled_from(list(Aspect)),
)


@settings(max_examples=300, deadline=None)
@given(
    text=TEXTS, region=st.none() | st.sampled_from([HONGHU, WUHAN, JIANLI, HUBEI, "999999", "460100"]), before=PREVIOUS
)
def test_any_text_is_answered_or_refused_but_never_raises(
    book: PolicyBook, text: str, region: str | None, before: Previous | None
) -> None:
    assert isinstance(ask(book, text, region, before), Answered | Clarify | Unknown)


def test_a_text_of_twenty_thousand_characters_is_answered(book: PolicyBook) -> None:
    assert isinstance(ask(book, "洪湖招人补多少钱，" * 2500), Answered | Clarify | Unknown)
