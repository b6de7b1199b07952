"""What the whole suite shares: a service that really runs, and the rule that nothing is skipped."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser

from tests.browser.watching import chromium
from tests.served import running

# A machine under load is no failure: how long an example takes is measured in bench/, not here.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    """The address of a service in development mode, as `make run` starts it."""
    with running({"KETAMINE_CDS_MODE": "development"}) as started:
        yield started.url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process: a second one could not be driven from the same thread."""
    with chromium() as started:
        yield started


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """A process more than there are cores: half of the time of a test is waiting for servers and browsers."""
    return (os.cpu_count() or 1) + 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run of continuous integration in which a test was skipped or expected to fail."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:  # a process that runs a share of the tests and reports to another
        return
    left_out = [word for word in ("skipped", "xfailed", "xpassed") if reporter.stats.get(word)]
    if left_out and os.environ.get("CI"):
        reporter.write_line(f"\nnothing may be left out here: {', '.join(left_out)}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
