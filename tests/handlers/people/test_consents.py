"""Who wants which messages: by words, by buttons, one kind or all."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.models import Conversation
from handlers.people import consents, intents
from handlers.people.models import Consent
from handlers.people.person import MESSAGES, NOBODY, Profile, Purpose
from knowledge.opting import Topic
from tests.bureau import Person
from tests.handlers.people.conftest import House


async def profile_of(house: House, person: Person) -> Profile:
    conversation = await house.conversation_of(person)
    async with house.app.database.reading() as session:
        return await house.register.read_profile(session, conversation)


async def test_td_ends_all_messages_and_a_word_begins_notices_again(house: House) -> None:
    person = Person(house.app, region="洪湖市")
    await person.say("TD")
    assert (await profile_of(house, person)).refused == frozenset(MESSAGES)
    await person.say("还是发吧")
    profile = await profile_of(house, person)
    assert profile.may(Purpose.NOTICES)
    assert profile.may(Purpose.JOB_NOTICES)
    assert not profile.may(Purpose.CHECK_INS)  # agreed to by itself, so it comes back by itself


async def test_one_kind_is_stopped_and_the_others_go_on(house: House) -> None:
    person = Person(house.app, region="洪湖市")
    await person.say("开通通知")
    await person.say("我已经上班了，以后不用再给我推岗位")
    profile = await profile_of(house, person)
    assert not profile.may(Purpose.JOB_NOTICES)
    assert profile.may(Purpose.COURSE_NOTICES)
    await person.say("别发岗位了，培训的也别发了")
    profile = await profile_of(house, person)
    assert not profile.may(Purpose.COURSE_NOTICES)


async def test_one_kind_alone_is_wanted(house: House) -> None:
    person = Person(house.app, region="洪湖市")
    await person.say("TD")
    await person.say("招工的还是发给我")
    profile = await profile_of(house, person)
    assert profile.may(Purpose.JOB_NOTICES)
    assert not profile.may(Purpose.COURSE_NOTICES)


def test_who_never_answered_has_agreed_to_nothing() -> None:
    assert not any(NOBODY.may(purpose) for purpose in Purpose)


async def test_a_yes_to_the_one_question_is_a_yes_to_notices_alone(house: House) -> None:
    person = Person(house.app, region="洪湖市")
    await person.say("补充资料")
    conversation = await house.conversation_of(person)
    async with house.app.database.transaction() as session:
        row = await session.get(Conversation, conversation)
        assert row is not None
        row.states, row.running = {"people": {"step": "notices"}}, ["people"]
    await person.say("好，发给我")
    profile = await profile_of(house, person)
    assert profile.agreed == {Purpose.NOTICES}


async def test_the_same_word_twice_is_one_row(house: House) -> None:
    person = Person(house.app, region="洪湖市")
    await person.say("退订")
    await person.say("退订")
    async with house.app.database.reading() as session:
        purposes = (await session.scalars(select(Consent.purpose))).all()
    assert sorted(purposes) == sorted(map(str, MESSAGES))


@pytest.mark.parametrize("topic", list(Topic))
def test_every_topic_ends_and_begins_something(topic: Topic) -> None:
    assert consents.STOPS[topic]
    assert set(consents.RESUMES[topic]) <= set(Purpose)


def test_others_hand_over_by_name() -> None:
    assert intents.ask_notices().dialogue == intents.opt().dialogue == "people"
