"""The manifest of a Bulk Data export: which files it names, found beside it, and whether it is complete.

Read are the members that the Bulk Data Access guides 1 to 3 and the ballot of 4 share, and the `link` to the
next manifest. Files are looked for beside the manifest, whatever server its addresses name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from service.fhir.decode import read_reply
from service.population.errors import InputError

_HEAD = 4096  # bytes in which a manifest shows what it is
_ENDINGS = ("", ".gz", ".zst")
_MOST_MANIFESTS = 10_000


class _File(msgspec.Struct, frozen=True):
    url: str = ""
    type: str = ""
    count: int | None = None


class _Link(msgspec.Struct, frozen=True):
    relation: str = ""
    url: str = ""


class _Manifest(msgspec.Struct, frozen=True):
    request: str = ""
    output: tuple[_File, ...] = ()
    deleted: tuple[_File, ...] = ()
    error: tuple[_File, ...] = ()
    link: tuple[_Link, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """The files of an export with the number of lines that each has, and the types that were asked for."""

    files: Mapping[Path, int | None]
    kinds: frozenset[str]


def is_manifest(path: Path) -> bool:
    """Tell whether a JSON file is a manifest, by its first members."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return b'"transactionTime"' in head and b'"output"' in head


def read_manifest(path: Path) -> Manifest:
    """Return what a manifest and those that follow it name; raise InputError if that is no whole export."""
    files: dict[Path, int | None] = {}
    kinds: set[str] = set()
    seen: set[Path] = set()
    following: Path | None = path
    while following is not None and following not in seen and len(seen) < _MOST_MANIFESTS:
        seen.add(following)
        read = _decoded(following)
        _refuse_incomplete(read, following)
        for file in read.output:
            files[_beside(file.url, following)] = file.count
            kinds.add(file.type)
        for value in parse_qs(urlsplit(read.request).query).get("_type", ()):
            kinds |= set(value.split(","))
        url = next((link.url for link in read.link if link.relation == "next"), None)
        following = _beside(url, following) if url else None
    return Manifest(files=files, kinds=frozenset(kinds))


def _decoded(path: Path) -> _Manifest:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: expected the manifest of a Bulk Data export") from error


def _refuse_incomplete(manifest: _Manifest, path: Path) -> None:
    """Refuse an export that lacks something: its server says so in words, or lists what was deleted."""
    if manifest.deleted:
        raise InputError(f"{path}: expected a whole export, found one of changes (`deleted` is not empty)")
    for file in manifest.error:
        lines = _beside(file.url, path).read_bytes().splitlines()
        outcomes = [outcome for line in lines if line.strip() for outcome in read_reply(line).outcomes]
        issues = [issue for outcome in outcomes for issue in outcome.issue]
        grave = sum(issue.severity in ("error", "fatal", "") for issue in issues)
        if grave or not outcomes:
            raise InputError(
                f"{path}: the server reports {grave or 'unreadable'} errors in {_name(file.url)}: the export "
                "is not complete; name its NDJSON files one by one to screen what there is"
            )


def _beside(url: str, manifest: Path) -> Path:
    """Return the file of an address, which lies in the folder of the manifest."""
    for ending in _ENDINGS:
        path = manifest.parent / f"{_name(url)}{ending}"
        if path.is_file():
            return path
    raise InputError(f"{manifest}: names {_name(url) or 'a file without a name'}, which is not beside it")


def _name(url: str) -> str:
    return Path(unquote(urlsplit(url).path)).name
