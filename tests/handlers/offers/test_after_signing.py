"""The talk behind a registration, and behind news: whatever question stands on top, words of the seat find it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers.offers.models import Registration
from handlers.offers.wanting import Party, gives_up, party_in
from handlers.people.models import Consent, Wish
from tests.bureau import Person
from tests.handlers.offers.hall import COURSE, VACANCY, Hall

WELDING = {**COURSE, "title": "电焊工培训班", "trade": "电焊", "seats": 9, "needs": "18到55岁"}


async def signed_up(hall: Hall) -> tuple[Person, str]:
    """In, and asked whether notices are wanted."""
    code = await hall.add(WELDING)
    person = await hall.sign_up(code, "p")
    await person.say("不留")
    assert person.templates == ["offers/say", "people/ask_notices"]
    return person, code


async def answers(person: Person, *said: str) -> list[str]:
    """The first template of each answer."""
    found = []
    for words in said:
        await person.say(words)
        found.append(person.templates[0])
    return found


async def refused(hall: Hall) -> list[str]:
    async with hall.app.database.reading() as session:
        return [one.purpose for one in await session.scalars(select(Consent).where(~Consent.given))]


@pytest.mark.parametrize("words", ["取消", "退了", "停", "我去不成了"])
async def test_a_stop_behind_a_registration_asks_for_the_seat_and_ends_no_messages(hall: Hall, words: str) -> None:
    person, code = await signed_up(hall)
    assert await answers(person, words) == ["offers/cancel_ask"]
    assert await refused(hall) == []
    assert await answers(person, "退订", "是") != ["offers/cancelled"]
    assert "notices" in await refused(hall)
    assert await hall.line(code) == [(1, "in")]
    hall.clock.advance(days=3)  # long after it was spoken of
    assert await answers(person, "取消", "是") == ["offers/cancel_ask", "offers/cancelled"]
    assert await hall.line(code) == [(1, "cancelled")]


async def test_what_is_asked_behind_a_registration_is_heard_below_the_question_of_notices(hall: Hall) -> None:
    person, code = await signed_up(hall)
    assert await answers(person, "几点开始来着", "要带东西不", "我报上了没", "还要等好久", "签到码忘了") == [
        "offers/aspect",
        "offers/aspect",
        "offers/mine",
        "offers/mine",
        "offers/mine",
    ]
    assert await answers(person, "我堂弟想替我去") == ["offers/say"]
    assert "offers/confirm" not in await answers(person, "嗯", "是的")
    assert await answers(person, "怎么样了") == ["offers/mine"]
    assert await answers(Person(hall.app, "stranger"), "怎么样了") == ["tickets/status"]
    assert await hall.line(code) == [(1, "in")]


async def test_a_question_of_the_profile_stands_while_something_is_asked_of_the_seat(hall: Hall) -> None:
    person, _ = await signed_up(hall)
    assert (await answers(person, "补充资料", "好，记下"))[-1] == "people/question"
    assert await answers(person, "几点开始来着", "退捕渔民") == ["offers/aspect", "people/question"]
    assert "offers/registered" not in await answers(person, "我的报名", "好", "嗯")
    assert "notices" not in await refused(hall)


async def test_a_cancel_by_number_goes_before_the_question_that_stands(hall: Hall) -> None:
    person, code = await signed_up(hall)
    other = await hall.add(VACANCY)
    assert (await answers(person, "有没有保洁的活", "报名"))[-1] == "offers/confirm"
    assert await answers(person, f"取消报名 {code}") == ["offers/cancelled"]
    assert await hall.line(code) == [(1, "cancelled")]
    await answers(person, "有没有保洁的活", "报名", "取消")
    assert await hall.line(other) == []
    assert await refused(hall) == []


async def test_a_yes_behind_something_else_takes_no_seat_and_gives_none_up(hall: Hall) -> None:
    person, code = await signed_up(hall)
    assert (await answers(person, "不去了", "老板欠我工资", "取消", "是", "是"))[-1] == "offers/cancel_ask"
    assert await answers(person, "我自己的不退") == ["offers/say"]
    assert await hall.line(code) == [(1, "in")]
    other = await hall.add(VACANCY)
    said = ("有没有保洁的活", "报名", "养老保险什么时候发", "是")
    assert (await answers(person, *said))[-1] == "offers/confirm"
    assert await hall.line(other) == []


async def test_of_several_the_one_that_is_meant_is_given_up(hall: Hall) -> None:
    person, code = await signed_up(hall)
    assert (await answers(person, "给我儿子报", "他说行", "不方便说"))[1] == "offers/registered"
    assert await answers(person, "去不了", "是", "我儿子那个", "是") == [*["offers/cancel_ask"] * 3, "offers/cancelled"]
    assert await hall.line(code) == [(1, "in"), (2, "cancelled")]


async def test_whoever_is_named_is_noted_before_anything_is_done_for_them(hall: Hall) -> None:
    person, code = await signed_up(hall)
    await answers(person, "好的", "帮我老婆也报一个")
    assert "同意，报名" in person.labels
    assert await answers(person, "她晓得的", "她自己说要去的") == ["offers/say", "offers/say"]
    assert len(await hall.line(code)) == 1
    assert await answers(person, "同意", "不说", "给我自己也报一个") == [
        "offers/registered",
        "offers/say",
        "offers/registered",
    ]
    async with hall.app.database.reading() as session:
        relations = [one.relation for one in await session.scalars(select(Registration).order_by(Registration.id))]
    assert relations == ["", "wife"]


@pytest.mark.parametrize(
    ("words", "party"),
    [
        ("帮我和我老公两个人报", Party("", 2)),
        ("我老婆跟我都想去", Party("", 2)),
        ("我和两个姐妹一起去", Party("", 3)),
        ("我和我老公说了，给他报", Party("husband")),
        ("给我老公报", Party("husband")),
    ],
)
def test_who_is_to_come_counts_the_asker(words: str, party: Party) -> None:
    assert party_in(words) == party


@pytest.mark.parametrize(
    ("words", "given_up"),
    [
        ("不去了行不", True),
        ("那天有事去不了", True),
        ("不想上那个课了", True),
        ("不识字能报名不", False),
        ("不想上夜班", False),
        ("老板把我辞退了", False),
        ("低保怎么取消", False),
        ("把短信停了", False),
    ],
)
def test_only_a_withdrawal_gives_up_a_seat(words: str, given_up: bool) -> None:
    assert gives_up(words) is given_up


async def test_what_is_asked_of_fitness_stays_with_what_was_shown(hall: Hall) -> None:
    await hall.add(WELDING)
    await hall.add(VACANCY, title="缝纫工", trade="缝纫")
    await hall.add(VACANCY)
    person = Person(hall.app, "p", region="洪湖市")
    said = ("想学电焊", "六十能学吗", "不是本地户口能报名不", "要报名不", "管不管住")
    assert await answers(person, *said) == ["offers/list", *["offers/aspect"] * 4]
    assert (await answers(person, "养老保险什么时候发"))[0].startswith("policy/")
    assert await answers(person, "有没有活", "第二个好，就它了", "不去了") == [
        "offers/list",
        "offers/confirm",
        "offers/say",
    ]
    assert (await answers(person, "工资没发"))[0].startswith("tickets/")


@pytest.mark.parametrize("words", ["有了保洁的活告诉我一声", "帮我留意着保洁的活", "有保洁的活跟我说一声"])
async def test_a_wish_to_be_told_is_kept_beside_what_there_is(hall: Hall, words: str) -> None:
    await hall.add(VACANCY)
    person = Person(hall.app, "p", region="洪湖市")
    await person.say(words)
    assert person.templates == ["offers/list", "offers/say"]
    async with hall.app.database.reading() as session:
        assert [one.trade for one in await session.scalars(select(Wish))] == ["cleaner"]


@pytest.mark.parametrize(
    ("words", "template"),
    [("1", "offers/offer"), ("我去", "offers/confirm"), ("工资多少", "offers/aspect"), ("报名", "offers/confirm")],
)
async def test_news_is_answered_as_what_was_shown_last(hall: Hall, words: str, template: str) -> None:
    person = Person(hall.app, "p", region="洪湖市")
    await answers(person, "有没有修家电的活", "有了告诉我")
    code = await hall.add(VACANCY, title="家电维修师傅", trade="修家电")
    await hall.add(VACANCY)
    await answers(person, "有没有保洁的活")
    await hall.office.wishes.begin()
    hall.clock.advance(days=9)
    await hall.act()
    await person.say(words)
    assert person.templates == ["offers/fresh", template]
    assert person.replies[-1].data["offer"]["code"] == code


async def test_news_leaves_a_complaint_that_is_being_told_its_words(hall: Hall) -> None:
    code = await hall.add(COURSE, seats=1)
    first = await hall.sign_up(code, "first")
    person = await hall.sign_up(code, "p")
    assert (await answers(person, "不留", "我要投诉", "老板欠我三个月工资"))[-1].startswith("tickets/")
    await answers(first, "我不去了", "是")
    await hall.act()
    assert (await answers(person, "在新堤街道的鑫鑫鞋厂"))[-1] == "offers/news"
    assert person.templates[-1].startswith("tickets/")
    assert await hall.told("moved_up") == ["moved_up"]


async def test_cancel_alone_of_whoever_has_no_seat_is_asked_and_said_again_ends_messages(hall: Hall) -> None:
    await hall.add(WELDING)
    person = Person(hall.app, "stranger", region="洪湖市")
    assert await answers(person, "养老补贴几时发", "取消", "不是") == [
        "policy/answer",
        "people/ask_stop",
        "people/nothing_stopped",
    ]
    assert await answers(person, "有没有电焊培训", "取消了吧") == ["offers/list", "people/ask_stop"]
    assert await refused(hall) == []
    assert await answers(person, "取消") == ["people/notices_noted"]
    assert "notices" in await refused(hall)
    for words in ("退订", "TD", "莫发了", "取消通知"):
        assert await answers(Person(hall.app, words, region="洪湖市"), words) == ["people/notices_noted"]


@pytest.mark.parametrize("words", ["我报的班呢", "俺报的名还在不在", "我的名额还在吗"])
async def test_whoever_asks_for_what_they_are_in_is_told_that(hall: Hall, words: str) -> None:
    person, _ = await signed_up(hall)
    assert await answers(person, words) == ["offers/mine"]


async def test_a_list_of_one_is_registered_for_by_this_one_and_by_a_name_and_phone(hall: Hall) -> None:
    code = await hall.add(WELDING)
    for number, words in enumerate(("报这个", "那就报这个班吧", "刘大柱13822223333")):
        person = Person(hall.app, f"p{number}", region="洪湖市")
        assert await answers(person, "有没有电焊培训", words) == ["offers/list", "offers/confirm"], words
    await hall.add({**COURSE, "title": "月嫂班", "trade": "月嫂"})
    for number, words in enumerate(("报这个", "刘大柱 13822223333")):
        person = Person(hall.app, f"q{number}", region="洪湖市")
        assert await answers(person, "我要报名", words) == ["offers/list", "offers/say"], words
    assert await hall.line(code) == []
