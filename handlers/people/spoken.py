"""Commands of the people service in other words (words.yaml): 你们存了我哪些东西, 把我的都删了, 我的电话换了. Pure."""

from __future__ import annotations

import re

from bot.dialogue import Pressed
from handlers.people.profiling import Item
from handlers.people.reading import shapes
from knowledge.language import plain

LONGEST = 32
"""Characters of such a message; a longer one tells something else, too."""
CHANGES = (Item.PHONE, Item.PLACE, Item.AGE, Item.EMPLOYMENT, Item.SKILLS, Item.GROUPS)
"""What somebody says of that it is another now, or was taken down wrongly."""


def spoken(text: str) -> Pressed | None:
    """None where the words are no command."""
    if len(text) > LONGEST:
        return None
    words = re.sub(r"[\s，,。.!！?？~～、；;：:]+", "", plain(text))
    if not words:
        return None
    for name in ("mine", "delete"):
        if shapes()[f"said_{name}"].fullmatch(words):
            return Pressed(f"people:{name}", {}, text)
    for item in CHANGES:
        if shapes()[f"changed_{item}"].fullmatch(words):
            return Pressed("people:change", {"item": str(item)}, text)
    return None
