"""kill -9 at random moments of an upload storm, again and again on one data folder.

After each restart: every acknowledged write is there, no active record lacks its verified bytes, and
usage equals the sum of the records. Every ten rounds, after the janitor: no object without a record."""

import os
import random
import threading
import time

import pytest
import requests
from data_folder import image_id_of, object_files, temporary_files
from picture_info import picture_info
from pictures import png
from tintype_client import Client, sha256_hex

ROUNDS = int(os.environ.get("TINTYPE_CRASH_ROUNDS", "50"))
THREADS = 6
USERS = ["storm-a", "storm-b"]
QUICK_JANITOR = {
    "janitor.interval": "200ms",
    "janitor.min_age": "0s",
    "janitor.repair": True,
    "janitor.reconcile_interval": "500ms",
}


class Known:
    """What the server has acknowledged about one image. A request that was cut off may or may not
    have happened: what it would have changed is then uncertain, until it is read again."""

    def __init__(self, image_id, user, data):
        self.image_id = image_id
        self.user = user
        self.data = data
        self.status = {"processing"}  # what it may be
        self.description = {None}
        self.put = False  # the bytes were acknowledged


class Storm:
    """Client threads that upload, patch and delete until the server is gone."""

    def __init__(self, known):
        self.known = known  # image_id -> Known, of all rounds
        self.lock = threading.Lock()
        self.surprises = []
        self.acknowledged = 0

    def run(self, url, seed, seconds, kill):
        client = Client(url, timeout=10)
        threads = [
            threading.Thread(target=self._work, args=(client, random.Random(f"{seed} {i}")))
            for i in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        kill()
        for thread in threads:
            thread.join()

    def _work(self, client, dice):
        try:
            while True:
                self._life(client, dice)
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            pass  # the server is gone
        except Exception as error:  # noqa: BLE001 - reported by the test
            self.surprises.append(repr(error))

    def _expect(self, response, *allowed):
        self.acknowledged += 1
        if response.status_code not in allowed:
            raise AssertionError(f"{response.request.method} {response.url}: {response.text}")
        return response

    def _life(self, client, dice):
        data = png(8, dice.randrange(4, 60), seed=dice.random())
        user = dice.choice(USERS)
        created = self._expect(
            client.post("/images", json=client.wish(data, user_id=user, sha256=dice.random() < 0.5)),
            201,
        ).json()
        image = Known(created["image_id"], user, data)
        with self.lock:
            self.known[image.image_id] = image
        if dice.random() < 0.1:
            return  # an upload that is never made
        image.status |= {"active"}  # the server may complete it by itself
        self._expect(client.put(created, data), 200)
        image.put = True
        if dice.random() < 0.8:
            done = self._expect(client.complete(image.image_id), 200).json()
            assert done["status"] == "active", done
            image.status = {"active"}
        for _ in range(dice.randrange(3)):
            if image.status != {"gone"}:
                self._change(client, dice, image)

    def _change(self, client, dice, image):
        path = f"/images/{image.image_id}"
        choice = dice.random()
        if choice < 0.4:
            text = f"text {dice.random()}"
            image.description = image.description | {text}
            self._expect(client.patch(path, json={"description": text}), 200, 410)
            # 410: it is in the trash, and was not changed.
            if "deleted" not in image.status:
                image.description = {text}
        elif choice < 0.7:
            before = image.status
            image.status = before | {"deleted"}
            self._expect(client.delete(path), 200)
            image.status = {"deleted"}
        elif choice < 0.85:
            before = image.status
            image.status = before | {"active", "processing"}
            restored = self._expect(client.post(path + "/restore"), 200, 409)
            if restored.status_code == 200:
                now = restored.json()["status"]
                image.status = {now} if now == "active" else {now, "active"}
            else:
                image.status = before
        else:
            image.status = image.status | {"gone"}
            self._expect(client.delete(path, params={"hard": "true"}), 204, 404)
            image.status = {"gone"}


def all_records(client):
    """image_id -> record of both users, in whatever status."""
    found = {}
    for user in USERS:
        for status in ("processing", "active", "failed", "deleted"):
            for image in client.images(user_id=user, status=status, limit=100):
                found[image["image_id"]] = image
    return found


def settled_records(client):
    """The records once nothing is being completed: after a restart the server finishes what had
    arrived, and a record must not be read on its way from one list to the next."""
    deadline = time.monotonic() + 30
    before = None
    while time.monotonic() < deadline:
        records = all_records(client)
        shape = {i: (r["status"], r["revision"]) for i, r in records.items()}
        if shape == before:
            return records
        before = shape
        time.sleep(0.05)
    raise AssertionError("the records do not come to rest")


def check_record(image, record):
    """What was acknowledged is there; what was cut off has happened whole or not at all."""
    if record is None:
        assert "gone" in image.status, f"{image.image_id} is lost; acknowledged: {image.status}"
        return
    status = record["status"]
    assert status != "failed", record
    allowed = image.status | ({"active"} if image.put and "processing" in image.status else set())
    # A hard delete that was cut off after its first step leaves nothing that a client sees.
    assert status in allowed, f"{image.image_id} is {status}, acknowledged: {image.status}"
    assert record["description"] in image.description, (record, image.description)
    assert record["user_id"] == image.user
    image.status = {status} if status != "processing" else {status, "active"}
    image.description = {record["description"]}


def check_bytes(client, image, record):
    if record["status"] != "active":
        return
    assert record["sha256"] == sha256_hex(image.data)
    assert client.download(image.image_id) == image.data, f"{image.image_id} has other bytes"
    for variant in record["variants"]:
        params = {"variant": variant["name"]}
        picture = client.get(f"/images/{image.image_id}/rendition", params=params)
        assert picture.status_code == 200, picture.text
        assert picture_info(picture.content)[1:] == (variant["width"], variant["height"])
        assert len(picture.content) == variant["size"], (image.image_id, variant)


def check_usage(client, records):
    """A hard delete that was cut off counts until the janitor has finished it: soon after a start."""
    deadline = time.monotonic() + 10
    for user in USERS:
        own = [r for r in records.values() if r["user_id"] == user and r["status"] != "failed"]
        sums = {"images": len(own), "bytes": sum(r["size"] for r in own)}
        while True:
            usage = client.usage(user)
            usage.pop("limits")
            if usage == sums:
                break
            assert time.monotonic() < deadline, f"usage of {user}: {usage}, records: {sums}"
            time.sleep(0.05)


def check_everything(client, known, fresh):
    """All records; the bytes of those in `fresh`, and of some others."""
    records = settled_records(client)
    unknown = set(records) - set(known)
    for image_id, image in list(known.items()):
        record = records.get(image_id)
        check_record(image, record)
        if record is None:
            del known[image_id]  # seen to be gone: it must not come back
        elif image_id in fresh:
            check_bytes(client, image, record)
    check_usage(client, records)
    # Created, but killed before the answer: allowed, and never active.
    assert all(records[i]["status"] == "processing" for i in unknown), unknown
    return records


def check_nothing_orphaned(server, client, known):
    """Waits for the janitor; then every object belongs to a record that needs it."""
    deadline = time.monotonic() + 20
    while True:
        records = settled_records(client)
        orphans = set()
        for key in object_files(server.data):
            record = records.get(image_id_of(key))
            if record is None:
                orphans.add(key)
            elif key.startswith("renditions/"):
                if record["status"] == "deleted":
                    orphans.add(key)
            elif record["status"] == "active" and key != record["s3_key"]:
                orphans.add(key)
        if not orphans:
            break
        assert time.monotonic() < deadline, f"orphaned: {sorted(orphans)[:10]}"
        time.sleep(0.2)
    keys = set(object_files(server.data))
    for record in records.values():
        if record["status"] == "active":
            assert record["s3_key"] in keys
    assert temporary_files(server.data) == []
    for image_id, image in known.items():
        if image_id in records:
            check_bytes(client, image, records[image_id])


@pytest.mark.slow
def test_kill_in_an_upload_storm(start_server, tmp_path):
    data = tmp_path / "data"
    dice = random.Random(int(os.environ.get("TINTYPE_CRASH_SEED", "2026")))
    storm = Storm({})
    settings = {"imaging.workers": 2, "log.requests": False}
    for number in range(1, ROUNDS + 1):
        server = start_server(data=data, **settings)
        before = set(storm.known)
        storm.run(server.url, number, dice.uniform(0.05, 0.5), server.kill)
        assert not storm.surprises, storm.surprises

        last = number % 10 == 0 or number == ROUNDS
        server = start_server(data=data, **settings, **(QUICK_JANITOR if last else {}))
        client = Client(server.url)
        check_everything(client, storm.known, set(storm.known) - before)
        if last:
            check_nothing_orphaned(server, client, storm.known)
        if dice.random() < 0.5:
            server.kill()
        else:
            server.stop()
    assert storm.acknowledged > ROUNDS * 10, "the storm was too weak to mean anything"
    print(f"{ROUNDS} kills, {storm.acknowledged} answers, {len(storm.known)} images left")
