"""Places written as they sound are understood; ordinary words never become places."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pypinyin.pinyin_dict import pinyin_dict

from knowledge.answers import Answered, Clarify, Context, PolicyBook
from knowledge.language import clean, plain
from knowledge.misheard import sounds
from knowledge.phrases import AroundPlaces, phrases
from knowledge.pinyin import syllable
from knowledge.policy import Policy
from knowledge.regions import Mention, Regions, load_regions

GOLD = Path(__file__).parents[1] / "gold"
OWN = {"洪湖": "421083", "武汉": "420100", "海南": "460000", "罗庄": "371311", "扬州": "321000"}
REGIONS = load_regions(frozenset(OWN.values()))
LINES = (files("knowledge") / "divisions" / "sounding.txt").read_text("utf-8").splitlines()
ORDINARY = sorted(word for line in LINES if not line.startswith("#") for word in line.removeprefix("~").split())
RARE = {word for line in LINES if line.startswith("~") for word in line.removeprefix("~").split()}
FROM_THERE = "我是{}的"
FRAMES = ("{}", "{}的补贴", FROM_THERE, "我在{}", "{}补贴多少", "{}呢", "，{}人有没有补贴", "去{}的车费")
CHARACTERS = [chr(code) for code in range(0x4E00, 0x9FA6) if code in pinyin_dict]
ALIKE = {
    part: [one for one in CHARACTERS if syllable(one) == part and clean(one) == one]
    for name in OWN
    for part in sounds(name)
}


def heard(text: str, regions: Regions = REGIONS) -> list[Mention]:
    """Places found that are not written as any division is."""
    return [mention for mention in regions.find(plain(text)) if not regions.is_name(mention.text)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("红湖的养老补贴", "洪湖"),
        ("我是红湖的", "洪湖"),
        ("罗装区公益岗招人吗", "罗庄"),
        ("阳州培训有补贴吗", "扬州"),
        ("杨州呢", "扬州"),
        ("五汉创业补贴", "武汉"),
        ("我在五汉", "武汉"),
        ("海难省的补贴", "海南"),
        ("我是海难的，培训有补贴吗", "海南"),
    ],
)
def test_a_place_written_as_it_sounds_is_that_place(text: str, name: str) -> None:
    assert [mention.code for mention in REGIONS.find(plain(text))] == [OWN[name]]


def test_a_well_known_place_needs_to_be_named_as_ones_own_or_by_its_kind() -> None:
    assert [REGIONS.name(mention.code) for mention in REGIONS.find("济男市的补贴")] == ["济南市"]
    assert [REGIONS.name(mention.code) for mention in REGIONS.find("我是南经的")] == ["南京市"]
    assert len(heard("我是南经的")) == 1
    assert heard("南经的补贴") == []


def test_a_sound_of_two_places_is_none() -> None:
    assert heard("我是复州的") == []  # 福州, 抚州


@given(st.sampled_from(ORDINARY), st.sampled_from(FRAMES))
@examples(max_examples=400, deadline=None)
def test_an_ordinary_word_is_never_a_place(word: str, frame: str) -> None:
    assume(not (frame == FROM_THERE and word in RARE))
    assert [mention for mention in heard(frame.format(word)) if word in mention.text] == []


@given(st.sampled_from(sorted(OWN)), st.data())
@examples(max_examples=200, deadline=None)
def test_any_spelling_of_a_places_sound_is_the_place_or_asked_for_or_left_alone(name: str, data: st.DataObject) -> None:
    written = "".join(data.draw(st.sampled_from(ALIKE[part])) for part in sounds(name))
    text = plain(f"我是{written}的")
    assume(text == f"我是{written}的")  # no dialect word in it
    found = [mention.code for mention in REGIONS.find(text)]
    if REGIONS.is_name(written):
        return  # so another place is called
    if phrases(AroundPlaces).no_name.search(written) or (written in ORDINARY and written not in RARE):
        assert found == []
    else:
        assert found == [OWN[name]]


def said_by_people(policies: tuple[Policy, ...]) -> Iterator[str]:
    for policy in policies:
        for _, lines in policy.asks:
            yield from lines
        yield from (fact.say for provision in policy.provisions for fact in provision.facts)
    for file in ("questions.jsonl", "routes.jsonl"):
        yield from (json.loads(line)["q"] for line in (GOLD / file).read_text("utf-8").splitlines())
    for line in (Path(__file__).parent / "routes_fresh.jsonl").read_text("utf-8").splitlines():
        yield str(json.loads(line).get("q", ""))


def test_nothing_that_people_say_turns_into_a_place(policies: tuple[Policy, ...], regions: Regions) -> None:
    assert [(text, mention.text) for text in said_by_people(policies) for mention in heard(text, regions)] == []


def test_an_ordinary_word_that_may_be_a_place_is_asked_about(book: PolicyBook, today: date) -> None:
    for home in (None, OWN["洪湖"]):
        asked = book.answer("海难的培训补贴给多少", Context(today, home))
        assert isinstance(asked, Clarify)
        assert asked.places[0] == "海南省"
        again = book.answer(asked.memory.question, Context(today, OWN["海南"], asked.memory))
        assert isinstance(again, Answered)
        assert again.told[0].place == "海南省"


@pytest.mark.parametrize("words", ["补贴", "补贴呢", "有什么补贴", "我想问补贴", "贷款"])
def test_a_vague_word_without_a_place_asks_which_of_all_that_have_it(book: PolicyBook, today: date, words: str) -> None:
    asked = book.answer(words, Context(today))
    assert isinstance(asked, Clarify)
    assert len(asked.places) > 2
    assert asked.matters == ()
