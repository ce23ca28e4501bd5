"""The plan's ten scenarios, from tests/integration, on AWS APIs: `tintype serve` on several stores, and
`tintype lambda` behind an API Gateway."""

import os
import subprocess

import pytest
from scenarios import LIMIT, run_scenarios, run_scenarios_elsewhere
from tintype_server import ROOT


# moto copies all tables for each transaction, which the thousand images of one scenario make slow.
@pytest.mark.parametrize(
    ("s3", "dynamodb", "transactions"),
    [("ceph", "ministack", True), ("moto", "dynalite", False)],
)
def test_scenarios(request, deploy, s3, dynamodb, transactions):
    objects, records = request.getfixturevalue(s3), request.getfixturevalue(dynamodb)
    deployment = deploy(objects, records, dynamodb__transactions=transactions).init()
    run_scenarios(deployment.backend())
    deployment.destroy()


@pytest.fixture(scope="module")
def gateway(ministack, tmp_path_factory):
    """The package for Lambda, deployed by scripts/deploy.sh --local; the address of its API."""
    package = ROOT / "build/lambda/tintype.zip"
    done = subprocess.run(
        [ROOT / "scripts/lambda"], capture_output=True, text=True, check=False, timeout=LIMIT
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ENDPOINT_URL": ministack.endpoint,
        "AWS_ACCESS_KEY_ID": ministack.access_key,
        "AWS_SECRET_ACCESS_KEY": ministack.secret_key,
        "AWS_REGION": ministack.region,
    }
    done = subprocess.run(
        [ROOT / "scripts/deploy.sh", "--local", "--artefact", package],
        env=environment, capture_output=True, text=True, check=False, timeout=LIMIT)  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout.strip().splitlines()[-1]


def test_scenarios_through_api_gateway(gateway):
    """Every function a process of its own, called by events. Left out beside it is what the gateway's
    own validation refuses in its own words."""
    run_scenarios_elsewhere(gateway, "test_one_byte_too_many")
