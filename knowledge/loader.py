"""Reads every policy folder and reports every structural fault at once, each with file and line."""

from __future__ import annotations

import gc
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml
from pydantic import ValidationError

from knowledge.asks import parse_asks, target_key
from knowledge.compiled import keep_bytes, kept_bytes
from knowledge.faults import Fault, KnowledgeError, line_of, not_yaml
from knowledge.policy import Policy, Provision, Target
from knowledge.shelf import shape_of

try:
    from yaml import CSafeLoader as YamlLoader
except ImportError:  # libyaml is missing on some builds; the pure loader is only slower
    from yaml import SafeLoader as YamlLoader  # type: ignore[assignment]

FILES = ("policy.yaml", "asks.txt", "source.txt")
RECORDS = "records"
"""Folder of what was read before, within the compiled folder."""


def shipped_policies() -> Traversable:
    return files("knowledge") / "policies"


def load_policies(folder: Traversable | None = None) -> tuple[Policy, ...]:
    """All documents of a folder, in order of name.

    Raises KnowledgeError with every fault of every file.
    """
    folder = folder or shipped_policies()
    policies: list[Policy] = []
    faults: list[Fault] = []
    pool: Pool = {}
    with without_collecting():
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if entry.is_dir() and not entry.name.startswith(("_", ".")):
                try:
                    policies.append(load_policy(entry, pool))
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


@contextmanager
def without_collecting() -> Iterator[None]:
    """All that is read stays: looking through it for garbage again and again would double the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


Pool = dict[str, Provision]
"""Provisions met before, by their JSON: in documents made after one pattern most are the same."""


def load_policy(folder: Traversable, pool: Pool | None = None) -> Policy:
    """One document from its folder: policy.yaml, asks.txt and source.txt.

    What was read and found sound is kept under a digest of the files and of this code, and not read anew.
    """
    contents = [_bytes_of(folder / name) for name in FILES]
    key = hashlib.sha256(b"\0".join([code_digest(), folder.name.encode(), *contents])).hexdigest()
    kept = kept_record(key, {} if pool is None else pool)
    if kept is not None:
        return kept
    policy = read_policy(folder)
    policy = policy.model_copy(update={"shape": shape_of(policy)})
    keep_record(key, policy)
    return policy


def _bytes_of(path: Traversable) -> bytes:
    return path.read_bytes() if path.is_file() else b""


@cache
def code_digest() -> bytes:
    """Of the code that decides whether a record is sound."""
    folder = files("knowledge")
    names = ("policy.py", "asks.py", "loader.py", "shelf.py")
    return hashlib.sha256(b"".join(folder.joinpath(name).read_bytes() for name in names)).digest()


def keep_record(key: str, policy: Policy) -> None:
    record = policy.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"provisions"})
    record["provisions"] = [
        provision.model_dump_json(by_alias=True, exclude_defaults=True) for provision in policy.provisions
    ]
    keep_bytes(RECORDS, f"{key[:32]}.json", json.dumps(record, ensure_ascii=False).encode())


def kept_record(key: str, pool: Pool) -> Policy | None:
    data = kept_bytes(RECORDS, f"{key[:32]}.json")
    if data is None:
        return None
    try:
        record = json.loads(data)
        provisions = []
        for text in record["provisions"]:
            if text not in pool:
                pool[text] = Provision.model_validate_json(text)
            provisions.append(pool[text])
        return Policy.model_validate({**record, "provisions": tuple(provisions)})
    except (ValueError, KeyError):
        return None  # cut off by a crash: read anew


def read_policy(folder: Traversable) -> Policy:
    """One document from its files; raises KnowledgeError with every fault."""
    record = folder / "policy.yaml"
    where = f"{folder.name}/policy.yaml"
    try:
        text = record.read_text("utf-8")
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise KnowledgeError([Fault(where, 1, f"cannot be read: {error}")]) from error
    try:
        data = yaml.load(text, Loader=YamlLoader)
    except yaml.YAMLError as error:
        raise KnowledgeError([not_yaml(error, where)]) from error
    if not isinstance(data, dict):
        raise KnowledgeError([Fault(where, 1, "must be a mapping")])
    faults: list[Fault] = []
    asked = f"{folder.name}/asks.txt"
    asks_text = read_words(folder / "asks.txt", faults, asked)
    source = read_words(folder / "source.txt", faults, f"{folder.name}/source.txt")
    asks = parse_asks(asks_text)
    faults += [Fault(asked, line, message) for line, message in asks.faults]
    try:
        policy = Policy.model_validate({"id": folder.name, **data, "asks_text": asks_text, "source": source})
    except ValidationError as error:
        faults += [
            Fault(where, line_of(text, issue["loc"]), f"{'.'.join(map(str, issue['loc']))}: {issue['msg']}")
            for issue in error.errors()
        ]
        raise KnowledgeError(faults) from error
    faults += [Fault(where, line_of(text, path), message) for path, message in reference_faults(policy)]
    known = {target_key(target) for target in known_targets(policy)}
    for target, lines in asks.groups:
        if target_key(target) not in known and not target.missing:
            faults.append(Fault(asked, lines.line, f"{target_key(target)} is not in policy.yaml"))
        elif target.missing and target.provision not in policy.by_id:
            faults.append(Fault(asked, lines.line, f"{target.provision} is not in policy.yaml"))
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
