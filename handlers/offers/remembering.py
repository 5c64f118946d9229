"""What news of offers leaves in a chat, so that 1, 我去 or 要带什么 right behind it is about that news.

Called in the transaction that posts it, behind the posting, which locks the conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation import RUNNING_FOR
from bot.models import Conversation
from handlers.offers.talk import DIALOGUE, Memory
from handlers.offers.wanting import Party, Sought

WAITS = "waits"
"""Key of the state of a form that somebody is in the middle of: their words stay its own."""
KEPT = ("contact", "cancel")
"""Questions of ours that stand beside news of what they are registered for."""


async def remember_list(session: AsyncSession, chat: int, codes: Sequence[str], sought: Sought, now: datetime) -> None:
    """Offers (numbers) were shown as what was looked for."""
    conversation = await session.get_one(Conversation, chat)
    memory = Memory.read(conversation.states.get(DIALOGUE, {}), now)
    memory.sought, memory.skip, memory.shown = sought, 0, list(codes)
    memory.about = codes[0] if len(codes) == 1 else ""
    memory.party = Party()
    if memory.asking.get("what") != "contact":
        memory.asking = {}  # 好 means the news, and not what was asked before it
    _keep(conversation, memory, now)


async def remember_one(session: AsyncSession, chat: int, code: str, now: datetime) -> None:
    """Something happened to an offer that they are registered for."""
    conversation = await session.get_one(Conversation, chat)
    memory = Memory.read(conversation.states.get(DIALOGUE, {}), now)
    if memory.asking.get("what") not in KEPT:
        memory.asking = {}
    memory.about = code
    _keep(conversation, memory, now)


def _keep(conversation: Conversation, memory: Memory, now: datetime) -> None:
    conversation.states = {**conversation.states, DIALOGUE: memory.to_state(now)}
    running = [] if conversation.updated_at < now - RUNNING_FOR else conversation.running
    others = [name for name in running if name != DIALOGUE]
    waits = any(conversation.states.get(name, {}).get(WAITS) for name in others)
    conversation.running = [DIALOGUE, *others] if waits else [*others, DIALOGUE]
    conversation.updated_at = now
