"""`tintype serve` when DynamoDB and S3 fail for a moment: every operation under every fault, met at
the first, the second, the third ... request that it makes. The client sees nothing of it, and
nothing is lost or doubled."""

import concurrent.futures
import itertools
import uuid

import faults
import pytest
from consistency import assert_consistent, assert_no_orphans, listed
from deployment import Deployment
from fault_proxy import FaultProxy
from operations import DEADLINE, OPERATIONS, World, complete, render
from tintype_client import Client, assert_problem

SIGNED_IN_HEADERS = r"^(?!.*X-Amz-Signature)"  # by the server, not by clients with a link

DYNAMODB_FAULTS = {
    "throttled": faults.throttled(),
    "error500": faults.internal_error(),
    "reset_before": faults.reset_before(),
    "reset_after": faults.reset_after(),
    "cut_short": faults.cut_short(),
    "corrupted": faults.corrupted(),
    "slow": faults.slow(0.3),
}
S3_FAULTS = {
    "slow_down": faults.slow_down(),
    "error500": faults.internal_error(),
    "reset_before": faults.reset_before(),
    "reset_after": faults.reset_after(),
    "cut_short": faults.cut_short(),
    "slow": faults.slow(0.3),
}


STRICT, IN_STEPS = "ceph-ministack", "moto-dynalite"
strictly = pytest.mark.parametrize("world", [STRICT], indirect=True)


@pytest.fixture(scope="module")
def world(request, tmp_path_factory):
    objects, records = map(request.getfixturevalue, request.param.split("-"))
    folder = tmp_path_factory.mktemp("faults")
    with FaultProxy(objects.endpoint) as s3, FaultProxy(records.endpoint) as dynamodb:
        deployment = Deployment(
            folder, f"t-{uuid.uuid4().hex[:16]}", s3, dynamodb, keys_of=objects
        )
        # Nothing in the background that a fault would meet in place of the request.
        deployment.settings.update({"janitor.interval": "1h", "dynamodb.shards": 2})
        # Without transactions records change in steps.
        deployment.settings["dynamodb.transactions"] = records.name != "dynalite"
        try:
            yield World(deployment.init(), s3, dynamodb, objects)
        finally:
            deployment.end()


@pytest.fixture(autouse=True)
def clean(world):
    world.clear()
    world.new_user()


def at_every_request(world, operation, proxy, fault, turns):
    """Repeats the operation with the fault at its first, second ... request until none is met."""
    for first in itertools.count(1):
        request, check = operation(world)
        rule = proxy.rule(fault, nth=tuple(range(first, first + turns)))
        response = request()
        world.clear()
        check(response)
        if rule.fired < turns:
            return first - 1


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda made: made.__name__)
@pytest.mark.parametrize(
    ("world", "name"),
    [(STRICT, name) for name in DYNAMODB_FAULTS] + [(IN_STEPS, "reset_after")],
    indirect=["world"],
)
def test_dynamodb_fails_for_a_moment(world, name, operation):
    turns = 2 if name == "throttled" else 1
    met = at_every_request(world, operation, world.dynamodb, DYNAMODB_FAULTS[name], turns)
    assert met + turns > 1, "the fault met nothing"
    assert_consistent(world.client, world.shelf)


@pytest.mark.parametrize("operation", (complete, render), ids=lambda made: made.__name__)
@pytest.mark.parametrize(
    ("world", "name"), [(STRICT, name) for name in S3_FAULTS], indirect=["world"]
)
def test_s3_fails_for_a_moment(world, name, operation):
    turns = 2 if name == "slow_down" else 1
    assert at_every_request(world, operation, world.s3, S3_FAULTS[name], turns) > 0
    assert_consistent(world.client, world.shelf)
    assert_no_orphans(world.emulator, world.deployment.settings["s3.bucket"], world.known)


def refused_for_now(response):
    """503 with Retry-After, as a problem."""
    problem = assert_problem(response, 503, "unavailable")
    assert int(response.headers["Retry-After"]) > 0
    return problem


@strictly
def test_faults_that_do_not_end(world):
    """Every operation at once: each is refused within its deadline, and works afterwards."""
    wishes = [operation(world) for operation in OPERATIONS]
    for name, other in (("error500",) * 2, ("reset_before",) * 2, ("throttled", "slow_down")):
        world.dynamodb.rule(DYNAMODB_FAULTS[name])
        world.s3.rule(S3_FAULTS[other])
        with concurrent.futures.ThreadPoolExecutor(len(wishes)) as pool:
            for answered in [pool.submit(request) for request, _ in wishes]:
                refused_for_now(answered.result())
        world.clear()
    for request, check in wishes:
        check(request())
    assert_consistent(world.client, world.shelf)


@strictly
def test_clocks_ten_minutes_apart(world):
    """A fresh server: what a store's first answer says of the time holds for all that follow."""
    refused = []
    skew = counting_refusals(faults.clock_skew(600), refused)
    skewed = [proxy.rule(skew, path=SIGNED_IN_HEADERS) for proxy in (world.s3, world.dynamodb)]
    client, world.client = world.client, Client(world.deployment.start().url, timeout=DEADLINE)
    try:
        world.active()
        world.deleted()
        assert_consistent(world.client, world.shelf)
    finally:
        world.client = client
    assert all(rule.fired > 2 for rule in skewed)
    # One of each store; at the start more than one may be under way.
    assert 2 <= len(refused) <= 6, refused


def counting_refusals(fault, refused):
    def counted(proxy, request):
        answer = fault(proxy, request)
        if answer.status in (400, 403):
            refused.append(f"{request.method} {request.target}")
        return answer

    return counted


@strictly
def test_lists_of_an_index_that_lags(world):
    """A list may show what was; get never does, and cursors come to their end."""
    ids = [world.active() for _ in range(7)]
    query = {"user_id": world.shelf.user, "limit": 2}
    assert listed(world.client, **query) == set(ids)  # remembered by the proxy
    lag = world.dynamodb.rule(faults.stale_query(), target="Query")
    assert world.client.delete(f"/images/{ids[3]}").status_code == 200
    world.shelf.delete(ids[3])
    ids.append(world.active())
    assert set(ids[:3] + ids[4:7]) <= listed(world.client, **query) <= set(ids)
    assert lag.fired > 0
    gone = world.client.get(f"/images/{ids[3]}")
    assert gone.status_code != 200 or gone.json()["status"] == "deleted", gone.text
    world.clear()
    assert_consistent(world.client, world.shelf)
