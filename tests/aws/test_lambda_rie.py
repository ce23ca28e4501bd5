"""`tintype lambda` under AWS's own runtime interface emulator: on embedded stores, and the plan's ten
scenarios and the contract by events on AWS APIs."""

import pytest
from gateway_client import GatewayClient, http_event, rest_event
from pictures import jpeg
from tintype_client import assert_problem, sha256_hex
from rie import Emulator
from suites import CONTRACT, SCENARIOS, run_suites

@pytest.fixture
def start(lambda_rie, tmp_path):
    started = []

    def start_emulator(**options):
        started.append(Emulator(lambda_rie, tmp_path, **options))
        return started[-1]

    yield start_emulator
    for emulator in started:
        emulator.end()


def upload(client, picture):
    """Create and PUT; returns the ticket."""
    wish = {"filename": "a.jpg", "content_type": "image/jpeg", "size": len(picture),
            "user_id": "ann"}
    ticket = client.post("/images", json=wish).json()
    stored = client.request("PUT", ticket["upload_url"], data=picture,
                            headers=ticket["upload_headers"])
    assert stored.status_code == 200, stored.text
    return ticket


@pytest.mark.parametrize("make_event", [rest_event, http_event])
def test_the_life_of_an_image(start, make_event):
    client = GatewayClient(start().invoke, make_event)
    picture = jpeg(320, 240)
    ticket = upload(client, picture)
    path = f"/images/{ticket['image_id']}"
    done = client.post(path + "/complete")
    assert done.json()["status"] == "active" and done.json()["sha256"] == sha256_hex(picture)
    assert client.get("/images", params={"user_id": "ann"}).json()["count"] == 1
    assert client.get(client.get(path + "/download").json()["download_url"]).content == picture
    assert client.get(path + "/rendition?width=32&format=webp").content[8:12] == b"WEBP"
    assert client.request("DELETE", path).json()["status"] == "deleted"
    assert_problem(client.get(path), 410, "image_deleted")


def test_an_event_of_s3_ends_in_active(start):
    emulator = start()
    client = GatewayClient(emulator.invoke, rest_event)
    picture = jpeg(320, 240)
    ticket = upload(client, picture)
    record = {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
              "s3": {"bucket": {"name": "image-storage-bucket"},
                     "object": {"key": "incoming/" + ticket["image_id"], "size": len(picture)}}}
    for _ in range(2):
        assert emulator.invoke({"Records": [record]}).error is None
    assert client.get(f"/images/{ticket['image_id']}").json()["status"] == "active"


def test_bad_events_leave_the_function_alive(start):
    emulator = start()
    for event, kind in (("{", "Function.MalformedEvent"), ({}, "Function.UnknownEvent")):
        assert emulator.invoke(event).error_type == kind
    assert GatewayClient(emulator.invoke, http_event).get("/healthz").status_code == 200
    assert emulator.invoke({"action": "janitor"}).answer["errors"] == 0


def test_a_function_of_its_own_rights(start):
    emulator = start(TINTYPE_LAMBDA_FUNCTION="list")
    client = GatewayClient(emulator.invoke, rest_event)
    assert client.get("/images").status_code == 200
    assert client.post("/images", json={}).status_code == 404
    assert emulator.invoke({"action": "janitor"}).error_type == "Function.Forbidden"


@pytest.mark.parametrize("event", ["rest", "http"])
def test_contract_by_events(lambda_rie, event, deploy, ceph, ministack):
    """Every server that the tests start, whatever its settings, is a function under the emulator."""
    backend = deploy(ceph, ministack).init().backend()
    function = {"rie": str(lambda_rie), "event": event}
    run_suites([*CONTRACT, "test_paging", *SCENARIOS], {**backend, "function": function})
