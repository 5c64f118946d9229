"""A chat is joined to the ledger's person by phone and name together; who knows only one of them learns nothing."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from handlers.people.models import Consent, PersonGroup, Wish
from handlers.people.models import Person as PersonRow
from handlers.people.person import Purpose
from tests.bureau import Person
from tests.handlers.people.conftest import House


async def answer_all_but_phone(person: Person) -> None:
    """So that only the phone is left to ask."""
    await person.say("我是退捕渔民，住新堤，45岁，没活干，会电焊，创业补贴给多少")
    await person.press("对")
    await person.say("补充资料")
    await person.say("保安的活，四千")
    await person.say("月嫂")


async def joined(house: House, name: str = "p", said_name: str = "王小渔", phone: str = "13812345678") -> Person:
    person = Person(house.app, name, region="洪湖市")
    await answer_all_but_phone(person)
    assert "手机号" in person.text, person.text
    await person.say(phone)
    await person.say(said_name)
    return person


async def test_phone_and_name_of_the_ledger_join_the_chat_to_its_person(house: House) -> None:
    there = await house.add_of_ledger(birth_year=1970, employment="")
    person = await joined(house)
    assert person.templates == ["people/matched", "people/ask_check_ins"]
    row = await house.row_of(person)
    assert row is not None
    assert row.id == there
    assert (row.region, row.village, row.birth_year) == ("421083100", "界牌村", 1970)
    assert (row.employment, row.skills) == ("unemployed", ["电焊"])
    async with house.app.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(PersonRow)) == 1
        groups = (await session.execute(select(PersonGroup.name, PersonGroup.person_id))).all()
        wishes = (await session.execute(select(Wish.kind, Wish.trade, Wish.person_id).order_by(Wish.id))).all()
        given = (await session.scalars(select(Consent.purpose).where(Consent.person_id == there))).all()
    assert [tuple(row) for row in groups] == [("retired_fisher", there)]
    assert [tuple(row) for row in wishes] == [("work", "guard", there), ("training", "confinement", there)]
    assert list(given) == [Purpose.PROFILE]
    assert await person.place() == "新堤街道"  # asked about; the ledger's place stands for the person


async def test_another_name_and_an_unknown_phone_are_told_the_same(house: House) -> None:
    there = await house.add_of_ledger()
    wrong_name = await joined(house, "a", "李大江")
    unknown = await joined(house, "b", "李大江", phone="13900001111")
    assert wrong_name.templates == unknown.templates
    assert wrong_name.text == unknown.text
    for person in (wrong_name, unknown):
        row = await house.row_of(person)
        assert row is not None
        assert row.id != there
        assert row.phone is not None


async def test_a_fourth_try_of_a_day_joins_nothing_even_with_the_right_name(house: House, clock: object) -> None:
    there = await house.add_of_ledger()
    for number, name in enumerate(("张三", "李四", "王五")):
        await joined(house, f"p{number}", name)
    fourth = await joined(house, "p4")
    row = await house.row_of(fourth)
    assert row is not None
    assert row.id != there
    house.clock.advance(seconds=timedelta(days=1, minutes=1).total_seconds())
    later = await joined(house, "p5")
    row = await house.row_of(later)
    assert row is not None
    assert row.id == there


async def test_two_of_one_name_on_one_phone_are_nobody_sure(house: House) -> None:
    await house.add_of_ledger()
    await house.add_of_ledger(village="中湾村")
    person = await joined(house)
    assert "people/matched" not in person.templates


async def test_what_is_deleted_leaves_the_ledgers_word_and_says_so(house: House) -> None:
    there = await house.add_of_ledger(birth_year=1970)
    async with house.app.database.transaction() as session:
        session.add(PersonGroup(person_id=there, name="monitored", source="ledger", at=house.clock.now()))
    person = await joined(house)
    await person.say("删除我的资料")
    assert "名册" in person.text
    await person.press("都删掉")
    assert person.templates == ["people/deleted"]
    assert "名册" in person.text
    assert await house.row_of(person) is None
    async with house.app.database.reading() as session:
        row = await session.get(PersonRow, there)
        groups = (await session.scalars(select(PersonGroup.name))).all()
        wishes = await session.scalar(select(func.count()).select_from(Wish))
        consents = await session.scalar(select(func.count()).select_from(Consent))
    assert row is not None
    assert (row.birth_year, row.skills, row.told) == (1970, [], {})
    assert (list(groups), wishes, consents) == (["monitored"], 0, 0)


async def test_an_item_that_the_ledger_names_too_stays(house: House) -> None:
    await house.add_of_ledger(birth_year=1970)
    person = await joined(house)
    await person.say("改资料")
    await person.press("年龄")
    await person.press("删")
    assert person.templates == ["people/dropped"]
    assert "名册" in person.text


async def test_no_phone_or_name_stands_in_the_clear(house: House) -> None:
    person = await joined(house, said_name="李大江", phone="13900001111")
    row = await house.row_of(person)
    assert row is not None
    assert row.phone is not None
    assert row.name is not None
    assert b"13900001111" not in row.phone
    assert house.sealer.open(row.name, "person.name") == "李大江"
    assert row.phone_digest == house.sealer.digest("13900001111")
