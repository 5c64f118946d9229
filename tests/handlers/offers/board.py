"""Publishes board.yaml: what the conversations about offers find."""

from __future__ import annotations

from pathlib import Path

import yaml

from bot.app import App
from handlers.offers.drafting import read_draft
from handlers.offers.likeness import columns_of
from handlers.offers.models import Offer
from tests.bureau import knowing

BOARD = Path(__file__).parent / "board.yaml"


async def publish_board(app: App) -> None:
    """With the numbers of the file, so that people can say them."""
    now = app.clock.now()
    async with app.database.transaction() as session:
        for row in yaml.safe_load(BOARD.read_text("utf-8")):
            draft = read_draft(row, regions=knowing().book.regions, home="", now=now)
            assert draft.faults == {}, (row, draft.faults)
            full = bool(row.get("full"))
            session.add(
                Offer(
                    code=row["code"],
                    state="full" if full else "open",
                    taken=draft.seats if full else 0,
                    created_at=now,
                    updated_at=now,
                    **columns_of(draft),
                )
            )
