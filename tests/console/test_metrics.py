"""What a monitoring system reads: counts that move with what happens, and nothing of any person."""

from __future__ import annotations

import re

import aiohttp

from bot.settings import load_settings
from tests.bureau import Person
from tests.console.site import ConsoleSite


async def test_messages_answers_and_open_cases_are_counted(console_on_each: ConsoleSite) -> None:
    person = Person(console_on_each.bureau.app, region="洪湖市")
    await person.say("企业招退捕渔民补多少钱")
    await console_on_each.bureau.file()
    found = await _metrics(console_on_each)
    assert found['shangan_messages_total{channel="terminal"}'] == 1
    assert found['shangan_answers_total{outcome="answer"}'] == 1
    assert found["shangan_tickets_open"] == 1
    assert found["shangan_tickets_unclaimed"] == 1
    assert found['shangan_turn_seconds_count{channel="terminal"}'] == 1


async def test_what_waits_in_the_outbox_is_told_with_its_age(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    before = await _metrics(console_on_each)
    await bureau.file()  # the queue's group is told
    bureau.clock.advance(minutes=5)
    after = await _metrics(console_on_each)
    assert after["shangan_outbox_depth"] > before["shangan_outbox_depth"]
    assert after["shangan_outbox_oldest_seconds"] >= 300


async def test_a_breach_and_late_timers_show(console_on_each: ConsoleSite) -> None:
    await console_on_each.bureau.file()
    console_on_each.bureau.clock.advance(days=30)
    assert (await _metrics(console_on_each))["shangan_timers_late"] >= 1
    await console_on_each.bureau.act()
    found = await _metrics(console_on_each)
    assert found["shangan_tickets_breached"] == 1
    assert found["shangan_tickets_late"] == 1


async def test_addresses_are_told_as_they_are_written_never_with_a_number_of_somebody(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await clerk.get("/staff/login?next=/staff/tickets/261124-00013")
    async with clerk.http.get("/metrics") as response:
        text = await response.text()
    assert "/staff/login" in text
    assert "261124" not in text


async def test_only_the_machine_itself_is_told(console: ConsoleSite) -> None:
    settings = load_settings({}, data_dir=console.bureau.app.settings.data_dir, trust_proxy=True)
    console.bureau.app.settings = settings
    async with aiohttp.ClientSession(console.url) as http:
        async with http.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}) as response:
            assert response.status == 404
        async with http.get("/metrics") as response:
            assert response.status == 200


async def _metrics(console: ConsoleSite) -> dict[str, float]:
    async with aiohttp.ClientSession(console.url) as http, http.get("/metrics") as response:
        assert response.status == 200
        lines = (await response.text()).splitlines()
    return {name: float(value) for name, value in (re.split(r" (?=\S+$)", x) for x in lines if not x.startswith("#"))}
