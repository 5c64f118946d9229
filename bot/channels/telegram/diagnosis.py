"""For `shangan doctor`: does Telegram answer, and does it know our token?"""

from __future__ import annotations

from telegram.error import InvalidToken, TelegramError

from bot.channels.telegram.address import bot_id
from bot.channels.telegram.api import make_api
from bot.settings import Settings


async def diagnose(settings: Settings) -> str | None:
    """What is wrong, in words for who runs the bot; None when all is well. Changes nothing at Telegram."""
    api = make_api(settings)
    try:
        found = await api.get_me()
    except InvalidToken:
        return "Telegram refuses the token: ask BotFather for the right one"
    except TelegramError as error:
        return f"Telegram does not answer ({type(error).__name__}): check network, proxy, SHANGAN_TELEGRAM_BASE_URL"
    finally:
        await api.close_connections()
    if str(found.id) != bot_id(settings):
        return "Telegram says that the token belongs to another bot"
    return None
