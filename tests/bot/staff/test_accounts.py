"""Accounts: made, found, closed and opened again; and how staff prove who they are."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from bot.clock import FixedClock
from bot.database import Database
from bot.errors import UserFacingError
from bot.replies import ReplyBook
from bot.staff import accounts, audit, logins, passwords
from bot.staff.accounts import Duty, NoSuchAccount, TelegramTaken, TelegramUnfit, UsernameTaken, UsernameUnfit
from bot.staff.audit import Actor, ActorKind
from bot.staff.logins import AccountDisabled, AccountLocked, LoginRefused
from bot.staff.models import Staff, is_within
from bot.staff.passwords import PasswordNotNew, PasswordTooWeak
from bot.staff.roles import ANYWHERE, NotPermitted, Role, Scope

ROOT = Actor(ActorKind.COMMAND, 0)
SECRET = "Shang-an-2026"


async def add(database: Database, clock: FixedClock, name: str = "li", **more: Any) -> Staff:
    password = await passwords.take_given(SECRET, must_change=False)
    given: dict[str, Any] = {"role": Role.CLERK, "region": "421083", "password": password} | more
    async with database.transaction() as session:
        return await accounts.add_account(session, name, actor=ROOT, now=clock.now(), **given)


async def read(database: Database, name: str = "li") -> Staff:
    async with database.reading() as session:
        return (await session.scalars(select(Staff).where(Staff.login == name))).one()


async def change(database: Database, clock: FixedClock, act: Any, *given: Any, name: str = "li", **more: Any) -> None:
    async with database.transaction() as session:
        staff = await accounts.access_account(session, name, scope=ANYWHERE)
        await act(session, staff, *given, actor=ROOT, now=clock.now(), **more)


async def login(database: Database, clock: FixedClock, password: str = SECRET, name: str = "li") -> Staff:
    return await logins.check_login(database, name, password, now=clock.now())


async def actions(database: Database) -> list[str]:
    async with database.reading() as session:
        assert await audit.verify(session) is None
        return [entry.action for entry in reversed(await audit.list_entries(session))]


# -- accounts -----------------------------------------------------------------------------------------------


async def test_a_new_account_logs_in_with_its_one_time_password(database: Database, clock: FixedClock) -> None:
    one_time = await passwords.make_one_time()
    assert one_time.plain not in repr(one_time)
    staff = await add(database, clock, "李四", password=one_time, telegram_id="77")
    assert one_time.plain not in staff.password_hash
    found = await login(database, clock, one_time.plain, "李四")
    assert (found.id, found.must_change_password, found.on_duty) == (staff.id, True, True)
    assert (await read(database, "李四")).last_seen_at == clock.now()
    assert await actions(database) == ["account_added", "logged_in"]


async def test_a_name_is_taken_in_whatever_case_and_width(database: Database, clock: FixedClock) -> None:
    await add(database, clock, "Li.Si")
    for name in ("li.si", "LI.SI", " Ｌｉ.Si "):
        with pytest.raises(UsernameTaken):
            await add(database, clock, name)
    assert (await login(database, clock, name="LI.si")).username == "Li.Si"


@pytest.mark.parametrize("name", ["", " ", "a b", "a\0b", "-a", "x" * 41, "a\nb", "ß" * 21])
async def test_what_can_be_no_name_is_refused(database: Database, clock: FixedClock, name: str) -> None:
    with pytest.raises(UsernameUnfit):
        await add(database, clock, name)
    with pytest.raises(LoginRefused):
        await login(database, clock, name=name)


async def test_two_at_once_do_not_get_one_name(database: Database, clock: FixedClock) -> None:
    tried = await asyncio.gather(*(add(database, clock) for _ in range(4)), return_exceptions=True)
    assert [type(one) for one in tried if not isinstance(one, Staff)] == [UsernameTaken] * 3


async def test_not_yours_and_not_there_are_one_error(database: Database, clock: FixedClock) -> None:
    await add(database, clock)
    refused = []
    for name, scope in (("li", Scope("371300")), ("nobody", Scope("421000"))):
        async with database.transaction() as session:
            with pytest.raises(NoSuchAccount) as caught:
                await accounts.access_account(session, name, scope=scope)
        refused.append(caught.value.code)
    assert len(set(refused)) == 1
    async with database.transaction() as session:
        assert (await accounts.access_account(session, "li", scope=Scope("421000"))).username == "li"


@pytest.mark.parametrize(
    ("region", "names"),
    [
        ("420000", ["county", "town", "wuhan", "zone"]),
        ("421000", ["county", "town"]),
        ("421083", ["county", "town"]),
        ("421083001", ["town"]),
        ("420100", ["wuhan", "zone"]),
        ("420100-east", ["zone"]),
        ("000000", ["county", "other", "town", "wuhan", "zone"]),
    ],
)
async def test_a_list_holds_what_the_scope_covers(
    database: Database, clock: FixedClock, region: str, names: list[str]
) -> None:
    places = {"county": "421083", "town": "421083001", "wuhan": "420100", "zone": "420100-east", "other": "371311"}
    for name, place in places.items():
        await add(database, clock, name, region=place)
    async with database.reading() as session:
        assert [staff.username for staff in await accounts.list_accounts(session, scope=Scope(region))] == names
        found = await session.scalars(select(Staff.region).where(is_within(Scope(region), Staff.region)))
        assert set(found) == {place for place in places.values() if Scope(region).covers(place)}


async def test_telegram_belongs_to_one_open_account(database: Database, clock: FixedClock) -> None:
    await add(database, clock, telegram_id="77")
    await add(database, clock, "wang")
    with pytest.raises(TelegramTaken):
        await change(database, clock, accounts.link_telegram, "77", name="wang")
    with pytest.raises(TelegramTaken):
        await add(database, clock, "zhao", telegram_id="77")
    for unfit in ("-77", "", "abc", "7" * 20):
        with pytest.raises(TelegramUnfit):
            await change(database, clock, accounts.link_telegram, unfit, name="wang")
    assert await who(database, "77") == "li"
    await change(database, clock, accounts.link_telegram, None)
    await change(database, clock, accounts.link_telegram, "77", name="wang")
    assert await who(database, "77") == "wang"
    await change(database, clock, accounts.disable, name="wang")
    assert await who(database, "77") is None
    assert await who(database, "78") is None


async def who(database: Database, telegram_id: str) -> str | None:
    async with database.reading() as session:
        found = await accounts.find_by_telegram(session, telegram_id)
    return found.username if found else None


async def test_duty_is_said_once(database: Database, clock: FixedClock) -> None:
    await add(database, clock)
    away = clock.now()
    for _ in range(2):
        await change(database, clock, accounts.set_duty, Duty.AWAY)
        clock.advance(hours=1)
    assert (await read(database)).away_since == away
    assert not (await read(database)).on_duty
    await change(database, clock, accounts.set_duty, Duty.ON)
    assert (await read(database)).on_duty
    assert (await read(database)).away_since is None
    assert await actions(database) == ["account_added", "duty_changed", "duty_changed"]


# -- logins -------------------------------------------------------------------------------------------------


async def test_an_unknown_name_and_a_wrong_password_are_one_error(database: Database, clock: FixedClock) -> None:
    await add(database, clock)
    refused = []
    for name, password in (("nobody", SECRET), ("li", "wrong"), ("li", ""), ("li", "x" * 5000), ("li", "\udcff\0")):
        with pytest.raises(LoginRefused) as caught:
            await login(database, clock, password, name)
        refused.append((caught.value.code, tuple(caught.value.data)))
    assert len(set(refused)) == 1


async def test_five_wrong_passwords_lock_for_half_an_hour(database: Database, clock: FixedClock) -> None:
    await add(database, clock)
    for _ in range(5):
        with pytest.raises(LoginRefused):
            await login(database, clock, "wrong")
    for minutes_left in (30, 1):
        with pytest.raises(AccountLocked) as caught:
            await login(database, clock)
        assert caught.value.data == {"minutes": minutes_left}
        clock.advance(minutes=29)
    clock.advance(minutes=1)
    await login(database, clock)
    assert (await read(database)).failed_logins == 0
    assert await actions(database) == ["account_added", *["login_failed"] * 5, "account_locked", "logged_in"]


async def test_a_right_password_begins_the_count_again(database: Database, clock: FixedClock) -> None:
    await add(database, clock)
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(LoginRefused):
                await login(database, clock, "wrong")
        await login(database, clock)


async def test_many_guesses_at_once_are_no_more_than_five(database: Database, clock: FixedClock) -> None:
    await add(database, clock)
    tried = await asyncio.gather(*(login(database, clock, f"wrong{n}") for n in range(9)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in tried) == ["AccountLocked"] * 4 + ["LoginRefused"] * 5


async def test_an_administrator_opens_what_is_locked_or_disabled(database: Database, clock: FixedClock) -> None:
    await add(database, clock)
    for _ in range(5):
        with pytest.raises(LoginRefused):
            await login(database, clock, "wrong")
    await change(database, clock, accounts.unlock)
    version = (await login(database, clock)).session_version
    await change(database, clock, accounts.disable, reason="调走")
    await change(database, clock, accounts.disable)
    assert (await read(database)).session_version == version + 1
    with pytest.raises(LoginRefused):
        await login(database, clock, "wrong")
    with pytest.raises(AccountDisabled):
        await login(database, clock)
    await change(database, clock, accounts.unlock)
    await login(database, clock)
    assert (await actions(database)).count("account_disabled") == 1


# -- passwords ----------------------------------------------------------------------------------------------


async def test_a_new_password_counts_and_the_old_one_no_more(database: Database, clock: FixedClock) -> None:
    old = await add(database, clock, password=await passwords.take_given(SECRET, must_change=True))
    for weak in ("", "Ab1-", "alllowercase1", "12345678", "A" * 129 + "a1"):
        with pytest.raises(PasswordTooWeak):
            await logins.change_password(database, old.id, weak, now=clock.now())
    with pytest.raises(PasswordNotNew):
        await logins.change_password(database, old.id, SECRET, now=clock.now())
    new = await logins.change_password(database, old.id, "上岸 Huzi 88", now=clock.now())
    assert not new.must_change_password
    assert new.session_version == old.session_version + 1
    with pytest.raises(LoginRefused):
        await login(database, clock)
    # Typed on a Chinese keyboard, in full width, it is the same.
    await login(database, clock, "上岸 Ｈuzi ８８")


async def test_nobody_changes_the_password_of_a_disabled_account(database: Database, clock: FixedClock) -> None:
    staff = await add(database, clock)
    await change(database, clock, accounts.disable)
    with pytest.raises(AccountDisabled):
        await logins.change_password(database, staff.id, "Another-1", now=clock.now())
    with pytest.raises(AccountDisabled):
        await logins.change_password(database, staff.id + 1, "Another-1", now=clock.now())


async def test_a_reset_ends_the_lock_and_the_sessions(database: Database, clock: FixedClock) -> None:
    staff = await add(database, clock)
    for _ in range(5):
        with pytest.raises(LoginRefused):
            await login(database, clock, "wrong")
    one_time = await passwords.make_one_time()
    await change(database, clock, accounts.reset_password, one_time)
    found = await login(database, clock, one_time.plain)
    assert found.must_change_password
    assert found.session_version == staff.session_version + 1


async def test_one_time_passwords_are_strong_and_differ() -> None:
    made = [await passwords.make_one_time() for _ in range(3)]
    assert len({one.plain for one in made}) == 3
    for one in made:
        passwords.check_strength(one.plain)
        assert not set(one.plain) & set("0Ool1I")


# -- words --------------------------------------------------------------------------------------------------

REFUSALS: list[UserFacingError] = [
    NotPermitted(role="clerk", permission="approve"),
    NoSuchAccount(username="li"),
    UsernameTaken(username="li"),
    UsernameUnfit(username="a b"),
    TelegramTaken(),
    TelegramUnfit(),
    PasswordTooWeak(least=8, classes=3),
    PasswordNotNew(),
    LoginRefused(),
    AccountLocked(minutes=30),
    AccountDisabled(),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_every_refusal_has_its_words(refusal: UserFacingError) -> None:
    assert ReplyBook().word_error(refusal.code, refusal.data)
