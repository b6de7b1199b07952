"""What `make docs` writes into the documentation: texts made from the tables, and figures that are counted.

A test compares, so that nobody keeps them by hand and none of them grows old.
"""

import argparse
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from urllib.parse import urlencode

import yaml

from mappings.criteria import Criteria, load_criteria
from mappings.policies import load_policies
from mappings.profiles import profile_names
from mappings.renewal.build import known_by_name_only
from mappings.renewal.merge import as_shipped
from mappings.rules import load_rules
from mappings.shipped import rows_of
from mappings.tables import rule_tables
from mappings.terminology import SHIPPED, load_terminology
from mappings.terminology_tables import PRODUCT_COLUMNS, SUBSTANCE_COLUMNS
from mappings.wording import load_wording
from service.answer.services import OFFERED
from service.cli.commands import command_line
from service.population.columns import PATIENTS, TRIALS, UNREADABLE
from service.settings import PROFILES, SETTINGS
from tests.api.answers import answers
from tests.behaviour import patients
from tests.render.situations import SITUATIONS
from tests.served import REPOSITORY
from tests.vignettes.cases import all_cases

FIGURES = {
    "trials_needed": "failed adequate trials needed",
    "classes_needed": "drug classes among them",
    "qualifying_days": "days at the minimum dose or above",
    "borderline_days": "from so many days on a trial is possible",
    "gap_days": "days without supply bridged inside a course",
    "carry_over_days": "most days carried over from an early refill",
    "adherence": "share of days covered, where dispenses exist",
    "failed_at_most": "largest improvement that still is a failure",
    "switch_days": "days after the end in which a switch implies failure",
    "look_back_days": "look-back in days when no onset is recorded",
}
"""Figures of a definition of treatment resistance that docs/counting.md shows, in words."""


VIEWS = {"patient-view": "Patient View", "order-select": "Rx View", "order-sign": "Rx Sign"}
"""What the public sandbox calls the view in which it calls a hook."""


def written(file: str) -> str:
    """Return the text that `file` has to have."""
    return MADE[file]((REPOSITORY / file).read_text(encoding="utf-8"))


def _readme(text: str) -> str:
    for name, made in (("commands", _commands), ("addresses", _addresses), ("settings", _settings)):
        text = _between(text, name, made())
    return text


def _described() -> Iterator[tuple[str, str, str, str]]:
    """Yield each address that openapi.yaml describes: its tag, method, path and summary."""
    paths = yaml.safe_load((REPOSITORY / "openapi.yaml").read_text(encoding="utf-8"))["paths"]
    for path, item in paths.items():
        for method, operation in item.items():
            summary = operation["summary"]
            said = summary if summary[1].isupper() else f"{summary[0].lower()}{summary[1:]}"
            yield operation["tags"][0], method.upper(), path, said


def _addresses() -> str:
    """Return the addresses, those of CDS Hooks first; any other service id is none."""
    tags = ("CDS Hooks", "Assessment", "Service")
    described = sorted(_described(), key=lambda address: tags.index(address[0]))
    rows = [(f"`{method} {path}`", said) for _, method, path, said in described if not path.endswith("/{id}")]
    return _table(("address", "what it answers"), rows)


def _integrate_page(text: str) -> str:
    """Return the page with the services that discovery lists."""
    said = {path.rpartition("/")[2]: summary for _, _, path, summary in _described()}
    rows = [(f"`{service}`", f"`{hook}`", said[service]) for hook, (service, *_) in OFFERED.items()]
    return _between(text, "services", _table(("service id", "hook", "answers with"), rows))


def _testing_page(text: str) -> str:
    """Return the page with a link to each view of the public sandbox that calls a hook on offer."""
    rows = [
        (f"`{hook}`", f"[{VIEWS[hook]}]({_view(hook)})")
        for hook in OFFERED
        if hook in VIEWS  # the public sandbox calls no other
    ]
    return _between(text, "views", _table(("hook", "link"), rows))


def _view(hook: str) -> str:
    opened = {
        "serviceDiscoveryURL": "http://127.0.0.1:8000/cds-services",
        "fhirServiceUrl": "https://launch.smarthealthit.org/v/r4/fhir",
        "hook": hook,
        "screen": VIEWS[hook].lower().replace(" ", "-"),
    }
    return f"https://sandbox.cds-hooks.org/?{urlencode(opened)}"


def _settings() -> str:
    rows = [
        (f"`{variable}`", setting.kind.expected, setting.default, setting.meaning)
        for variable, setting in SETTINGS.items()
    ]
    return _table(("variable", "expected", "default", "meaning"), rows)


def _commands() -> str:
    """Return the words of the Makefile and the commands of `ketamine-cds`, each with its own help."""
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    words = re.findall(r"(?m)^([a-z]+):.*## (.+)$", makefile)
    rows = [(f"`make {word}`", told) for word, told in words]
    return _table(("command", "what it does"), [*rows, *_subcommands(command_line())])


def _subcommands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """Yield each command as it is typed, without what may be left out, and what it does."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for group in groups:
        for choice in group.choices.values():
            yield from _subcommands(choice)
    if not groups:
        yield f"`{' '.join([parser.prog, *_needed(parser)])}`", str(parser.description)


def _needed(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if action.required:
            option = [action.option_strings[0]] if action.option_strings else []
            yield " ".join([*option, f"{action.metavar}{'...' if action.nargs == '+' else ''}"])


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    cells = [list(head), *(list(row) for row in rows)]
    cells.insert(1, ["---"] * len(cells[0]))
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in cells)


def _terminology_page(text: str) -> str:
    """Return the page with its lists of drugs: without a RxNorm code, and without any code."""
    groups = load_terminology().groups
    products = as_shipped("rxnorm.csv", PRODUCT_COLUMNS, SHIPPED)
    substances = as_shipped("snomed_drugs.csv", SUBSTANCE_COLUMNS, SHIPPED)
    by_name = known_by_name_only([products, substances], groups)
    without_rxnorm = sorted(set(known_by_name_only([products], groups)) - set(by_name))
    text = _between(text, "drugs without a RxNorm code", _quoted(without_rxnorm))
    return _between(text, "drugs known by name only", _quoted(by_name))


def _quoted(names: Iterable[str]) -> str:
    return "".join(f"> {line}\n" for line in wrap(", ".join(names), 118, break_on_hyphens=False))


def _description(text: str) -> str:
    """Return openapi.yaml with the definitions, hooks and services that there are, and answers that come."""
    services = [service_id for service_id, *_ in OFFERED.values()]
    text = re.sub(r"(?m)(^    Profile:\n.*\n      enum: )\[.*\]$", rf"\g<1>[{', '.join(PROFILES)}]", text)
    policies = load_policies(rule_tables())
    for name, ids in {"PolicyId": policies.policies, "CriterionId": policies.names}.items():
        pattern = rf"(?m)(^    {name}:\n.*\n.*\n        - enum: )\[.*\]$"
        text = re.sub(pattern, rf"\g<1>[{', '.join(ids)}]", text)
    before, begin, rest = text.partition("          examples:  # written by make docs\n")
    _, end, after = rest.partition("          # end of examples\n")
    text = f"{before}{begin}{answers()}{end}{after}"
    text = re.sub(r"((?: id|not): \{enum: )\[ketamine-.*\]", rf"\g<1>[{', '.join(services)}]", text)
    return re.sub(r"(hook: \{enum: )\[.*\]", rf"\g<1>[{', '.join(OFFERED)}]", text)


def _columns() -> str:
    """Return the columns of each file that a screening writes."""
    files = {"patients": PATIENTS, "trials": TRIALS, "unreadable": UNREADABLE}
    tables = []
    for name, columns in files.items():
        rows = [
            (f"`{column.name}`", str(column.kind), "each" if column.judged else "", column.about)
            for column in columns
        ]
        tables.append(f"`{name}.parquet`\n\n{_table(('column', 'type', 'definition', 'meaning'), rows)}")
    return "\n".join(tables)


def _counting_page(text: str) -> str:
    for name, made in (("figures", _figures()), ("reasons", _reasons()), ("rules", _rules())):
        text = _between(text, name, made)
    return text


def _between(text: str, name: str, made: str) -> str:
    """Return `text` with what stands between the marks of `name` replaced by `made`."""
    begin, end = f"<!-- {name}: written by make docs -->\n", f"<!-- end of {name} -->\n"
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"no marks of {name}")
    return f"{before}{begin}{made}{end}{after}"


def _figures() -> str:
    profiles = load_criteria()
    names = profile_names()
    lines = [f"| | {' | '.join(names)} | key in `mappings/criteria/` |", f"|{' --- |' * (len(names) + 2)}"]
    for key, words in FIGURES.items():
        cells = [f"{_figure(profiles[name], key):g}" for name in names]
        lines.append(f"| {words} | {' | '.join(cells)} | `{key}` |")
    return "".join(f"{line}\n" for line in lines)


def _reasons() -> str:
    words = load_wording().words
    settles = words["settles"]
    rows = [(said, f"`{reason}`", settles.get(reason, "")) for reason, said in words["shortfall"].items()]
    return _table(("on cards and in reports", "in the JSON", "what would settle it"), rows)


def _figure(profile: Criteria, key: str) -> float:
    """Return the figure that stands under `key` in one of the sections of a definition."""
    sections = (profile.count, profile.duration, profile.outcome, profile.episode)
    (figure,) = (getattr(section, key) for section in sections if hasattr(section, key))
    return float(figure)


def _rules() -> str:
    return "\n".join(
        f"### {rule.id} {rule.title}\n\n{rule.text.strip()}\n"
        for rule in load_rules().values()
        if rule.text.strip()
    )


def _counted(text: str) -> str:
    """Return `basis.toml` with the figures of its `[validation]` counted."""
    cases = all_cases()
    counts = {
        "vignettes": len(cases),
        "published_vignettes": sum(case.name.startswith("01-published") for case in cases),
        "situations": len(SITUATIONS),
    }
    for name, count in counts.items():
        text = re.sub(rf"(?m)^{name} = \d+$", f"{name} = {count}", text)
    return text


def _shipped(_: str) -> str:
    return "".join(f"{row}\n" for row in rows_of(rule_tables()))


MADE: Mapping[str, Callable[[str], str]] = {
    "README.md": _readme,
    "docs/behaviour.md": lambda text: _between(text, "patients", patients()),
    "docs/counting.md": _counting_page,
    "docs/integrate.md": _integrate_page,
    "docs/populations.md": lambda text: _between(text, "columns", _columns()),
    "docs/terminology.md": _terminology_page,
    "docs/testing.md": _testing_page,
    "mappings/basis.toml": _counted,
    "mappings/shipped_rows.txt": _shipped,
    "openapi.yaml": _description,
}
"""How each file is made from the text that it has."""


def main() -> None:
    """Write every file anew."""
    for file in MADE:
        path: Path = REPOSITORY / file
        path.write_text(written(file), encoding="utf-8")


if __name__ == "__main__":
    main()
