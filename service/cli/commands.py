"""Every command: its arguments, its help, and the function that runs it. None of these is imported here."""

import argparse
from importlib.metadata import metadata
from pathlib import Path

from mappings.profiles import profile_names
from service.cli.arguments import (
    PAPER,
    PICTURES,
    Commands,
    Parser,
    add,
    add_answer,
    add_group,
    day,
    days,
    positive,
    share,
    whole,
)

PERIODS = ("day", "month")
SHELLS = ("bash", "zsh", "fish")
BUILT = "terminology"  # folder that `terminology build` writes unless told otherwise

_CHART = "docs/examples/two-failed-trials.json"


def command_line() -> Parser:
    """Return what reads the arguments of every command."""
    about = metadata("ketamine-cds")
    parser = Parser(
        prog="ketamine-cds",
        description=about["Summary"],
        epilog="`ketamine-cds COMMAND --help` tells the options of a command, with examples.",
    )
    parser.add_argument("-V", "--version", action="version", version=f"%(prog)s {about['Version']}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for declare in (_serve, _patient, _populations, _tables, _ehrs, _agents, _kept, _shell):
        declare(commands)
    return parser


def _serve(commands: Commands) -> None:
    parser = add(
        commands,
        "serve",
        "service.cli.serving:run",
        "start the service, in production mode unless told otherwise",
        "serve",
        "serve --workers 4 --threads 16",
    )
    for name, counted in (("workers", "processes"), ("threads", "threads of a worker for small calls")):
        variable = f"KETAMINE_CDS_{name.upper()}"
        parser.add_argument(f"--{name}", metavar="N", help=f"{counted}; wins over {variable}")


def _patient(commands: Commands) -> None:
    assess = add(
        commands,
        "assess",
        "service.cli.patient:run_assess",
        "assess one patient's record: a Bundle or a captured CDS Hooks request",
        f"assess {_CHART} --as-of 2026-11-02",
        f"assess {_CHART} --format html --output report.html",
        f"assess {_CHART} --criteria label-us,cigna",
        f"assess {_CHART} --criteria cigna --format pdf --output cigna.pdf",
        "assess - --format json < bundle.json",
    )
    _record(assess, "text", "json", *PICTURES, PAPER)
    assess.add_argument("--profile", choices=profile_names(), help="definition of treatment resistance")
    assess.add_argument(
        "--criteria",
        metavar="all|ID,...",
        help="what the record shows of what policies ask for: text, JSON, page, or PDF, two pages each",
    )
    check = add(
        commands,
        "check",
        "service.cli.patient:run_check",
        "show entry by entry what the service understood of a record, and why not the rest",
        f"check {_CHART}",
        "check request.json --format json --output understood.json",
    )
    _record(check, "text", "json")
    packet = add(
        commands,
        "packet",
        "service.cli.packet:run",
        "write what a payer's reviewer asks for: two pages, a form, the filled form, the entries behind",
        f"packet {_CHART} --criteria cigna -o packet --as-of 2026-11-02",
    )
    _dated_record(packet)
    packet.add_argument("--criteria", required=True, metavar="all|ID,...", help="policies to answer")
    packet.add_argument("-o", "--output", required=True, metavar="DIR", help="folder to write into")


def _record(parser: argparse.ArgumentParser, *formats: str) -> None:
    _dated_record(parser)
    add_answer(parser, *formats)


def _dated_record(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", help="FHIR Bundle or CDS Hooks request; - reads standard input"
    )
    parser.add_argument("--as-of", type=day, metavar="YYYY-MM-DD", help="day of assessment (default: today)")
    parser.add_argument(
        "--rules-as-of",
        type=day,
        metavar="YYYY-MM-DD",
        help="leave out rows that hold since a later day; what is missing then is named",
    )


def _populations(commands: Commands) -> None:
    screen = add(
        commands,
        "screen",
        "service.cli.population:run_screen",
        "screen every patient of a Bulk Data export, or of a folder of Bundles, into Parquet",
        "screen export/ -o screened --as-of 2026-11-02",
        "screen manifest.json -o screened --profile default --profile strict-payer",
        "screen Patient.ndjson.gz Condition.ndjson.gz MedicationRequest.ndjson.gz -o screened",
    )
    screen.add_argument(
        "input",
        nargs="+",
        type=Path,
        metavar="INPUT",
        help="folder, manifest, or NDJSON files and Bundles, plain or packed with gzip or zstd",
    )
    screen.add_argument(
        "-o", "--output", required=True, type=Path, metavar="OUT", help="folder to write into"
    )
    screen.add_argument(
        "--as-of", type=days, metavar="YYYY-MM-DD,...", help="days of assessment (default: today)"
    )
    screen.add_argument(
        "--profile",
        action="append",
        choices=profile_names(),
        help="definition of treatment resistance; may be given several times",
    )
    screen.add_argument(
        "--strata",
        type=Path,
        metavar="FILE",
        help="CSV: a column `patient`, and one for each way of grouping",
    )
    screen.add_argument(
        "--keep-rows",
        type=Path,
        metavar="DIR",
        help="folder in which what was read stays, so that other rules or days need not read again",
    )
    screen.add_argument("--sample", type=positive, metavar="N", help="with --packet: how many charts to draw")
    screen.add_argument(
        "--packet", type=Path, metavar="DIR", help="folder for charts to score by hand, without any verdict"
    )
    screen.add_argument(
        "--shard", type=share, metavar="I/N", help="screen one of N shares of the patients: 1/8 to 8/8"
    )
    screen.add_argument(
        "--processes", type=positive, metavar="N", help="processes (default: one for each core)"
    )
    synth = add(
        commands,
        "synth",
        "service.cli.synth:run",
        "make up a population as a FHIR Bulk Data export, with the truth beside it",
        "synth 1000 -o made-up",
        "synth 50000 --seed 7 -o made-up --plain",
    )
    synth.add_argument("patients", type=positive, metavar="N", help="how many patients")
    synth.add_argument(
        "--seed", type=whole, default=1, help="the same seed gives the same bytes (default: 1)"
    )
    synth.add_argument(
        "-o", "--output", required=True, metavar="DIR", help="new or empty folder to write into"
    )
    validate = add(
        commands,
        "validate",
        "service.cli.validate:run",
        "tell how far a screening agrees with a key that a clinician scored by hand",
        "validate key.csv screened -o agreement",
    )
    validate.add_argument("key", type=Path, metavar="KEY", help="CSV of verdicts: docs/populations.md")
    validate.add_argument("results", type=Path, metavar="RESULTS", help="folder that `screen` has written")
    validate.add_argument(
        "-o", "--output", required=True, type=Path, metavar="DIR", help="folder for agreement.html and .json"
    )
    synth.add_argument("--plain", action="store_true", help="NDJSON as it is, without gzip")


def _tables(commands: Commands) -> None:
    codes = add(
        commands,
        "codes",
        "service.cli.codes:run_codes",
        "show what the tables know of codes and names: drug, strength, class, rules, source",
        "codes sertraline",
        "codes 'rxnorm|36437' F33.1",
    )
    codes.add_argument(
        "asked",
        nargs="+",
        metavar="CODE|NAME",
        help="a code, a name, or a code with its system: rxnorm|36437",
    )
    add_answer(codes, "text", "json")
    build = add(
        add_group(commands, "terminology", "renew the code tables"),
        "build",
        "service.cli.codes:run_build",
        "make the code tables from official releases",
        "terminology build --rxnorm RxNorm_full_12012026 --out terminology",
    )
    for name, metavar, about in (
        ("--rxnorm", "DIR", "RxNorm release, full or prescribable content"),
        ("--icd10cm", "FILE", "ICD-10-CM order file, to check the rules"),
        ("--valuesets", "DIR", "FHIR ValueSets (JSON) to add codes from"),
    ):
        build.add_argument(name, type=Path, required=name == "--rxnorm", metavar=metavar, help=about)
    folder = "folder to write (default: %(default)s)"
    build.add_argument("--out", type=Path, default=Path(BUILT), metavar="DIR", help=folder)


def _ehrs(commands: Commands) -> None:
    doctor = add(
        commands,
        "doctor",
        "service.cli.doctor:run",
        "say in plain words what captured calls show of an EHR, and write its entry; "
        "`doctor token FILE` says what ails a token",
        "doctor call.json discovery.json --entry issuers.json",
        "doctor token call.http --called https://cds.example.org/cds-services/ketamine-referral-order-sign",
    )
    doctor.add_argument(
        "files",
        nargs="+",
        metavar="CAPTURE",
        help="captured calls or discovery (JSON, HAR or HTTP); or the word `token` and a file with one",
    )
    doctor.add_argument("--called", metavar="URL", help="with `token`: the URL that was called")
    doctor.add_argument(
        "--entry", type=Path, metavar="FILE", help="write the entry into a new file of issuers"
    )


def _agents(commands: Commands) -> None:
    agents = add(
        commands,
        "mcp",
        "service.cli.agents:run",
        "answer an agent over MCP: assess a record, explain a rule, identify a medicine",
        "mcp",
        f"mcp --record {_CHART}",
    )
    agents.add_argument(
        "--record", type=Path, metavar="FILE", help="what is assessed where the agent gives no Bundle"
    )


def _kept(commands: Commands) -> None:
    replay = add(
        commands,
        "replay",
        "service.cli.kept:run_replay",
        "prove that a captured call still gives the assessment of its decision record",
        "replay request.json --record 0b5c7c62-93e9-4c0e-9d59-6c1f7d3f0a11",
    )
    replay.add_argument("request", metavar="REQUEST", help="body of the call; - reads standard input")
    replay.add_argument("--record", required=True, metavar="ID", help="the X-Request-Id of the call's answer")
    report = add(
        add_group(commands, "feedback", "what users did with cards"),
        "report",
        "service.cli.kept:run_report",
        "tell what became of the cards: shown, accepted, overridden and why, ignored, suppressed, silent",
        "feedback report --since 2026-11-01 --by day",
        "feedback report --format csv --output cards.csv",
    )
    report.add_argument("--since", type=day, metavar="YYYY-MM-DD", help="first day (default: all)")
    report.add_argument("--until", type=day, metavar="YYYY-MM-DD", help="last day (default: today)")
    report.add_argument("--by", choices=PERIODS, default="month", help="default: month")
    add_answer(report, "text", "csv", "json")
    add(
        add_group(commands, "records", "what is kept of calls"),
        "purge",
        "service.cli.kept:run_purge",
        "delete records and feedback that are older than the retention",
        "records purge",
    )


def _shell(commands: Commands) -> None:
    completion = add(
        commands,
        "completion",
        "service.cli.completion:run",
        "print what teaches a shell to complete these commands",
        "completion bash > ~/.local/share/bash-completion/completions/ketamine-cds",
        "completion zsh > ~/.zfunc/_ketamine-cds",
    )
    completion.add_argument("shell", choices=SHELLS, metavar="SHELL", help=" or ".join(SHELLS))
