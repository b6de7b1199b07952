"""Installs the peers, each into its own folder below bench/, and starts those that could be installed."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.servers import FIRST_PORT, Server, started

HERE = Path(__file__).parent
PATH = "/cds-services/bench"


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """A peer: its folder, what runs in it after `bin/` or the interpreter, and where it answers."""

    name: str
    folder: str
    command: tuple[str, ...]
    port: int
    path: str = PATH

    @property
    def place(self) -> Path:
        """Where its code and what it needs lie."""
        return HERE / self.folder


FLASK = Peer(
    name="Flask + json",
    folder="flask_json",
    port=FIRST_PORT + 1,
    command=(
        "gunicorn", "--workers=2", "--worker-class=gthread", "--threads=8", "--keep-alive=60",
        f"--bind=127.0.0.1:{FIRST_PORT + 1}", "bench.peers.flask_json.app:app",
    ),
)  # fmt: skip
HEALTHCHAIN = Peer(
    name="HealthChain",
    folder="healthchain",
    port=FIRST_PORT + 2,
    path="/cds" + PATH,
    command=(
        "uvicorn", "--no-access-log", "--log-level=error", f"--port={FIRST_PORT + 2}",
        "bench.peers.healthchain.app:app",
    ),
)  # fmt: skip
CQL = Peer(name="CQL engine", folder="cql", port=FIRST_PORT + 3, command=("server.mjs", str(FIRST_PORT + 3)))


def installed(peer: Peer) -> str | None:
    """Install a peer from its lock; return why it could not be, None when it is there."""
    done = peer.place / ".installed"
    lock = peer.place / ("package-lock.json" if peer is CQL else "requirements.lock")
    if done.exists() and done.read_text(encoding="utf-8") == lock.read_text(encoding="utf-8"):
        return None
    try:
        for command in _installing(peer):
            subprocess.run(command, check=True, cwd=peer.place, capture_output=True, text=True, timeout=600)
    except FileNotFoundError as error:
        return f"{error.filename} is not installed"
    except subprocess.CalledProcessError as error:
        return f"it could not be installed: {(error.stderr or '').strip().splitlines()[-1:]}"
    except subprocess.TimeoutExpired:
        return "the registry did not answer in time"
    done.write_text(lock.read_text(encoding="utf-8"), encoding="utf-8")
    return None


def _installing(peer: Peer) -> Iterator[list[str]]:
    if peer is CQL:
        yield ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        return
    yield [sys.executable, "-m", "venv", ".venv"]
    yield [
        ".venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--require-hashes", "--requirement", "requirements.lock",
    ]  # fmt: skip


@contextmanager
def running(peer: Peer) -> Iterator[Server]:
    """A started peer."""
    if peer is CQL:
        command = [shutil.which("node") or "node", str(peer.place / "server.mjs"), str(peer.port)]
    else:
        command = [str(peer.place / ".venv/bin" / peer.command[0]), *peer.command[1:]]
    with started(peer.name, command, port=peer.port, path=peer.path) as server:
        yield server


@contextmanager
def all_running() -> Iterator[dict[str, Server | str]]:
    """The peers that are to be had here, started; of the others the reason why not."""
    with ExitStack() as stack:
        found: dict[str, Server | str] = {}
        for peer in (FLASK, HEALTHCHAIN, CQL):
            reason = installed(peer)
            try:
                found[peer.name] = reason or stack.enter_context(running(peer))
            except (RuntimeError, OSError) as error:
                found[peer.name] = str(error)
        yield found
