"""A PostgreSQL that really runs: a cluster of its own in a temporary folder, thrown away in the end."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.served import free_port

USER, PASSWORD = "cds", "word-of-the-database"
_DEBIAN = Path("/usr/lib/postgresql")
_SETTINGS = "fsync=off full_page_writes=off max_connections=200 shared_buffers=32MB"


@dataclass(kw_only=True)
class Cluster:
    """A running server: databases can be made in it, and it can die and be frozen."""

    folder: Path
    port: int
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def new_database(self) -> str:
        """Make an empty database and return its address as an operator would write it."""
        name = f"d{next(self._numbers)}"
        self._run("createdb", "-h", str(self.folder), "-p", str(self.port), "-U", USER, name)
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = [f"-c {setting}" for setting in _SETTINGS.split()]
        options = " ".join([f"-p {self.port} -h 127.0.0.1 -k {self.folder}", *settings])
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "-w", "-D", str(self._data), "-l", log, "-o", options)

    def stop(self) -> None:
        """End the server at once, with all connections to it."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(self._data))

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let no process of the server do anything for a while: connections stay open and nobody answers."""
        processes = self._processes()
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                os.kill(process, signal.SIGCONT)

    def initialise(self) -> None:
        """Make the files of the server."""
        word = self.folder / "word"
        word.write_text(PASSWORD)
        word.chmod(0o644)
        local = ["--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync", "--encoding=UTF8"]
        self._run("initdb", "-D", str(self._data), "-U", USER, f"--pwfile={word}", *local)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _processes(self) -> list[int]:
        """The server's first process and those that it started."""
        first = int((self._data / "postmaster.pid").read_text().split()[0])
        others = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, others)]

    def _run(self, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL, which refuses to run as root."""
        command = [*_as_ordinary_user(), _found(program), *arguments]
        done = subprocess.run(
            command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{program} failed: {done.stdout}"


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a server on a free port, and remove everything of it in the end."""
    folder = Path(tempfile.mkdtemp(prefix="ketamine-cds-postgresql-"))
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
    made = Cluster(folder=folder, port=free_port())
    try:
        made.initialise()
        made.start()
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(folder)


def _as_ordinary_user() -> Sequence[str]:
    return ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()


def _found(program: str) -> str:
    """A program of PostgreSQL; Debian keeps most of them out of PATH."""
    beside = sorted(_DEBIAN.glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]))
    found = shutil.which(program) or (str(beside[-1]) if beside else None)
    assert found is not None, f"{program} is missing: install the Debian package postgresql"
    return found
