"""Property: every image that matches throughout a walk over the pages is listed exactly once, while
others are created, deleted, restored and retagged."""

import os
import random
import threading
import time

import pytest
from pictures import png
from tintype_client import Client
from tintype_server import on_aws

STABLE = 120
RESTLESS = 60
SECONDS = float(os.environ.get("TINTYPE_PAGING_SECONDS", "12"))
USER = "walker"

# What each filter lists among the stable images: the user's own all; tag `even`; `third` or `fifth`.
FILTERS = {
    "user": ({"user_id": USER}, lambda i: True),
    "user and tag": ({"user_id": USER, "tags": "even"}, lambda i: i % 2 == 0),
    "tags all": ({"user_id": USER, "tags": "even,third"}, lambda i: i % 6 == 0),
    "tags any": (
        {"user_id": USER, "tags": "third,fifth", "tags_match": "any"},
        lambda i: i % 3 == 0 or i % 5 == 0,
    ),
    "tag of everyone": ({"tags": "fifth"}, lambda i: i % 5 == 0),
    "status": ({"status": "active"}, lambda i: True),
    "content type": ({"user_id": USER, "content_type": "image/png"}, lambda i: True),
    "words": ({"user_id": USER, "q": "steady"}, lambda i: True),
}
if on_aws():
    FILTERS.pop("words")  # DynamoDB has no word search


def tags_of(i):
    return [t for n, t in ((1, "any"), (2, "even"), (3, "third"), (5, "fifth")) if i % n == 0]


def picture(client, i, kind, data):
    return client.upload_form(
        data,
        user_id=USER,
        filename=f"{i}.png",
        tags=",".join(tags_of(i)),
        description=f"{kind} picture",
    ).json()["image_id"]


class Restless:
    """A thread that changes the images that are not stable until it is told to stop."""

    def __init__(self, url, ids, seed):
        self.client = Client(url)
        self.dice = random.Random(seed)
        self.ids = ids
        self.stop = threading.Event()
        self.trouble = []
        self.changes = 0
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        try:
            while not self.stop.is_set():
                self._change(self.dice.randrange(len(self.ids)))
                self.changes += 1
        except Exception as error:  # noqa: BLE001 - reported by the test
            self.trouble.append(repr(error))

    def _change(self, at):
        path = f"/images/{self.ids[at]}"
        choice = self.dice.random()
        if choice < 0.3:
            response = self.client.delete(path)
        elif choice < 0.6:
            response = self.client.post(path + "/restore")
        elif choice < 0.85:
            response = self.client.patch(path, json={"tags": tags_of(self.dice.randrange(1, 31))})
        else:
            self.client.delete(path, params={"hard": "true"})
            self.ids[at] = picture(self.client, at, "restless", png(seed=self.dice.random()))
            return
        assert response.status_code in (200, 409, 410, 503), response.text

    def end(self):
        self.stop.set()
        self.thread.join()


def walk(client, query, limit, sort):
    """The ids of a walk, each page checked for its order."""
    seen, last = [], None
    for page in client.pages(limit=limit, sort=sort, **query):
        assert page["count"] <= limit
        for image in page["images"]:
            place = (image["upload_timestamp"], image["image_id"])
            if last is not None:
                assert place > last if sort == "oldest" else place < last
            last = place
            seen.append(image["image_id"])
    return seen


@pytest.fixture
def crowd(start_server):
    """A server with stable images among restless ones, and the threads that unsettle those."""
    server = start_server(**{"log.requests": False})
    client = Client(server.url)
    stable, restless = {}, []
    for i in range(STABLE):
        stable[picture(client, i, "steady", png(4, 4, seed=f"stable {i}"))] = i
        if i % 2:
            restless.append(picture(client, i, "restless", png(4, 4, seed=f"restless {i}")))
    assert len(restless) == RESTLESS
    half = RESTLESS // 2
    threads = [
        Restless(server.url, restless[:half], 1),
        Restless(server.url, restless[half:], 2),
    ]
    try:
        yield client, stable, threads
    finally:
        for thread in threads:
            thread.end()


@pytest.mark.slow
def test_each_stable_image_exactly_once(crowd):
    client, stable, threads = crowd
    dice = random.Random(7)
    until = time.monotonic() + SECONDS
    walks = 0
    while time.monotonic() < until or walks < 2 * len(FILTERS):
        name = list(FILTERS)[walks % len(FILTERS)]
        query, matches = FILTERS[name]
        sort = "newest" if (walks // len(FILTERS)) % 2 else "oldest"
        limit = dice.choice([1, 3, 7, 20, 100]) if walks % 5 else 2
        seen = walk(client, query, limit, sort)
        label = f"{name}, {sort}, pages of {limit}"
        assert len(seen) == len(set(seen)), f"{label}: an image came twice"
        wanted = {image_id for image_id, i in stable.items() if matches(i)}
        found = {image_id for image_id in seen if image_id in stable}
        assert found == wanted, f"{label}: {len(wanted - found)} missing, {len(found - wanted)} extra"
        walks += 1
    for thread in threads:
        thread.end()
        assert not thread.trouble, thread.trouble
    assert sum(thread.changes for thread in threads) > 100, "nothing much happened meanwhile"

    # At rest, lists and records agree to the last image.
    records = {i["image_id"]: i for i in client.images(user_id=USER, limit=100)}
    everyone = client.images(limit=33)  # the stores may have images of other tests
    assert {image["image_id"] for image in everyone if image["user_id"] == USER} == set(records)
    for tag in ("even", "third", "fifth"):
        tagged = {i for i, record in records.items() if tag in record["tags"]}
        assert set(client.ids(user_id=USER, tags=tag, limit=9)) == tagged
    counts = {t["tag"]: t["count"] for t in client.get("/tags", params={"user_id": USER}).json()["tags"]}
    for tag, count in counts.items():
        assert count == sum(tag in record["tags"] for record in records.values())
