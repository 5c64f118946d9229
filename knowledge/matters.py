"""Whether words name a matter people ask about (lexicon/matters.yaml)."""

from __future__ import annotations

from knowledge.phrases import matters


def names_matter(text: str) -> bool:
    return any(shape.search(text) for shape in matters().values())


def names_other_matter(text: str, spoken_of: str) -> bool:
    """A matter is named that was not spoken of before: 那培训有补贴没, after public posts."""
    return any(shape.search(text) and not shape.search(spoken_of) for shape in matters().values())
