"""Many clients at once, while one request in twelve of either store goes wrong in any of the ways
there are; then all is as it should be."""

import concurrent.futures
import time

import faults
import pytest
from consistency import Shelf, assert_consistent, assert_no_orphans, listed
from storm import Plan, Uploader, Wish
from test_faults import DYNAMODB_FAULTS, S3_FAULTS
from tintype_client import Client

UPLOADS = 120  # and 100 changes of what was uploaded
CLIENTS = 6
SHARE = 0.012  # of each kind of fault
SECONDS_TO_SETTLE = 30
USER = "storm"
FORMS = 4  # one upload in so many is a form


def storm(proxy, kinds):
    return [proxy.rule(fault, share=SHARE, seed=seed) for seed, fault in enumerate(kinds.values())]


def restored(client, path):
    """A restore whose answer was lost is refused the next time: it is done."""
    response = client.post(f"{path}/restore")
    is_done = response.status_code == 409 and response.json()["code"] == "not_deleted"
    return client.get(path) if is_done else response


def life(url, number):
    """An upload and a change or two; the image's id, bytes and tags, or None for the trash."""
    uploader = Uploader(url, Plan(UPLOADS), number)
    wish = Wish(number, USER, [USER], number % FORMS == 0)
    image_id = uploader.upload(wish).image_id
    path, tags, client = f"/images/{image_id}", [USER], uploader.client
    if number % 3 == 1:
        tags = ["calm", f"n{number % 5}"]
        uploader.until_done("update", (200,), lambda: client.patch(path, json={"tags": tags}))
    if number % 3 == 2:
        uploader.until_done("delete", (200,), lambda: client.delete(path))
        tags = None
    if number % 6 == 5:
        back = uploader.until_done("restore", (200,), lambda: restored(client, path))
        assert back.json()["status"] == "active", back.text
        tags = [USER]
    return image_id, wish.picture(), tags


@pytest.mark.parametrize(("records", "transactions"), [("ministack", True), ("dynalite", False)])
def test_nothing_is_lost_or_doubled(request, deploy, fault_proxy, ceph, records, transactions):
    s3, dynamodb = fault_proxy(ceph), fault_proxy(request.getfixturevalue(records))
    more = {"janitor.interval": "1s", "dynamodb.transactions": transactions}
    deployment = deploy(s3, dynamodb, keys_of=ceph, **more).init()
    url = deployment.start().url
    rules = storm(s3, S3_FAULTS) + storm(dynamodb, DYNAMODB_FAULTS)
    dynamodb.rule(faults.stale_query(), target="Query", share=0.1)
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        lives = list(pool.map(lambda number: life(url, number), range(UPLOADS)))
    assert all(rule.fired for rule in rules), [rule.fired for rule in rules]
    s3.clear()
    dynamodb.clear()

    shelf = Shelf(USER)
    for image_id, data, tags in lives:
        shelf.put(image_id, data, tags or [])
        if tags is None:
            shelf.delete(image_id)
    client = Client(url)
    settled(client, shelf)
    unfinished = listed(client, user_id=USER, status="processing", limit=50)
    known = {*shelf.active, *shelf.trash, *unfinished}
    assert_no_orphans(ceph, deployment.settings["s3.bucket"], known)


def settled(client, shelf):
    """The janitor ends what was begun; then everything is consistent."""
    until = time.monotonic() + SECONDS_TO_SETTLE
    while True:
        try:
            return assert_consistent(client, shelf)
        except AssertionError:
            if time.monotonic() > until:
                raise
        time.sleep(0.5)
