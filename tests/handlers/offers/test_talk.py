"""Looking for offers and signing up in a chat, in words that sound like something else."""

from __future__ import annotations

import pytest

from handlers.offers.wanting import other_trade_in
from knowledge.language import plain
from tests.bureau import Person
from tests.handlers.offers.hall import COURSE, Hall

VACANCY = {"kind": "vacancy", "title": "水产加工厂招普工", "region": "洪湖市", "place": "洪湖市", "ends": "2026-12-30"}


async def ask(hall: Hall, *said: str, name: str = "fisher") -> Person:
    person = Person(hall.app, name, region="洪湖市")
    for words in said:
        await person.say(words)
    return person


@pytest.mark.parametrize("words", ["一个月不少于四千的有没有", "近点的", "三千以上的呢", "4000往上的"])
async def test_what_only_narrows_goes_on_with_what_was_looked_for(hall: Hall, words: str) -> None:
    await hall.add(VACANCY)
    assert (await ask(hall, "有没有活干", words)).templates == ["offers/list"]


async def test_a_question_of_policy_is_no_name_while_a_name_is_asked_for(hall: Hall) -> None:
    code = await hall.add()
    person = await ask(hall, f"报名 {code}", "我能领几样")
    assert person.templates[0].startswith("policy/")
    await person.say(f"报名 {code}")
    await person.say("张水生")
    assert person.templates[0] == "offers/say"


async def test_a_yes_after_signing_up_opens_no_second_registration(hall: Hall) -> None:
    code = await hall.add()
    assert (await ask(hall, f"报名 {code}", "对")).templates == ["offers/say"]
    assert await hall.line(code) == [(1, "in")]


@pytest.mark.parametrize("words", ["有没有培训", "有没有课上", "国庆后有没有班开", "有没有夜校", "峰口有没有培训班"])
async def test_whoever_asks_for_any_course_is_shown_what_there_is(hall: Hall, words: str) -> None:
    await hall.add()
    assert (await ask(hall, words)).templates[0] == "offers/list"


async def test_a_trade_that_is_named_beside_other_words_is_that_trade(hall: Hall) -> None:
    await hall.add({**VACANCY, "trade": "水产加工"})
    await hall.add({**VACANCY, "title": "保洁员", "trade": "保洁"})
    assert "水产加工厂" in (await ask(hall, "天冷了水产厂还招人不")).text
    assert "没有这一行" not in (await ask(hall, "水产的还要人不")).text
    assert (await ask(hall, "替隔壁王婆婆报个保洁")).templates == ["offers/list"]
    assert "培训班" not in (await ask(hall, "大学刚毕业，有没有坐办公室的")).text
    assert (await ask(hall, "有没有活干", "螺山的")).templates == ["offers/list"]


async def test_a_course_that_is_in_no_table_is_not_answered_with_another(hall: Hall) -> None:
    await hall.add()
    person = await ask(hall, "有没有冰箱修理培训")
    assert person.templates[0] == "offers/none"
    await hall.add({**COURSE, "title": "冰箱修理班"})
    assert (await ask(hall, "有没有冰箱修理的课", name="other")).templates[0] == "offers/list"


@pytest.mark.parametrize(
    ("words", "trade"),
    [
        ("想学做蛋糕", "做蛋糕"),
        ("学盆景行不行", "盆景"),
        ("开没开花卉培训", "花卉"),
        ("学什么好", ""),
        ("有免费的培训吗", ""),
        ("想学门手艺", ""),
        ("学历不高能学吗", ""),
        ("有没有手机上就能学的网课", ""),
        ("有没有培训", ""),
        ("有冇得课上", ""),
        ("学完包不包事做", ""),
        ("想学个证好找活", ""),
        ("办不办妇女的培训", ""),
        ("开没开机器人培训", "机器人"),
    ],
)
def test_what_somebody_wants_to_learn_is_read_from_their_words(words: str, trade: str) -> None:
    assert other_trade_in(plain(words)) == trade


@pytest.mark.parametrize("words", ["工资没发", "老板不给钱", "扣我工资"])
async def test_a_complaint_is_heard_as_one_right_after_a_list(hall: Hall, words: str) -> None:
    await hall.add(VACANCY)
    assert not (await ask(hall, "有没有活干", words)).templates[0].startswith("offers/")


async def test_work_that_is_too_hard_is_no_danger_right_after_a_list_and_life_is(hall: Hall) -> None:
    await hall.add(VACANCY)
    assert (await ask(hall, "都太累了", name="alone")).templates == ["policy/crisis"]
    person = await ask(hall, "有没有活干", "都太累了")
    assert person.templates == ["offers/say"]
    await person.say("活着太累了")
    assert person.templates == ["policy/crisis"]


async def test_a_number_below_a_list_picks_from_it_whatever_they_told_of_themselves(hall: Hall) -> None:
    await hall.add(VACANCY)
    person = await ask(hall, "我是退捕渔民，住新堤街道，想找活干")
    assert person.templates[-1] == "offers/list"
    await person.say("1")
    assert person.templates[0] == "offers/offer"


async def test_pay_that_is_owed_is_a_complaint_whatever_was_shown_before(hall: Hall) -> None:
    code = await hall.add(VACANCY | {"pay_from": 3000})
    steps = ("有没有活干", "第1个", "报名", "是")
    told = ("老板欠薪", "这个厂工资拖着不发怎么办", "上个月工钱还冇结", "厂里压我半年工资")
    for number, words in enumerate(told, 1):
        person = await ask(hall, *steps[:number], words, name=f"p{number}")
        assert person.templates == ["tickets/form_ask"], words
    assert await hall.line(code) == [(1, "in")]
    assert (await ask(hall, *steps[:2], "压不压工资")).templates == ["offers/aspect"]
    assert (await ask(hall, "有没有活干", "压工资的不去", name="picky")).templates[0].startswith("offers/")


async def test_a_name_behind_a_list_looks_nowhere_else(hall: Hall) -> None:
    await hall.add()
    person = await ask(hall, "有什么培训", "王秀英")
    assert "秀英区" not in person.text
    assert person.templates != ["offers/none"]
