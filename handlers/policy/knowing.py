"""Everything the policy service knows, loaded once: documents, recogniser, offices."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources.abc import Traversable
from zlib import crc32

from knowledge.answers import PolicyBook
from knowledge.faults import KnowledgeError
from knowledge.loader import load_policies
from knowledge.notours import load_foreign
from knowledge.offices import Offices, load_offices
from knowledge.phrases import lexicon_faults
from knowledge.regions import load_regions
from knowledge.routes import Recogniser, load_recogniser
from knowledge.shelf import build_shelves

POLICY_EXAMPLES = 2000
"""Asks of all documents shown to the route recogniser as policy questions."""


@dataclass(frozen=True)
class Knowing:
    book: PolicyBook
    recogniser: Recogniser
    offices: Offices


def load_knowing(folder: Traversable | None = None) -> Knowing:
    """Read all documents and words.

    Raises KnowledgeError with every fault of every file.
    """
    if faults := list(lexicon_faults()):
        raise KnowledgeError(faults)
    policies = load_policies(folder)
    # Of documents made after one pattern, the asks of one are enough; those of the others are never read.
    patterns = {policy.shape: policy for policy in reversed(policies)}
    asks = [ask for policy in reversed(patterns.values()) for _, lines in policy.asks for ask in lines]
    step = max(1, len(asks) // POLICY_EXAMPLES)
    regions = load_regions(frozenset(policy.document.region for policy in policies))
    return Knowing(
        PolicyBook(build_shelves(policies, load_foreign()), regions),
        # By what they say, not by their place: an ask that is added moves no other.
        load_recogniser([ask for ask in asks if crc32(ask.encode()) % step == 0]),
        load_offices(),
    )
