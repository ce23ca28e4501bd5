"""The black-box tests of tests/integration, on stores or servers made here."""

import json
import os
import subprocess
import sys

from tintype_server import ROOT

LIMIT = 580  # seconds
INTEGRATION = ROOT / "tests/integration"
SCENARIOS = ["test_scenarios"]  # the plan's ten
CONTRACT = ["test_openapi", "test_uploads", "test_bad_input", "test_renditions"]


def run_suites(suites, backend, *left_out):
    """`backend` is what $TINTYPE_TEST_BACKEND takes, as an object. Left out are tests by their names, beside
    those that tests/integration/conftest.py leaves out for such a backend."""
    environment = {
        **os.environ,
        "TINTYPE_TEST_BACKEND": json.dumps(backend),
        "PYTHONPATH": str(INTEGRATION),
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "plugins", "-p", "no:cacheprovider"]
    command += ["-rs", "--color=no", "-k", " and ".join(f"not {name}" for name in left_out)]
    done = subprocess.run(
        [*command, *(str(INTEGRATION / f"{suite}.py") for suite in suites)],
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=LIMIT,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:]
    print(done.stdout.splitlines()[-1])
