"""Phrases of people as shapes (lexicon/*.yaml): read once, checked, each fault with file and line.

A file names its shapes; `words` in it are groups that shapes use as {name}. What a shape is for stands in the file;
here stands which shapes there are, so that a misspelt or missing one is found at the start.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import ClassVar, TypeVar

import yaml

from knowledge.faults import Fault, KnowledgeError, YamlLoader, not_yaml
from knowledge.policy import Aspect

Shape = re.Pattern[str]
GROUP = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Phrases:
    """The shapes of one file; a subclass has a field for each."""

    file: ClassVar[str]


@dataclass(frozen=True)
class FollowUps(Phrases):
    """How people go on with what was asked before."""

    file: ClassVar[str] = "following.yaml"
    leaning: Shape
    adding: Shape
    same_places: Shape
    own_place: Shape
    the_same: Shape
    elsewhere: Shape
    pay: Shape
    elliptic: Shape
    of_people: Shape
    only_place: Shape


@dataclass(frozen=True)
class AroundPlaces(Phrases):
    """What stands around the name of a place and tells whether it is asked about."""

    file: ClassVar[str] = "places.yaml"
    denied: Shape
    going: Shape
    partner: Shape
    agreed: Shape
    working: Shape
    at_work: Shape
    public_money: Shape
    staying: Shape
    on_behalf: Shape
    behalf: Shape
    of_place: Shape
    in_place: Shape
    at_end: Shape
    asked_of: Shape
    not_asked_of: Shape
    hearsay: Shape
    heard: Shape
    relative: Shape
    ours: Shape
    here_too: Shape
    whereabouts: Shape
    over_there: Shape
    name_tail: Shape
    comparing: Shape
    everywhere: Shape
    all_of_it: Shape
    place_before: Shape
    place_after: Shape
    suffix: Shape
    of_there: Shape
    no_name: Shape


@dataclass(frozen=True)
class Wishes(Phrases):
    """What people wish about their place; what makes a question."""

    file: ClassVar[str] = "wishes.yaml"
    mine: Shape
    not_mine: Shape
    from_now_on: Shape
    chosen: Shape
    correcting: Shape
    looking: Shape
    not_from: Shape
    refusing: Shape
    same: Shape
    asking: Shape
    question: Shape


@dataclass(frozen=True)
class OwnCase(Phrases):
    """Whether somebody asks about their own case."""

    file: ClassVar[str] = "eligible.yaml"
    eligible: Shape
    check: Shape
    general: Shape


@dataclass(frozen=True)
class Talking(Phrases):
    """What people say around their questions."""

    file: ClassVar[str] = "talking.yaml"
    scolding: Shape
    accusing: Shape
    disputing: Shape
    thanking: Shape
    of_nothing: Shape
    ordinary: Shape
    taken_back: Shape
    of_rules: Shape
    calmer: Shape
    stop: Shape
    changed: Shape


@dataclass(frozen=True)
class Stating(Phrases):
    """What people state after they were told a rule."""

    file: ClassVar[str] = "stating.yaml"
    own_case: Shape
    doubting: Shape
    wronged: Shape
    owed: Shape
    unpaid: Shape
    paid: Shape
    pressing: Shape
    left_out: Shape
    remedy: Shape
    wishing: Shape


@dataclass(frozen=True)
class Counting(Phrases):
    """What a question wants counted or listed."""

    file: ClassVar[str] = "telling.yaml"
    which_ones: Shape
    how_many_people: Shape
    totalling: Shape
    only_asking: Shape
    claimed_sum: Shape
    claim: Shape
    if_entitled: Shape
    for_each: Shape
    whether: Shape


@dataclass(frozen=True)
class Opting(Phrases):
    """Whether somebody wants messages of ours."""

    file: ClassVar[str] = "opting.yaml"
    alone: Shape
    of_anything: Shape
    stop: Shape
    perhaps: Shape
    past: Shape
    never: Shape
    resume: Shape
    regret: Shape
    no_resume: Shape
    jobs: Shape
    courses: Shape
    check_ins: Shape
    answers: Shape


KINDS: tuple[type[Phrases], ...] = (
    FollowUps, AroundPlaces, Wishes, OwnCase, Talking, Stating, Counting, Opting
)  # fmt: skip
P = TypeVar("P", bound=Phrases)


@cache
def phrases(kind: type[P]) -> P:
    """The shapes of a file.

    Raises KnowledgeError with every fault of it.
    """
    names = [field.name for field in fields(kind)]
    return kind(**load_shapes(kind.file, names, needed=names))


@cache
def matters() -> Mapping[str, Shape]:
    """Words that name a matter, by a name of the file's own."""
    return load_shapes("matters.yaml", None)


@cache
def cues() -> Mapping[Aspect, Shape]:
    """Shapes of questions that ask for one aspect."""
    return {Aspect(name): shape for name, shape in load_shapes("cues.yaml", [*Aspect]).items()}


@cache
def gap_words() -> Mapping[Aspect, Shape]:
    """Words without which a question does not ask for an aspect."""
    return {Aspect(name): shape for name, shape in load_shapes("gaps.yaml", [*Aspect]).items()}


def lexicon_faults() -> Iterator[Fault]:
    """Every fault of every file here."""
    for kind in KINDS:
        try:
            phrases(kind)  # type: ignore[arg-type]  # a class can be hashed
        except KnowledgeError as error:
            yield from error.faults
    for read in (matters, cues, gap_words):
        try:
            read()
        except KnowledgeError as error:
            yield from error.faults


def load_shapes(file: str, names: Collection[str] | None, *, needed: Collection[str] = ()) -> dict[str, Shape]:
    text = (files("knowledge") / "lexicon" / file).read_text("utf-8")
    return read_shapes(text, f"lexicon/{file}", names, needed=needed)


def read_shapes(
    text: str, file: str, names: Collection[str] | None, *, needed: Collection[str] = ()
) -> dict[str, Shape]:
    """The shapes of a text: of these names, any where None; those needed must be there.

    Raises KnowledgeError with every fault.
    """
    try:
        root = yaml.compose(text, Loader=YamlLoader)
    except yaml.YAMLError as error:
        raise KnowledgeError([not_yaml(error, file)]) from error
    if not isinstance(root, yaml.MappingNode):
        raise KnowledgeError([Fault(file, 1, "must be a mapping")])
    faults: list[Fault] = []
    found: dict[str, Shape] = {}
    groups: dict[str, str] = {}
    for key, value in root.value:
        line = key.start_mark.line + 1
        if key.value in found:
            faults.append(Fault(file, line, f"{key.value} is given twice"))
        elif key.value == "words" and isinstance(value, yaml.MappingNode):
            groups |= {name.value: group.value for name, group in value.value}
        elif names is not None and key.value not in names:
            faults.append(Fault(file, line, f"{key.value}: nothing reads a shape of this name"))
        elif not isinstance(value, yaml.SequenceNode) or not value.value:
            faults.append(Fault(file, line, f"{key.value} must be a list of shapes"))
        else:
            parts = list(_parts(value, groups, file, faults))
            found[key.value] = _compile("|".join(parts), file, line, faults)
    faults += [Fault(file, 1, f"{name} is missing") for name in needed if name not in found and not faults]
    if faults:
        raise KnowledgeError(faults)
    return found


def _parts(sequence: yaml.SequenceNode, groups: Mapping[str, str], file: str, faults: list[Fault]) -> Iterator[str]:
    """Each line of a shape with its groups of words; one that cannot be used is named in `faults`."""
    for item in sequence.value:
        line = item.start_mark.line + 1
        if not isinstance(item, yaml.ScalarNode) or not item.value:
            faults.append(Fault(file, line, "must be one shape"))
            continue
        unknown = [name for name in GROUP.findall(item.value) if name not in groups]
        if unknown:
            faults.append(Fault(file, line, f"{', '.join(unknown)}: no words of this name stand above"))
            continue
        part = GROUP.sub(lambda found: groups[found[1]], item.value)
        before = len(faults)
        _compile(part, file, line, faults)
        if len(faults) == before:
            yield f"(?:{part})"


def _compile(shape: str, file: str, line: int, faults: list[Fault]) -> Shape:
    try:
        return re.compile(shape)
    except re.error as error:
        faults.append(Fault(file, line, f"no regular expression: {error}"))
        return re.compile("")
