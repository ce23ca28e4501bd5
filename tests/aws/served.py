"""A server that was well before its stores went wrong: what it has to say then, and to do after."""

import re
import time
import uuid

from consistency import Shelf, assert_consistent
from pictures import png
from tintype_client import Client, assert_problem

SECONDS_TO_ANSWER = 60  # a request may take 50
# What no client is told.
SECRETS = ("arn:", "127.0.0.1", "/.aws", "AWS_", "credential", "key", "table", "bucket")


class Served:
    """A server that was well, with one image and one upload that waits."""

    def __init__(self, server):
        self.server = server
        self.client = Client(server.url, timeout=SECONDS_TO_ANSWER)
        self.shelf = Shelf(f"u-{uuid.uuid4().hex[:12]}")
        self.picture = png(24, 16, seed=self.shelf.user)
        image = self.client.upload(self.picture, user_id=self.shelf.user, tags=["sea"])
        self.shelf.put(image["image_id"], self.picture, ["sea"])
        self.image = f"/images/{image['image_id']}"
        self.later = png(24, 16, seed=f"later {self.shelf.user}")
        self.ticket = self.client.create(self.later, user_id=self.shelf.user, tags=["sun"])
        assert self.client.put(self.ticket, self.later).status_code == 200

    def requests(self):
        """What needs the records; the last one the objects too."""
        wish = Client.wish(self.picture, user_id="someone")
        yield lambda: self.client.get(self.image)
        yield lambda: self.client.get("/images", params={"user_id": self.shelf.user})
        yield lambda: self.client.post("/images", json=wish)
        yield lambda: self.client.patch(self.image, json={"description": "other"})
        yield lambda: self.client.delete(self.image)
        yield lambda: self.client.complete(self.ticket["image_id"])

    def object_requests(self):
        """What needs the objects."""
        form = png(24, 16, seed=f"form {self.shelf.user}")
        yield lambda: self.client.complete(self.ticket["image_id"])
        yield lambda: self.client.upload_form(form, user_id=self.shelf.user)
        yield lambda: self.client.get(f"{self.image}/rendition", params={"width": 7})

    def assert_not_ready(self, sentence):
        """Asked until it says so: an answer is kept for a second."""
        until = time.monotonic() + SECONDS_TO_ANSWER
        while sentence not in str((response := self.client.get("/readyz")).json()["checks"]):
            assert time.monotonic() < until, f"/readyz says {response.text}"
            time.sleep(0.1)
        assert response.status_code == 503 and int(response.headers["Retry-After"]) > 0
        assert not re.search(r"arn:|/\.aws", response.text), response.text
        assert self.client.get("/healthz").status_code == 200

    def assert_refused(self, call):
        """503 as a problem, that tells clients nothing about what is behind."""
        response = call()
        problem = assert_problem(response, 503, "unavailable")
        assert int(response.headers["Retry-After"]) > 0
        for secret in SECRETS:
            assert secret not in problem["detail"], problem["detail"]

    def assert_well_again(self):
        until = time.monotonic() + SECONDS_TO_ANSWER
        while self.client.get("/readyz").status_code != 200:
            assert time.monotonic() < until, "the server does not recover"
            time.sleep(0.1)
        assert self.server.alive()
        done = self.client.complete(self.ticket["image_id"])
        assert done.status_code == 200 and done.json()["status"] == "active", done.text
        self.shelf.put(self.ticket["image_id"], self.later, ["sun"])
        assert_consistent(self.client, self.shelf)
