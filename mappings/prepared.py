"""The tables as they were last read and found sound, kept so that the next start need not read them again.

To read and check every table takes half a second, a third of a start; to take what was made of them from
here takes a tenth of that. It is kept as Python keeps bytecode: in `__pycache__`, where whoever may write may
change the code as well, and never where Python is told to write none. It counts only for the very bytes of
the tables and modules that it was made from, and for the same Python: after any change all are read and
checked anew.

`python -m mappings.prepared` makes it, for an installation that a service cannot write to.
"""

import pickle
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from mappings.knowledge import Knowledge, load_knowledge

FOLDER = Path(__file__).parent
KEPT = FOLDER / "__pycache__" / f"knowledge.{sys.implementation.cache_tag}.pickle"


def prepared_knowledge(kept: Path = KEPT) -> Knowledge:
    """Return the shipped tables, from what is `kept` where that was made from them; raise TableError."""
    made_from = digest_of(FOLDER)
    knowledge = _taken(kept, made_from)
    if knowledge is None:
        knowledge = load_knowledge()
        if not sys.dont_write_bytecode:
            with suppress(OSError):  # an installation that is read only
                keep(knowledge, made_from, kept)
    return knowledge


def digest_of(folder: Path) -> bytes:
    """Return what changes with any byte of the tables and modules in `folder`, and with the Python."""
    whole = sha256(sys.version.encode())
    for file in sorted(_sources(folder)):
        whole.update(f"{file.relative_to(folder)}\n".encode() + sha256(file.read_bytes()).digest())
    return whole.digest()


def keep(knowledge: Knowledge, made_from: bytes, kept: Path = KEPT) -> None:
    """Write what the next start takes; raise OSError. A start at the same moment sees the old or the new."""
    kept.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as file:
        file.write(made_from + pickle.dumps(knowledge, pickle.HIGHEST_PROTOCOL))
    Path(file.name).chmod(0o644)
    Path(file.name).replace(kept)


def _sources(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def _taken(kept: Path, made_from: bytes) -> Knowledge | None:
    with suppress(Exception):  # whatever is wrong with it, the tables can be read
        content = kept.read_bytes()
        if content.startswith(made_from):
            found = pickle.loads(memoryview(content)[len(made_from) :])  # noqa: S301  # as safe as bytecode
            return found if isinstance(found, Knowledge) else None
    return None


if __name__ == "__main__":
    keep(load_knowledge(), digest_of(FOLDER))
