"""A form between two messages: JSON for the conversation's row, with name and phone sealed."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from bot.sealing import Sealer
from handlers.tickets.form import Form

SEALED = ("name", "phone")
_FORM = TypeAdapter(Form)


class FormKeeper:
    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def to_state(self, form: Form) -> dict[str, Any]:
        state: dict[str, Any] = _FORM.dump_python(form, mode="json", exclude_defaults=True)
        facts = state.get("facts", {})
        for field in SEALED:
            if facts.get(field):
                facts[field] = base64.b64encode(self._sealer.seal(facts[field], f"form.{field}")).decode()
        return state

    def from_state(self, state: Mapping[str, Any]) -> Form:
        facts = dict(state.get("facts", {}))
        for field in SEALED:
            if facts.get(field):
                facts[field] = self._sealer.open(base64.b64decode(facts[field]), f"form.{field}")
        return _FORM.validate_python({**state, "facts": facts})
