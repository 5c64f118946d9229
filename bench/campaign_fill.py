"""Persons, their chats, groups, wishes and consents, put in by the database itself: what campaigns are measured on."""

from __future__ import annotations

from sqlalchemy import text

from bot.database import Database

BOT = "7"
TOWNS = 16
"""421083 is Honghu; every third person lives in another county."""

STATEMENTS = (
    """INSERT INTO conversation (channel, bot, chat, created_at, updated_at, last_seq, choices_seq, pushed_seq,
      seen_seq, greeted, states, running)
    SELECT CASE WHEN n % 10 = 0 THEN 'webchat' ELSE 'telegram' END, CASE WHEN n % 10 = 0 THEN '' ELSE '{bot}' END,
      '' || (100000000 + n), {at}, {at}, 1, 0, 0, 0, {yes}, '{{}}', '[]' FROM {numbers}""",
    """INSERT INTO person (created_at, updated_at, region, village, gender, birth_year, age_band, employment,
      work_form, skills, told, version)
    SELECT {at}, {at}, CASE WHEN n % 3 = 2 THEN '420100' ELSE '4210831' || {two} END, '', '', 1950 + n % 55, '',
      CASE n % 4 WHEN 0 THEN 'employed' WHEN 1 THEN 'unemployed' WHEN 2 THEN '' ELSE 'not_looking' END,
      '', '[]', '{{}}', 1 FROM {numbers}""",
    """INSERT INTO person_chat (person_id, conversation_id, at)
    SELECT p.id, p.id, p.created_at FROM person p WHERE p.id % 7 <> 0""",
    """INSERT INTO person_group (person_id, name, source, at)
    SELECT id, CASE id % 5 WHEN 0 THEN 'retired_fisher' WHEN 1 THEN 'retired_fisher' WHEN 2 THEN 'rural_labour'
      ELSE 'hard_to_employ' END, 'ledger', created_at FROM person""",
    """INSERT INTO wish (person_id, kind, trade, words, source, at)
    SELECT id, 'work', 'welder', '电焊', 'said', created_at FROM person WHERE id % 6 = 0""",
    """INSERT INTO consent (person_id, purpose, given, at)
    SELECT id, 'notices', id % 20 <> 0, created_at FROM person WHERE id % 11 <> 0""",
)
TABLES = ("conversation", "person", "person_chat", "person_group", "wish", "consent")


async def fill(database: Database, count: int, *, bot: str = BOT) -> None:
    """So many persons, where the tables are empty; nine tenths talk on Telegram, a seventh has no chat."""
    postgres = not database.is_sqlite
    words = {
        "bot": bot,
        "at": "timestamptz '2026-03-01 10:00+08'" if postgres else "'2026-03-01 02:00:00.000000'",
        "yes": "true" if postgres else "1",
        "two": f"lpad((n % {TOWNS})::text, 2, '0')" if postgres else f"printf('%02d', n % {TOWNS})",
        "numbers": f"generate_series(1, {count}) AS n"
        if postgres
        else f"(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count}) SELECT n FROM c)",
    }
    async with database.transaction() as session:
        for statement in STATEMENTS:
            await session.execute(text(statement.format(**words)))
    if postgres:
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in TABLES:
                await connection.execute(text(f"VACUUM ANALYZE {table}"))
    else:
        async with database.transaction() as session:
            await session.execute(text("ANALYZE"))
