"""Agents: a real process, asked by the client of the official SDK over its standard input and output."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import CallToolResult, TextContent

from tests.hooks.chart import CHART, condition, patient
from tests.served import COMMAND

ROOT = Path(__file__).parents[2]
TWO_TRIALS = ROOT / "docs" / "examples" / "two-failed-trials.json"
DAY = "2026-11-02"
FLAG = "CI-ANEUR"
Json = dict[str, Any]
T = TypeVar("T")


def asked(
    *calls: tuple[str, Json], record: Path | None = None, settings: dict[str, str] | None = None
) -> list[CallToolResult]:
    """What a new process answers to these calls of tools, one after the other."""

    async def run() -> list[CallToolResult]:
        words = ["mcp", *(["--record", str(record)] if record else [])]
        server = StdioServerParameters(command=str(COMMAND), args=words, env=settings or {})
        async with stdio_client(server) as streams, ClientSession(*streams) as session:
            await session.initialize()
            return [await session.call_tool(name, arguments) for name, arguments in calls]

    return in_a_loop(run)


def in_a_loop(run: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What a coroutine returns, run in a thread of its own."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(lambda: asyncio.run(run())).result()


def answer(result: CallToolResult) -> Json:
    """The answer of a tool."""
    assert not result.is_error, result.content
    told: Json = result.structured_content
    return told


def refusal(result: CallToolResult) -> str:
    """Why there is no answer."""
    assert result.is_error
    (said,) = result.content
    assert isinstance(said, TextContent)
    return said.text


def bundle(*resources: Json) -> Json:
    """A record as an agent gives it."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": each} for each in resources],
    }


def test_the_tools_are_told_with_their_limits() -> None:
    """Three tools, each of which only reads; what the product is not for is said at once."""

    async def run() -> tuple[str, list[tuple[str, bool | None]]]:
        server = StdioServerParameters(command=str(COMMAND), args=["mcp"], env={})
        async with stdio_client(server) as streams, ClientSession(*streams) as session:
            begun = await session.initialize()
            tools = (await session.list_tools()).tools
            hints = [(one.name, one.annotations.read_only_hint) for one in tools if one.annotations]
            return begun.instructions or "", hints

    instructions, tools = in_a_loop(run)
    assert tools == [("assess", True), ("explain_rule", True), ("identify_medication", True)]
    assert "does not diagnose, dose" in instructions


def test_a_verdict_comes_with_its_evidence() -> None:
    """The assessment is that of the command; cards, rules with their sources, and limits stand beside it."""
    record = json.loads(TWO_TRIALS.read_text())
    (result,) = asked(("assess", {"bundle": record, "as_of": DAY}))
    told = answer(result)
    command = [str(COMMAND), "assess", str(TWO_TRIALS), "--as-of", DAY, "--format", "json"]
    same = json.loads(subprocess.run(command, capture_output=True, check=True, env={}).stdout)
    assert told["assessment"] == same
    assert [card["source"]["topic"]["code"] for card in told["cards"]] == same["cards"]["patient-view"]
    assert told["rules"][0]["id"] == "recommend"
    assert all(rule["citations"] for rule in told["rules"])
    assert any("does not diagnose, dose" in limit for limit in told["limits"])


def test_the_record_that_the_operator_named_is_assessed(tmp_path: Path) -> None:
    """Where none is given; a path that an agent makes up is no argument of the tool."""
    own = answer(asked(("assess", {"as_of": DAY}), record=TWO_TRIALS)[0])
    assert own["assessment"]["conclusion"] == "recommend"
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    nothing, unknown = asked(("assess", {}), ("assess", {"bundle": str(secret)}))
    assert "operator has named no file" in refusal(nothing)
    assert unknown.is_error
    assert not (tmp_path / "ketamine-cds.db").exists()


def test_a_rule_is_explained_with_its_sources() -> None:
    """By the id of a card, a flag, or a rule in plain words; of another id the known ones are told."""
    card, flag, rule, unknown = asked(
        *(("explain_rule", {"rule": each}) for each in ("recommend", FLAG, "R14.2", "no-such"))
    )
    assert answer(card)["rule"]["citations"]
    assert answer(flag)["rule"]["kind"] == "flag"
    assert answer(rule)["rule"]["text"]
    assert all(each["citations"] for each in answer(rule)["followedBy"])
    assert "recommend" in refusal(unknown)


@pytest.mark.parametrize("medication", ["sertraline 50 mg oral tablet", "rxnorm|312941"])
def test_a_medicine_is_identified_with_its_source(medication: str) -> None:
    """By its name or its code."""
    (result,) = asked(("identify_medication", {"medication": medication}))
    (found, *_) = answer(result)["found"]
    assert "sertraline" in json.dumps(found).lower()
    assert found["source"]


def test_what_is_no_answer_says_why_and_nothing_of_the_patient() -> None:
    """A day, a name, a record or a system that does not fit; the next call is answered."""
    other = patient(id="another")
    results = asked(
        ("assess", {"bundle": bundle(patient()), "as_of": "yesterday"}),
        ("assess", {"bundle": {"resourceType": "Patient", "id": "Roe"}}),
        ("assess", {"bundle": bundle(patient(), other)}),
        ("identify_medication", {"medication": "x" * 301}),
        ("identify_medication", {"medication": "nowhere|1"}),
        ("assess", {"bundle": bundle(*CHART)}),
    )
    said = [refusal(each) for each in results[:-1]]
    assert ["expected" in each for each in said[:4]] == [True] * 4
    assert not any("Roe" in each or "another" in each for each in said)
    assert answer(results[-1])["assessment"]["conclusion"] == "recommend"


def test_limits_are_those_of_a_call() -> None:
    """Of bytes and of processor time."""
    problems = [condition("F10.20", id=f"c{n}", code={"text": f"alcohol, entry {n}"}) for n in range(9_000)]
    costly, small = bundle(patient(), *problems), bundle(patient())
    settings = {"KETAMINE_CDS_CPU_BUDGET_MS": "50"}
    late, early = asked(("assess", {"bundle": costly}), ("assess", {"bundle": small}), settings=settings)
    assert "too much time" in refusal(late)
    assert answer(early)["assessment"]["conclusion"]
    (large,) = asked(("assess", {"bundle": bundle(*CHART)}), settings={"KETAMINE_CDS_MAX_BODY_BYTES": "1024"})
    assert "at most 1024 bytes" in refusal(large)


def test_a_message_without_an_end_ends_the_process() -> None:
    """Before it fills the memory, with one line that says why."""
    endless = b'{"jsonrpc":"2.0","method":"' + b"x" * 200_000
    settings = {"KETAMINE_CDS_MAX_BODY_BYTES": "1024"}
    ended = subprocess.run(
        [str(COMMAND), "mcp"], input=endless, capture_output=True, env=settings, timeout=60
    )
    assert ended.returncode == 2
    assert ended.stderr.decode().count("\n") == 1
    assert "expected messages of at most" in ended.stderr.decode()


def test_without_the_extra_the_command_says_what_to_install(tmp_path: Path) -> None:
    """As users see it who have installed the service alone."""
    missing = "raise ModuleNotFoundError(\"No module named 'mcp'\", name='mcp')"
    (tmp_path / "mcp.py").write_text(missing)
    run = "import sys; from service.cli import main; sys.exit(main(['mcp']))"
    path = {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    ended = subprocess.run(
        [sys.executable, "-c", run], capture_output=True, env=path, stdin=subprocess.DEVNULL, timeout=60
    )
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert b"ketamine-cds[mcp]" in ended.stderr
