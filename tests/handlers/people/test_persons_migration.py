"""A person of before, known by one chat, is the same person when persons may have several."""

from __future__ import annotations

from sqlalchemy import text

from bot.database import Database
from bot.migrations import migrate, upgrade

AT = "'2026-03-02 09:00:00'"
BEFORE = (
    "INSERT INTO conversation (id, channel, bot, chat, created_at, updated_at, last_seq, choices_seq, pushed_seq, "
    f"seen_seq, greeted, states, running) VALUES (7, 'terminal', '', 'a', {AT}, {AT}, 0, 0, 0, 0, TRUE, '{{}}', '[]')",
    f"INSERT INTO person (id, conversation_id, created_at, updated_at, region) VALUES (3, 7, {AT}, {AT}, '421083')",
    f"INSERT INTO consent (id, person_id, purpose, given, at) VALUES (5, 3, 'notices', TRUE, {AT})",
)
AFTER = """
    SELECT person.region, consent.purpose FROM person
    JOIN person_chat ON person_chat.person_id = person.id
    JOIN consent ON consent.person_id = person.id
    WHERE person_chat.conversation_id = 7
"""


async def test_place_consent_and_chat_of_a_person_of_before_are_kept(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    database.make_folder()
    async with database.engine.begin() as connection:
        await connection.run_sync(migrate, "0011")
        for statement in BEFORE:
            await connection.execute(text(statement))
    await upgrade(database)
    async with database.reading() as session:
        found = (await session.execute(text(AFTER))).all()
    await database.close()
    assert [tuple(row) for row in found] == [("421083", "notices")]
