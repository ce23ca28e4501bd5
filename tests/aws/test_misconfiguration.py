"""What `tintype serve` says and does when its stores refuse it or are not there: at its start one
sentence and the end; later /readyz says it, requests get 503, and everything goes on afterwards."""

import re
import socket
import threading
import time

import faults
import pytest
from pictures import png
from tintype_client import Client, assert_problem, sha256_hex

SECONDS_TO_FAIL = 15
SECONDS_TO_ANSWER = 30  # below a request's budget of 50
SERVICES = {"s3.endpoint": "The object store", "dynamodb.endpoint": "DynamoDB"}
NOWHERE = "http://127.0.0.1:9"


def fails_to_start(deployment, **settings):
    """The sentence with which `tintype serve` ends; it must be one, and come soon."""
    started = time.monotonic()
    done = deployment.run("serve", "--listen=127.0.0.1:0", f"--data={deployment.folder / 'data'}", **settings)
    took = time.monotonic() - started
    assert done.returncode == 1, done.stderr
    assert took < SECONDS_TO_FAIL, done.stderr
    said = [line for line in done.stderr.splitlines() if not line.startswith('{"time"')]
    assert len(said) == 1, done.stderr
    assert done.stdout == ""
    assert "s3cret" not in said[0] and "wrong-secret" not in said[0]
    print(said[0])
    return said[0]


@pytest.fixture
def made(deploy, ceph, moto):
    """Tables in moto, a bucket in Ceph, which verifies signatures."""
    return deploy(ceph, moto).init()


def refused(name):
    return faults.answered(faults.dynamodb_error(name, "The security token included in the request is expired"))


# --- At the start ---


def test_a_wrong_secret(made):
    made.environment["AWS_SECRET_ACCESS_KEY"] = "wrong-secret"
    said = fails_to_start(made)
    assert "access key" in said and "SignatureDoesNotMatch" in said


def test_a_wrong_secret_for_dynamodb(deploy, ceph, moto, fault_proxy):
    proxy = fault_proxy(moto)
    deployment = deploy(ceph, proxy, keys_of=ceph)
    for name in ("UnrecognizedClientException", "InvalidSignatureException", "AccessDeniedException"):
        proxy.clear()
        proxy.rule(refused(name))
        said = fails_to_start(deployment)
        assert name in said and "credentials" in said


@pytest.mark.parametrize("service", ["dynamodb", "s3"])
def test_an_expired_token(made, deploy, ceph, moto, fault_proxy, service):
    proxy = fault_proxy(moto if service == "dynamodb" else ceph)
    if service == "dynamodb":
        proxy.rule(refused("ExpiredTokenException"))
        made.settings["dynamodb.endpoint"] = proxy.url
    else:
        proxy.rule(faults.answered(faults.s3_error("ExpiredToken", "The provided token has expired.", 400)))
        made.settings["s3.endpoint"] = proxy.url
    assert "ExpiredToken" in fails_to_start(made)


def test_no_credentials(made):
    del made.environment["AWS_ACCESS_KEY_ID"], made.environment["AWS_SECRET_ACCESS_KEY"]
    said = fails_to_start(made)
    assert "There are no AWS credentials" in said and "AWS_ACCESS_KEY_ID" in said


def test_half_of_the_credentials(made):
    del made.environment["AWS_SECRET_ACCESS_KEY"]
    assert "AWS_SECRET_ACCESS_KEY" in fails_to_start(made)


def test_missing_tables(deploy, ceph, moto):
    said = fails_to_start(deploy(ceph, moto))
    assert "does not exist" in said and "tintype aws init" in said


def test_a_table_of_another_shape(made, moto):
    client = moto.client("dynamodb")
    name = made.settings["dynamodb.table_prefix"] + "images"
    client.delete_table(TableName=name)
    client.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])  # fmt: skip
    said = fails_to_start(made)
    assert name in said and "key" in said


def test_a_missing_bucket(made):
    said = fails_to_start(made, **{"s3.bucket": "there-is-no-such-bucket"})
    assert "there-is-no-such-bucket" in said and "s3.bucket" in said


@pytest.mark.parametrize(("status", "code"), [(301, "PermanentRedirect"), (307, "TemporaryRedirect")])
def test_a_bucket_of_another_region(made, ceph, fault_proxy, status, code):
    proxy = fault_proxy(ceph)
    answer = faults.s3_error(code, "Please send all future requests to this endpoint.", status)
    answer.headers.append(("x-amz-bucket-region", "eu-north-1"))
    proxy.rule(faults.answered(answer))
    said = fails_to_start(made, **{"s3.endpoint": proxy.url})
    assert "eu-north-1" in said and "aws.region" in said


@pytest.fixture
def black_hole():
    """Accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("setting", SERVICES)
def test_nobody_listens(made, setting):
    said = fails_to_start(made, **{setting: NOWHERE})
    assert f"{SERVICES[setting]} cannot be reached: {NOWHERE}" in said


@pytest.mark.parametrize("setting", SERVICES)
def test_nobody_answers(made, black_hole, setting):
    said = fails_to_start(made, **{setting: black_hole})
    assert black_hole.removeprefix("http://") in said


@pytest.mark.parametrize("setting", SERVICES)
def test_a_name_that_does_not_resolve(made, setting):
    assert "no-such-host.invalid" in fails_to_start(made, **{setting: "http://no-such-host.invalid"})


@pytest.mark.parametrize("setting", SERVICES)
def test_a_certificate_that_nobody_has_signed(made, strangers_endpoint, setting):
    assert "certificate" in fails_to_start(made, **{setting: strangers_endpoint})


@pytest.mark.parametrize("setting", SERVICES)
def test_tls_where_there_is_none(made, moto, setting):
    plain = moto.endpoint.replace("http://", "https://")
    assert re.search("TLS|SSL", fails_to_start(made, **{setting: plain}))


# --- Later ---


class Trouble:
    """A server with proxies before both stores, and what it does while they refuse."""

    def __init__(self, deployment, s3, dynamodb):
        self.s3, self.dynamodb = s3, dynamodb
        self.server = deployment.start()
        self.client = Client(self.server.url, timeout=SECONDS_TO_ANSWER)
        self.picture = png(40, 30)
        self.image = self.client.upload(self.picture, user_id="ann", tags=["sea"])
        self.waiting = self.client.create(png(41, 30), user_id="ann")

    def requests(self):
        """One of each kind, by name."""
        image, c = f"/images/{self.image['image_id']}", self.client
        wish = Client.wish(png(9, 9), user_id="ann")
        yield "create", lambda: c.post("/images", json=wish, headers={"Idempotency-Key": "later"})
        yield "form", lambda: c.upload_form(png(8, 8), user_id="ann")
        yield "complete", lambda: c.complete(self.waiting["image_id"])
        yield "get", lambda: c.get(image)
        yield "list", lambda: c.get("/images", params={"user_id": "ann", "tags": "sea"})
        yield "update", lambda: c.patch(image, json={"description": "x"})
        yield "delete", lambda: c.delete(image)
        yield "tags", lambda: c.get("/tags", params={"user_id": "ann"})

    def wait_for_readyz(self, status):
        """The state of the object store is remembered for a second."""
        deadline = time.monotonic() + 10
        while (ready := self.client.get("/readyz")).status_code != status:
            assert time.monotonic() < deadline, ready.text
            time.sleep(0.1)
        return ready

    def expect_refusals(self, named):
        """Those `named` get 503 at once and without the operator's words; /readyz has them."""
        ready = self.wait_for_readyz(503)
        assert ready.headers["Retry-After"]
        assert self.client.get("/healthz").status_code == 200
        for name, call in self.requests():
            if name not in named:
                continue
            started = time.monotonic()
            answer = call()
            assert time.monotonic() - started < SECONDS_TO_ANSWER, name
            problem = assert_problem(answer, 503, "unavailable")
            assert int(answer.headers["Retry-After"]) >= 1
            for word in ("Dynamo", "bucket", "127.0.0.1", "token", "credentials", "aws"):
                assert word not in problem["detail"], (name, problem)
        return ready.json()["checks"]

    def expect_recovery(self):
        self.s3.clear()
        self.dynamodb.clear()
        self.wait_for_readyz(200)
        c, image_id = self.client, self.image["image_id"]
        assert c.image(image_id)["revision"] == self.image["revision"]
        assert sha256_hex(c.download(image_id)) == sha256_hex(self.picture)
        assert c.put(self.waiting, png(41, 30)).status_code == 200
        assert c.complete(self.waiting["image_id"]).json()["status"] == "active"
        assert len(c.images(user_id="ann")) == 2
        assert c.usage("ann")["images"] == 2
        self.server.stop()


@pytest.fixture
def trouble(deploy, ceph, moto, fault_proxy):
    s3, dynamodb = fault_proxy(ceph), fault_proxy(moto)
    return Trouble(deploy(s3, dynamodb, keys_of=ceph).init(), s3, dynamodb)


ON_RECORDS = {"create", "form", "complete", "get", "list", "update", "delete", "tags"}
ON_OBJECTS = {"form", "complete"}


@pytest.mark.parametrize(
    "name", ["ExpiredTokenException", "UnrecognizedClientException", "AccessDeniedException", "ResourceNotFoundException"]
)
def test_dynamodb_refuses_later(trouble, name):
    trouble.dynamodb.rule(refused(name))
    checks = trouble.expect_refusals(ON_RECORDS)
    expected = "tintype aws init" if name == "ResourceNotFoundException" else name
    assert expected in checks["metadata_store"] and checks["object_store"] == "ok"
    trouble.expect_recovery()


@pytest.mark.parametrize(
    ("code", "status"),
    [("ExpiredToken", 400), ("SignatureDoesNotMatch", 403), ("NoSuchBucket", 404), ("PermanentRedirect", 301)],
)
def test_s3_refuses_later(trouble, code, status):
    trouble.s3.rule(faults.answered(faults.s3_error(code, "No.", status)))
    checks = trouble.expect_refusals(ON_OBJECTS)
    assert checks["metadata_store"] == "ok" and checks["object_store"] != "ok"
    trouble.expect_recovery()


@pytest.mark.parametrize("which", ["s3", "dynamodb"])
def test_connections_end_later(trouble, which):
    getattr(trouble, which).rule(faults.reset_before())
    trouble.expect_refusals(ON_RECORDS if which == "dynamodb" else ON_OBJECTS)
    trouble.expect_recovery()


def test_answers_do_not_come_later(trouble):
    """What waits for S3 takes three times as long: EveryCallEnds of the adapter's own tests."""
    released = threading.Event()
    trouble.dynamodb.rule(faults.withheld(released))
    try:
        trouble.expect_refusals({"get"})
    finally:
        released.set()
    trouble.expect_recovery()
