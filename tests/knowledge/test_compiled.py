"""Files of what was learned: kept whole, read by everybody, made again when they are not sound."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from knowledge import compiled


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(compiled, "folders", lambda: [tmp_path / "barred" / "compiled", tmp_path / "compiled"])
    (tmp_path / "barred").write_text("no folder")
    return tmp_path / "compiled"


def make() -> dict[str, np.ndarray]:
    return {"weights": np.arange(1000.0)}


def never() -> dict[str, np.ndarray]:
    raise AssertionError("it is kept")


def test_arrays_are_made_once_and_kept_where_it_can_be_written(folder: Path) -> None:
    compiled.kept_arrays("one", make)
    np.testing.assert_array_equal(compiled.kept_arrays("one", never)["weights"], make()["weights"])
    assert [path.name for path in folder.iterdir()] == ["one.npz"]


def test_what_one_user_compiled_another_can_read(folder: Path) -> None:
    compiled.kept_arrays("one", make)
    assert (folder / "one.npz").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("size", [0, 1, 100, 4000, -1])
def test_a_file_that_was_cut_off_is_made_again(folder: Path, size: int) -> None:
    compiled.kept_arrays("one", make)
    file = folder / "one.npz"
    file.write_bytes(file.read_bytes()[:size])
    np.testing.assert_array_equal(compiled.kept_arrays("one", make)["weights"], make()["weights"])
    compiled.kept_arrays("one", never)


def test_the_oldest_go_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "KEPT_SMALL", 4)
    for number in range(5):
        if number == 4:
            for old in range(4):
                os.utime(folder / "notes" / f"{old}.json", (old, old))
        compiled.keep_bytes("notes", f"{number}.json", b"{}")
    assert sorted(path.name for path in (folder / "notes").iterdir()) == ["3.json", "4.json"]
    assert compiled.kept_bytes("notes", "4.json") == b"{}"
    assert compiled.kept_bytes("notes", "0.json") is None
