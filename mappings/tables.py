"""Reading of the rule tables: TOML checked by marshmallow, with errors that name file, row and field.

A table that does not fit its schema stops the start: a service that runs on half a rule set would
be worse than one that does not run.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePath
from typing import Any, TypeVar

from marshmallow import Schema, ValidationError, fields

from mappings.figures import with_figures
from mappings.schemas import Text, schema_of

TABLES: Traversable = files("mappings")
CRITERIA = "criteria/"
"""The folder of the definitions of treatment resistance."""
POLICIES = "policies/"
"""The folder of what labels, payers and health systems ask for."""
_SHOWN_DIGITS = 8  # of a digest: enough to tell two editions of the same tables apart


class TableError(Exception):
    """A rule table cannot be used; the message names the file, the row and the field."""


Row = TypeVar("Row")
Tables = Mapping[str, Mapping[str, Any]]
"""The content of the rule tables by the path of the file."""


def read_table(file: str, row: type[Row], tables: Tables | None = None, **given: Any) -> Row:
    """Return the table `file` as the frozen type `row`; raise TableError when it does not fit.

    The content is that of `tables`, else of the shipped file. `given` are members that stand elsewhere. The
    members of a `[review]` block hold for every reviewed row of the file that does not state its own.
    """
    schema = schema_of(row)()
    schema.given = given
    made: Row = load_table(file, schema, tables)
    return made


def load_table(file: str, schema: Schema, tables: Tables | None = None) -> Any:
    """Return what `schema` makes of the table `file`; see `read_table`."""
    content = _filled(file, _Shipped() if tables is None else tables)
    if (review := content.pop("review", None)) is not None:
        content = _reviewed(content, schema, review)
    try:
        return schema.load(content)
    except ValidationError as error:
        raise table_error(file, error.messages, content) from error


def _filled(file: str, tables: Tables) -> dict[str, Any]:
    """Return the content of `file` with the figures that its sentences name."""
    name = PurePath(file).name
    if file not in tables:
        raise TableError(f"{name}: expected this table")
    try:
        return with_figures(file, tables)
    except LookupError as error:
        raise TableError(f"{name}: {error.args[0]}") from error


class _Shipped(Mapping[str, Mapping[str, Any]]):
    """The shipped tables, each parsed when it is first asked for: of one table few others have figures."""

    def __init__(self) -> None:
        self._files = rule_files(TABLES)
        self._parsed: dict[str, Mapping[str, Any]] = {}

    def __getitem__(self, file: str) -> Mapping[str, Any]:
        if file not in self._parsed:
            self._parsed[file] = parsed(self._files[file])
        return self._parsed[file]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def rule_tables(folder: Traversable = TABLES) -> dict[str, dict[str, Any]]:
    """Return each table of rules as it stands, by the path of its file."""
    return {path: parsed(file) for path, file in rule_files(folder).items()}


def rule_files(folder: Traversable) -> dict[str, Traversable]:
    """Return the file of each table of rules by its path."""
    places = {"": folder, **{place: folder / place.rstrip("/") for place in (CRITERIA, POLICIES)}}
    return {
        f"{place}{file.name}": file
        for place, inner in places.items()
        for file in inner.iterdir()
        if file.name.endswith(".toml")
    }


def _reviewed(content: Any, schema: Schema, review: Mapping[str, Any]) -> Any:
    if not isinstance(content, Mapping):
        return content  # not a row: the schema says so
    filled = {key: value for key, value in review.items() if key in schema.fields} | dict(content)
    for member, field in schema.fields.items():
        name = field.data_key or member
        inner = field.inner if isinstance(field, fields.List) else field
        rows = filled.get(name)
        if not isinstance(inner, fields.Nested) or rows is None:
            continue
        if isinstance(rows, list):
            filled[name] = [_reviewed(row, inner.schema, review) for row in rows]
        else:
            filled[name] = _reviewed(rows, inner.schema, review)
    return filled


def parsed(source: Traversable) -> dict[str, Any]:
    """Return the content of the TOML file `source`; raise TableError if it is not TOML."""
    try:
        return tomllib.loads(source.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TableError(f"{source.name}: not readable as TOML: {error}") from error


def content_digest(sources: Iterable[Traversable]) -> str:
    """Return what changes with a byte of any of the files `sources`, or with the name of one."""
    whole = sha256()
    for source in sorted(sources, key=lambda each: each.name):
        whole.update(f"{source.name} {sha256(source.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()[:_SHOWN_DIGITS]


def table_error(file: str, messages: Any, content: Any) -> TableError:
    """Return the error that names each place in `content` about which marshmallow's `messages` complain."""
    return TableError(f"{PurePath(file).name}: {'; '.join(_places(messages, content, ()))}")


def _places(messages: Any, content: Any, path: tuple[str, ...]) -> list[str]:
    if not isinstance(messages, Mapping):
        return [f"{' > '.join(path)}: {' '.join(map(str, messages))}"]
    found: list[str] = []
    for key, inner in messages.items():
        row = _row(content, key)
        found += _places(inner, row, (*path, _name(key, row)))
    return found


def _row(content: Any, key: Any) -> Any:
    try:
        return content[key]
    except (KeyError, IndexError, TypeError):
        return None


def _name(key: Any, row: Any) -> str:
    if isinstance(key, int):
        label = ""
        if isinstance(row, Mapping):
            label = next((str(row[k]) for k in ("id", "ingredient", "name") if k in row), "")
        return f"row {key + 1}" + (f" ({label})" if label else "")
    return str(key)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reviewed:
    """What every rule row carries: its sources, since when it holds, and who is responsible for it.

    `rule` is the rule of `rules.toml` that the row follows, if it is one of them.
    """

    sources: tuple[Text, ...]
    since: date
    checked_on: date
    checked_by: str
    review_by: date
    rule: str = ""
