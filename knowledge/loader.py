"""Reads every policy folder and reports every structural fault at once, each with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml
from pydantic import ValidationError

from knowledge.policy import Aspect, Policy, Target

try:
    from yaml import CSafeLoader as YamlLoader
except ImportError:  # libyaml is missing on some builds; the pure loader is only slower
    from yaml import SafeLoader as YamlLoader  # type: ignore[assignment]


@dataclass(frozen=True, order=True)
class Fault:
    """Something a policy file may not contain."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class KnowledgeError(Exception):
    """The knowledge base cannot be used; holds all faults."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(map(str, self.faults)))


def shipped_policies() -> Traversable:
    return files("knowledge") / "policies"


def load_policies(folder: Traversable | None = None) -> tuple[Policy, ...]:
    """All documents of a folder, in order of name.

    Raises KnowledgeError with every fault of every file.
    """
    folder = folder or shipped_policies()
    policies: list[Policy] = []
    faults: list[Fault] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and not entry.name.startswith(("_", ".")):
            try:
                policies.append(load_policy(entry))
            except KnowledgeError as error:
                faults.extend(error.faults)
    seen: dict[str, str] = {}
    for policy in policies:
        if policy.id in seen:
            faults.append(Fault(policy.id, 1, "two documents have this id"))
        seen[policy.id] = policy.id
    if faults:
        raise KnowledgeError(faults)
    return tuple(policies)


def load_policy(folder: Traversable) -> Policy:
    """One document from its folder: policy.yaml, asks.txt and source.txt."""
    record = folder / "policy.yaml"
    where = f"{folder.name}/policy.yaml"
    try:
        text = record.read_text("utf-8")
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise KnowledgeError([Fault(where, 1, f"cannot be read: {error}")]) from error
    try:
        data = yaml.load(text, Loader=YamlLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise KnowledgeError([Fault(where, mark.line + 1 if mark else 1, f"not YAML: {error}")]) from error
    if not isinstance(data, dict):
        raise KnowledgeError([Fault(where, 1, "must be a mapping")])
    asks, faults = read_asks(folder)
    source = read_words(folder / "source.txt", faults, f"{folder.name}/source.txt")
    try:
        policy = Policy.model_validate(
            {
                "id": folder.name,
                **data,
                "asks": asks,
                "source": source,
            }
        )
    except ValidationError as error:
        faults += [
            Fault(where, line_of(text, issue["loc"]), f"{'.'.join(map(str, issue['loc']))}: {issue['msg']}")
            for issue in error.errors()
        ]
        raise KnowledgeError(faults) from error
    faults += [Fault(where, line_of(text, path), message) for path, message in reference_faults(policy)]
    known = {target_key(target) for target in known_targets(policy)}
    for target, lines in asks:
        if target_key(target) not in known and not target.missing:
            faults.append(Fault(f"{folder.name}/asks.txt", lines.line, f"{target_key(target)} is not in policy.yaml"))
        elif target.missing and target.provision not in policy.by_id:
            faults.append(Fault(f"{folder.name}/asks.txt", lines.line, f"{target.provision} is not in policy.yaml"))
    if faults:
        raise KnowledgeError(faults)
    return policy


def read_words(path: Traversable, faults: list[Fault], where: str) -> str:
    """A file's text; what cannot be read is empty and named in `faults`."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        faults.append(Fault(where, 1, "is missing"))
    except UnicodeDecodeError as error:
        faults.append(Fault(where, 1, f"is not UTF-8: {error}"))
    return ""


class Asks(tuple[str, ...]):
    """The asks under one header; remembers the header's line."""

    line: int = 1


def read_asks(folder: Traversable) -> tuple[list[tuple[Target, Asks]], list[Fault]]:
    """asks.txt: `# target` headers, one ask a line."""
    faults: list[Fault] = []
    text = read_words(folder / "asks.txt", faults, f"{folder.name}/asks.txt")
    groups: list[tuple[Target, Asks]] = []
    target: Target | None = None
    lines: list[str] = []
    start = 1

    def close() -> None:
        if target is not None:
            asks = Asks(lines)
            asks.line = start
            groups.append((target, asks))

    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith("#"):
            close()
            start, lines = number, []
            try:
                target = parse_target(line.lstrip("#").split()[0] if line.strip("# ") else "")
            except ValueError as error:
                target = None
                faults.append(Fault(f"{folder.name}/asks.txt", number, str(error)))
        elif line:
            if target is None and not faults:
                faults.append(Fault(f"{folder.name}/asks.txt", number, "an ask before any # header"))
            lines.append(line)
    close()
    return groups, faults


def parse_target(header: str) -> Target:
    """`provision`, `provision.fact`, `provision!aspect` or `~silence`."""
    if header.startswith("~"):
        return Target(silence=header[1:])
    if "!" in header:
        provision, aspect = header.split("!", 1)
        if aspect not in set(Aspect):
            raise ValueError(f"{aspect!r} is no aspect ({', '.join(Aspect)})")
        return Target(provision=provision, missing=Aspect(aspect))
    provision, _, fact = header.partition(".")
    if not provision:
        raise ValueError("an empty # header")
    return Target(provision=provision, fact=fact or None)


def target_key(target: Target) -> str:
    """The header again."""
    if target.silence:
        return f"~{target.silence}"
    if target.missing:
        return f"{target.provision}!{target.missing}"
    return f"{target.provision}.{target.fact}" if target.fact else str(target.provision)


def known_targets(policy: Policy) -> Iterator[Target]:
    for provision in policy.provisions:
        yield Target(provision=provision.id)
        for fact in provision.facts:
            yield Target(provision=provision.id, fact=fact.id)
    for silence in policy.silences:
        yield Target(silence=silence.id)


def reference_faults(policy: Policy) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Ids that clash or point nowhere, as (path, message)."""
    provisions: set[str] = set()
    for index, provision in enumerate(policy.provisions):
        path = ("provisions", index)
        if provision.id in provisions:
            yield path, f"{provision.id}: two provisions have this id"
        provisions.add(provision.id)
        facts = [fact.id for fact in provision.facts]
        if not facts:
            yield path, f"{provision.id}: a provision without facts"
        for fact_id in {fact for fact in facts if facts.count(fact) > 1}:
            yield path, f"{provision.id}.{fact_id}: two facts have this id"
        for other in provision.together:
            if other not in policy.by_id:
                yield path, f"{provision.id}: together names {other}, which is no provision"
        for aspect in provision.not_stated:
            if aspect in provision.aspects:
                yield path, f"{provision.id}: {aspect} is stated by a fact and named as not stated"
    for index, silence in enumerate(policy.silences):
        if silence.near and silence.near not in policy.by_id:
            yield ("silences", index), f"{silence.id}: near names {silence.near}, which is no provision"


@lru_cache(maxsize=4)
def composed(text: str) -> Any:
    """The nodes of a YAML text with their places."""
    return yaml.compose(text, Loader=YamlLoader)


def line_of(text: str, path: tuple[Any, ...]) -> int:
    """The line a path such as ("provisions", 3, "facts", 0) begins on; the nearest parent if it is missing."""
    node: Any = composed(text)
    line = 1
    for step in path:
        child = None
        if isinstance(node, yaml.MappingNode):
            child = next((value for key, value in node.value if key.value == str(step)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            child = node.value[step]
        if child is None:
            break
        node, line = child, child.start_mark.line + 1
    return line
