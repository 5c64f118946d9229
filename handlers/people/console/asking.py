"""Which persons an address or a form asks for, within the place of whoever asks."""

from __future__ import annotations

from collections.abc import Mapping

from bot.staff.models import Staff
from bot.staff.roles import is_region_id
from handlers.people.ledger.choosing import Choice
from handlers.people.person import Group


def read_region(query: Mapping[str, str], staff: Staff) -> str:
    """Empty for what is no place, or not theirs."""
    region = query.get("region", "")
    return region if is_region_id(region) and staff.scope.covers(region) else ""


def read_choice(query: Mapping[str, str], staff: Staff, ids: tuple[int, ...] = ()) -> Choice:
    group = query.get("group", "")
    return Choice(
        staff.scope,
        read_region(query, staff),
        query.get("village", "").strip()[:60],
        group if group in tuple(Group) else "",
        ids,
    )
