"""Whether somebody asks about their own case: 我能不能领, 帮我对下条件, 能领几样 (lexicon/eligible.yaml). Pure."""

from __future__ import annotations

from knowledge.language import plain
from knowledge.phrases import OwnCase, phrases


def wants_check(words: str) -> bool:
    """They ask to be checked, not what the rule is."""
    return bool(phrases(OwnCase).check.search(plain(words)))


def names_own_case(text: str) -> bool:
    """我能不能领, in standard words."""
    return bool(phrases(OwnCase).eligible.search(text))


def asks_eligibility(words: str) -> bool:
    """我能不能领: about oneself or one's own, not about the rule in general."""
    return names_own_case(plain(words)) or wants_check(words)


def asks_in_general(words: str) -> bool:
    """能领几样: over all benefits of the place."""
    return bool(phrases(OwnCase).general.search(plain(words)))
