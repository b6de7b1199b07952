"""The Model Context Protocol on standard input and output: the one module that knows the SDK.

A line is one message. One that is longer than a record may be, with room for what escaping adds, ends the
service: it cannot be answered, and whoever writes it has started the service.
"""

import logging
from collections.abc import Callable
from importlib.metadata import version
from io import TextIOWrapper
from typing import Any, BinaryIO, TextIO, cast

import anyio
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.stdio import stdio_server
from mcp_types import ToolAnnotations

from service.agents.tools import AnswerlessError, Tools

NAME = "ketamine-cds"
ESCAPED = 2  # times the bytes of a record, and the rest of the message
FRAME = 64 * 1024
READS_ONLY = ToolAnnotations(read_only_hint=True, open_world_hint=False)

_log = logging.getLogger(__name__)


class LongLineError(Exception):
    """A message is longer than the longest record could make it."""


class Lines:
    """Lines of at most `most` characters."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._text, self._most = TextIOWrapper(stream, encoding="utf-8", errors="replace"), most

    def readline(self) -> str:
        """Return the next line, "" at the end; raise LongLineError."""
        line = self._text.readline(self._most + 1)
        if len(line) > self._most:
            raise LongLineError(f"expected messages of at most {self._most} characters")
        return line


def serve(tools: Tools, stream: BinaryIO) -> None:
    """Answer until `stream`, the standard input, ends; raise LongLineError."""
    server = _server(tools)
    lines = cast(TextIO, Lines(stream, ESCAPED * tools.settings.max_body_bytes + FRAME))
    failures = list[LongLineError]()

    async def run() -> None:
        try:
            async with stdio_server(stdin=anyio.wrap_file(lines)) as (reading, writing):
                low = server._lowlevel_server  # noqa: SLF001  # as its own `run` does, on other lines
                await low.run(reading, writing, low.create_initialization_options())
        except* LongLineError as group:
            failures.extend(each for each in group.exceptions if isinstance(each, LongLineError))

    anyio.run(run)
    if failures:
        raise failures[0]


def _server(tools: Tools) -> MCPServer[Any]:
    limits = " ".join(tools.rules.index.use.not_for)
    server: MCPServer[Any] = MCPServer(
        NAME,
        version=version(NAME),
        instructions=f"{' '.join(tools.rules.index.use.intended)} {limits} "
        "Repeat a verdict only together with its evidence, its gaps and its limits.",
        log_level="ERROR",
    )

    @server.tool(annotations=READS_ONLY)
    def assess(bundle: dict[str, Any] | None = None, as_of: str | None = None) -> dict[str, Any]:
        """Assess one patient's FHIR R4 record for treatment-resistant depression.

        Tells what speaks for or against a referral for evaluation for esketamine or ketamine. `bundle`: a
        FHIR Bundle with the Patient; left out, the record that the operator named at the start. `as_of`: day
        of the assessment, YYYY-MM-DD; left out, today. Returns the assessment, the cards that a clinician
        would see, the rules that they rest on with their sources, and the limits. It is no decision, no
        diagnosis and no dose. What is named as missing is unknown, not absent.
        """
        return _answered(lambda: tools.assess(bundle, as_of))

    @server.tool(annotations=READS_ONLY)
    def explain_rule(rule: str) -> dict[str, Any]:
        """Tell what a rule says, with its figures, inputs, sources and limits.

        `rule`: the id of a rule, a flag or a card, as `assess` names them, for instance R14.1 or recommend.
        """
        return _answered(lambda: tools.explain_rule(rule))

    @server.tool(annotations=READS_ONLY)
    def identify_medication(medication: str) -> dict[str, Any]:
        """Tell what the tables know of a medicine: ingredients, strength, class, rules, source of each row.

        `medication`: a name, a code, or a code with its system: rxnorm|312938. Tells no dose to give.
        """
        return _answered(lambda: tools.identify_medication(medication))

    return server


def _answered(answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return an answer, or have the agent told why there is none; of an error of ours no text is told."""
    try:
        return answer()
    except AnswerlessError as error:
        raise ToolError(str(error)) from None
    except Exception as error:
        _log.error("a tool failed: %s", type(error).__name__)
        raise ToolError("this service failed; nothing was assessed") from None
