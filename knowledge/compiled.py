"""Keeps what was learned and read in files, so that a cold start does not do it anew.

A file is named by a digest of all that went into it: a changed policy is never answered from an old file. Where no
folder can be written, everything still works, only the first answer waits.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO
from zipfile import BadZipFile

import numpy as np

from knowledge.matcher import Arrays, Classifier, Example, digest, train

KEPT = 80
"""Classifiers kept in a folder, of up to 20 MB each; the oldest go first."""
KEPT_SMALL = 4000
"""Small files kept of one kind."""


def folders() -> list[Path]:
    """Where compiled files may be: beside the code, else in the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path(os.environ.get("HOME") or tempfile.gettempdir()) / ".cache")
    return [Path(__file__).parent / "_compiled", cache / "shangan"]


def classifier_for(examples: Sequence[Example]) -> Classifier:
    """The classifier of these examples."""
    return Classifier(kept_arrays(digest(examples), lambda: train(examples)))


def kept_arrays(name: str, make: Callable[[], Arrays]) -> Arrays:
    """The arrays of this name: read from their file, or made and kept."""
    for folder in folders():
        try:
            with np.load(folder / f"{name}.npz", allow_pickle=False) as model:
                return {key: model[key] for key in model.files}
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            continue  # not there, or cut off by a crash: made again below
    model = make()
    _keep(f"{name}.npz", lambda part: np.savez(part, allow_pickle=False, **model), most=KEPT)
    return model


def kept_bytes(kind: str, name: str) -> bytes | None:
    """A small file kept before; None if there is none."""
    for folder in folders():
        try:
            return (folder / kind / name).read_bytes()
        except OSError:
            continue
    return None


def keep_bytes(kind: str, name: str, data: bytes) -> None:
    """Keep a small file."""
    _keep(f"{kind}/{name}", lambda part: part.write(data), most=KEPT_SMALL)


def _keep(name: str, write: Callable[[IO[bytes]], object], *, most: int) -> None:
    """Write a file whole or not at all, into the first folder that can be written; none is no fault."""
    for folder in folders():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
                try:
                    write(part)
                except OSError:
                    Path(part.name).unlink(missing_ok=True)
                    raise
            # Compiled by root at the installation, read by the service's own user.
            Path(part.name).chmod(0o644)
            Path(part.name).replace(path)
        except OSError:
            continue
        _forget_oldest(path.parent, path.suffix, most)
        return


def _forget_oldest(folder: Path, suffix: str, most: int) -> None:
    """Beyond `most` half of them go at once: a look at thousands of files is not for every file."""
    names = [entry.path for entry in os.scandir(folder) if entry.name.endswith(suffix)]
    if len(names) <= most:
        return
    try:
        oldest = sorted(map(Path, names), key=lambda path: path.stat().st_mtime)
    except FileNotFoundError:
        return  # another process is at it
    for path in oldest[: len(oldest) - most // 2]:
        path.unlink(missing_ok=True)
