"""Several servers on one bucket and one set of tables, killed and started again in a storm of uploads."""

import collections
import random
import threading
import time

import requests
from pictures import png
from tintype_client import Client, sha256_hex

UPLOADS = 120
CLIENTS = 8
REPLICAS = 3
KILLS = 6
PATIENCE = 200  # seconds that a client tries: what a killed server holds is free after 120


class Replicas:
    """Keeps the servers running, one of them always being killed."""

    def __init__(self, deployment):
        self.deployment = deployment
        self.servers = [deployment.start() for _ in range(REPLICAS)]
        self.kills = 0

    def any_url(self):
        return random.choice(self.servers).url

    def storm(self, over):
        while not over.wait(1.5) and self.kills < KILLS:
            at = random.randrange(REPLICAS)
            self.servers[at].kill()
            self.kills += 1
            self.servers[at] = self.deployment.start()


def until_done(replicas, call):
    """A sensible client: another replica when one is gone or busy, the same key for the same wish."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            response = call(Client(replicas.any_url(), timeout=20))
            if response.status_code < 500 and response.status_code != 409:
                return response
        except requests.RequestException:
            pass
        assert time.monotonic() < deadline, "an upload did not get through"
        time.sleep(0.1)


def upload(replicas, number):
    picture = png(40, 30, seed=f"storm {number}")
    wish = Client.wish(picture, user_id="storm", tags=["storm"])
    key = {"Idempotency-Key": f"storm-{number}"}
    created = until_done(replicas, lambda c: c.post("/images", json=wish, headers=key))
    assert created.status_code == 201, created.text
    ticket = created.json()
    stored = until_done(replicas, lambda c: c.put(ticket, picture))
    assert stored.status_code == 200, stored.text
    done = until_done(replicas, lambda c: c.complete(ticket["image_id"]))
    assert done.json()["status"] == "active", done.text
    return ticket["image_id"], sha256_hex(picture), len(picture)


def test_no_upload_is_lost_or_doubled(deploy, ceph, ministack):
    # A lease that a killed server has left ends soon.
    deployment = deploy(ceph, ministack, imaging__timeout="2s", janitor__interval="1s").init()
    replicas = Replicas(deployment)
    over, numbers, made, failures = threading.Event(), collections.deque(range(UPLOADS)), [], []

    def work():
        while numbers:
            try:
                made.append(upload(replicas, numbers.popleft()))
            except (AssertionError, IndexError) as failure:
                failures.append(failure)

    killer = threading.Thread(target=replicas.storm, args=(over,))
    killer.start()
    clients = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    over.set()
    killer.join()
    assert not failures, failures[:3]
    assert replicas.kills > 0

    client = Client(replicas.any_url())
    listed = client.images(user_id="storm", limit=50)
    assert sorted(image["image_id"] for image in listed) == sorted(image_id for image_id, _, _ in made)
    assert {image["sha256"] for image in listed} == {digest for _, digest, _ in made}
    assert client.usage("storm") == {
        **client.usage("storm"), "images": UPLOADS, "bytes": sum(size for _, _, size in made)}  # fmt: skip
    counted = client.get("/tags", params={"user_id": "storm"}).json()["tags"]
    assert counted == [{"tag": "storm", "count": UPLOADS}]
    for image_id, digest, _ in made[:: UPLOADS // 12]:
        assert sha256_hex(client.download(image_id)) == digest
