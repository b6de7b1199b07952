"""What is kept of the tables between starts is what reading them gives, or is not used."""

import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from mappings import prepared
from mappings.knowledge import Knowledge, load_knowledge
from mappings.prepared import digest_of, keep, prepared_knowledge

SAME = digest_of(prepared.FOLDER)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    """The tables, read and checked."""
    return load_knowledge()


@pytest.fixture(autouse=True)
def may_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine says, Python may write bytecode, and what is kept like it."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def alike(one: object, other: object) -> bool:
    """Tell whether two structures hold the same, at any depth."""
    if type(one) is not type(other):
        return False
    if is_dataclass(one) and not isinstance(one, type):
        return all(alike(getattr(one, each.name), getattr(other, each.name)) for each in fields(one))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return list(one) == list(other) and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(map(alike, one, other))
    return one == other


def read_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets an entry each time that the tables are read."""
    reads: list[str] = []

    def reading() -> Knowledge:
        reads.append("read")
        return load_knowledge()

    monkeypatch.setattr(prepared, "load_knowledge", reading)
    return reads


def test_what_is_kept_is_what_was_read(knowledge: Knowledge, tmp_path: Path) -> None:
    """The next start takes equal tables, whose look-up knows its own findings."""
    keep(knowledge, SAME, tmp_path / "kept")
    taken = prepared_knowledge(tmp_path / "kept")
    places = {**vars_of(knowledge), "lookup": knowledge.lookup.findings}
    assert alike(places, {**vars_of(taken), "lookup": taken.lookup.findings})
    assert taken.lookup.by_word == knowledge.lookup.by_word
    assert all(taken.lookup.knows(rule) for row in taken.flags.flag for rule in row.condition)
    assert not any(taken.lookup.knows(finding) for finding in knowledge.lookup.findings)


def vars_of(knowledge: Knowledge) -> dict[str, object]:
    """Return the tables by their names."""
    return {each.name: getattr(knowledge, each.name) for each in fields(knowledge)}


def test_tables_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first start reads and keeps them, the second takes what is kept."""
    reads = read_again(monkeypatch)
    first, second = (prepared_knowledge(tmp_path / "kept") for _ in range(2))
    assert first.rule_set == second.rule_set
    assert reads == ["read"]


@pytest.mark.parametrize("content", [b"", b"something else", SAME, SAME + b"not a pickle", SAME + b"N."])
def test_what_does_not_fit_is_not_used(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was made from other tables, or is damaged, is read anew and replaced."""
    reads = read_again(monkeypatch)
    (tmp_path / "kept").write_bytes(content)
    for _ in range(2):
        assert prepared_knowledge(tmp_path / "kept").flags.flag
    assert reads == ["read"]


def test_nothing_is_kept_where_python_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who wants no bytecode beside the code wants no tables there either."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert prepared_knowledge(tmp_path / "kept").flags.flag
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    """An installation that is read only reads its tables each time."""
    (tmp_path / "file").write_text("")
    assert prepared_knowledge(tmp_path / "file" / "kept").flags.flag


def test_any_change_is_noticed(tmp_path: Path) -> None:
    """One byte of a table or of a module, or the name of one, makes what is kept useless."""
    for name, content in (("a.toml", "x = 1"), ("b.py", "x = 1")):
        (tmp_path / name).write_text(content)
    seen = {digest_of(tmp_path)}
    (tmp_path / "a.toml").write_text("x = 2")
    seen.add(digest_of(tmp_path))
    (tmp_path / "b.py").write_text("x = 2")
    seen.add(digest_of(tmp_path))
    (tmp_path / "b.py").rename(tmp_path / "c.py")
    seen.add(digest_of(tmp_path))
    assert len(seen) == 4
