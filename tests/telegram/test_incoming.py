"""What people send in Telegram, as the rest of the house hears it."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.incoming import callback_id, to_incoming, update_id
from bot.messages import Address, AttachmentKind, ChannelName, Incoming
from tests.telegram.users import MEDIA

PERSON = {"id": 7, "is_bot": False, "first_name": "测试"}
PRIVATE = {"id": 7, "type": "private"}
GROUP = {"id": -100, "type": "supergroup", "title": "办公室"}


def message(chat: dict[str, Any] = PRIVATE, **content: Any) -> dict[str, Any]:
    return {"message_id": 1, "date": 1, "chat": chat, "from": PERSON, **content}


def read(raw: dict[str, Any], *groups: int) -> Incoming | None:
    return to_incoming({"update_id": 5, **raw}, bot_id="42", groups=groups)


def test_text_is_addressed_by_chat_and_deduplicated_by_bot_and_update():
    incoming = read({"message": message(text="招人补贴多少")})
    assert incoming == Incoming(Address(ChannelName.TELEGRAM, "7", "42"), "42:5", text="招人补贴多少")


def test_an_edited_message_is_marked():
    incoming = read({"edited_message": message(text="我在武汉", edit_date=2)})
    assert incoming is not None
    assert incoming.edited


def test_a_moving_live_location_is_answered_only_once():
    assert read({"edited_message": message(location=MEDIA["location"], edit_date=2)}) is None


def test_a_pressed_button_gives_its_value():
    incoming = read(
        {
            "callback_query": {
                "id": "q",
                "from": PERSON,
                "chat_instance": "1",
                "data": "ab12",
                "message": message(),
            }
        }
    )
    assert incoming is not None
    assert (incoming.value, incoming.text) == ("ab12", "")


def test_a_button_of_a_message_too_old_to_see_still_counts():
    old = {"message_id": 1, "date": 0, "chat": PRIVATE}
    incoming = read(
        {"callback_query": {"id": "q", "from": PERSON, "chat_instance": "1", "data": "ab12", "message": old}}
    )
    assert incoming is not None
    assert incoming.value == "ab12"


KINDS = {
    "photo": AttachmentKind.PHOTO,
    "voice": AttachmentKind.VOICE,
    "audio": AttachmentKind.VOICE,
    "video": AttachmentKind.VIDEO,
    "video_note": AttachmentKind.VIDEO,
    "animation": AttachmentKind.VIDEO,
    "sticker": AttachmentKind.STICKER,
    "location": AttachmentKind.LOCATION,
    "venue": AttachmentKind.LOCATION,
    "contact": AttachmentKind.CONTACT,
    "document": AttachmentKind.FILE,
    "dice": AttachmentKind.FILE,
    "poll": AttachmentKind.FILE,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_media_is_told_apart(kind: str):
    incoming = read({"message": message(**{kind: MEDIA[kind]})})
    assert incoming is not None
    assert [attachment.kind for attachment in incoming.attachments] == [KINDS[kind]]


def test_a_photo_keeps_its_caption_and_its_largest_size():
    incoming = read({"message": message(photo=MEDIA["photo"], caption="这是合同")})
    assert incoming is not None
    assert (incoming.text, incoming.attachments[0].reference) == ("这是合同", "file-2")


def test_where_and_whose_number_it_is_go_no_further():
    for kind in ("location", "contact"):
        incoming = read({"message": message(**{kind: MEDIA[kind]})})
        assert incoming is not None
        assert "29.8" not in repr(incoming)
        assert "138" not in repr(incoming)


def test_content_of_a_kind_telegram_has_yet_to_invent_is_answered():
    incoming = read({"message": message(hologram={"depth": 3})})
    assert incoming is not None
    assert incoming.attachments[0].kind is AttachmentKind.FILE


@pytest.mark.parametrize(
    "raw",
    [
        {"message": message(pinned_message=message(text="a"))},
        {"channel_post": {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "channel"}, "text": "广播"}},
        {"message": message(GROUP, text="/help")},
        {"my_chat_member": {"chat": PRIVATE, "from": PERSON, "date": 1}},
        {"poll_answer": {"poll_id": "1", "option_ids": [0]}},
        {
            "callback_query": {
                "id": "q",
                "from": PERSON,
                "chat_instance": "1",
                "inline_message_id": "x",
                "data": "a",
            }
        },
        {},
    ],
)
def test_what_is_not_addressed_to_us_is_passed_over(raw: dict[str, Any]):
    assert read(raw) is None


def test_a_private_message_without_a_user_is_still_answered():
    bare = message(text="在吗")
    del bare["from"]
    assert read({"message": bare}) is not None


def test_in_the_staff_group_only_commands_and_answers_to_us_are_heard():
    assert read({"message": message(GROUP, text="/help@our_bot")}, -100) is not None
    assert read({"message": message(GROUP, text="中午吃什么")}, -100) is None
    ours = message(GROUP, text="提醒") | {"from": {"id": 42, "is_bot": True, "first_name": "上岸"}}
    assert read({"message": message(GROUP, text="收到", reply_to_message=ours)}, -100) is not None


def test_a_command_loses_the_name_of_the_bot():
    incoming = read({"message": message(text="/help@our_bot 贷款")})
    assert incoming is not None
    assert incoming.text == "/help 贷款"


@pytest.mark.parametrize(
    ("payload", "place"),
    [
        ("421083", "421083"),
        (base64.urlsafe_b64encode("洪湖市".encode()).decode().rstrip("="), "洪湖市"),
        ("_", "_"),
    ],
)
def test_a_deep_link_names_the_place(payload: str, place: str):
    incoming = read({"message": message(text=f"/start {payload}")})
    assert incoming is not None
    assert (incoming.text, incoming.region_hint) == ("/start", place)


def test_a_plain_start_names_no_place():
    incoming = read({"message": message(text="/start")})
    assert incoming is not None
    assert incoming.region_hint is None


def test_half_a_surrogate_pair_is_made_storable():
    incoming = read({"message": message(text="好\ud83d")})
    assert incoming is not None
    incoming.text.encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "message_id",
        "date",
        "chat",
        "from",
        "text",
        "caption",
        "entities",
        *MEDIA,
        "reply_to_message",
        "edit_date",
    ]
)
LIKELY = st.fixed_dictionaries(
    {
        "chat": st.just(PRIVATE) | JSON,
        "message_id": st.integers() | JSON,
        "date": st.integers(0, 2**31) | JSON,
    },
    optional={"text": st.text() | JSON, "from": st.just(PERSON) | JSON},
)
MESSAGES = st.builds(lambda likely, odd: {**odd, **likely}, LIKELY, st.dictionaries(FIELDS, JSON, max_size=4)) | JSON
QUERIES = st.fixed_dictionaries(
    {"id": st.text() | JSON, "from": st.just(PERSON) | JSON, "data": st.text() | JSON, "message": MESSAGES}
)


@given(
    st.dictionaries(st.sampled_from(["message", "edited_message", "channel_post"]), MESSAGES)
    | st.fixed_dictionaries({"callback_query": QUERIES | JSON})
    | st.dictionaries(st.text(), JSON)
)
def test_no_json_a_stranger_may_post_raises(raw: dict[str, Any]):
    callback_id(raw)
    update_id(raw)
    incoming = to_incoming({"update_id": 5, **raw}, bot_id="42")
    if incoming is not None:
        assert isinstance(incoming.text, str)
        assert int(incoming.address.key)
        repr(incoming).encode()
