"""Whatever people send, each message is answered, and stored words hold nothing that must not be there."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app import build
from bot.clock import FixedClock
from bot.door import Marks, drop_private, drop_unwanted, is_id_number, safe_key
from bot.messages import Address, Attachment, AttachmentKind, ChannelName, Incoming
from bot.settings import load_settings
from tests.fakes import wire_fakes

NASTY = [
    "",
    "\0",
    "{{ 7*7 }}",
    "{% raw %}",
    "<script>",
    "'; DROP TABLE message; --",
    "\u202e",
    "1",
    "９",
    "0",
    "/start",
]
WORDS = st.one_of(st.text(st.characters(codec=None), max_size=300), st.sampled_from(NASTY))
KEYS = st.one_of(st.text(min_size=1, max_size=200), st.sampled_from(["a", "b"]))
EVENTS = st.builds(
    Incoming,
    address=st.builds(Address, channel=st.sampled_from(ChannelName), key=KEYS, bot=st.sampled_from(["", "7", "\0"])),
    event_id=KEYS,
    text=WORDS,
    value=st.none() | WORDS,
    attachments=st.lists(st.builds(Attachment, kind=st.sampled_from(AttachmentKind), name=WORDS), max_size=2).map(
        tuple
    ),
    edited=st.booleans(),
    region_hint=st.none() | WORDS,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=st.lists(EVENTS, min_size=1, max_size=6))
def test_every_event_is_answered_and_a_retry_gets_the_same(migrated_sqlite: Path, events: Sequence[Incoming]) -> None:
    asyncio.run(_converse(migrated_sqlite, events))


async def _converse(migrated: Path, events: Sequence[Incoming]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(migrated, Path(folder) / "shangan.sqlite3")
        given_settings = load_settings({}, data_dir=Path(folder))
        async with build(given_settings, clock=FixedClock(), wire=wire_fakes) as app:
            for event in events:
                shown = await app.conversation.respond(event)
                assert shown
                assert all(message.text for message in shown)
                assert await app.conversation.respond(event) == shown
            for event in events:
                history = await app.conversation.history(event.address)
                assert [message.seq for message in history] == list(range(1, len(history) + 1))
                assert not any("\0" in message.text for message in history)


MARKS = Marks("［证］", "［卡］")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@st.composite
def id_numbers(draw: st.DrawFn) -> str:
    day = draw(st.dates()).strftime("%Y%m%d").rjust(8, "0")
    body = f"{draw(st.integers(110000, 829999))}{day}{draw(st.integers(0, 999)):03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


@settings(deadline=None)
@given(
    id_numbers(), st.sampled_from(["", "我是", "号：", "a "]), st.sampled_from(["", "。", " 电话13800138000", "的人"])
)
def test_no_id_number_gets_through(number: str, before: str, after: str) -> None:
    assert is_id_number(number)
    text, dropped = drop_private(before + number + after, MARKS)
    assert number not in text
    assert dropped == {"id_number"}
    assert text.startswith(before)


@settings(deadline=None)
@given(WORDS)
def test_cleaning_is_done_once(text: str) -> None:
    once = drop_unwanted(text)
    assert drop_unwanted(once) == once
    once.encode()
    assert safe_key(safe_key(text)) == safe_key(text)
