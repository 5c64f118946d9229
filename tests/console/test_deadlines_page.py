"""Limits set in the console: for tickets that begin from then on, in every process, place by place."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import select

from bot.clock import LOCAL, FixedClock
from bot.settings import Settings
from bot.staff.models import AuditEntry, BureauSetting
from bot.staff.roles import EVERYWHERE, Role
from handlers.tickets.deadlines import NEEDED, OPTIONAL, PLAIN, load_deadlines
from handlers.tickets.ticket import Category, Kind
from handlers.tickets.timetable import HOLDS_AFTER, MOST_VERSIONS
from tests.console.site import Answer, ConsoleSite, StaffBrowser, open_console
from tests.fakes import eventually
from tests.handlers.tickets.bureau import HONGHU, LUOZHUANG, TOWN, Bureau, open_bureau

PATH = "/staff/deadlines"


def form_of(**changes: str) -> dict[str, str]:
    """The form as it stands by default, with some limits set otherwise: `accept="2 hours"`."""
    ours = {name: str(limit) for name, limit in load_deadlines().by_name.items()}
    fields: dict[str, str] = {}
    for name in (*NEEDED, *OPTIONAL):
        words = changes.get(name.replace(".", "_"), ours.get(name, ""))
        fields[f"{name}.count"], _, unit = words.partition(" ")
        fields[f"{name}.unit"] = unit or "days"
    return fields


async def save(at: StaffBrowser, place: str = "", **changes: str) -> Answer:
    page = await at.get(f"{PATH}?place={place}")
    return await at.post(PATH, [*form_of(**changes).items(), ("place", place), ("seen", seen_of(page))])


def seen_of(page: Answer) -> str:
    return page.text.partition('name="seen" value="')[2].partition('"')[0]


async def stored(console: ConsoleSite) -> dict[str, BureauSetting]:
    async with console.bureau.app.database.reading() as session:
        return {row.key: row for row in await session.scalars(select(BureauSetting))}


async def audited(console: ConsoleSite) -> list[AuditEntry]:
    async with console.bureau.app.database.reading() as session:
        return list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "setting_changed")))


def passes(console: ConsoleSite) -> None:
    """Until what was saved holds."""
    console.bureau.clock.advance(seconds=HOLDS_AFTER.total_seconds())


async def due(console: ConsoleSite, number: str) -> datetime:
    found = (await console.bureau.ticket(number)).accept_due
    assert found is not None
    return found


def at(words: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-24T{words}").replace(tzinfo=LOCAL)


async def test_a_limit_that_is_set_holds_for_tickets_that_begin_then_and_for_no_others(
    settings_on_each: Settings, clock: FixedClock
) -> None:
    async with open_console(settings_on_each, clock) as console:
        before = await console.bureau.file("before")
        admin = await console.sign_in("admin")
        assert (await save(admin, accept="1 hours")).status == 303
        passes(console)
        after = await console.bureau.file("after")
        assert await due(console, before) == at("15:00:00")
        assert await due(console, after) == at("10:00:10")
        async with console.bureau.work() as session:
            ticket = await console.bureau.office.cabinet.find(session, before)
            console.bureau.office.cabinet.clockwork.hurry(ticket)
        assert await due(console, before) == at("15:00:00")


async def test_a_ticket_that_begins_before_every_process_knows_keeps_what_held(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    await save(admin, accept="1 hours")
    number = await console.bureau.file()
    assert await due(console, number) == at("15:00:00")
    passes(console)
    async with console.bureau.work() as session:
        ticket = await console.bureau.office.cabinet.find(session, number)
        console.bureau.office.cabinet.clockwork.hurry(ticket)
    assert await due(console, number) == at("15:00:00")


async def test_another_process_takes_a_change_without_a_restart(settings_on_each: Settings, clock: FixedClock) -> None:
    async with open_console(settings_on_each, clock) as console, open_bureau(settings_on_each, clock) as other:
        follows = asyncio.create_task(other.app.bureau.run())
        admin = await console.sign_in("admin")
        assert (await save(admin, answer_request="3 days")).status == 303
        await eventually(lambda: other.office.timetable.own(HONGHU) is not None)
        assert (await save(admin, answer_request="4 days")).status == 303  # within one tick of the same clock
        await eventually(lambda: request_days(other) == "4 days")
        passes(console)
        number = await other.file("other", kind=Kind.REQUEST)
        assert (await other.ticket(number)).answer_minutes == 4 * 420
        follows.cancel()


def request_days(bureau: Bureau) -> str:
    own = bureau.office.timetable.own(HONGHU)
    return str(own[1]["answer.request"]) if own else ""


async def test_a_process_that_starts_later_holds_what_was_saved(settings_on_each: Settings, clock: FixedClock) -> None:
    async with open_console(settings_on_each, clock) as console:
        await save(await console.sign_in("admin"), difficult_labour="20 days")
        passes(console)
    async with open_bureau(settings_on_each, clock) as later:
        number = await later.file("later", category=Category.LABOUR)
        assert (await later.ticket(number)).answer_minutes == 20 * 420


async def test_the_console_goes_before_the_file_and_the_file_before_ours(settings: Settings, clock: FixedClock) -> None:
    text = "\n".join(f"{name}: 3 hours" for name in PLAIN)
    kinds = "\n".join(f"  {kind}: 6 days" for kind in Kind)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    (settings.data_dir / "deadlines.yaml").write_text(
        f"{text}\nanswer:\n{kinds}\nurgent: {{accept: 1 hours, contact: 1 hours}}\n", "utf-8"
    )
    async with open_console(settings, clock) as console:
        admin = await console.sign_in("admin")
        file = dict.fromkeys(PLAIN, "3 hours")
        rest = {f"answer_{kind}": "6 days" for kind in Kind} | {"urgent_contact": "1 hours", "difficult_petition": ""}
        assert (await save(admin, **{**file, **rest, "contact": "5 hours"})).status == 303
        assert [entry.data["changed"] for entry in await audited(console)] == [{"contact": [None, "5 hours"]}]
        passes(console)
        ticket = await console.bureau.ticket(await console.bureau.file())
        assert ticket.accept_due == at("14:00:10")
        assert ticket.answer_minutes == 6 * 420
        assert ticket.contact_due == at("16:00:10")


async def test_a_place_keeps_its_own_limits_and_its_neighbour_keeps_others(console: ConsoleSite) -> None:
    await console.bureau.hire("root", Role.ADMINISTRATOR, EVERYWHERE)
    root, admin = await console.sign_in("root"), await console.sign_in("admin")
    assert (await save(root, answer_request="8 days", task="2 days")).status == 303
    assert (await save(admin, answer_request="7 days", task="2 days")).status == 303
    assert (await save(admin, TOWN, answer_request="6 days", task="2 days")).status == 303
    passes(console)
    days = {
        region: (await console.bureau.ticket(await console.bureau.file(str(region), region=region))).answer_minutes
        / 420
        for region in (TOWN, HONGHU, LUOZHUANG, None)
    }
    assert days == {TOWN: 6, HONGHU: 7, LUOZHUANG: 8, None: 8}
    assert set(await stored(console)) == {f"deadlines/{region}" for region in (EVERYWHERE, HONGHU, TOWN)}


async def test_only_what_is_different_is_kept_and_written_down(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    assert (await save(admin)).location.endswith("limits_same")
    assert await stored(console) == {}
    await save(admin, silence="3 days", difficult_petition="")
    (row,) = (await stored(console)).values()
    assert row.value["versions"][-1]["changes"] == {"silence": "3 days", "difficult.petition": None}
    (entry,) = await audited(console)
    assert (entry.subject_kind, entry.subject_id) == ("setting", f"deadlines/{HONGHU}")
    assert entry.data == {"changed": {"difficult.petition": [None, "none"], "silence": [None, "3 days"]}}


async def test_all_goes_back_to_the_default_at_once(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    await save(admin, answer_request="9 days")
    page = await admin.get(PATH)
    assert page.has_action("limits-reset")
    assert (await admin.post(f"{PATH}/reset", place="", seen=seen_of(page))).status == 303
    passes(console)
    assert (await console.bureau.ticket(await console.bureau.file())).answer_minutes == 5 * 420
    assert not (await admin.get(PATH)).has_action("limits-reset")


@pytest.mark.parametrize(
    "words", ["0 days", "-1 days", "1.5 days", "two days", "10000 days", "5 weeks", "５ 天", " days", "1e3 days"]
)
async def test_a_limit_that_is_none_is_refused_beside_its_field_and_all_that_was_typed_stays(
    console: ConsoleSite, words: str
) -> None:
    admin = await console.sign_in("admin")
    answer = await save(admin, accept=words, silence="7 days")
    assert answer.status == 422
    assert 'href="#f-accept"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'name="silence.count" inputmode="numeric" maxlength="6" autocomplete="off" value="7"' in answer.text
    assert await stored(console) == {}
    assert await audited(console) == []


@pytest.mark.parametrize("words", ["５ days", "05 days", " 5 days"])
async def test_a_number_counts_however_it_is_typed(console: ConsoleSite, words: str) -> None:
    admin = await console.sign_in("admin")
    count, _, unit = words.strip().partition(" ")
    fields = form_of() | {"silence.count": f" {count}", "silence.unit": unit, "place": "", "seen": ""}
    assert (await admin.post(PATH, **fields)).status == 303
    (row,) = (await stored(console)).values()
    assert row.value["versions"][-1]["changes"] == {"silence": "5 days"}


async def test_of_two_who_change_the_same_limits_the_second_is_told(console: ConsoleSite) -> None:
    await console.bureau.hire("second", Role.ADMINISTRATOR)
    one, other = await console.sign_in("admin"), await console.sign_in("second")
    await save(one, accept="2 hours")
    seen = seen_of(await other.get(PATH))
    await save(one, accept="3 hours")
    late = await other.post(PATH, [*form_of(task="9 days").items(), ("place", ""), ("seen", seen)])
    assert late.status == 422
    assert 'name="task.count" inputmode="numeric" maxlength="6" autocomplete="off" value="9"' in late.text
    again = await other.post(PATH, [*form_of(task="9 days").items(), ("place", ""), ("seen", seen_of(late))])
    assert again.status == 303


async def test_old_versions_are_forgotten_in_the_end(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    for count in range(MOST_VERSIONS + 3):
        await save(admin, task=f"{count + 2} days")
    (row,) = (await stored(console)).values()
    assert len(row.value["versions"]) == MOST_VERSIONS


@pytest.mark.parametrize("place", [LUOZHUANG, "湖北省", "没有的地方", EVERYWHERE])
async def test_limits_of_another_region_are_not_there_and_the_try_is_written_down(
    console: ConsoleSite, place: str
) -> None:
    admin = await console.sign_in("admin")
    assert (await admin.get(f"{PATH}?place={place}")).status == 404
    assert (await admin.post(PATH, **form_of(accept="1 hours"), place=place, seen="")).status == 404
    assert (await admin.post(f"{PATH}/reset", place=place, seen="")).status == 404
    assert await stored(console) == {}
    async with console.bureau.app.database.reading() as session:
        refused = list(await session.scalars(select(AuditEntry.data).where(AuditEntry.action == "refused")))
    assert refused == [{"code": "no_such_place"}] * 3


@pytest.mark.parametrize("name", ["zhou", "sun", "head", "auditor", "helper"])
async def test_nobody_but_an_administrator_sets_limits(console: ConsoleSite, name: str) -> None:
    clerk = await console.sign_in(name)
    assert (await clerk.get(PATH)).status == 403
    assert (await clerk.post(PATH, **form_of(accept="1 hours"))).status == 403
    assert await stored(console) == {}


async def test_a_form_without_its_token_sets_no_limit(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    admin.csrf = "forged"
    assert (await admin.post(PATH, **form_of(accept="1 hours"))).status == 403
    assert await stored(console) == {}


async def test_the_page_says_which_holidays_are_known(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    page = (await admin.get(PATH)).text
    years = page[page.index('class="rows years"') :]
    assert years.index("2026 年") < years.index("tag reed") < years.index("2027 年") < years.index("tag dawn")
