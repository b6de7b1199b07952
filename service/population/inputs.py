"""What a screening is to read: a folder, a manifest of a Bulk Data export, or files."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.fhir.completeness import LISTS
from service.population.errors import InputError
from service.population.manifest import is_manifest, read_manifest

_NDJSON = (".ndjson", ".jsonl")
_PACKED = (".gz", ".zst", ".zstd")
_LOG = "log.ndjson"  # what the SMART Bulk Data client writes beside an export: events, no resources


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportFile:
    """One file of resources, as it was found: NDJSON, or `whole`, a Bundle.

    `expected` is how many lines the manifest says it has; None where nothing says so.
    """

    path: Path
    size: int
    changed_ns: int
    whole: bool
    expected: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Export:
    """All files of an export; `kinds` are the types that it is known to hold, be it without a line.

    `passed_over` are files of the folder that hold no resources by their name.
    """

    sources: tuple[ExportFile, ...]
    kinds: frozenset[str]
    passed_over: tuple[str, ...] = ()


def find_input(given: Sequence[Path], out: Path) -> Export:
    """Return the files to read, none of them of the folder `out`.

    Raise InputError where one is missing or the export is incomplete.
    """
    for path in given:
        if not path.exists():
            raise InputError(f"{path}: no such file or folder")
    found: list[Path] = []
    passed_over: list[str] = []
    for path in given:
        if path.is_dir():
            files = [
                file for file in sorted(path.rglob("*")) if file.is_file() and not _hidden(file, path, out)
            ]
            named = [file for file in files if _form(file) and file.name != _LOG]
            passed_over += [str(file) for file in files if file not in set(named)]
            found += named
        else:
            found.append(path)
    manifests = [path for path in found if _form(path) == "json" and is_manifest(path)]
    counts: dict[Path, int | None] = {}
    kinds: set[str] = set()
    for path in manifests:
        manifest = read_manifest(path)
        counts.update(manifest.files)
        kinds |= manifest.kinds
    files = [*counts, *(path for path in found if path not in manifests and not counts)]
    sources = tuple(_source(path, counts.get(path)) for path in dict.fromkeys(files))
    if not sources:
        raise InputError(f"{given[0]}: expected NDJSON files, Bundles or a manifest, found none")
    return Export(
        sources=sources, kinds=frozenset(kinds | _named(files)) & LISTS, passed_over=tuple(passed_over)
    )


def _source(path: Path, expected: int | None) -> ExportFile:
    form = _form(path)
    if form is None:
        raise InputError(f"{path}: expected a file named .ndjson or .json, or either with .gz or .zst")
    try:
        with path.open("rb"):
            state = path.stat()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    return ExportFile(
        path=path,
        size=state.st_size,
        changed_ns=state.st_mtime_ns,
        whole=form == "json",
        expected=expected,
    )


def _form(path: Path) -> str | None:
    """Return "ndjson", "json" or, for a name that promises no resources, None."""
    name = path.name.lower()
    for ending in _PACKED:
        name = name.removesuffix(ending)
    if name.endswith(_NDJSON):
        return "ndjson"
    return "json" if name.endswith(".json") else None


def _hidden(file: Path, folder: Path, out: Path) -> bool:
    return out in file.parents or any(part.startswith(".") for part in file.relative_to(folder).parts)


def _named(files: Iterable[Path]) -> set[str]:
    """Return the types after which files are named: an empty `Procedure.ndjson` says that there are none."""
    return {kind for file in files if _form(file) == "ndjson" for kind in _words(file.name)}


def _words(name: str) -> Iterator[str]:
    yield name.split(".")[0].split("_")[0].split("-")[0]
