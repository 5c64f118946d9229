"""Talking through Telegram: updates in by polling or webhook, messages out through the outbox.

The only package that imports `telegram`; it converts and shows, and decides nothing.
"""

from bot.channels.telegram.channel import TelegramChannel, make_channel, staff_address

__all__ = ["TelegramChannel", "make_channel", "staff_address"]
