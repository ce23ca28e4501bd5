"""`tintype serve` when DynamoDB and S3 fail for a moment: every operation under every fault, met at the first, the
second, the third ... request that it makes. The client sees nothing of it, and nothing is lost or doubled."""

import concurrent.futures
import itertools
import uuid

import faults
import pytest
from consistency import Shelf, assert_consistent, assert_no_orphans, listed
from deployment import Deployment
from fault_proxy import FaultProxy
from pictures import png
from tintype_client import Client, assert_problem

TAGS = ["sea", "sun"]
DEADLINE = 30  # seconds within which a request is answered, whatever the stores do

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


class World:
    """A server between the proxies `s3` and `dynamodb`, and a user whose shelf is known."""

    def __init__(self, deployment, s3, dynamodb, emulator):
        self.deployment, self.s3, self.dynamodb, self.emulator = deployment, s3, dynamodb, emulator
        self.client = Client(deployment.start().url, timeout=DEADLINE)
        self.known = set()
        self.numbers = itertools.count()
        self.new_user()

    def new_user(self):
        self.shelf = Shelf(f"u-{uuid.uuid4().hex[:12]}")

    def clear(self):
        self.s3.clear()
        self.dynamodb.clear()

    def picture(self):
        return png(24, 16, seed=f"{self.shelf.user} {next(self.numbers)}")

    def ticket(self, picture):
        ticket = self.client.create(picture, user_id=self.shelf.user, tags=TAGS)
        self.known.add(ticket["image_id"])
        return ticket

    def stored(self):
        """The id of an upload whose bytes are there, and the bytes."""
        picture = self.picture()
        ticket = self.ticket(picture)
        assert self.client.put(ticket, picture).status_code == 200
        return ticket["image_id"], picture

    def active(self):
        image_id, picture = self.stored()
        assert self.client.complete(image_id).json()["status"] == "active"
        self.shelf.put(image_id, picture, TAGS)
        return image_id

    def deleted(self):
        image_id = self.active()
        assert self.client.delete(f"/images/{image_id}").status_code == 200
        self.shelf.delete(image_id)
        return image_id


# Each prepares without faults and gives two functions: the request, and what to do with its answer.
def create(world):
    picture = world.picture()
    wish = Client.wish(picture, user_id=world.shelf.user, tags=TAGS)
    key = {"Idempotency-Key": uuid.uuid4().hex}

    def check(response):
        assert response.status_code == 201, response.text
        ticket = response.json()
        world.known.add(ticket["image_id"])
        assert world.client.put(ticket, picture).status_code == 200
        assert world.client.complete(ticket["image_id"]).json()["status"] == "active"
        world.shelf.put(ticket["image_id"], picture, TAGS)

    return lambda: world.client.post("/images", json=wish, headers=key), check


def complete(world):
    image_id, picture = world.stored()

    def check(response):
        assert response.status_code == 200, response.text
        assert response.json()["status"] == "active"
        world.shelf.put(image_id, picture, TAGS)

    return lambda: world.client.complete(image_id), check


def get(world):
    image_id = world.active()

    def check(response):
        assert response.status_code == 200, response.text
        assert response.json()["image_id"] == image_id

    return lambda: world.client.get(f"/images/{image_id}"), check


def list_by_user_and_tag(world):
    world.active()
    query = {"user_id": world.shelf.user, "tags": "sea", "limit": 50}

    def check(response):
        assert response.status_code == 200, response.text
        assert {image["image_id"] for image in response.json()["images"]} == set(world.shelf.active)

    return lambda: world.client.get("/images", params=query), check


def update(world):
    image_id = world.active()
    data, _ = world.shelf.active[image_id]

    def check(response):
        assert response.status_code == 200, response.text
        world.shelf.put(image_id, data, ["sun", "moon"])

    body = {"tags": ["sun", "moon"], "description": "at night"}
    return lambda: world.client.patch(f"/images/{image_id}", json=body), check


def delete(world):
    image_id = world.active()

    def check(response):
        assert response.status_code == 200, response.text
        world.shelf.delete(image_id)

    return lambda: world.client.delete(f"/images/{image_id}"), check


def restore(world):
    picture = world.picture()
    image_id = world.client.upload(picture, user_id=world.shelf.user, tags=TAGS)["image_id"]
    world.known.add(image_id)
    assert world.client.delete(f"/images/{image_id}").status_code == 200

    def check(response):
        assert response.status_code == 200, response.text
        world.shelf.put(image_id, picture, TAGS)

    return lambda: world.client.post(f"/images/{image_id}/restore"), check


def download(world):
    image_id = world.active()
    data, _ = world.shelf.active[image_id]

    def check(response):
        assert response.status_code == 200, response.text
        assert world.client.get(response.json()["download_url"]).content == data

    return lambda: world.client.get(f"/images/{image_id}/download"), check


def render(world):
    image_id = world.active()

    def check(response):
        if response.status_code == 302:  # stored; the client fetches it from S3 itself
            response = world.client.get(response.headers["Location"])
        assert response.status_code == 200, response.text
        assert response.headers["Content-Type"] == "image/webp"

    query = {"width": 12, "format": "webp"}
    return lambda: world.client.get(f"/images/{image_id}/rendition", params=query), check


STRICT, IN_STEPS = "ceph-ministack", "moto-dynalite"
strictly = pytest.mark.parametrize("world", [STRICT], indirect=True)
OPERATIONS = (
    create, complete, get, list_by_user_and_tag, update, delete, restore, download, render
)  # fmt: skip


@pytest.fixture(scope="module")
def world(request, tmp_path_factory):
    objects, records = map(request.getfixturevalue, request.param.split("-"))
    with FaultProxy(objects.endpoint) as s3, FaultProxy(records.endpoint) as dynamodb:
        deployment = Deployment(
            tmp_path_factory.mktemp("faults"), f"t-{uuid.uuid4().hex[:16]}", s3, dynamodb, keys_of=objects
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
    """Repeats the operation with the fault at its first, second, third ... request until none is met."""
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
    """Every operation at once: each is refused within its deadline, and done afterwards as if nothing was."""
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
    """A fresh server: what the first answer of each store says of the time holds for all that follow."""
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
