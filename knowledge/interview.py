"""The eligibility interview, pure: conditions and what is known of the asker -> the next question, or a verdict.

Three-valued: what was not asked and what the asker does not know (`None`) are both open, but only the first is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from knowledge.policy import Aspect, Condition, Fact, Kind, Provision

MAX_QUESTIONS = 6

Known = Mapping[str, bool | float | None]
"""Name of a condition -> yes, no, a figure, or None for "does not know"."""


@dataclass(frozen=True)
class Leaf:
    """One thing to know: a yes or no, or a figure that must reach (or not pass) `of`."""

    name: str
    bound: str = "is"
    """is, min or max."""
    of: float | None = None
    negated: bool = False
    """The policy wants it not to be so."""

    def holds(self, known: Known) -> bool | None:
        """Whether the condition is met; None while it is open."""
        value = known.get(self.name)
        if value is None:
            return None
        if self.of is None or isinstance(value, bool):
            met = bool(value)
        else:
            met = value >= self.of if self.bound == "min" else value <= self.of
        return met != self.negated

    def value(self, *, met: bool) -> bool | float:
        """A value that meets (or fails) the bare condition, for a button that says so."""
        if self.of is None:
            return met
        beyond = self.of - 1 if self.bound == "min" else self.of + 1
        return self.of if met else beyond


@dataclass(frozen=True)
class All:
    parts: tuple[Tree, ...]


@dataclass(frozen=True)
class Any:
    parts: tuple[Tree, ...]


Tree = Leaf | All | Any


def tree_of(condition: Condition | None, *, negated: bool = False) -> Tree:
    """A record's condition with negations pushed down to the leaves; no condition is always met."""
    if condition is None:
        return All(())
    if condition.not_ is not None:
        return tree_of(condition.not_, negated=not negated)
    parts = condition.all_ if condition.all_ is not None else condition.any_
    if parts is not None:
        inner = tuple(tree_of(part, negated=negated) for part in parts)
        return All(inner) if (condition.all_ is not None) != negated else Any(inner)
    if condition.is_:
        return Leaf(condition.is_, negated=negated)
    if condition.min_:
        return Leaf(condition.min_, "min", condition.of, negated)
    return Leaf(str(condition.max_), "max", condition.of, negated)


def evaluate(tree: Tree, known: Known) -> bool | None:
    """True, False, or None while it is open."""
    if isinstance(tree, Leaf):
        return tree.holds(known)
    found = [evaluate(part, known) for part in tree.parts]
    if isinstance(tree, All):
        return False if False in found else None if None in found else True
    return True if True in found else None if None in found else False


def leaves(tree: Tree) -> tuple[Leaf, ...]:
    if isinstance(tree, Leaf):
        return (tree,)
    return tuple(dict.fromkeys(leaf for part in tree.parts for leaf in leaves(part)))


def open_path(tree: Tree, known: Known) -> tuple[Leaf, ...]:
    """The fewest open conditions that, all met, make the tree true; empty if it is decided."""
    if isinstance(tree, Leaf):
        return (tree,) if tree.holds(known) is None else ()
    if evaluate(tree, known) is not None:
        return ()
    if isinstance(tree, All):
        return tuple(dict.fromkeys(leaf for part in tree.parts for leaf in open_path(part, known)))
    ways = [open_path(part, known) for part in tree.parts if evaluate(part, known) is None]
    return min(ways, key=len)


def failures(tree: Tree, known: Known) -> tuple[Leaf, ...]:
    """The conditions because of which the tree is false; empty if it is not."""
    if evaluate(tree, known) is not False:
        return ()
    if isinstance(tree, Leaf):
        return (tree,)
    return tuple(dict.fromkeys(leaf for part in tree.parts for leaf in failures(part, known)))


def is_decisive(tree: Tree, leaf: Leaf, known: Known) -> bool:
    """Whether failing this one condition settles the matter."""
    return evaluate(tree, {**known, leaf.name: leaf.value(met=leaf.negated)}) is False


def next_question(
    trees: Sequence[Tree], known: Known, *, late: frozenset[str] = frozenset(), asked: frozenset[str] = frozenset()
) -> Leaf | None:
    """The open condition that settles most; None when nothing is left to ask.

    `late` are names that hardly ever decide: asked when all else is known. `asked` are not asked again.
    """
    votes: dict[Leaf, list[float]] = {}
    for tree in trees:
        if evaluate(tree, known) is not None:
            continue
        path = open_path(tree, known)
        for order, leaf in enumerate(leaves(tree)):
            if leaf.name in known or leaf.name in asked or leaf.holds(known) is not None:
                continue
            vote = votes.setdefault(leaf, [0, 0, order])
            vote[0] += is_decisive(tree, leaf, known)
            vote[1] += leaf in path
    if not votes:
        return None
    return min(votes, key=lambda leaf: (leaf.name in late, -votes[leaf][0], -votes[leaf][1], votes[leaf][2]))


class Standing(StrEnum):
    LIKELY = "likely"
    PERHAPS = "perhaps"
    NOT = "not"


@dataclass(frozen=True)
class Verdict:
    """Where the asker stands with one provision."""

    provision: Provision
    standing: Standing
    missing: tuple[Leaf, ...]
    """What is still to be known."""
    failed: tuple[Leaf, ...]
    """Which conditions are not met."""
    met: tuple[Leaf, ...]
    facts: tuple[Fact, ...]
    """What it comes to for this asker: of several amounts the one whose conditions are met."""


def judge(provision: Provision, known: Known) -> Verdict:
    """Never more than "likely": the bureau decides, on papers we do not see."""
    tree = tree_of(provision.conditions)
    found = evaluate(tree, known)
    standing = Standing.LIKELY if found else Standing.NOT if found is False else Standing.PERHAPS
    return Verdict(
        provision,
        standing,
        missing=open_path(tree, known),
        failed=failures(tree, known),
        met=tuple(leaf for leaf in leaves(tree) if leaf.holds(known)),
        facts=facts_for(provision, known),
    )


def facts_for(provision: Provision, known: Known) -> tuple[Fact, ...]:
    """What the provision gives this asker, the amount first; amounts of other kinds of asker are left out."""
    amounts = [fact for fact in provision.facts if fact.aspect is Aspect.AMOUNT]
    fitting = [fact for fact in amounts if evaluate(tree_of(fact.conditions), known)]
    if fitting and any(fact.conditions for fact in fitting):
        amounts = fitting
    else:
        amounts = [fact for fact in amounts if evaluate(tree_of(fact.conditions), known) is not False]
    lists = [fact for fact in provision.facts if fact.aspect is Aspect.LIST]
    return tuple(amounts or lists or provision.facts)[:2]


BENEFITS = frozenset({Kind.SUBSIDY, Kind.LOAN, Kind.INSURANCE, Kind.TRAINING, Kind.POST})


def benefits_of(provisions: Iterable[Provision]) -> tuple[Provision, ...]:
    """What a person may get for themselves, and what can be judged by conditions."""
    return tuple(
        provision
        for provision in provisions
        if provision.conditions
        and provision.kind in BENEFITS
        and "person" in provision.asker
        and not is_for_employers(provision)
    )


def is_for_employers(provision: Provision) -> bool:
    """Its conditions look at the worker hired as well as at the employer who asks."""
    return provision.conditions is not None and "employer" in provision.conditions.names()
