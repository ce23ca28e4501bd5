"""A storm of uploads on replicas behind nginx that are killed and started again at random moments.

    with Storm(deployment, folder, Plan(uploads=150)) as storm:
        done = storm.run()

`storm_check.py` says whether anything was lost or doubled.
"""

import collections
import dataclasses
import itertools
import random
import threading
import time

import requests
from nginx_front import NginxFront, lasting_ports
from pictures import png
from tintype_client import Client, sha256_hex

REPLICAS = 3  # as in deploy/nginx
TAGS = ("harbour", "sunset", "street", "portrait")
FORMS = 4  # one upload in so many is a form
ANSWER_TIMEOUT = 60  # longer than the server works on one request


@dataclasses.dataclass(frozen=True)
class Plan:
    uploads: int
    clients: int = 8
    users: int = 5
    seconds_between_kills: float = 5.0
    most_kills: int | None = None
    # Seconds that a client tries one step. What a killed server held is free after 60 (a key) or 90
    # (an image that was being completed).
    patience: float = 150.0
    seed: int = 1


@dataclasses.dataclass(frozen=True)
class Wish:
    """One picture that a user wants to have stored, and the key that says so."""

    number: int
    user: str
    tags: list
    as_form: bool

    @staticmethod
    def of(plan, number):
        tags = ["storm", TAGS[number % len(TAGS)]]
        return Wish(number, f"storm-{number % plan.users}", tags, number % FORMS == 0)

    @property
    def key(self):
        return {"Idempotency-Key": f"storm-{self.number}"}

    def picture(self):
        return png(40, 30, seed=f"storm {self.number}")


@dataclasses.dataclass(frozen=True)
class Acknowledged:
    """What the client was told is stored."""

    wish: Wish
    image_id: str
    sha256: str
    size: int
    seconds: float


@dataclasses.dataclass
class Outcome:
    acknowledged: list = dataclasses.field(default_factory=list)
    failures: list = dataclasses.field(default_factory=list)
    retries: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    kills: int = 0
    seconds: float = 0.0


class GivenUp(Exception):
    """An upload did not get through in the client's patience, or was refused."""


def problem_code(response):
    """Of Tintype's answers; nginx's own have none."""
    is_ours = response.headers.get("Content-Type") == "application/problem+json"
    return response.json()["code"] if is_ours else "of nginx"


class Uploader:
    """A sensible client of one thread: the same key for the same wish, and patience."""

    def __init__(self, url, plan, name):
        self.client = Client(url, timeout=ANSWER_TIMEOUT)
        self.plan = plan
        self.random = random.Random(f"{plan.seed} client {name}")
        self.retries = collections.Counter()

    def upload(self, wish):
        started = time.monotonic()
        picture = wish.picture()
        image = self._upload_form(wish, picture) if wish.as_form else self._upload(wish, picture)
        seconds = time.monotonic() - started
        return Acknowledged(wish, image["image_id"], sha256_hex(picture), len(picture), seconds)

    def _upload(self, wish, picture):
        fields = Client.wish(picture, user_id=wish.user, tags=wish.tags)
        ticket = self.until_done(
            "create", (201,), lambda: self.client.post("/images", json=fields, headers=wish.key)
        ).json()
        self.until_done("put", (200,), lambda: self.client.put(ticket, picture))
        return self._active(
            self.until_done("complete", (200,), lambda: self.client.complete(ticket["image_id"]))
        )

    def _upload_form(self, wish, picture):
        return self._active(
            self.until_done(
                "form",
                (201,),
                lambda: self.client.upload_form(
                    picture, headers=wish.key, user_id=wish.user, tags=wish.tags
                ),
            )
        )

    def until_done(self, step, expected, call):
        """The answer to `call`, made again after broken connections, 5xx and 409."""
        deadline = time.monotonic() + self.plan.patience
        for tries in itertools.count():
            reason = self._attempt(expected, call)
            if not isinstance(reason, str):
                return reason
            if time.monotonic() > deadline:
                raise GivenUp(f"{step}: {reason} after {tries + 1} tries")
            self.retries[f"{step}: {reason}"] += 1
            time.sleep(self.random.uniform(0.5, 1) * min(2, 0.05 * 2**tries))

    @staticmethod
    def _attempt(expected, call):
        """The answer, or the reason to try again."""
        try:
            response = call()
        except requests.RequestException as error:
            return type(error).__name__
        if response.status_code in expected:
            return response
        if response.status_code < 500 and response.status_code != 409:
            raise GivenUp(f"refused: {response.status_code} {response.text}")
        return f"{response.status_code} {problem_code(response)}"

    @staticmethod
    def _active(response):
        image = response.json()
        if image["status"] != "active":
            raise GivenUp(f"not active: {response.text}")
        return image


class Storm:
    """Three replicas behind nginx while the `with` block lasts; their ends are the deployment's."""

    def __init__(self, deployment, folder, plan, progress=None):
        self.plan = plan
        self.progress = progress or (lambda _: None)
        self.outcome = Outcome()
        self.servers = [deployment.start(port=port) for port in lasting_ports(REPLICAS)]
        self.front = NginxFront(folder / "nginx", [server.address[1] for server in self.servers])
        self._numbers = collections.deque(range(plan.uploads))
        self._over = threading.Event()

    def __enter__(self):
        self.front.__enter__()
        return self

    def __exit__(self, *error):
        self.front.__exit__(*error)

    def run(self):
        started = time.monotonic()
        killer = threading.Thread(target=self._kill)
        clients = [
            threading.Thread(target=self._work, args=(n,)) for n in range(self.plan.clients)
        ]
        for thread in [killer, *clients]:
            thread.start()
        for client in clients:
            client.join()
        self.outcome.seconds = time.monotonic() - started
        self._over.set()
        killer.join()
        return self.outcome

    def _kill(self):
        chosen = random.Random(f"{self.plan.seed} kills")
        while self.outcome.kills != self.plan.most_kills:
            if self._over.wait(chosen.uniform(0.5, 1.5) * self.plan.seconds_between_kills):
                return
            server = chosen.choice(self.servers)
            server.kill()
            self.outcome.kills += 1
            server.restart()

    def _work(self, name):
        uploader = Uploader(self.front.url, self.plan, name)
        while self._numbers:
            try:
                wish = Wish.of(self.plan, self._numbers.popleft())
            except IndexError:  # another thread has taken the last one
                break
            try:
                self.outcome.acknowledged.append(uploader.upload(wish))
            except GivenUp as failure:
                self.outcome.failures.append(f"upload {wish.number}: {failure}")
            self.progress(self.outcome)
        self.outcome.retries.update(uploader.retries)
