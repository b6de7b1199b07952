"""The templates of cards (`cards/*.md.j2`): what each may be filled with, and the check of it at start.

`{{ name }}` is filled in; `{% if %}`, `{% for %}` and `{% include %}` choose and repeat. A name that nothing
fills would fail at the bedside, so it stops the start.
"""

from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable

from jinja2 import Environment, TemplateSyntaxError, meta, nodes

from mappings.sentences import FACTS
from mappings.tables import TABLES, TableError

FOLDER = "cards"

_ABOVE = "safety_unknown always lowered"
_PATIENT = (
    f"{_ABOVE} view told_as counts called_resistant no_route_left only_holds facts definition records "
    "unreadable flags planning info set_aside needed unknown other_gaps trials not_counted treatments "
    "policies definition_warning"
)
# template -> what it is filled with; those that are only included are filled with the same
NAMES: Mapping[str, str] = {
    "decision": f"{_PATIENT} kind after_safety lacks_trials failed possible",
    "order": f"{_PATIENT} order triggers pressure sedatives procedures",
    "not_assessed": f"{_PATIENT} reason",
    "safety": "advice triggers always lowered safety_facts records",
    "mismatch": "reason issues",
    "note": "day profile version definition trials flags planning always gaps",
}
# what stands after the dot
_MEMBERS = (
    "shown rest names text title level id name ask dates dose steps days status verdict reasons questions "
    "outcome basis witnesses notes drug drug_class episode severity gate safety counted possible lifetime "
    "labels others invalid second_referral few_trials unstudied injected acute "
    "esketamine any_route expression last"
)
MEMBERS = frozenset(_MEMBERS.split())
_SYNTAX = Environment(autoescape=False)  # noqa: S701 - nothing is filled in here


def card_templates(folder: Traversable = TABLES / FOLDER) -> dict[str, Traversable]:
    """Return the templates by their names."""
    files = (file for file in folder.iterdir() if file.name.endswith(".md.j2"))
    return {f"{FOLDER}/{file.name}": file for file in sorted(files, key=lambda file: file.name)}


def check_templates(folder: Traversable = TABLES / FOLDER) -> None:
    """Raise TableError, naming file and line, where a template cannot be filled."""
    parsed = {path: _parsed(path, file) for path, file in card_templates(folder).items()}
    for name, allowed in NAMES.items():
        path = f"{FOLDER}/{name}.md.j2"
        if path not in parsed:
            raise TableError(f"{path}: expected this template")
        for place, tree in _with_included(path, parsed):
            if unknown := sorted(meta.find_undeclared_variables(tree) - set(allowed.split())):
                raise TableError(f"{place}: nothing fills {unknown[0]!r} on the card {name!r}")
    for path, tree in parsed.items():
        _check_members(path, tree)


def _parsed(path: str, file: Traversable) -> nodes.Template:
    try:
        return _SYNTAX.parse(file.read_text(encoding="utf-8"))
    except TemplateSyntaxError as error:
        raise TableError(f"{path}: line {error.lineno}: {error.message}") from error


def _with_included(
    path: str, parsed: Mapping[str, nodes.Template], above: tuple[str, ...] = ()
) -> Iterator[tuple[str, nodes.Template]]:
    tree = parsed[path]
    yield path, tree
    for included in tree.find_all(nodes.Include):
        name = included.template.value if isinstance(included.template, nodes.Const) else ""
        other = f"{FOLDER}/{name}"
        if other not in parsed or other in (path, *above):
            raise TableError(f"{path}: line {included.lineno}: no other template {name!r} to include")
        yield from _with_included(other, parsed, (path, *above))


def _check_members(path: str, tree: nodes.Template) -> None:
    for member in tree.find_all(nodes.Getattr):
        if member.attr not in MEMBERS:
            raise TableError(f"{path}: line {member.lineno}: nothing is called {member.attr!r} here")
    for item in tree.find_all(nodes.Getitem):
        if isinstance(item.arg, nodes.Const) and item.arg.value not in FACTS:
            raise TableError(f"{path}: line {item.lineno}: no [[fact]] {item.arg.value!r} in wording.toml")
    for call in tree.find_all(nodes.Call):
        raise TableError(f"{path}: line {call.lineno}: a template calls nothing")
