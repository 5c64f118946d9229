"""What a list says of its offers: only what they state."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from handlers.offers.fitting import Offered, demands_of, feature_of, fits_of
from handlers.offers.offer import Kind
from handlers.offers.wanting import Sought, age_in, features_in
from knowledge.language import plain
from tests.bureau import Person
from tests.handlers.offers.hall import Hall

TOWN, ELSEWHERE = "新堤街道", "螺山镇"
GUARD = {
    "kind": "vacancy",
    "title": "小区保安",
    "region": "洪湖市",
    "place": TOWN,
    "trade": "保安",
    "pay_from": 2500,
    "hours": "12小时两班倒",
    "needs": "58岁以下",
}
LOADER = {
    "kind": "vacancy",
    "title": "铲车司机",
    "region": "洪湖市",
    "place": ELSEWHERE,
    "trade": "挖掘机",
    "pay_from": 6000,
    "needs": "有操作证",
}
PLANT = {
    "kind": "vacancy",
    "title": "水产加工普工",
    "region": "洪湖市",
    "place": ELSEWHERE,
    "trade": "水产加工",
    "pay_from": "3500-5000",
    "housing": "包住，有夫妻房",
}
COURSE = {"kind": "course", "region": "洪湖市", "place": TOWN, "starts": "2026-12-08T09:00+08:00", "seats": 9}


@dataclass
class Asking:
    """Each question is somebody else's first."""

    hall: Hall
    count: int = 0

    async def text(self, words: str) -> str:
        self.count += 1
        person = Person(self.hall.app, f"asker{self.count}", region="洪湖市")
        await person.say(words)
        assert person.templates[-1] == "offers/list", words
        return person.replies[-1].text


@pytest.mark.parametrize(
    ("name", "details", "degree"),
    [
        ("housing", {"housing": "包住"}, "met"),
        ("housing", {"housing": "不包，自理"}, "unmet"),
        ("housing", {"housing": "附近可以租房"}, "open"),
        ("housing", {"more": "管吃管住"}, "met"),
        ("housing", {"more": "离家近"}, "open"),
        ("disabled", {"needs": "残疾人优先"}, "met"),
        ("disabled", {"needs": "身体健康，无残疾"}, "unmet"),
        ("day", {"hours": "白班，不上夜班"}, "met"),
        ("day", {"hours": "两班倒"}, "unmet"),
        ("light", {"hours": "12小时"}, "unmet"),
        ("light", {}, "open"),
        ("couple", {"more": "计件，夫妻工优先"}, "met"),
        ("free", {"fee": "不收费"}, "met"),
        ("free", {"fee": "800元"}, "unmet"),
        ("fee", {"fee": "800元"}, "met"),
    ],
)
def test_an_offer_meets_only_what_it_states(name: str, details: dict[str, str], degree: str) -> None:
    assert feature_of(name, details, "普工").degree == degree


@pytest.mark.parametrize(
    ("words", "features"),
    [
        ("有冇得轻省点的活", ("light",)),
        ("腰不好，搬不动，有不费力的吗", ("light",)),
        ("收不收夫妻工", ("couple",)),
        ("只做得到过年前的短工", ("short",)),
        ("有没有不倒班的", ("day",)),
        ("夜班我上不得，夜班的我不干", ("day",)),
        ("屋里有老人，只能做个上午", ("half",)),
        ("有没有夜班", ()),
        ("这事不重要", ()),
        ("学这个要不要钱", ()),
    ],
)
def test_what_else_is_wished_for_is_read_in_many_words(words: str, features: tuple[str, ...]) -> None:
    assert features_in(words) == features


@pytest.mark.parametrize(
    ("words", "age"),
    [("我爸六十三了，想看门", 63), ("五十五的女的收不收", 55), ("要58岁以下的吗", None), ("招了30了", None)],
)
def test_an_age_is_that_of_whoever_is_to_come(words: str, age: int | None) -> None:
    assert age_in(plain(words)) == age


def test_a_limit_of_age_is_compared_and_said_and_no_other_number_is() -> None:
    def degrees(needs: str, age: int) -> list[str]:
        offer: Offered = SimpleNamespace(  # type: ignore[assignment]
            title="保安", trade="", site="421083", pay_from=None, pay_to=None, details={"needs": needs}
        )
        return [fit.degree for fit in fits_of(offer, Sought((Kind.VACANCY,), age=age), lambda _one, _area: True)]

    assert degrees("58岁以下", 63) == ["unmet"]
    assert degrees("男60岁以下，女55岁以下", 58) == []
    assert degrees("18到55岁", 17) == ["unmet"]
    assert degrees("45岁以下优先", 63) == degrees("招50人以上", 17) == []
    assert demands_of({"needs": "58岁以下，吃苦耐劳，有操作证"}) == ("58岁以下", "有操作证")


async def test_a_list_says_of_each_what_fits_and_widens_the_place_before_the_trade_is_let_go(hall: Hall) -> None:
    for one in (GUARD, LOADER, PLANT):
        await hall.add(one)
    asked = Asking(hall)
    widened = await asked.text(f"会开挖机，想在{TOWN}找事，五千以上")
    assert ("铲车司机" in widened, "小区保安" in widened, f"{TOWN}没有" in widened) == (True, False, True)
    housed = await asked.text("有没有包住的活")
    lines = housed.splitlines()
    assert (lines[1].startswith("1. 水产加工普工"), "有夫妻房" in lines[2]) == (True, True)
    assert housed.count("没写包不包住") == 2
    assert "没找到写明轻省的" in await asked.text("有没有轻松点的活")
    paid = await asked.text("四千以上的活有没有")
    assert ("工资不一定够" in paid, "小区保安" in paid) == (True, False)
    assert "写的是：58岁以下" in await asked.text("我爸63了，想找个看门的活")


async def test_behind_those_of_a_town_come_those_of_its_county(hall: Hall) -> None:
    for one in (GUARD, LOADER, PLANT):
        await hall.add(one)
    person = Person(hall.app, "fisher", region="洪湖市")
    await person.say(f"{TOWN}有没有活")
    assert ("小区保安" in person.text, "铲车司机" in person.text) == (True, False)
    await person.say("还有别的吗")
    assert ("小区保安" in person.text, "铲车司机" in person.text, f"{TOWN}没有" in person.text) == (False, True, False)
    await person.say("还有别的吗")
    assert person.templates == ["offers/say"]


async def test_courses_say_their_fee_and_the_free_ones_are_those_that_say_so(hall: Hall) -> None:
    await hall.add({**COURSE, "title": "挖掘机班", "fee": "800元"})
    await hall.add({**COURSE, "title": "面点班", "fee": "不收费"})
    person = Person(hall.app, "fisher", region="洪湖市")
    await person.say("有没有培训")
    assert ("800元" in person.text, "面点班" in person.text) == (True, True)
    await person.say("不要钱的有哪些")
    assert ("挖掘机班" in person.text, "面点班" in person.text) == (False, True)


async def test_what_is_told_beside_a_wish_is_kept_by_a_last_button_and_a_number_is_an_offer(hall: Hall) -> None:
    await hall.add(LOADER)
    await hall.add(PLANT)
    person = Person(hall.app, "fisher", region="洪湖市")
    await person.say("有没有活干")
    assert "记下我说的" not in person.labels
    await person.say("我是残疾人，今年46，会开挖机，想找个活")
    assert person.templates == ["offers/list"]
    assert person.labels[-1] == "记下我说的"
    await person.say("1")
    assert person.templates == ["offers/offer"]
    await person.say("我是残疾人，今年46，会开挖机，想找个活")
    await person.press("记下我说的")
    assert (person.templates, "残疾" in person.text) == (["people/confirm_profile"], False)
    await person.say("对")
    assert person.templates == ["people/profile_kept", "people/ask_disability"]
    await person.say("我今年46，会开挖机，想找个活")
    assert "记下我说的" not in person.labels
