"""Limits that the law forbids, as `limits.yaml` words them, for `offer.limits_in`."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from handlers.offers.offer import Shape


@cache
def load_limits() -> tuple[Shape, ...]:
    """In the order of the file: of one name the first that holds in a place counts."""
    data: dict[str, Any] = yaml.safe_load((files("handlers.offers") / "limits.yaml").read_text("utf-8"))
    return tuple(
        Shape(
            row["name"],
            re.compile(row["pattern"]),
            row["clause"],
            re.compile(row["allowed"]) if "allowed" in row else None,
            row.get("region", ""),
        )
        for row in data["limits"]
    )
