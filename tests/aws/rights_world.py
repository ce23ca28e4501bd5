"""The stores that test_function_rights.py's functions find, and what brings them into each state: a server
of its own, whose requests nobody records."""

import datetime
import itertools
import time

import faults
from fault_proxy import FaultProxy
from gateway_client import GatewayClient, rest_event
from lambda_runtime import Function, RuntimeApi
from pictures import TEXT, jpeg
from rights_recorder import Names, Recorder, needs_of
from tintype_client import Client

USER = "ann"
# A change of so many tags is too large for a transaction, and goes in steps.
MANY = [f"tag{number}" for number in range(30)]
OTHERS = [f"other{number}" for number in range(30)]


def image_key(image_id):
    return {"image_id": {"S": image_id}}


class World:
    """One bucket and one set of tables, with everything in it that a function may meet."""

    def __init__(self, deployment, s3, dynamodb):
        self.deployment, self.s3, self.dynamodb = deployment, s3, dynamodb
        self.names = Names(deployment.settings)
        self.numbers = itertools.count()
        self.proxies = [FaultProxy(s3.endpoint).__enter__(), FaultProxy(dynamodb.endpoint).__enter__()]
        self.client = Client(self.serve().url)
        soon = {"upload.url_ttl": "1s", "upload.expires_after": "1s", "trash.retention": "0s"}
        self.hasty = Client(self.serve(**soon).url)
        to_proxies = {"s3.endpoint": self.proxies[0].url, "dynamodb.endpoint": self.proxies[1].url}
        self.unlucky = Client(self.serve(**to_proxies).url)
        self.objects, self.records = s3.client("s3"), dynamodb.client("dynamodb")

    def serve(self, **settings):
        """Its janitor takes nothing out of a function's hands."""
        return self.deployment.start(**{"janitor.interval": "24h", **settings})

    def end(self):
        for proxy in self.proxies:
            proxy.__exit__()

    # Images, each with bytes of its own.

    def picture(self):
        return jpeg(400, 300, seed=f"rights {next(self.numbers)}")

    def wish(self, data, **fields):
        return Client.wish(data, **{"user_id": USER, "tags": ["sea", "sun"], "content_type": "image/jpeg", **fields})

    def waiting(self, client=None, **fields):
        """An upload without its bytes: the ticket and the bytes."""
        picture = fields.pop("picture", None) or self.picture()
        made = (client or self.client).post("/images", json=self.wish(picture, **fields))
        assert made.status_code == 201, made.text
        return made.json(), picture

    def arrived(self, **fields):
        """The id of an upload whose bytes are there."""
        ticket, picture = self.waiting(**fields)
        assert self.client.put(ticket, picture).status_code == 200
        return ticket["image_id"]

    def hopeless(self):
        """The same with bytes that are no picture, after a completer that died late in its work."""
        return self.with_debris(self.arrived(picture=TEXT))

    def active(self, **fields):
        image_id = self.arrived(**fields)
        done = self.client.complete(image_id)
        assert done.status_code == 200 and done.json()["status"] == "active", done.text
        return image_id

    def deleted(self, client=None, **fields):
        image_id = self.active(**fields)
        gone = (client or self.client).delete(f"/images/{image_id}")
        assert gone.status_code == 200, gone.text
        return image_id

    def withdrawn(self, **fields):
        """In the trash before it was completed."""
        image_id = self.arrived(**fields)
        assert self.client.delete(f"/images/{image_id}").status_code == 200
        return image_id

    # What crashes leave.

    def with_debris(self, image_id):
        """The objects of a completer that died before it wrote its record: two in each folder, since
        one alone is removed by another request."""
        for folder in (f"originals/{USER}", "renditions"):
            for name in ("a.jpg", "b.jpg"):
                key = f"{folder}/{image_id}/{name}"
                self.objects.put_object(Bucket=self.names.bucket, Key=key, Body=b"left")
        return image_id

    def half_purged(self):
        """Deleted for good, but its objects could not be removed."""
        image_id = self.active(tags=MANY)
        refused = faults.answered(faults.s3_error("AccessDenied", "No.", 403))
        self.proxies[0].rule(refused, path="list-type")
        assert self.unlucky.delete(f"/images/{image_id}", params={"hard": "true"}).status_code >= 500
        self.proxies[0].clear()
        return image_id

    def half_changed(self):
        """Its record is written, its index rows were not, and whoever did it is long gone."""
        image_id = self.active(tags=MANY)
        refused = faults.answered(faults.dynamodb_error("AccessDeniedException", "No."))
        self.proxies[1].rule(refused, target="BatchWriteItem")
        self.unlucky.patch(f"/images/{image_id}", json={"tags": OTHERS})
        self.proxies[1].clear()
        self.make_old("images", image_key(image_id), "due_at", must="unsettled")
        return image_id

    def left_by_a_completer(self, client=None):
        """A lease that has run out on an upload without bytes."""
        ticket, _ = self.waiting(client)
        item = self.item("images", image_key(ticket["image_id"]))
        item["lease_until"] = {"S": "2020-01-01T00:00:00.000Z"}
        item["due_at"] = {"S": f"2020-01-01T00:00:00.000Z#{ticket['image_id']}"}
        self.records.put_item(TableName=self.table("images"), Item=item)
        return ticket["image_id"]

    def forgotten_answer(self):
        """An answer that was kept for an Idempotency-Key, a day ago."""
        wish = self.wish(self.picture())
        made = self.client.post("/images", json=wish, headers={"Idempotency-Key": "old"})
        assert made.status_code == 201, made.text
        for key in self.kept_answers():
            self.make_old("image_ledger", {"key": key}, "expires_at")

    def without_secret(self):
        """As a deployment is before its first cursor or link."""
        self.records.delete_item(TableName=self.table("image_ledger"), Key={"key": {"S": "secret#cursors"}})

    def wait_until_due(self, image_id):
        """Until the time of an upload that was begun by the hasty server is over."""
        expires = datetime.datetime.fromisoformat(self.item("images", image_key(image_id))["expires_at"]["S"][:-1])
        left = expires.replace(tzinfo=datetime.timezone.utc) - datetime.datetime.now(datetime.timezone.utc)
        time.sleep(max(0, left.total_seconds()) + 0.01)

    def is_unsettled(self, image_id):
        return "unsettled" in self.item("images", image_key(image_id))

    def kept_answers(self):
        """Keys of the ledger."""
        items = self.records.scan(TableName=self.table("image_ledger"))["Items"]
        return [item["key"] for item in items if item["key"]["S"].startswith("idempotency#")]

    # The tables by hand.

    def table(self, name):
        return self.deployment.settings["dynamodb.table_prefix"] + name

    def item(self, table, key):
        return self.records.get_item(TableName=self.table(table), Key=key, ConsistentRead=True)["Item"]

    def make_old(self, table, key, attribute, must=None):
        """Turns a time into one of years ago."""
        item = self.item(table, key)
        assert must is None or must in item, f"{key} has no {must}"
        item[attribute] = {"S": "2020" + item[attribute]["S"][4:]}
        self.records.put_item(TableName=self.table(table), Item=item)


class Visitor:
    """A function as a process of its own, between recorders. With `lossy`, every fourth answer of
    DynamoDB's is lost, and the function has to find out what it has done."""

    def __init__(self, world, name, folder, lossy=False):
        self.world, self.name = world, name
        self.s3 = Recorder(world.s3.endpoint).__enter__()
        self.dynamodb = Recorder(world.dynamodb.endpoint).__enter__()
        if lossy:  # what it asks next, another try, is answered
            self.dynamodb.rule(faults.reset_after(), nth=range(1, 1_000_000, 4))
        settings = {**world.deployment.settings, "s3.endpoint": self.s3.url, "dynamodb.endpoint": self.dynamodb.url}
        self.function = Function(
            RuntimeApi(),
            folder / "data",
            folder / "log",
            env=world.deployment.environment,
            lambda__function=name,
            **{key.replace(".", "__"): value for key, value in settings.items()},
        )
        self.client = GatewayClient(self.function.invoke, rest_event)
        # A presigned URL has the rights of who signed it, and leads to the recorder too.
        self.outside = Client(self.s3.url)

    def key(self, name):
        """An Idempotency-Key that no other visitor uses."""
        return {"Idempotency-Key": f"{name}-{self.function.pid}"}

    def ask(self, method, path, expected=200, **options):
        answer = self.client.request(method, path, **options)
        assert answer.status_code == expected, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def send(self, event):
        done = self.function.invoke(event)
        assert done.error is None, done.error
        return done.answer

    def meanwhile(self, action, **which):
        """Does `action` while the first of these requests to S3 is on its way."""

        def fault(proxy, request):
            action()
            return proxy.forward(request)

        return self.s3.rule(fault, nth=1, **which)

    def needs(self):
        return needs_of(self.s3.exchanges, self.world.names) | needs_of(self.dynamodb.exchanges, self.world.names)

    def end(self):
        self.function.end()
        self.function.runtime.close()
        self.s3.__exit__()
        self.dynamodb.__exit__()
