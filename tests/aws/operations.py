"""The operations of the API, each as a request and a check of its answer, on a server whose stores
are behind fault proxies."""

import itertools
import uuid

from consistency import Shelf
from pictures import png
from tintype_client import Client

TAGS = ["sea", "sun"]
DEADLINE = 30  # seconds within which a request is answered, whatever the stores do


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


OPERATIONS = (
    create, complete, get, list_by_user_and_tag, update, delete, restore, download, render
)  # fmt: skip
