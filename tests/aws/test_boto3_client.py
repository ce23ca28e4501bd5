"""A client of AWS's own making, boto3 and the HTTP of botocore below it, uploads with the tickets of `tintype
serve` to Ceph RGW, which checks every signature and policy; and what is not as it was signed is refused."""

import time
import urllib.parse

import botocore.awsrequest
import botocore.httpsession
import pytest
import urllib3.filepost
from deployment import Deployment
from pictures import jpeg, png
from tintype_client import Client, sha256_hex

PICTURE = jpeg(64, 48, seed="boto3")
JPEG = {"content_type": "image/jpeg", "filename": "photo.jpg"}
SECONDS = 2  # that the tickets of `brief` are good for


class Boto3:
    """Sends a ticket's request through botocore, and looks into the bucket with boto3."""

    def __init__(self, emulator, bucket):
        self.bucket = bucket
        self.s3 = emulator.client("s3")
        self.session = botocore.httpsession.URLLib3Session()

    def send(self, method, url, headers, body):
        request = botocore.awsrequest.AWSRequest(method=method, url=url, headers=headers, data=body)
        return self.session.send(request.prepare())

    def put(self, ticket, body=PICTURE, headers=None):
        return self.send("PUT", ticket["upload_url"], headers or ticket["upload_headers"], body)

    def post(self, ticket, body=PICTURE, fields=None, kind="image/jpeg"):
        form = [*(fields or ticket["upload_fields"]).items(), ("file", ("photo.jpg", body, kind))]
        content, content_type = urllib3.filepost.encode_multipart_formdata(form)
        return self.send("POST", ticket["upload_url"], {"Content-Type": content_type}, content)

    def holds(self, key):
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=key)
        return [entry["Key"] for entry in found.get("Contents", [])] == [key]

    def bytes_of(self, key):
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()


@pytest.fixture(scope="module")
def made(ceph, ministack, tmp_path_factory):
    name = f"boto3-{time.time_ns()}"
    deployment = Deployment(tmp_path_factory.mktemp("boto3"), name, ceph, ministack).init()
    yield deployment, Boto3(ceph, name)
    deployment.end()


@pytest.fixture(scope="module")
def client(made):
    return Client(made[0].start().url)


@pytest.fixture(scope="module")
def brief(made):
    """A client of a server whose tickets end soon."""
    return Client(made[0].start(**{"upload.url_ttl": f"{SECONDS}s"}).url)


@pytest.fixture
def boto3_client(made):
    return made[1]


def ticket_of(client, upload, **fields):
    return client.create(PICTURE, user_id="boto3", upload=upload, **JPEG, **fields)


def assert_nothing_came(client, boto3_client, ticket):
    assert not boto3_client.holds(f"incoming/{ticket['image_id']}")
    assert client.complete(ticket["image_id"]).json()["code"] == "upload_missing"


@pytest.mark.parametrize(("upload", "status"), [("put", 200), ("post", 204)])
def test_it_uploads(client, boto3_client, upload, status):
    ticket = ticket_of(client, upload)
    sent = getattr(boto3_client, upload)(ticket)
    assert sent.status_code == status, sent.text
    assert boto3_client.bytes_of(f"incoming/{ticket['image_id']}") == PICTURE
    image = client.complete(ticket["image_id"]).json()
    assert image["status"] == "active" and image["sha256"] == sha256_hex(PICTURE)
    assert boto3_client.bytes_of(image["s3_key"]) == PICTURE
    assert not boto3_client.holds(f"incoming/{ticket['image_id']}")
    answer = boto3_client.send("GET", client.link(ticket["image_id"]), {}, b"")
    assert answer.status_code == 200 and answer.content == PICTURE
    assert answer.headers["Content-Type"] == "image/jpeg"


def with_query(ticket, **changes):
    parts = urllib.parse.urlsplit(ticket["upload_url"])
    query = dict(urllib.parse.parse_qsl(parts.query)) | changes
    return {**ticket, "upload_url": parts._replace(query=urllib.parse.urlencode(query)).geturl()}


def for_another_key(ticket):
    return {**ticket, "upload_url": ticket["upload_url"].replace(ticket["image_id"], "another")}


PUTS = {
    "tampered signature": lambda b, t: b.put(with_query(t, **{"X-Amz-Signature": "0" * 64})),
    "tampered life": lambda b, t: b.put(with_query(t, **{"X-Amz-Expires": "604800"})),
    "tampered key": lambda b, t: b.put(for_another_key(t)),
    "oversize": lambda b, t: b.put(t, PICTURE + b"x"),
    "undersize": lambda b, t: b.put(t, PICTURE[:-1]),
    "wrong type": lambda b, t: b.put(t, headers={"Content-Type": "text/html"}),
    "no type": lambda b, t: b.put(t, headers={"Accept": "*/*"}),
    "another method": lambda b, t: b.send("GET", t["upload_url"], t["upload_headers"], b""),
}


@pytest.mark.parametrize("how", PUTS)
def test_a_put_that_is_not_what_was_signed_is_refused(client, boto3_client, how):
    ticket = ticket_of(client, "put")
    refused = PUTS[how](boto3_client, ticket)
    assert refused.status_code == 403, refused.text
    assert_nothing_came(client, boto3_client, ticket)
    assert boto3_client.put(ticket).status_code == 200  # the ticket is still good


def with_fields(ticket, **changes):
    """The form's fields, whatever the case of their names."""
    names = {name.lower(): name for name in ticket["upload_fields"]}
    return ticket["upload_fields"] | {names[name]: value for name, value in changes.items()}


FORMS = {
    "tampered signature": lambda b, t: b.post(t, fields=with_fields(t, **{"x-amz-signature": "0" * 64})),
    "tampered policy": lambda b, t: b.post(t, fields=with_fields(t, policy=t["upload_fields"]["policy"][:-8])),
    "tampered key": lambda b, t: b.post(t, fields=with_fields(t, key="incoming/another")),
    "oversize": lambda b, t: b.post(t, PICTURE + b"x"),
    "undersize": lambda b, t: b.post(t, PICTURE[:-1]),
    "wrong type": lambda b, t: b.post(t, fields=with_fields(t, **{"content-type": "text/html"})),
    "a field too many": lambda b, t: b.post(t, fields={**t["upload_fields"], "acl": "public-read"}),
}


@pytest.mark.parametrize("how", FORMS)
def test_a_form_that_is_not_what_was_signed_is_refused(client, boto3_client, how):
    ticket = ticket_of(client, "post")
    refused = FORMS[how](boto3_client, ticket)
    assert refused.status_code in (400, 403), refused.text
    assert_nothing_came(client, boto3_client, ticket)
    assert boto3_client.post(ticket).status_code == 204


def test_replays_change_nothing_that_is_published(made, client, boto3_client):
    """S3 takes a replay, to a key that nobody reads; the janitor's next pass leaves the original alone."""
    other = bytes(reversed(PICTURE))
    ticket = ticket_of(client, "put")
    assert boto3_client.put(ticket).status_code == 200
    image = client.complete(ticket["image_id"]).json()
    before = client.image(image["image_id"])
    for body in (PICTURE, other):
        assert boto3_client.put(ticket, body).status_code == 200
        assert client.complete(ticket["image_id"]).json() == before
        assert client.download(image["image_id"]) == PICTURE
    impatient = {"janitor.interval": "200ms", "janitor.repair": True, "janitor.min_age": "1s", "janitor.reconcile_interval": "1s"}
    made[0].start(**impatient)
    until = time.monotonic() + 30
    while boto3_client.holds(f"incoming/{ticket['image_id']}"):
        assert time.monotonic() < until, "the replay stays"
        time.sleep(0.2)
    assert client.image(image["image_id"]) == before
    assert boto3_client.bytes_of(image["s3_key"]) == PICTURE


def test_expired_tickets_are_refused(brief, boto3_client):
    tickets = {upload: ticket_of(brief, upload) for upload in ("put", "post")}
    time.sleep(SECONDS + 1.1)
    for upload, ticket in tickets.items():
        refused = getattr(boto3_client, upload)(ticket)
        assert refused.status_code == 403, (upload, refused.text)
        assert_nothing_came(brief, boto3_client, ticket)


def test_what_is_no_image_comes_to_nothing(client, boto3_client):
    """S3 cannot tell; the service looks."""
    wish = {"user_id": "boto3", "filename": "photo.jpg", "content_type": "image/jpeg"}
    for body, code in ((b"<html></html>", "not_an_image"), (png(9000, 1)[:200], None)):
        ticket = client.create(body, **wish)
        assert boto3_client.put(ticket, body).status_code == 200
        image = client.complete(ticket["image_id"]).json()
        assert image["status"] == "failed"
        assert code is None or image["failure"]["code"] == code
        assert not boto3_client.holds(f"incoming/{ticket['image_id']}")
