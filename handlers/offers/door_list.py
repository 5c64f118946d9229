"""门口名单: who is registered, as xlsx for the door; names and phones half hidden unless somebody may see them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

from bot.clock import LOCAL
from bot.sealing import Sealer, mask_name, mask_phone
from handlers.offers.labels import door_columns, label
from handlers.offers.models import Offer, Registration
from handlers.offers.offer import Standing

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula."""


def write_door_list(offer: Offer, people: Sequence[Registration], sealer: Sealer, *, unmasked: bool) -> bytes:
    """One sheet for those who are in or came, one for those who wait."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, states in (("people", (Standing.IN, Standing.CAME)), ("waiting", (Standing.WAITING,))):
        sheet = book.create_sheet(label("door", name))
        sheet.append([_cell(label("door", "head").format(title=offer.title, code=offer.code))])
        sheet.append(door_columns())
        for one in people:
            if one.state in states:
                sheet.append([_cell(value) for value in _row(one, sealer, unmasked=unmasked)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _row(one: Registration, sealer: Sealer, *, unmasked: bool) -> list[object]:
    name = sealer.open(one.name, "registration.name") if one.name else ""
    phone = sealer.open(one.phone, "registration.phone") if one.phone else ""
    return [
        one.seq,
        one.code,
        name if unmasked else mask_name(name),
        phone if unmasked or not phone else mask_phone(phone),
        label("relation", one.relation) if one.relation else "",
        one.people,
        label("standing", one.state),
        _local(one.at),
        _local(one.came_at),
        "",
    ]


def _cell(value: object) -> object:
    """A cell that no spreadsheet runs."""
    if value is None or isinstance(value, int):
        return value
    text = "".join(character for character in str(value) if character >= " ")
    return "'" + text if text.lstrip().startswith(FORMULA) else text


def _local(at: datetime | None) -> str:
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}" if at else ""
