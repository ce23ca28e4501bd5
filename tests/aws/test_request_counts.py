"""How many requests each operation makes: what it costs at AWS, and how long it takes."""

import pytest
from deployment import Deployment
from fault_proxy import FaultProxy
from pictures import jpeg
from tintype_client import Client


@pytest.fixture(scope="module")
def counted(moto, tmp_path_factory):
    """A server on moto, with a counter before each store, and 60 pictures of one user."""
    with FaultProxy(moto.endpoint) as s3, FaultProxy(moto.endpoint) as dynamodb:
        deployment = Deployment(tmp_path_factory.mktemp("counts"), "counted", s3, dynamodb, keys_of=moto)
        # Nothing in the background that would be counted too.
        deployment.settings.update({"janitor.interval": "1h", "dynamodb.shards": 4})
        client = Client(deployment.init().start().url)
        picture = jpeg(64, 48, seed="counted")
        images = [client.upload(picture, user_id="ann", tags=["sea", f"n{i}"]) for i in range(60)]
        client.page(user_id="ann", limit=1)  # the deployment's secret is read once
        try:
            yield client, s3, dynamodb, images
        finally:
            deployment.end()


def requests_of(counted, operation):
    client, s3, dynamodb, images = counted
    with s3.counting() as objects, dynamodb.counting() as records:
        operation(client, images)
    print(dict(objects), dict(records))
    return sum(objects.values()) + sum(records.values())


def test_create(counted):
    assert requests_of(counted, lambda client, _: client.create(jpeg(8, 8), user_id="ann")) <= 2


def test_create_with_a_hash(counted):
    picture = jpeg(8, 8, seed="hash")
    assert requests_of(counted, lambda client, _: client.create(picture, user_id="ann", sha256=True)) <= 2


def test_create_with_a_key(counted):
    def create(client, _):
        client.create(jpeg(8, 8), user_id="ann", headers={"Idempotency-Key": "counted"})

    assert requests_of(counted, create) <= 3


def test_complete(counted):
    client = counted[0]
    picture = jpeg(2500, 1600, seed="complete")
    ticket = client.create(picture, user_id="ann", tags=["a", "b", "c"])
    assert client.put(ticket, picture).status_code == 200

    def complete(client, _):
        assert client.complete(ticket["image_id"]).json()["status"] == "active"

    assert requests_of(counted, complete) <= 8


def test_get(counted):
    assert requests_of(counted, lambda client, images: client.image(images[3]["image_id"])) == 1


def test_page_by_user(counted):
    def page(client, _):
        assert client.page(user_id="ann", limit=50)["count"] == 50

    assert requests_of(counted, page) == 1


def test_page_by_user_and_tag(counted):
    def page(client, _):
        assert client.page(user_id="ann", tags="sea", limit=50)["count"] == 50

    assert requests_of(counted, page) <= 2


def test_download(counted):
    assert requests_of(counted, lambda client, images: client.link(images[5]["image_id"])) == 1
