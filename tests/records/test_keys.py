"""The key of the digests: given, or kept in a file that only the service's own user can read."""

import fcntl
import stat
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from service.settings import Settings, read_settings
from service.store.hash_key import HashKeyError, hash_key

SECRET = "0123456789abcdef0123456789abcdef"  # gitleaks:allow
TELL = (
    "import os, sys; from service.store.hash_key import hash_key; "
    "from service.settings import read_settings; "
    "sys.stdin.read(1); print(hash_key(read_settings(os.environ)).decode())"
)


def settings(url: str, **others: str) -> Settings:
    """Settings with this database."""
    return read_settings({"KETAMINE_CDS_MODE": "development", "KETAMINE_CDS_DATABASE_URL": url, **others})


def test_the_key_of_the_settings_is_used_as_it_is(tmp_path: Path) -> None:
    """A key that the operator gives makes no file."""
    given = settings(f"sqlite:///{tmp_path}/cds.db", KETAMINE_CDS_HASH_KEY=SECRET)
    assert hash_key(given) == SECRET.encode()
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_made_once_beside_the_database(tmp_path: Path) -> None:
    """The first start makes a key of 256 bits that nobody else may read; every later one finds it."""
    here = settings(f"sqlite:///{tmp_path}/cds.db")
    made = hash_key(here)
    file = tmp_path / "cds.db.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(bytes.fromhex(made.decode())) == 32
    assert hash_key(here) == made == file.read_bytes()


def test_two_databases_have_two_keys(tmp_path: Path) -> None:
    """What stands for a patient in one database stands for nobody in another."""
    one, other = (hash_key(settings(f"sqlite:///{tmp_path}/{name}.db")) for name in ("one", "other"))
    assert one != other


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    """However many processes find no key at the same moment, all of them go on with the same one."""
    environment = {
        "KETAMINE_CDS_MODE": "development",
        "KETAMINE_CDS_DATABASE_URL": f"sqlite:///{tmp_path}/db",
    }
    started = [
        subprocess.Popen(
            [sys.executable, "-c", TELL],
            env=environment,
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("x")
        process.stdin.flush()
    told = {process.communicate(timeout=60)[0] for process in started}
    assert told == {(tmp_path / "db.key").read_text() + "\n"}


def test_a_database_that_is_no_file_has_its_key_where_the_service_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All who try the service out from one folder share it."""
    monkeypatch.chdir(tmp_path)
    key = hash_key(settings("postgresql://cds@localhost/cds"))
    assert hash_key(settings("postgresql://cds@localhost/other")) == key
    assert [file.name for file in tmp_path.iterdir()] == ["ketamine-cds.key"]


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The service goes on with a key of its own, and says so without naming secrets."""
    key = hash_key(settings(f"sqlite:///{tmp_path}/missing/cds.db"))
    assert len(key) == 64
    assert "hash key cannot be kept" in caplog.text
    assert key.decode() not in caplog.text


@pytest.mark.parametrize("content", [b"secret", b"0" * 63, b"g" * 64, b"0" * 128])
def test_a_file_that_holds_no_key_stops_the_start(content: bytes, tmp_path: Path) -> None:
    """A damaged key is not replaced behind the operator's back, and not repeated."""
    file = tmp_path / "cds.db.key"
    file.write_bytes(content)
    with pytest.raises(HashKeyError, match=r"cds\.db\.key: expected 64 hexadecimal digits") as complaint:
        hash_key(settings(f"sqlite:///{tmp_path}/cds.db"))
    assert content.decode() not in str(complaint.value)
    assert file.read_bytes() == content


def test_a_process_waits_for_the_one_that_makes_the_key(tmp_path: Path) -> None:
    """Who finds the file there but the key not yet written takes the key of the other."""
    others, found = b"ab" * 32, list[bytes]()
    here = settings(f"sqlite:///{tmp_path}/cds.db")
    waiting = Thread(target=lambda: found.append(hash_key(here)))
    with (tmp_path / "cds.db.key").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        waiting.start()
        waiting.join(timeout=0.5)
        file.write(others)
    waiting.join(timeout=60)
    assert found == [others]


def test_a_key_that_only_an_operator_can_write_is_used(tmp_path: Path) -> None:
    """A key file that is mounted for reading, with a line end, is as good as one made here."""
    file = tmp_path / "cds.db.key"
    file.write_text("ab" * 32 + "\n")
    file.chmod(0o400)
    assert hash_key(settings(f"sqlite:///{tmp_path}/cds.db")) == b"ab" * 32
    assert file.read_text() == "ab" * 32 + "\n"


def test_an_empty_file_of_a_start_that_was_cut_short_is_filled(tmp_path: Path) -> None:
    """A process that died between making the file and writing the key leaves nothing that stays broken."""
    (tmp_path / "cds.db.key").touch(mode=0o600)
    here = settings(f"sqlite:///{tmp_path}/cds.db")
    assert hash_key(here) == hash_key(here)


def test_the_file_is_not_written_through_a_link(tmp_path: Path) -> None:
    """A link that somebody laid in the way is not followed to a place of their choice."""
    (tmp_path / "cds.db.key").symlink_to(tmp_path / "elsewhere")
    hash_key(settings(f"sqlite:///{tmp_path}/cds.db"))
    assert not (tmp_path / "elsewhere").exists()
