"""Who we are and where our staff are, from the settings alone; light, so that every command may ask."""

from __future__ import annotations

from bot.messages import Address, ChannelName
from bot.pacing import ChatPace
from bot.settings import Settings

GROUP = ChatPace(gap=3.2, strict=True)
"""Telegram takes 20 messages a minute in one group; a little less, for they do not arrive as evenly as they leave."""


def bot_id(settings: Settings) -> str:
    """The part of the token before the colon is the bot's id; it may be shown and stored."""
    assert settings.telegram_token is not None
    return settings.telegram_token.get_secret_value().partition(":")[0]


def staff_address(settings: Settings) -> Address | None:
    """Where `Outbox.alert` reaches the staff; None if there is no bot or no staff chat."""
    if not (settings.telegram_token and settings.telegram_staff_chat):
        return None
    return Address(ChannelName.TELEGRAM, settings.telegram_staff_chat, bot_id(settings))


def pace_of(chat: str) -> ChatPace:
    """How close together messages to it may leave; groups have negative ids."""
    return GROUP if chat.startswith("-") else ChatPace()
