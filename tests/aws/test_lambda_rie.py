"""`tintype lambda` under AWS's own runtime interface emulator: on embedded stores, and the plan's ten
scenarios and the contract by events on AWS APIs."""

import contextlib
import os
import signal
import socket
import subprocess
import time

import pytest
import requests
from event_gateway import EventGateway
from gateway_client import GatewayClient, http_event, rest_event
from pictures import jpeg
from tintype_client import assert_problem, sha256_hex
from suites import CONTRACT, SCENARIOS, run_suites
from tintype_server import binary, clean_environment

FUNCTION = "/2015-03-31/functions/function/invocations"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Reply:
    """What an invocation came to: `answer`, or `error` with its type."""

    def __init__(self, told):
        failed = isinstance(told, dict) and "errorType" in told
        self.error = told if failed else None
        self.error_type = told["errorType"] if failed else None
        self.answer = None if failed else told


class Emulator:
    """The emulator, which starts the function with the first event."""

    def __init__(self, rie, folder, timeout=30, **variables):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}{FUNCTION}"
        self.log = folder / "rie.log"
        env = clean_environment(**{
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout), "TINTYPE_DATA": str(folder / "data"),
            "TINTYPE_PUBLIC_URL": "http://127.0.0.1:8080", **variables})
        command = [str(rie), "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
                   "--runtime-api-address", f"127.0.0.1:{free_port()}", str(binary()), "lambda"]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, cwd=folder,
                start_new_session=True)
        self._wait(port)

    def _wait(self, port):
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            assert time.monotonic() < deadline and self.process.poll() is None, self.log.read_text()
            time.sleep(0.02)

    def invoke(self, event):
        body = {"data": event} if isinstance(event, (str, bytes)) else {"json": event}
        told = requests.post(self.url, timeout=60, **body)
        return Reply(told.json())

    def end(self):
        os.killpg(self.process.pid, signal.SIGKILL)  # a group of its own, with the function
        self.process.wait(30)


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


@pytest.mark.parametrize("make_event", [rest_event, http_event])
def test_contract_by_events(lambda_rie, start, make_event, deploy, ceph, ministack):
    deployment = deploy(ceph, ministack).init()
    variables = {f"TINTYPE_{name.upper().replace('.', '_')}": str(value)
                 for name, value in deployment.settings.items()}

    def invoke(event):
        return emulator.invoke(event)

    with EventGateway(invoke, make_event) as gateway:
        emulator = start(**{**deployment.environment, **variables, "TINTYPE_PUBLIC_URL": gateway.url})
        # No object store tells this function of uploads, so none is finished later.
        backend = {**deployment.backend(), "url": gateway.url}
        run_suites(CONTRACT + SCENARIOS, backend, "test_complete_without_waiting")
