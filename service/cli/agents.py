"""The command for agents: mcp."""

import argparse
import os
import sys

from service.agents.tools import tools
from service.operations.rules import read_rules
from service.settings import read_settings


class AgentError(Exception):
    """What the command needs is not installed, or its standard input cannot be read on."""


def run(chosen: argparse.Namespace) -> None:
    """Answer an agent on standard input and output until it hangs up."""
    try:
        from service.agents.server import LongLineError, serve
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in {"mcp", "mcp_types", "anyio"}:
            raise
        raise AgentError(
            "`mcp` needs the extra of this name: pip install 'ketamine-cds[mcp]', "
            "or in a checkout pip install --require-hashes --requirement requirements-mcp.lock"
        ) from None
    settings = read_settings(os.environ)
    try:
        serve(tools(read_rules(settings), settings, chosen.record), sys.stdin.buffer)
    except LongLineError as error:
        raise AgentError(str(error)) from None
