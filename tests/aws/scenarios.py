"""The plan's ten scenarios, tests/integration/test_scenarios.py, on stores or servers made here."""

import json
import os
import subprocess
import sys

from tintype_server import ROOT

LIMIT = 580  # seconds
INTEGRATION = ROOT / "tests/integration"


def run_scenarios(backend, *arguments):
    """`backend` is what $TINTYPE_TEST_BACKEND takes."""
    environment = {**os.environ, "TINTYPE_TEST_BACKEND": backend, "PYTHONPATH": str(INTEGRATION)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "plugins", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "--color=no", str(INTEGRATION / "test_scenarios.py"), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:]
    print(done.stdout.splitlines()[-1])


def run_scenarios_elsewhere(url, *left_out):
    """Of a deployment that is there. Left out is what needs a server with other settings."""
    names = ("test_limit_is_a_setting", *left_out)
    run_scenarios(json.dumps({"url": url}), "-k", " and ".join(f"not {name}" for name in names))
