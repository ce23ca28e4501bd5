"""The plan's ten scenarios and the contract, from tests/integration: `tintype serve` on several stores that
speak AWS's APIs."""

import pytest
from suites import CONTRACT, SCENARIOS, run_suites


# Ceph is strict about presigned URLs and forms, moto is not: what is refused is seen at the former. What
# makes many images comes last.
@pytest.mark.parametrize(
    ("suites", "s3", "dynamodb", "transactions"),
    [
        (CONTRACT, "ceph", "ministack", True),
        (CONTRACT, "ceph", "dynalite", False),
        (["test_paging"] + SCENARIOS, "ceph", "ministack", True),
        (["test_paging"] + SCENARIOS, "moto", "dynalite", False),
    ],
)
def test_contract(request, deploy, suites, s3, dynamodb, transactions):
    objects, records = request.getfixturevalue(s3), request.getfixturevalue(dynamodb)
    deployment = deploy(objects, records, dynamodb__transactions=transactions).init()
    run_suites(suites, deployment.backend())
    deployment.destroy()
