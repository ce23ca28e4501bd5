"""`tintype lambda` on embedded stores, called through a Runtime API of the tests' own."""

import json
import resource
import time

import pytest
from gateway_client import GatewayClient, http_event, rest_event
from lambda_runtime import Function, RuntimeApi
from pictures import jpeg, png, png_of_size
from tintype_client import Client, assert_problem, sha256_hex


@pytest.fixture
def start(tmp_path):
    """Starts functions; all are ended with the test."""
    started = []

    def start_function(close_connections=False, **options):
        runtime = RuntimeApi(close_connections)
        number = len(started)
        function = Function(runtime, options.pop("data", tmp_path / "data"),
                            tmp_path / f"function{number}.log", **options)
        started.append(function)
        return function

    yield start_function
    for function in started:
        function.end()
        function.runtime.close()


@pytest.fixture
def function(start):
    return start()


def upload(client, picture, **fields):
    """Create and PUT; returns the ticket."""
    fields = {"filename": "a.jpg", "content_type": "image/jpeg", "size": len(picture), **fields}
    created = client.post("/images", json=fields)
    assert created.status_code == 201, created.text
    ticket = created.json()
    headers = ticket["upload_headers"]
    stored = client.request("PUT", ticket["upload_url"], data=picture, headers=headers)
    assert stored.status_code == 200, stored.text
    return ticket


def s3_event(key, bucket="image-storage-bucket", source="aws:s3"):
    record = {"eventVersion": "2.1", "eventSource": source, "eventName": "ObjectCreated:Put",
              "s3": {"bucket": {"name": bucket}, "object": {"key": key, "size": 1}}}
    return {"Records": [record]}


def queue_event(*bodies):
    def message(number, body):
        return {"messageId": f"m{number}", "eventSource": "aws:sqs", "body": json.dumps(body)}

    return {"Records": [message(number, body) for number, body in enumerate(bodies)]}


@pytest.mark.parametrize("make_event", [rest_event, http_event])
def test_the_life_of_an_image(function, make_event, tmp_path):
    client = GatewayClient(function.invoke, make_event)
    picture = jpeg(640, 480)
    ticket = upload(client, picture, tags=["sun_sea", "b"], user_id="ann@x")
    image_id = ticket["image_id"]
    done = client.post(f"/images/{image_id}/complete")
    assert done.status_code == 200 and done.json()["status"] == "active", done.text

    got = client.get(f"/images/{image_id}")
    assert got.json()["sha256"] == sha256_hex(picture)
    known = {"If-None-Match": got.headers["ETag"]}
    assert client.get(f"/images/{image_id}", headers=known).status_code == 304
    query = {"user_id": "ann@x", "tags": "b,sun_sea"}
    assert client.get("/images", params=query).json()["count"] == 1
    assert client.get("/users/ann%40x/usage").json()["images"] == 1
    link = client.get(f"/images/{image_id}/download").json()["download_url"]
    fetched = client.get(link)
    assert fetched.content == picture and fetched.is_base64
    moved = client.get(f"/images/{image_id}/download?redirect")
    assert moved.status_code == 302 and moved.headers["Location"].startswith("http")
    small = client.get(f"/images/{image_id}/rendition", params={"width": 100, "format": "webp"})
    assert small.content[8:12] == b"WEBP" and small.headers["Content-Type"] == "image/webp"
    changed = client.request("PATCH", f"/images/{image_id}", json={"description": "höher"})
    assert changed.json()["description"] == "höher"
    assert client.request("HEAD", f"/images/{image_id}").content == b""
    assert client.request("DELETE", f"/images/{image_id}").json()["status"] == "deleted"
    assert client.get(f"/images/{image_id}").status_code == 410
    assert client.post(f"/images/{image_id}/restore").json()["status"] == "active"
    assert client.request("DELETE", f"/images/{image_id}?hard=true").status_code == 204
    assert_problem(client.get(f"/images/{image_id}"), 404, "not_found")


@pytest.mark.parametrize("make_event", [rest_event, http_event])
def test_a_form_brings_its_bytes(function, make_event):
    client = GatewayClient(function.invoke, make_event)
    made = client.post("/images", data={"user_id": "ann"},
                       files={"file": ("a.jpg", jpeg(64, 48), "image/jpeg")})
    assert made.status_code == 201 and made.json()["status"] == "active", made.text


def test_an_event_of_s3_ends_in_active(function):
    client = GatewayClient(function.invoke, rest_event)
    for source in ("aws:s3", "ceph:s3"):
        ticket = upload(client, jpeg(64, 48), user_id=source)
        event = s3_event("incoming/" + ticket["image_id"], source=source)
        assert function.invoke(event).error is None
        assert client.get(f"/images/{ticket['image_id']}").json()["status"] == "active"
        assert function.invoke(event).error is None  # again


def test_messages_of_a_queue(function):
    client = GatewayClient(function.invoke, rest_event)
    ticket = upload(client, jpeg(64, 48))
    event = queue_event(
        s3_event("incoming/" + ticket["image_id"]), "nonsense", {"Event": "s3:TestEvent"},
        s3_event("incoming/01890000-0000-7000-8000-000000000000"), s3_event("other/key"))
    assert function.invoke(event).answer == {"batchItemFailures": []}
    assert client.get(f"/images/{ticket['image_id']}").json()["status"] == "active"


def test_an_invocation_without_time_is_tried_again(function):
    client = GatewayClient(function.invoke, rest_event)
    ticket = upload(client, png(2000, 700))
    key = "incoming/" + ticket["image_id"]
    late = function.invoke(queue_event(s3_event(key)), timeout=0.4)
    assert late.answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    direct = function.invoke(s3_event(key), timeout=0.4)
    assert direct.error_type == "Function.TryAgain"
    complete = rest_event("POST", f"/images/{ticket['image_id']}/complete", "", {}, None)
    slow = function.invoke(complete, timeout=0.4)
    assert slow.answer["statusCode"] in (503, 504), slow.answer
    assert function.invoke(s3_event(key)).error is None
    assert client.get(f"/images/{ticket['image_id']}").json()["status"] == "active"


def test_the_schedule_expires_what_was_abandoned(start):
    function = start(upload__url_ttl="1s", upload__expires_after="1s")
    client = GatewayClient(function.invoke, rest_event)
    created = client.post("/images", json=Client.wish(b"12345"))
    arrived = upload(client, jpeg(64, 48))
    time.sleep(1.2)
    schedule = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
    report = function.invoke(schedule).answer
    assert report == {"completed": 1, "expired": 1, "purged": 0, "errors": 0}
    assert client.get(f"/images/{created.json()['image_id']}").json()["status"] == "failed"
    assert client.get(f"/images/{arrived['image_id']}").json()["status"] == "active"
    assert function.invoke({"action": "janitor"}).answer["expired"] == 0


def test_what_is_malformed_never_ends_the_loop(function):
    pathless = {"httpMethod": "GET", "requestContext": {}, "secret": "hush"}
    for event, kind in [("", "MalformedEvent"), ("{", "MalformedEvent"), ("[1]", "MalformedEvent"),
                        (b"\xff\xfe", "MalformedEvent"), ("[" * 100_000, "MalformedEvent"),
                        ({}, "UnknownEvent"), ({"Records": []}, "UnknownEvent"),
                        (pathless, "MalformedEvent")]:
        invocation = function.invoke(event)
        assert invocation.error_type == "Function." + kind, event
        assert set(invocation.error) == {"errorMessage", "errorType", "stackTrace"}
    assert GatewayClient(function.invoke, http_event).get("/healthz").status_code == 200
    assert "hush" not in function.errors()


def test_a_store_that_fails_is_an_answer(function):
    client = GatewayClient(function.invoke, rest_event)
    ticket = upload(client, jpeg(64, 48))
    _, hard = resource.prlimit(function.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(function.pid, resource.RLIMIT_NOFILE, (3, hard))  # nothing can be opened
    broken = client.post(f"/images/{ticket['image_id']}/complete")
    assert broken.status_code in (500, 503), broken.text
    failed = function.invoke(queue_event(s3_event("incoming/" + ticket["image_id"])))
    assert failed.error is None
    resource.prlimit(function.pid, resource.RLIMIT_NOFILE, (hard, hard))
    assert client.post(f"/images/{ticket['image_id']}/complete").json()["status"] == "active"


def test_connections_may_be_closed_between_calls(start):
    function = start(close_connections=True)
    client = GatewayClient(function.invoke, rest_event)
    assert [client.get("/healthz").status_code for _ in range(20)] == [200] * 20


def test_a_lost_answer_is_sent_again(function):
    function.runtime.first_next.wait(30)
    function.runtime.lost_posts = 2
    assert GatewayClient(function.invoke, rest_event).get("/healthz").status_code == 200


def test_limits_of_lambda_are_answers_with_a_hint(start):
    function = start(limits__max_upload_bytes="20MiB")
    client = GatewayClient(function.invoke, rest_event)
    large = client.post("/images", files={"file": ("a.jpg", b"x" * 6_000_000, "image/jpeg")})
    assert "upload_url" in assert_problem(large, 413, "payload_too_large")["detail"]
    form = {"file": ("a.png", png_of_size(4_600_000), "image/png")}
    largest = client.post("/images", files=form)
    assert largest.status_code == 201, largest.text
    link = client.get(f"/images/{largest.json()['image_id']}/download").json()["download_url"]
    assert len(client.get(link).content) == 4_600_000
    noise = client.post("/images", files={"file": ("b.png", png(1000, 1000), "image/png")}).json()
    wish = {"width": 2000, "enlarge": "true", "format": "png"}
    answer = client.get(f"/images/{noise['image_id']}/rendition", params=wish)
    assert "/download" in assert_problem(answer, 413, "answer_too_large")["detail"]


def test_a_function_answers_its_own_part(start, tmp_path):
    function = start(env={"TINTYPE_LAMBDA_FUNCTION": "list"})
    client = GatewayClient(function.invoke, rest_event)
    assert client.get("/images").status_code == 200
    assert_problem(client.post("/images", json={}), 404, "not_found")
    assert function.invoke({"action": "janitor"}).error_type == "Function.Forbidden"
    assert function.children() == []


def test_bad_settings_are_init_errors(start, tmp_path):
    function = start(env={"TINTYPE_LAMBDA_FUNCTION": "everything"})
    assert function.process.wait(30) == 2
    assert function.runtime.init_error["errorType"] == "Runtime.StartFailed"
    assert "TINTYPE_LAMBDA_FUNCTION" in function.runtime.init_error["errorMessage"]
    folder = tmp_path / "file"
    folder.write_text("no folder")
    failing = start(data=folder)
    assert failing.process.wait(30) == 1
    assert failing.runtime.init_error["errorType"] == "Runtime.StartFailed"


def test_tokens_that_the_gateway_has_verified(start):
    function = start(auth__mode="jwt")

    def call(method, path, claims, body=None):
        event = rest_event(method, path, "", {"Content-Type": "application/json"}, body)
        if claims:
            event["requestContext"]["authorizer"] = {"claims": claims}
        return function.invoke(event).answer["statusCode"]

    wish = json.dumps(Client.wish(b"12345", user_id="ann")).encode()
    assert call("POST", "/images", {"sub": "ann", "scope": "images:write"}, wish) == 201
    assert call("POST", "/images", {"sub": "bob", "scope": "images:write"}, wish) == 403
    assert call("POST", "/images", None, wish) == 401
    assert call("GET", "/images", {"sub": "ann", "scope": "images:read"}) == 200
    assert call("GET", "/healthz", None) == 200


def test_no_worker_starts_before_the_first_image(function):
    client = GatewayClient(function.invoke, rest_event)
    assert client.get("/images").status_code == 200
    assert client.get("/readyz").status_code == 200
    ticket = upload(client, jpeg(64, 48))
    assert function.children() == []
    client.post(f"/images/{ticket['image_id']}/complete")
    assert len(function.children()) == 1
