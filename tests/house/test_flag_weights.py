"""A site's own weights of flags: read at start, refused by name, and part of the name of the rules."""

from pathlib import Path

import pytest

from mappings.tables import TableError, rule_tables
from mappings.weights import with_weights
from service.operations.rules import read_rules
from service.settings import read_settings


def written(folder: Path, text: str) -> Path:
    """Return a file with this text."""
    file = folder / "weights.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_site_sets_weights(tmp_path: Path) -> None:
    """A flag gets the weight of the site, on all its rules; the rules are named with a digest of the file."""
    file = written(tmp_path, '[weights]\nMED-STIM = "clinical"\nRESP = "clinical"\nSEV-MOD = "planning"\n')
    plain = read_rules(read_settings({}))
    own = read_rules(read_settings({"KETAMINE_CDS_FLAG_WEIGHTS": str(file)}))
    assert [plain.flags.row(one).weight for one in ("MED-STIM", "SEV-MOD")] == ["planning", "clinical"]
    assert [own.flags.row(one).weight for one in ("MED-STIM", "SEV-MOD")] == ["clinical", "planning"]
    assert not any(rule.weight for rule in own.flags.row("RESP").condition)
    assert own.flags.row("BP-HIGH").weight == "planning"
    assert own.rule_set.startswith(f"{plain.rule_set}+weights-")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[weights]\nMED-STIMM = "clinical"\n', "weights: no flag MED-STIMM"),
        ('[weights]\nMED-STIM = "heavy"\n', "weights: MED-STIM: expected clinical or planning"),
        ("weights = 3\n", r"expected one table, \[weights\]"),
        ("[weights]\n[other]\n", r"expected one table, \[weights\]"),
        ("[weights\n", "not readable as TOML"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    """One line names the file, the flag and what was expected."""
    with pytest.raises(TableError, match=f"weights.toml: {fault}"):
        with_weights(rule_tables(), written(tmp_path, text))
