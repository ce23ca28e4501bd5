"""What every integration test run has, loaded by scripts/test with `-p plugins`.

With CI=true in the environment a skipped test counts as a failure: on the build server everything
that a test needs is there, so a skip means that something was not tested.
"""
import os

import pytest


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: left out under the sanitizers")
    config.addinivalue_line("markers", "sanitizers: run under the sanitizers even when slow")


def skips_are_failures():
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def fail_if_skipped(report):
    if not report.skipped or hasattr(report, "wasxfail") or not skips_are_failures():
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"with CI=true nothing may be skipped, but this was: {reason}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    fail_if_skipped(outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    outcome = yield
    fail_if_skipped(outcome.get_result())
