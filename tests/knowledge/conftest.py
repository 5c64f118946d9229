"""The shipped documents, read once for each test process."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.answers import PolicyBook
from knowledge.loader import load_policies
from knowledge.notours import load_foreign
from knowledge.policy import Policy
from knowledge.regions import Regions, load_regions
from knowledge.shelf import build_shelves


@pytest.fixture(scope="session")
def policies() -> tuple[Policy, ...]:
    return load_policies()


@pytest.fixture(scope="session")
def regions(policies: tuple[Policy, ...]) -> Regions:
    return load_regions(frozenset(policy.document.region for policy in policies))


@pytest.fixture(scope="session")
def book(policies: tuple[Policy, ...], regions: Regions) -> PolicyBook:
    return PolicyBook(build_shelves(policies, load_foreign()), regions)


@pytest.fixture
def today() -> date:
    """After every period of the shipped documents."""
    return date(2026, 11, 23)
