"""What makes the command line feel at home: quick help, hints, files, pipes, colours, completion, Python."""

import argparse
import json
import os
import pty
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest

import service
from cds_hooks.errors import CallerError
from mappings.profiles import profile_names
from service.cli import Exit, main
from service.cli.arguments import PICTURES
from service.cli.commands import PERIODS, SHELLS, command_line
from service.cli.faults import FAULTS, is_fault
from service.settings import SETTINGS
from service.store.report import ReportPeriod
from tests.house.test_cli import RECORD, ketamine_cds, refused
from tests.served import COMMAND, REPOSITORY, environment

PAGE = (REPOSITORY / "docs/command-line.md").read_text(encoding="utf-8")
HEAVY = {"flask", "sqlalchemy", "marshmallow", "msgspec", "fhir", "requests", "granian", "jinja2", "joserfc"}


def commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield each command, and none of the words under which commands stand."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for group in groups:
        for choice in group.choices.values():
            yield from commands(choice)
    if not groups:
        yield parser


EACH = pytest.mark.parametrize("command", list(commands(command_line())), ids=lambda command: command.prog)


@pytest.mark.parametrize("asked", ["-V", "--help", "assess --help", "feedback report --help"])
def test_help_and_version_load_nothing_that_takes_time(asked: str) -> None:
    """What only a command needs is imported when that command is run."""
    assert loads_none_of(HEAVY, *asked.split())


def test_an_assessment_loads_no_more_than_it_needs() -> None:
    """Neither the web nor the database, nor what judges drafts of orders, nor what draws."""
    unneeded = {"flask", "sqlalchemy", "fhir", "pydantic", "granian", "requests", "resvg_py", "pydyf"}
    assert loads_none_of(unneeded, "assess", str(RECORD))


def loads_none_of(packages: set[str], *arguments: str) -> str:
    """Run a command in a process that loads none of these packages, and return what it printed."""
    code = (
        "import sys\nfrom service.cli import main\n"
        f"code = main({list(arguments)!r})\n"
        f"print(code, sorted({packages!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment({}), capture_output=True, text=True)
    assert done.stderr == "0 []\n"
    return done.stdout


@EACH
def test_a_command_can_be_run(command: argparse.ArgumentParser) -> None:
    """What is declared to run it is a function."""
    module, _, name = command.get_default("run").partition(":")
    assert callable(getattr(import_module(module), name))


@EACH
def test_the_examples_of_the_help_are_understood(command: argparse.ArgumentParser) -> None:
    """Each command shows examples, which are command lines of that command."""
    lines = re.findall(r"^  ketamine-cds (.*)$", command.format_help(), re.M)
    assert lines
    for line in lines:
        typed = shlex.split(re.split(r" [<>] ", line)[0])
        assert command_line().parse(typed).run == command.get_default("run")


def test_choices_are_those_of_what_is_run() -> None:
    """The light declaration offers what the code behind it knows, and no more."""
    assert [period.value for period in ReportPeriod] == list(PERIODS)
    told = ketamine_cds("assess", "--help").out
    assert all(name in told for name in (*PICTURES, *profile_names()))


def test_the_package_runs_as_a_module() -> None:
    """`python -m service` is the command."""
    done = subprocess.run(
        [sys.executable, "-m", "service", "-V"], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, f"ketamine-cds {service.__version__}\n")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("asses x.json", "did you mean assess?"),
        ("feedback reprot", "did you mean report?"),
        ("assess x.json --fromat json", "did you mean --format?"),
        ("assess x.json --profile lenient", "did you mean lenient-4wk?"),
    ],
)
def test_a_near_miss_is_named(typed: str, meant: str) -> None:
    """A misspelt command, option or choice is told with the one that is like it."""
    assert meant in refused(ketamine_cds(*typed.split()))


def test_what_is_like_nothing_gets_no_hint() -> None:
    """A guess that helps nobody is not made."""
    assert "did you mean" not in refused(ketamine_cds("xyzzy"))


@pytest.mark.parametrize("form", ["text", "json", "svg"])
def test_an_answer_goes_into_a_file(
    form: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """`--output` writes what would have been printed, and prints nothing."""
    asked = ["assess", str(RECORD), "--as-of", "2026-11-02", "--format", form]
    assert main(asked) == 0
    printed = capfdbinary.readouterr().out
    assert main([*asked, "--output", str(tmp_path / "answer")]) == 0
    assert capfdbinary.readouterr() == (b"", b"")
    assert (tmp_path / "answer").read_bytes() == printed != b""


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The complaint begins with its name."""
    assert main(["codes", "sertraline", "--output", f"{tmp_path}/none/answer"]) == 2
    assert capsys.readouterr().err == f"ketamine-cds: {tmp_path}/none/answer: No such file or directory\n"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"# ketamine-cds\n", "line 1, column 1: not JSON"),
        (b'{"resourceType": "Bundle",\n  "type": collection}', "line 2, column 11: not JSON"),
        ('{"name": "Zoë", \n\n x}'.encode(), "line 3, column 2: not JSON"),
        ('{"é": x}'.encode(), "line 1, column 7: not JSON"),
        (b'{"a": 1', "line 1, column 8: not JSON"),
        (b'{\n"a": "\xff"}', "line 2, column 7: not UTF-8"),
        (b"[]", "expected a JSON object"),
        (b'{"resourceType": "Patient"}', "expected"),
    ],
)
def test_a_fault_is_told_with_its_file_and_place(
    content: bytes, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """File, line and column lead to where the JSON ends to be any; other faults name the file."""
    file = tmp_path / "record.json"
    file.write_bytes(content)
    for command in ("assess", "check"):
        assert main([command, str(file)]) == 2
        told = capsys.readouterr().err
        assert told.startswith(f"ketamine-cds: {file}: ")
        assert place in told


def test_a_pipe_is_named_too() -> None:
    """What is wrong with standard input is told by its name."""
    told = refused(ketamine_cds("assess", "-", given=b"{"))
    assert told == "ketamine-cds: standard input: line 1, column 2: not JSON\n"


def test_a_capture_is_named_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of several captures the one at fault is named."""
    broken = tmp_path / "broken.json"
    broken.write_bytes(b"{")
    assert main(["doctor", str(REPOSITORY / "docs/examples/esketamine-order.json"), str(broken)]) == 2
    assert capsys.readouterr().err.startswith(f"ketamine-cds: {broken}: ")


@pytest.mark.parametrize("asked", [("check", RECORD), ("--help",)])
def test_a_closed_pipe_is_no_fault(asked: tuple[str | Path, ...]) -> None:
    """Who has read enough, as `head` does, leaves no complaint behind."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [COMMAND, *asked], env=environment({}), stdout=writing, stderr=subprocess.PIPE, timeout=60
    )
    os.close(writing)
    assert done.stderr == b""
    assert done.returncode in (Exit.DONE, Exit.CLOSED_PIPE)


def on_a_terminal(*arguments: str | Path, **variables: str) -> str:
    """Return what a command shows on a terminal."""
    terminal, end = pty.openpty()
    terminals = {"TERM": "xterm", "NO_COLOR": "", **variables}
    process = subprocess.Popen([COMMAND, *arguments], env=environment({}) | terminals, stdout=end, stderr=end)
    os.close(end)
    shown = b""
    with suppress(OSError):  # so a terminal ends
        while part := os.read(terminal, 4096):
            shown += part
    process.wait()
    os.close(terminal)
    return shown.decode()


def test_colours_are_for_terminals() -> None:
    """Headings are bold and a complaint begins in red on a terminal, and nowhere else."""
    asked = ("assess", RECORD, "--as-of", "2026-11-02")
    assert "\033[1mTrials\033[0m" in on_a_terminal(*asked)
    assert "\033[31mketamine-cds:\033[0m none.json: " in on_a_terminal("assess", "none.json")
    assert "\033[31mketamine-cds:\033[0m argument COMMAND" in on_a_terminal("none")
    assert "\033" not in ketamine_cds(*asked).out
    assert "\033" not in on_a_terminal(*asked, "--format", "json")
    for variable in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\033" not in on_a_terminal("none", **variable)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_learns_the_commands(shell: str) -> None:
    """The script that is printed knows commands, options and which of them take a file."""
    script = ketamine_cds("completion", shell).out
    for word in ("assess", "purge", "rules-as-of", "strict-payer"):
        assert word in script


def test_bash_completes() -> None:
    """bash, with the script, completes a command, an option, and a file."""
    asked = """
        source /dev/stdin
        for words in 'asse' 'assess --form' 'assess docs/comm'; do
            COMP_WORDS=(ketamine-cds $words); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
            _shtab_ketamine_cds 2>/dev/null; echo ${COMPREPLY[@]}
        done
    """
    script = ketamine_cds("completion", "bash").out
    done = subprocess.run(
        ["bash", "-c", asked], input=script, cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["assess", "--format", "docs/command-line.md"]


def test_the_page_tells_every_exit_code() -> None:
    """docs/command-line.md lists the codes that a command can end with."""
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.M)] == sorted(Exit)


@pytest.mark.parametrize("name", ["workers", "threads"])
def test_an_option_of_serve_is_checked_as_its_variable(name: str) -> None:
    """It wins over the variable, and is refused by the variable's name."""
    variable = f"KETAMINE_CDS_{name.upper()}"
    done = subprocess.run(
        [COMMAND, "serve", f"--{name}", "0"],
        env=environment({variable: "2"}),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == Exit.BAD_INPUT
    assert done.stderr == f"ketamine-cds: {variable}: expected {SETTINGS[variable].kind.expected}\n"


def test_python_gets_the_same_assessment(capsys: pytest.CaptureFixture[str]) -> None:
    """The lines of docs/command-line.md run, and JSON in any form gives the same."""
    (lines,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    exec(lines.replace('Path("docs', f'Path("{REPOSITORY}/docs'))
    assert capsys.readouterr().out == f"{service.__version__} recommend ['sertraline', 'venlafaxine']\n"
    text = RECORD.read_text(encoding="utf-8")
    on = date(2026, 11, 2)
    read = json.loads(text)
    forms = [service.assess_bundle(form, as_of=on) for form in (text, text.encode(), read)]
    assert forms[0] == forms[1] == forms[2]


def test_python_is_told_what_does_not_fit() -> None:
    """What is no record, and a definition that is not there, are exceptions that say what was expected."""
    on = date(2026, 11, 2)
    with pytest.raises(CallerError, match="Bundle"):
        service.assess_bundle({"resourceType": "Patient"}, as_of=on)
    with pytest.raises(ValueError, match="strict-payer"):
        service.assess_bundle({"resourceType": "Bundle"}, as_of=on, profile="strict")
    with pytest.raises(AttributeError):
        _ = service.nothing


@pytest.mark.parametrize("package", ["service", "cds_hooks", "mappings"])
def test_the_packages_are_typed(package: str) -> None:
    """Type checkers of other programs read our types."""
    assert (REPOSITORY / package / "py.typed").is_file()


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_what_is_told_in_one_line_exists(name: str) -> None:
    """Each is an error of the module that it is named after, and so are those derived from it."""
    module, _, member = name.rpartition(".")
    fault = getattr(import_module(module), member)
    assert f"{fault.__module__}.{fault.__qualname__}" == name
    derived: type[Exception] = type("Derived", (fault,), {"__init__": lambda self: None})
    assert is_fault(derived())
    assert not is_fault(ValueError())
