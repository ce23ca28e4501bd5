"""The contract's tests of tests/integration, on AWS APIs: the plan's ten scenarios and the pages."""

import os
import subprocess
import sys

import pytest
from tintype_server import ROOT

LIMIT = 580
INTEGRATION = ROOT / "tests/integration"


def run_tests(deployment, *arguments):
    environment = {**os.environ, "TINTYPE_TEST_BACKEND": deployment.backend()}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "plugins", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "--color=no", *arguments],
        env={**environment, "PYTHONPATH": str(INTEGRATION)},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:]
    print(done.stdout.splitlines()[-1])


# moto copies all tables for each transaction, which the thousand images of one scenario make slow.
@pytest.mark.parametrize(
    ("s3", "dynamodb", "transactions"),
    [("ceph", "ministack", True), ("moto", "dynalite", False)],
)
def test_scenarios(request, deploy, s3, dynamodb, transactions):
    objects, records = request.getfixturevalue(s3), request.getfixturevalue(dynamodb)
    deployment = deploy(objects, records, dynamodb__transactions=transactions).init()
    run_tests(deployment, str(INTEGRATION / "test_scenarios.py"))
    deployment.destroy()
