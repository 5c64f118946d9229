"""Places to choose from in filters: what lies directly below somebody's own."""

from __future__ import annotations

from bot.staff.roles import Scope
from knowledge.regions import Regions

_BELOW = {2: 4, 4: 6, 6: 9}
"""Digits that tell a division -> those that tell what lies directly below it."""


def towns_in(regions: Regions, scope: Scope) -> list[tuple[str, str]]:
    """(code, name); of everywhere the provinces, of a township nothing."""
    prefix = scope.prefix
    if prefix is None or len(prefix) == 9:
        return []
    length = _BELOW.get(len(prefix), 2)
    own = prefix.ljust(6, "0")
    return [
        (code, name)
        for code, name in regions.names.items()
        if code.startswith(prefix) and code == code[:length].ljust(max(6, length), "0") and code != own
    ]
