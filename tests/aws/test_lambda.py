"""`tintype lambda` on AWS APIs: the functions that the templates deploy, each for its own part."""

import json
import threading
import time

import faults
import pytest
import requests
from gateway_client import GatewayClient, rest_event
from lambda_runtime import Function, RuntimeApi
from pictures import jpeg


class Functions:
    """One process for each function, all on one bucket and one set of tables."""

    def __init__(self, deployment, folder):
        self.deployment, self.folder, self.running = deployment, folder, {}

    def __getitem__(self, name):
        if name not in self.running:
            self.running[name] = Function(
                RuntimeApi(),
                self.folder / f"data-{name}",
                self.folder / f"{name}.log",
                env=self.deployment.environment,
                lambda__function=name,
                **{key.replace(".", "__"): value for key, value in self.deployment.settings.items()},
            )
        return self.running[name]

    def client(self, name):
        return GatewayClient(self[name].invoke, rest_event)

    def end(self):
        for function in self.running.values():
            function.end()
            function.runtime.close()


@pytest.fixture
def functions(request, deploy, ministack, tmp_path):
    deployed = Functions(deploy(request.getfixturevalue("ceph"), ministack).init(), tmp_path)
    yield deployed
    deployed.end()


def created_event(bucket, key):
    record = {"bucket": {"name": bucket}, "object": {"key": key, "size": 1, "sequencer": "1"}}
    return {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": record}]}


def test_an_upload_is_finished_by_its_event(functions):
    picture = jpeg(900, 600, seed="by event")
    wish = {"filename": "a.jpg", "content_type": "image/jpeg", "size": len(picture), "user_id": "ann",
            "tags": ["sea"]}
    ticket = functions.client("upload").post("/images", json=wish).json()
    sent = requests.put(ticket["upload_url"], data=picture, headers=ticket["upload_headers"], timeout=30)
    assert sent.status_code == 200, sent.text
    image_id = ticket["image_id"]
    event = created_event(functions.deployment.settings["s3.bucket"], f"incoming/{image_id}")
    for _ in range(2):  # at least once
        assert functions["process"].invoke(event).error is None

    image = functions.client("get").get(f"/images/{image_id}").json()
    assert image["status"] == "active" and image["width"] == 900
    page = functions.client("list").get("/images", params={"user_id": "ann", "tags": "sea"}).json()
    assert [found["image_id"] for found in page["images"]] == [image_id]
    link = functions.client("download").get(f"/images/{image_id}/download").json()["download_url"]
    assert requests.get(link, timeout=30).content == picture
    small = functions.client("rendition").get(f"/images/{image_id}/rendition", params={"width": 90, "format": "webp"})
    assert small.status_code == 302
    assert requests.get(small.headers["Location"], timeout=30).content[8:12] == b"WEBP"
    changed = functions.client("update").request("PATCH", f"/images/{image_id}", json={"tags": ["hill"]})
    assert changed.json()["tags"] == ["hill"]
    assert functions.client("delete").request("DELETE", f"/images/{image_id}").json()["status"] == "deleted"
    assert functions.client("get").get(f"/images/{image_id}").status_code == 410
    assert functions["janitor"].invoke({"action": "janitor"}).error is None


def test_a_function_answers_for_its_own_part_alone(functions):
    assert functions.client("list").post("/images", json={}).status_code in (403, 404)
    assert functions["list"].invoke({"action": "janitor"}).error is not None


def test_nothing_is_sent_before_the_first_event(deploy, fault_proxy, moto, tmp_path):
    deploy(moto, moto).init()
    proxy = fault_proxy(moto)
    functions = Functions(deploy(moto, proxy), tmp_path)
    try:
        functions.deployment.environment.update(
            AWS_ACCESS_KEY_ID=moto.access_key, AWS_SECRET_ACCESS_KEY=moto.secret_key
        )
        functions.deployment.settings["s3.endpoint"] = proxy.url
        assert functions.client("get").get("/healthz").status_code == 200
        assert not proxy.counts
    finally:
        functions.end()


@pytest.mark.parametrize("silent", ["s3", "dynamodb"])
def test_an_answer_comes_before_the_invocation_ends(deploy, fault_proxy, ceph, ministack, tmp_path, silent):
    """Lambda ends a function that outlives its time, and nobody would get its answer."""
    proxies = {"s3": fault_proxy(ceph), "dynamodb": fault_proxy(ministack)}
    functions = Functions(deploy(proxies["s3"], proxies["dynamodb"], keys_of=ceph).init(), tmp_path)
    released = threading.Event()
    try:
        picture = jpeg(90, 60, seed=silent)
        wish = {"filename": "a.jpg", "content_type": "image/jpeg", "size": len(picture), "user_id": "ann"}
        ticket = functions.client("upload").post("/images", json=wish).json()
        sent = requests.put(ticket["upload_url"], data=picture, headers=ticket["upload_headers"], timeout=30)
        assert sent.status_code == 200, sent.text
        assert functions.client("process").get("/readyz").status_code == 200
        proxies[silent].rule(faults.withheld(released))
        bucket = functions.deployment.settings["s3.bucket"]
        created = created_event(bucket, f"incoming/{ticket['image_id']}")
        queued = {"Records": [{"eventSource": "aws:sqs", "messageId": "m1", "body": json.dumps(created)}]}
        for event, expected in (
            (rest_event("POST", f"/images/{ticket['image_id']}/complete", "", {}, None), 503),
            (queued, {"batchItemFailures": [{"itemIdentifier": "m1"}]}),
        ):
            began = time.monotonic()
            answer = functions["process"].invoke(event, timeout=3).answer
            assert time.monotonic() - began < 3
            assert (answer["statusCode"] if expected == 503 else answer) == expected
        proxies[silent].clear()
        released.set()
        assert functions["process"].invoke(created).error is None
        image = functions.client("get").get(f"/images/{ticket['image_id']}").json()
        assert image["status"] == "active"
    finally:
        released.set()
        functions.end()
