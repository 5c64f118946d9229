"""Faults of knowledge files, each with file and line, so that whoever edits them finds the place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as YamlLoader
except ImportError:  # libyaml is missing on some builds; the pure loader is only slower
    from yaml import SafeLoader as YamlLoader  # type: ignore[assignment]

__all__ = ["Fault", "KnowledgeError", "YamlLoader", "line_of", "not_yaml", "read_yaml"]


@dataclass(frozen=True, order=True)
class Fault:
    """Something a knowledge file may not contain."""

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


def read_yaml(text: str) -> Any:
    """The values of a YAML text; raises yaml.YAMLError."""
    return yaml.load(text, Loader=YamlLoader)


@lru_cache(maxsize=4)
def composed(text: str) -> Any:
    """The nodes of a YAML text with their places."""
    return yaml.compose(text, Loader=YamlLoader)


def not_yaml(error: yaml.YAMLError, file: str) -> Fault:
    mark = getattr(error, "problem_mark", None)
    return Fault(file, mark.line + 1 if mark else 1, f"not YAML: {error}")


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
