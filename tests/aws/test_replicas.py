"""Several servers behind nginx on one bucket and one set of tables, killed and started again in a
storm of uploads. bench/replicas_bench.py is the same with 5,000."""

import nginx_front
import pytest
from storm import Plan, Storm
from storm_check import check

# The kills come early: what a killed server was working on is free for others after up to 90 s.
PLAN = Plan(uploads=150, seconds_between_kills=0.8, most_kills=6)


def test_no_upload_is_lost_or_doubled(deploy, ceph, ministack, tmp_path):
    if reason := nginx_front.missing():
        pytest.skip(reason)
    deployment = deploy(ceph, ministack).init()
    with Storm(deployment, tmp_path, PLAN) as storm:
        outcome = storm.run()
    assert outcome.failures == []
    assert len(outcome.acknowledged) == PLAN.uploads
    # Without kills that a client notices there was no storm.
    assert outcome.kills >= 3 and outcome.retries, outcome
    findings = check(deployment, ceph.client("s3"), PLAN, outcome)
    assert findings.wrong() == {}, f"{findings}\n{outcome.retries}"
