"""What is asked of each function: every route and event that is its own (src/fronts/lambda/function_rights.cc),
in every state of an image that leads to other requests."""

import json

import faults
from pictures import TEXT
from rights_world import MANY, OTHERS, USER

NOBODY = "01890000-0000-7000-8000-000000000000"


def created_event(bucket, image_id):
    record = {"bucket": {"name": bucket}, "object": {"key": f"incoming/{image_id}", "size": 1, "sequencer": "1"}}
    return {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": record}]}


def queued(*events):
    return {"Records": [
        {"eventSource": "aws:sqs", "messageId": f"m{number}", "body": json.dumps(event)}
        for number, event in enumerate(events)
    ]}  # fmt: skip


def take_over(visitor, path):
    """A request's first try fails, and the second takes its Idempotency-Key over without hearing so.
    The visitor's other faults end."""
    key = {"Idempotency-Key": path}
    refused = faults.answered(faults.dynamodb_error("AccessDeniedException", "No."))
    visitor.dynamodb.rule(refused, target="TransactWriteItems")
    visitor.ask("POST", path, 503, headers=key)
    visitor.dynamodb.clear()
    visitor.dynamodb.rule(faults.reset_after(), target="PutItem", nth=2)
    visitor.ask("POST", path, headers=key)


def upload(visitor):
    create_by_ticket(visitor)
    create_by_form(visitor)
    change_by_batch(visitor)
    remove_by_batch(visitor)
    keep_a_long_answer(visitor)


def create_by_ticket(visitor):
    world, ask = visitor.world, visitor.ask
    picture = world.picture()
    ticket = ask("POST", "/images", 201, json=world.wish(picture)).json()
    assert visitor.outside.put(ticket, picture).status_code == 200
    form = ask("POST", "/images", 201, json=world.wish(picture, upload="post")).json()
    file = {"file": ("a.jpg", picture, "image/jpeg")}
    assert visitor.outside.post(form["upload_url"], data=form["upload_fields"], files=file).status_code < 300

    hashed = world.wish(picture, sha256=True)
    ask("POST", "/images", 201, json=hashed)
    world.active(picture=picture)
    assert ask("POST", "/images", 200, json=hashed).json()["duplicate"]
    key = visitor.key("ticket")
    for expected, body in ((201, hashed), (201, hashed), (422, world.wish(picture))):
        ask("POST", "/images?allow_duplicate=true", expected, json=body, headers=key)
    ask("POST", "/images", 400, json={}, headers=visitor.key("abandoned"))


def create_by_form(visitor):
    fields = {"user_id": USER, "tags": MANY}
    for data, expected in ((visitor.world.picture(), 201), (TEXT, 422)):
        files = {"file": ("a.jpg", data, "image/jpeg")}
        for headers in ({}, visitor.key(f"form-{expected}"), visitor.key(f"form-{expected}")):
            visitor.ask("POST", "/images?allow_duplicate=true", expected, data=fields, files=files, headers=headers)


def batch(visitor, *operations, headers=None):
    """Statuses of the operations, each (op, image_id) with more fields."""
    body = {"operations": [{"op": op, "image_id": id_, **more} for op, id_, more in operations]}
    answer = visitor.ask("POST", "/images/batch", json=body, headers=headers)
    return [result["status"] for result in answer.json()["results"]]


def change_by_batch(visitor):
    world = visitor.world
    wish = {"operations": [{"op": "create", **world.wish(world.picture(), sha256=True)}]}
    for _ in range(2):
        visitor.ask("POST", "/images/batch", json=wish, headers=visitor.key("batch"))
    statuses = batch(
        visitor,
        ("complete", world.arrived(), {}),
        ("complete", world.arrived(tags=MANY), {}),
        ("complete", world.hopeless(), {}),
        ("complete", world.waiting()[0]["image_id"], {}),
        ("update", world.active(tags=MANY), {"tags": OTHERS}),
        ("update", world.active(), {"tags": ["sun", "moon"]}),
        ("update", world.half_changed(), {"description": "at noon"}),
        ("get", world.active(), {}),
        ("get", NOBODY, {}),
    )
    assert statuses == [200, 200, 200, 409, 200, 200, 200, 200, 404]


def remove_by_batch(visitor):
    world = visitor.world
    hard = {"hard": True}
    statuses = batch(
        visitor,
        ("delete", world.active(tags=MANY), {}),
        ("delete", world.active(tags=MANY), hard),
        ("delete", world.with_debris(world.arrived()), hard),
        ("restore", world.deleted(tags=MANY), {}),
        ("restore", world.withdrawn(), {}),
        ("restore", world.active(), {}),
    )
    assert statuses == [200, 204, 204, 200, 200, 409]


def keep_a_long_answer(visitor):
    """It is kept in more than one item."""
    large = visitor.world.active(metadata={"text": "x" * 16_000})
    for _ in range(2):
        assert set(batch(visitor, *[("get", large, {})] * 30, headers=visitor.key("long"))) == {200}


def list_(visitor):
    world = visitor.world
    image_id = world.active()
    for _ in range(2):
        world.active()
    world.without_secret()
    filters = (
        {"user_id": USER}, {"user_id": USER, "status": "processing"}, {"status": "deleted"}, {},
        {"user_id": USER, "tags": "sea"}, {"tags": "sea"},
        {"user_id": USER, "tags": "sea,sun"}, {"tags": "sea,sun"}, {"tags": "sea,sun", "tags_match": "any"},
        {"user_id": USER, "similar_to": image_id}, {"similar_to": image_id},
        {"similar_to": image_id, "status": "failed"}, {"user_id": USER, "tags": "sea", "status": "failed"},
        {"user_id": USER, "content_type": "image/jpeg", "min_size": 1, "start_date": "2020-01-01", "sort": "oldest"},
    )  # fmt: skip
    for query in filters:
        page = visitor.ask("GET", "/images", params={**query, "limit": 1}).json()
        if page["last_key"]:
            visitor.ask("GET", "/images", params={**query, "limit": 1, "last_key": page["last_key"]})
    for query in ({}, {"user_id": USER}, {"user_id": USER, "prefix": "s"}):
        visitor.ask("GET", "/tags", params=query)
    assert visitor.ask("GET", f"/users/{USER}/usage").json()["images"] > 2
    visitor.ask("GET", "/users/nobody/usage")


def get(visitor):
    world = visitor.world
    image = f"/images/{world.active()}"
    tag = visitor.ask("GET", image).headers["ETag"]
    visitor.ask("GET", image, 304, headers={"If-None-Match": tag})
    visitor.ask("HEAD", image)
    visitor.ask("GET", f"{image}?include=location")
    visitor.ask("GET", f"/images/{world.deleted()}", 410)
    visitor.ask("GET", f"/images/{world.half_changed()}")
    visitor.ask("GET", f"/images/{world.half_purged()}", 404)
    visitor.ask("GET", f"/images/{NOBODY}", 404)
    for path in ("/healthz", "/openapi.json", "/docs"):
        visitor.ask("GET", path)
    visitor.ask("GET", "/nothing", 404)
    visitor.ask("PUT", "/images", 405)


def download(visitor):
    world = visitor.world
    image = f"/images/{world.active()}"
    world.without_secret()
    link = visitor.ask("GET", f"{image}/download").json()["download_url"]
    assert visitor.outside.get(link).status_code == 200
    visitor.ask("GET", f"{image}/download?redirect=true&disposition=inline", 302)
    for query in ("variant=thumb", "width=90&format=webp"):
        visitor.ask("GET", f"{image}/download?{query}")
    visitor.ask("GET", f"/images/{world.arrived()}/download", 409)
    visitor.ask("GET", f"/images/{world.deleted()}/download", 410)
    visitor.ask("GET", f"/images/{NOBODY}/download", 404)


def rendition(visitor):
    world = visitor.world
    image_id = world.active()
    image = f"/images/{image_id}"
    signed = world.client.link(image_id, width=77, format="webp")
    world.without_secret()  # and with it the link's value
    visitor.ask("GET", signed.removeprefix(world.client.url), 403)
    signed = world.client.link(image_id, variant="thumb")
    for query in ("variant=thumb", "width=90&format=webp", "width=80&format=auto", "width=90&format=webp"):
        moved = visitor.ask("GET", f"{image}/rendition?{query}", 302, headers={"Accept": "image/avif,image/webp"})
        assert visitor.outside.get(moved.headers["Location"]).status_code == 200
    visitor.ask("GET", f"{image}/rendition?width=90&format=webp", 304, headers={"If-None-Match": moved.headers["ETag"]})
    visitor.ask("GET", f"/images/{world.arrived()}/rendition?width=9", 409)
    visitor.ask("GET", f"/images/{world.deleted()}/rendition?width=9", 410)
    visitor.ask("GET", f"/images/{NOBODY}/rendition?width=9", 404)
    lost = world.active()
    world.objects.delete_object(Bucket=world.names.bucket, Key=world.client.image(lost)["s3_key"])
    visitor.ask("GET", f"/images/{lost}/rendition?width=9&format=webp", 500)
    going = world.active()
    raced = visitor.meanwhile(lambda: world.client.delete(f"/images/{going}"), method="PUT", path="/renditions/")
    visitor.ask("GET", f"/images/{going}/rendition?width=9&format=webp", 410)
    assert raced.fired == 1


def update(visitor):
    world = visitor.world
    image = f"/images/{world.active(tags=MANY)}"
    everything = {"description": "at night", "metadata": {"a": 1}, "visibility": "public", "filename": "b.jpg"}
    visitor.ask("PATCH", image, json=everything)
    visitor.ask("PATCH", image, json={"tags": MANY[1:] + ["new"]})
    visitor.ask("PATCH", image, json={"tags": OTHERS})
    visitor.ask("PATCH", image, 412, json={"tags": []}, headers={"If-Match": '"1"'})
    visitor.ask("PATCH", f"/images/{world.half_changed()}", json={"description": "at noon"})
    visitor.ask("PATCH", f"/images/{world.arrived()}", json={"tags": ["sun"]})
    visitor.ask("PATCH", f"/images/{world.deleted()}", 410, json={"tags": ["sun"]})
    visitor.ask("PATCH", f"/images/{NOBODY}", 404, json={"tags": ["sun"]})


def delete(visitor):
    world = visitor.world
    for image_id in (world.active(), world.active(tags=MANY), world.arrived(), world.half_changed()):
        for _ in range(2):
            visitor.ask("DELETE", f"/images/{image_id}")
    for image_id in (
        world.active(), world.active(tags=MANY), world.deleted(), world.arrived(),
        world.with_debris(world.arrived()), world.half_changed(),
    ):  # fmt: skip
        visitor.ask("DELETE", f"/images/{image_id}?hard=true", 204)
    visitor.ask("DELETE", f"/images/{NOBODY}?hard=true", 404)
    waiting = world.waiting()[0]["image_id"]
    world.client.delete(f"/images/{waiting}")
    for image_id in (world.deleted(), world.deleted(tags=MANY), world.withdrawn(), waiting):
        visitor.ask("POST", f"/images/{image_id}/restore")
        visitor.ask("POST", f"/images/{image_id}/restore", 409)
    for image_id in (world.deleted(), world.withdrawn()):
        for _ in range(2):
            visitor.ask("POST", f"/images/{image_id}/restore", headers={"Idempotency-Key": image_id})
    take_over(visitor, f"/images/{world.deleted()}/restore")


def process(visitor):
    world = visitor.world
    for image_id in (world.arrived(), world.arrived(tags=MANY), world.hopeless(), world.half_changed()):
        visitor.ask("POST", f"/images/{image_id}/complete")
        visitor.ask("POST", f"/images/{image_id}/complete")
    waiting = world.waiting()[0]["image_id"]
    for query, image_id, expected in (
        ("", waiting, 409), ("?wait=false", waiting, 409), ("?wait=false", world.arrived(), 202),
        ("", world.deleted(), 410), ("", NOBODY, 404),
    ):  # fmt: skip
        visitor.ask("POST", f"/images/{image_id}/complete{query}", expected)
    arrived = world.arrived()
    for _ in range(2):
        visitor.ask("POST", f"/images/{arrived}/complete", headers=visitor.key("complete"))
    take_events(visitor)
    going = world.arrived()
    gone = visitor.meanwhile(lambda: world.client.delete(f"/images/{going}"), method="PUT", path="/originals/")
    visitor.ask("POST", f"/images/{going}/complete", 410)
    assert gone.fired == 1
    for _ in range(3):  # each asks another table
        visitor.ask("GET", "/readyz")
    take_over(visitor, f"/images/{world.arrived()}/complete")


def take_events(visitor):
    world = visitor.world
    bucket = world.names.bucket
    for image_id in (world.arrived(), world.hopeless(), NOBODY):
        visitor.send(created_event(bucket, image_id))
    good = world.arrived()
    told = queued(created_event(bucket, good), created_event(bucket, world.hopeless()), {"Event": "s3:TestEvent"})
    assert visitor.send(told) == {"batchItemFailures": []}
    assert world.client.image(good)["status"] == "active"


def janitor(visitor):
    world = visitor.world
    arrived, bad = world.arrived(tags=MANY), world.hopeless()
    overdue = world.with_debris(world.waiting(client=world.hasty)[0]["image_id"])
    leased = world.left_by_a_completer()
    trash = [world.deleted(client=world.hasty), world.with_debris(world.deleted(client=world.hasty, tags=MANY))]
    purged, changed = world.half_purged(), world.half_changed()
    world.forgotten_answer()
    world.wait_until_due(overdue)
    for event in ({"action": "janitor"}, {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}):
        report = visitor.send(event)
        assert report["errors"] == 0, report
    assert world.client.image(arrived)["status"] == "active"
    assert [world.client.image(id_)["status"] for id_ in (bad, overdue)] == ["failed", "failed"]
    assert world.client.image(leased)["status"] == "processing"
    assert [world.client.get(f"/images/{id_}").status_code for id_ in (*trash, purged)] == [404, 404, 404]
    assert not world.is_unsettled(changed)
    assert not world.kept_answers()


VISITS = {
    "upload": upload, "list": list_, "get": get, "download": download, "rendition": rendition,
    "update": update, "delete": delete, "process": process, "janitor": janitor,
}  # fmt: skip
