"""Signing in to the console: who gets in, who does not, and what becomes of what they had written."""

from __future__ import annotations

import re

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from sqlalchemy import select

from bot.app import App
from bot.settings import Settings, load_settings
from bot.staff.accounts import add_account, reset_password
from bot.staff.audit import SYSTEM
from bot.staff.first import add_first_administrator
from bot.staff.models import AuditEntry, Staff
from bot.staff.passwords import take_given
from bot.staff.roles import Role
from bot.staff.sessions import IDLE, LONGEST
from bot.web.cookies import Cookies
from tests.console.site import PASSWORD, ConsoleSite, StaffBrowser


async def test_a_clerk_signs_in_and_lands_on_a_page_of_theirs(console_on_each: ConsoleSite) -> None:
    clerk = await console_on_each.sign_in("zhou")
    first = await clerk.get("/staff/")
    assert first.status == 303
    assert first.location.startswith("/staff/")


async def test_without_a_session_every_page_leads_to_the_login_and_back(console: ConsoleSite) -> None:
    nobody = await console.browser()
    asked = await nobody.get("/staff/?x=1")
    assert asked.status == 303
    assert asked.location == "/staff/login?next=/staff/%3Fx%3D1"


@pytest.mark.parametrize("name", ["zhou", "nobody", "' OR 1=1 --", "<script>"])
async def test_a_wrong_password_and_an_unknown_name_are_refused_alike(console: ConsoleSite, name: str) -> None:
    await console.sign_in("zhou")
    at = await console.browser()
    answer = await at.sign_in(name, "Wrong-2026")
    assert answer.status == 401
    assert 'role="alert"' in answer.text
    assert "<script>" not in answer.text.replace('<script src="', "")


async def test_the_sixth_try_meets_a_locked_account_even_with_the_right_password(console: ConsoleSite) -> None:
    await console.sign_in("zhou")
    at = await console.browser()
    for _ in range(5):
        assert (await at.sign_in("zhou", "Wrong-2026")).status == 401
    assert (await at.sign_in("zhou", PASSWORD)).status == 401
    console.bureau.clock.advance(minutes=31)
    assert (await at.sign_in("zhou", PASSWORD)).status == 303


async def test_a_one_time_password_opens_nothing_but_the_page_that_changes_it(console: ConsoleSite) -> None:
    bureau = console.bureau
    once = await take_given("Once-Only-2026", must_change=True)
    async with bureau.work() as session:
        await reset_password(session, await bureau.staff(session, "zhou"), once, actor=SYSTEM, now=bureau.now)
    at = await console.browser()
    assert (await at.sign_in("zhou", "Once-Only-2026")).location == "/staff/password"
    assert (await at.get("/staff/")).location == "/staff/password"
    at.csrf = (await at.get("/staff/password")).token()
    assert (await at.post("/staff/password", new="kurz", again="kurz")).status == 422
    assert (await at.post("/staff/password", new=PASSWORD, again=PASSWORD + "x")).status == 422
    assert (await at.post("/staff/password", new="Once-Only-2026", again="Once-Only-2026")).status == 422
    assert (await at.post("/staff/password", new=PASSWORD, again=PASSWORD)).status == 303
    assert (await at.get("/staff/")).location != "/staff/password"


async def test_a_server_that_starts_over_staff_without_an_administrator_makes_one(app: App) -> None:
    password = await take_given(PASSWORD, must_change=False)
    async with app.database.transaction() as session:
        await add_account(
            session, "zhou", role=Role.CLERK, region="421083", password=password, actor=SYSTEM, now=app.clock.now()
        )
    assert await add_first_administrator(app.database, now=app.clock.now()) is not None


async def test_signing_in_elsewhere_ends_the_session_before(console: ConsoleSite) -> None:
    first = await console.sign_in("zhou")
    second = await console.browser()
    await second.sign_in("zhou", PASSWORD)
    assert (await first.get("/staff/")).location.startswith("/staff/login")
    assert not (await second.get("/staff/")).location.startswith("/staff/login")


async def test_half_an_hour_of_silence_signs_out_and_work_does_not(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    for _ in range(4):
        console.bureau.clock.advance(minutes=20)
        assert not (await clerk.get("/staff/")).location.startswith("/staff/login")
    console.bureau.clock.advance(seconds=IDLE.total_seconds() + 60)
    assert "ended=idle" in (await clerk.get("/staff/")).location


async def test_nobody_stays_signed_in_for_longer_than_a_day_of_work(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    for _ in range(int(LONGEST.total_seconds() // 1500) + 1):
        console.bureau.clock.advance(minutes=25)
        answer = await clerk.get("/staff/")
    assert "ended=idle" in answer.location


async def test_a_disabled_account_is_out_at_once(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await console.bureau.dismiss("zhou")
    assert "ended=changed" in (await clerk.get("/staff/")).location


async def test_signing_out_ends_the_session_for_good(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    cookie = _session_of(clerk)
    assert (await clerk.post("/staff/logout")).status == 303
    thief = await console.browser()
    answer = await thief.get("/staff/", Cookie=f"shangan_staff={cookie}")
    assert answer.location.startswith("/staff/login")


@pytest.mark.parametrize("cookie", ["", "x", "0" * 43, "'; DROP TABLE staff; --", "é"])
async def test_a_forged_cookie_opens_nothing(console: ConsoleSite, cookie: str) -> None:
    at = await console.browser()
    answer = await at.get("/staff/", Cookie=f"shangan_staff={cookie}")
    assert answer.location.startswith("/staff/login")


async def test_a_form_without_its_token_does_nothing_and_keeps_what_was_written(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    token, clerk.csrf = clerk.csrf, "forged"
    answer = await clerk.post("/staff/logout", text="写了很久")
    assert answer.status == 403
    assert "写了很久" in answer.text
    clerk.csrf = token
    assert not (await clerk.get("/staff/")).location.startswith("/staff/login")


async def test_a_login_form_of_another_browser_is_not_taken(console: ConsoleSite) -> None:
    await console.sign_in("zhou")
    one, other = await console.browser(), await console.browser()
    token = (await one.get("/staff/login")).token()
    await other.get("/staff/login")
    other.csrf = token
    assert (await other.post("/staff/login", username="zhou", password=PASSWORD)).status == 403


async def test_a_form_posted_by_another_site_is_refused(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    data = {"csrf_token": clerk.csrf}
    async with clerk.http.post("/staff/logout", data=data, headers={"Sec-Fetch-Site": "cross-site"}) as answer:
        assert answer.status == 403


async def test_what_was_posted_after_the_session_ended_is_offered_again_after_the_login(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    console.bureau.clock.advance(minutes=40)
    ended = await clerk.post("/staff/logout", text="一大段答复", closing="solved")
    assert ended.status == 401
    assert "一大段答复" in ended.text
    kept = re.findall(r'name="(kept\.\w+)" value="([^"]*)"', ended.text)
    clerk.csrf = ended.token()
    again = await clerk.post(
        "/staff/login", [*kept, ("next", "/staff/logout"), ("username", "zhou"), ("password", PASSWORD)]
    )
    assert again.status == 200
    assert "一大段答复" in again.text
    assert 'value="solved"' in again.text
    assert 'action="/staff/logout"' in again.text


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example/", "/\\evil.example", "/staff/\nx", "/chat"])
async def test_the_login_leads_to_no_other_site(console: ConsoleSite, path: str) -> None:
    await console.sign_in("zhou")
    at = await console.browser()
    at.csrf = (await at.get("/staff/login")).token()
    answer = await at.post("/staff/login", username="zhou", password=PASSWORD, next=path)
    assert (answer.status, answer.location) == (303, "/staff/")


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites(console: ConsoleSite) -> None:
    await console.sign_in("zhou")
    at = await console.browser()
    answer = await at.sign_in("zhou", PASSWORD)
    cookie = answer.headers.getall("Set-Cookie")[-1]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/staff" in cookie


async def test_behind_our_proxy_the_cookie_travels_only_over_https(settings: Settings) -> None:
    behind = Cookies(load_settings({}, data_dir=settings.data_dir, trust_proxy=True))
    request = make_mocked_request("GET", "/staff/", headers={"X-Forwarded-Proto": "https"})
    response = web.Response()
    behind.keep(request, response, "shangan_staff", "x")
    assert response.cookies["shangan_staff"]["secure"]


async def test_the_first_start_makes_one_administrator_who_must_change_the_password(app_on_each: App) -> None:
    first = await add_first_administrator(app_on_each.database, now=app_on_each.clock.now())
    assert first is not None
    assert await add_first_administrator(app_on_each.database, now=app_on_each.clock.now()) is None
    async with app_on_each.database.reading() as session:
        staff = (await session.scalars(select(Staff))).one()
        actions = list(await session.scalars(select(AuditEntry.action)))
    assert (staff.role, staff.must_change_password) == ("administrator", True)
    assert actions == ["account_added"]
    assert first.password not in repr(first)


def _session_of(at: StaffBrowser) -> str:
    return next(cookie.value for cookie in at.http.cookie_jar if cookie.key == "shangan_staff")
