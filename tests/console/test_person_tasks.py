"""走访任务: whose they are, how they are done, and how many wait in each village."""

from __future__ import annotations

import re

from sqlalchemy import select

from handlers.people.models import Person, PersonTask
from tests.console.site import ConsoleSite
from tests.console.test_persons import add, audited
from tests.handlers.tickets.bureau import TOWN


async def add_task(console: ConsoleSite, person_id: int, *, reason: str = "job_lost", helper: int | None = None) -> int:
    app = console.bureau.app
    async with app.database.transaction() as session:
        person = await session.get(Person, person_id)
        assert person is not None
        task = PersonTask(
            person_id=person_id,
            reason=reason,
            state="open",
            region=person.region,
            village=person.village,
            helper_id=helper,
            created_at=app.clock.now(),
        )
        session.add(task)
        await session.flush()
        return task.id


async def staff_id(console: ConsoleSite, name: str) -> int:
    async with console.bureau.app.database.reading() as session:
        return (await console.bureau.staff(session, name)).id


async def test_a_helper_has_their_own_and_those_nobody_has(console_on_each: ConsoleSite) -> None:
    mine = await add(console_on_each)
    others = await add(console_on_each, name="李大江", phone="13900001111", number="421083197101010017")
    far = await add(console_on_each, name="赵远", phone="13900002222", number="421083197101010025", region="421083001")
    helper, clerk = await staff_id(console_on_each, "helper"), await staff_id(console_on_each, "li")
    await add_task(console_on_each, mine, helper=helper)
    await add_task(console_on_each, others, helper=clerk)
    await add_task(console_on_each, far)
    free = await add_task(console_on_each, mine, reason="silent")
    page = await (await console_on_each.sign_in("helper")).get("/staff/tasks")
    assert page.text.count('data-action="task-done"') == 2
    assert f"/staff/tasks/{free}/done" in page.text
    leader = await (await console_on_each.sign_in("sun")).get("/staff/tasks")
    assert leader.text.count('data-action="task-done"') == 4
    board = await (await console_on_each.sign_in("sun")).get("/staff/board")
    assert re.search(r'class="note dawn">.*href="/staff/tasks"', board.text)


async def test_a_task_is_done_with_words_once(console_on_each: ConsoleSite) -> None:
    here = await add(console_on_each, employment="unemployed")
    task = await add_task(console_on_each, here)
    helper = await console_on_each.sign_in("helper")
    assert (await helper.post(f"/staff/tasks/{task}/done", text=" ")).status == 422
    done = await helper.post(f"/staff/tasks/{task}/done", text="去看了，介绍到厂里", employment="employed")
    assert done.status == 303
    assert (await helper.post(f"/staff/tasks/{task}/done", text="再来")).status == 404
    async with console_on_each.bureau.app.database.reading() as session:
        row = await session.get(PersonTask, task)
        state = await session.scalar(select(Person.employment).where(Person.id == here))
    assert row is not None
    assert (row.state, row.words, state) == ("done", "去看了，介绍到厂里", "employed")
    (entry,) = await audited(console_on_each, "task_done")
    assert entry.subject_id == str(here)
    assert "去看了" in (await helper.get(f"/staff/persons/{here}?part=contacts")).text


async def test_nobody_does_the_tasks_of_another_place(console: ConsoleSite) -> None:
    task = await add_task(console, await add(console))
    stranger = await console.sign_in("stranger")
    assert (await stranger.post(f"/staff/tasks/{task}/done", text="看过")).status == 404
    assert 'data-action="task-done"' not in (await stranger.get("/staff/tasks")).text


async def test_a_leader_sees_how_many_wait_in_each_village(console: ConsoleSite) -> None:
    here = await add(console)
    there = await add(console, name="李大江", phone="13900001111", number="421083197101010017", village="中湾村")
    for person in (here, there):
        await add_task(console, person)
    await add_task(console, here, reason="silent")
    leader = await console.sign_in("sun")
    page = await leader.get("/staff/tasks")
    assert f"town={TOWN}&amp;village=" in page.text
    one = await leader.get(f"/staff/tasks?town={TOWN}&village=中湾村")
    assert one.text.count('data-action="task-done"') == 1
