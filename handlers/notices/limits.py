"""What holds for all campaigns: `limits.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from bot.errors import StartupError


@dataclass(frozen=True)
class Limits:
    approve_above: int
    """Above so many persons a second one approves."""
    recent_days: int
    """For campaigns that do not say otherwise."""
    weekly_cap: int
    """Notices for one person in seven days."""


@cache
def load_limits() -> Limits:
    """Raises StartupError for what is no number."""
    data = yaml.safe_load((files("handlers.notices") / "limits.yaml").read_text("utf-8"))
    if not all(isinstance(value, int) and value >= 0 for value in data.values()):
        raise StartupError("handlers/notices/limits.yaml: whole numbers are wanted", exit_code=2)
    return Limits(**data)
