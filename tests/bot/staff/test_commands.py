"""`shangan staff …` as a script sees it: exit codes, JSON, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from typer.testing import CliRunner

from bot import cli
from bot.errors import UserFacingError
from bot.staff.audit import Actor
from bot.staff.models import Staff
from tests.commands import read_knowledge_once

Run = Callable[..., Result]

assigned: list[tuple[str, list[str]]] = []


async def assign_queues(
    session: AsyncSession, staff_id: int, queues: Sequence[str], *, actor: Actor, now: datetime
) -> None:
    """Stands for the service that keeps queues."""
    if "nothing" in queues:
        raise UserFacingError("no_such_queue", name="nothing")
    name = await session.scalar(select(Staff.username).where(Staff.id == staff_id))
    assigned.append((str(name), list(queues)))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("SHANGAN_DATA_DIR", str(tmp_path))
    read_knowledge_once(monkeypatch)

    def act(*words: str, given: str = "") -> Result:
        return CliRunner().invoke(cli.app, ["staff", *words], input=given)

    return act


def add(run: Run, name: str, *more: str, given: str = "") -> Result:
    return run("add", name, "--role", "clerk", "--region", "洪湖市", *more, given=given)


def listed(run: Run) -> dict[str, Any]:
    return {one["username"]: one for one in json.loads(run("list", "--json").stdout)}


def test_an_account_is_made_listed_closed_and_opened(run: Run) -> None:
    made = json.loads(add(run, "李四", "--telegram", "77", "--json").stdout)
    assert set(made) == {"id", "username", "one_time_password"}
    assert len(made["one_time_password"]) >= 16
    line = listed(run)["李四"]
    assert (line["id"], line["region"], line["role"], line["telegram"]) == (made["id"], "421083", "clerk", True)
    assert line["must_change_password"]
    assert "77" not in run("list", "--json").stdout
    assert run("duty", "李四", "away").exit_code == 0
    assert run("disable", "李四", "--reason", "调走").exit_code == 0
    line = listed(run)["李四"]
    assert (line["on_duty"], line["disabled"]) == (False, True)
    assert run("unlock", "李四").exit_code == 0
    assert not listed(run)["李四"]["disabled"]
    assert run("telegram", "李四").exit_code == 0
    assert not listed(run)["李四"]["telegram"]
    again = json.loads(run("reset-password", "李四", "--json").stdout)
    assert again["one_time_password"] != made["one_time_password"]
    seen = json.loads(run("audit", "--json").stdout)
    assert seen["broken"] is None
    assert [entry["action"] for entry in seen["entries"]] == [
        "password_reset",
        "telegram_linked",
        "account_unlocked",
        "account_disabled",
        "duty_changed",
        "account_added",
    ]


def test_a_given_password_is_read_and_never_shown(run: Run) -> None:
    made = add(run, "li", "--password-stdin", "--no-forced-change", "--json", given="Given-pass-1\n")
    assert json.loads(made.stdout)["one_time_password"] is None
    assert "Given-pass-1" not in made.output
    assert not listed(run)["li"]["must_change_password"]


@pytest.mark.parametrize(
    "words",
    [
        ("add", "x", "--role", "king", "--region", "洪湖市"),
        ("add", "x", "--role", "clerk", "--region", "乌有之乡"),
        ("add", "x", "--role", "clerk", "--region", "洪湖市乌有镇"),
        ("add", "x", "--role", "clerk", "--region", "999999"),
        ("add", "a b", "--role", "clerk", "--region", "洪湖市"),
        ("add", "x", "--role", "clerk", "--region", "洪湖市", "--telegram", "@li"),
        ("add", "x", "--role", "clerk", "--region", "洪湖市", "--password-stdin"),
        ("add", "x", "--role", "clerk", "--region", "洪湖市", "--queue", "综合"),
        ("disable", "x"),
        ("unlock", "x"),
        ("reset-password", "x"),
        ("duty", "x", "on"),
        ("duty", "x", "perhaps"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_done(run: Run, words: tuple[str, ...]) -> None:
    refused = run(*words, given="weak\n")
    assert refused.exit_code == 2
    assert refused.stdout == ""
    assert refused.stderr
    assert listed(run) == {}


@pytest.mark.parametrize(
    ("region", "code"),
    [("421083", "421083"), ("420100-east", "420100-east"), ("荆州", "421000"), ("扬州市 东关街道", "321002001")],
)
def test_a_region_is_named_or_numbered(run: Run, region: str, code: str) -> None:
    assert run("add", "li", "--role", "head", "--region", region).exit_code == 0
    assert listed(run)["li"]["region"] == code


def test_queues_are_given_by_the_service_that_keeps_them(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "QUEUE_ASSIGNER", f"{__name__}:assign_queues")
    assigned.clear()
    assert add(run, "li", "--queue", "综合", "--queue", "社保").exit_code == 0
    assert assigned == [("li", ["综合", "社保"])]
    refused = add(run, "wang", "--queue", "nothing")
    assert refused.exit_code == 2
    assert "no queue nothing" in refused.stderr
    assert "wang" not in listed(run)
