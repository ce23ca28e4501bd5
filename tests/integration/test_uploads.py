"""Every way to send bytes, and what can be done with an image afterwards."""

import concurrent.futures
import json
import re
import time
import urllib.parse

import boto3
import botocore.config
import botocore.exceptions
import pytest
from data_folder import object_keys
from pictures import TEXT, gif, jpeg, png
from tintype_client import Client, assert_problem, sha256_base64, sha256_hex
from tintype_server import is_elsewhere, object_url, on_aws


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def post_form(client, ticket, data, name="a.png", **extra):
    """Sends an S3 POST form as a browser does: the fields in order, the file last."""
    fields = [(key, (None, value)) for key, value in {**ticket["upload_fields"], **extra}.items()]
    return client.post(ticket["upload_url"], files=fields + [("file", (name, data, "image/png"))])


# Presigned PUT.


def test_ticket_of_a_presigned_put(client, server, user):
    data = png(seed=user)
    response = client.post("/images", json=client.wish(data, user_id=user, sha256=True))
    assert response.status_code == 201
    ticket = response.json()
    assert response.headers["Location"] == f"{server.url}/images/{ticket['image_id']}"
    assert response.headers["ETag"] == '"1"'
    assert ticket["status"] == "processing"
    assert ticket["upload_method"] == "PUT"
    names = {name.lower() for name in ticket["upload_headers"]}
    assert names == {"content-type", "x-amz-checksum-sha256"}
    assert ticket["upload_headers"]["x-amz-checksum-sha256"] == sha256_base64(data)
    image = ticket["image"]
    assert image["image_id"] == ticket["image_id"]
    assert image["status"] == "processing"
    assert image["width"] is None and image["sha256"] is None and image["failure"] is None
    assert image["s3_key"] == f"incoming/{ticket['image_id']}"
    assert ticket["upload_url"].startswith(object_url(server, image["s3_bucket"]) + "/incoming/")
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(ticket["upload_url"]).query)
    assert query["X-Amz-Expires"] == ["900"]
    signed = query["X-Amz-SignedHeaders"][0].split(";")
    assert signed == ["content-length", "content-type", "host", "x-amz-checksum-sha256"]


def test_put_answers_like_s3(client, user):
    data = png(seed=user)
    ticket = client.create(data, user_id=user)
    stored = client.put(ticket, data)
    assert stored.status_code == 200
    assert re.fullmatch(r'"[0-9a-f]{32}"', stored.headers["ETag"])
    assert stored.headers["x-amz-request-id"]
    assert on_aws() or stored.headers["x-amz-request-id"] == stored.headers["X-Request-Id"]
    assert stored.content == b""


def test_put_twice_before_completion(start_server, user):
    # A connection that broke is tried again: the second PUT of the same bytes is welcome.
    client = Client(start_server().url)
    data = png(seed=user)
    ticket = client.create(data, user_id=user)
    first = client.put(ticket, data)
    assert first.status_code == 200
    again = client.put(ticket, data)
    # The server completes by itself, so the second may come too late; then it says so.
    assert again.status_code == 200 or "<Code>AccessDenied</Code>" in again.text
    assert client.complete(ticket["image_id"]).json()["status"] == "active"
    assert client.download(ticket["image_id"]) == data


@pytest.mark.hears_of_uploads
def test_completion_without_the_clients_call(client, user):
    data = jpeg(seed=user)
    ticket = client.create(data, user_id=user, content_type="image/jpeg")
    assert client.put(ticket, data).status_code == 200
    wait_until(lambda: client.image(ticket["image_id"])["status"] == "active")
    assert client.image(ticket["image_id"])["sha256"] == sha256_hex(data)


@pytest.mark.hears_of_uploads
def test_failure_without_the_clients_call(client, user):
    ticket = client.create(TEXT, user_id=user)
    assert client.put(ticket, TEXT).status_code == 200
    wait_until(lambda: client.image(ticket["image_id"])["status"] == "failed")
    assert client.image(ticket["image_id"])["failure"]["code"] == "not_an_image"


def test_complete_before_the_bytes_are_there(client, user):
    ticket = client.create(png(seed=user), user_id=user)
    assert_problem(client.complete(ticket["image_id"]), 409, "upload_missing")
    assert_problem(client.complete(ticket["image_id"], wait="false"), 409, "upload_missing")
    assert_problem(client.get(f"/images/{ticket['image_id']}/download"), 409, "not_ready")
    assert client.ids(user_id=user, status="processing") == [ticket["image_id"]]


def test_complete_is_idempotent(client, user):
    image = client.upload(png(seed=user), user_id=user)
    for _ in range(3):
        again = client.complete(image["image_id"])
        assert again.status_code == 200
        assert again.json() == image
    assert client.complete(image["image_id"], wait="false").json() == image


@pytest.mark.background
def test_complete_without_waiting(client, user):
    data = gif(64, 64, frames=3, seed=user)
    ticket = client.create(data, user_id=user, content_type="image/gif")
    assert client.put(ticket, data).status_code == 200
    answer = client.complete(ticket["image_id"], wait="false")
    assert answer.status_code in (200, 202)  # 200: it was done already
    assert answer.json()["status"] == ("processing" if answer.status_code == 202 else "active")
    wait_until(lambda: client.image(ticket["image_id"])["status"] == "active")
    image = client.image(ticket["image_id"])
    assert image["animated"] is True and image["frames"] == 3


@pytest.mark.background
def test_upload_expires(start_server, user):
    server = start_server(upload__url_ttl="1s", upload__expires_after="1s", janitor__interval="100ms")
    client = Client(server.url)
    ticket = client.create(png(seed=user), user_id=user)
    wait_until(lambda: client.image(ticket["image_id"])["status"] == "failed")
    assert client.image(ticket["image_id"])["failure"]["code"] == "upload_expired"
    assert client.usage(user)["images"] == 0


# The form of S3, and the form of the API.


def test_browser_form(client, user):
    data = png(seed=user)
    ticket = client.create(data, user_id=user, upload="post")
    assert ticket["upload_method"] == "POST"
    assert "upload_headers" not in ticket
    assert {"key", "policy", "x-amz-signature"} <= {name.lower() for name in ticket["upload_fields"]}
    assert post_form(client, ticket, data).status_code == 204
    image = client.complete(ticket["image_id"]).json()
    assert image["status"] == "active", image
    assert client.download(ticket["image_id"]) == data


def test_browser_form_is_held_to_its_policy(client, user):
    data = png(seed=user)
    ticket = client.create(data, user_id=user, upload="post")

    def refused(response, status, *codes):
        assert response.status_code == status, response.text
        assert any(f"<Code>{code}</Code>" in response.text for code in codes), response.text

    refused(post_form(client, ticket, data + b"x"), 400, "EntityTooLarge")
    refused(post_form(client, ticket, data[:-1]), 400, "EntityTooSmall")
    refused(post_form(client, ticket, data, extra="x"), 403, "AccessDenied")
    other = dict(ticket["upload_fields"], key="incoming/../../etc/passwd")
    refused(post_form(client, dict(ticket, upload_fields=other), data), 403, "AccessDenied")
    signature = next(n for n in ticket["upload_fields"] if n.lower() == "x-amz-signature")
    forged = dict(ticket["upload_fields"], **{signature: "0" * 64})
    codes = ["SignatureDoesNotMatch", *(["AccessDenied"] if on_aws() else [])]  # the latter Ceph's
    refused(post_form(client, dict(ticket, upload_fields=forged), data), 403, *codes)
    assert_problem(client.complete(ticket["image_id"]), 409, "upload_missing")
    assert post_form(client, ticket, data).status_code == 204  # the ticket is still good


def test_api_form(client, server, user):
    data = jpeg(40, 20, seed=user)
    response = client.upload_form(
        data,
        user_id=user,
        filename="ünïcode name.jpg",
        content_type="image/jpeg",
        tags=["one", "two,three"],
        description="A form",
        metadata='{"a": {"b": 1}}',
        visibility="public",
        size=str(len(data)),
        sha256=sha256_hex(data),
    )
    assert response.status_code == 201, response.text
    image = response.json()
    assert image["status"] == "active"
    assert response.headers["Location"] == f"{server.url}/images/{image['image_id']}"
    assert image["filename"] == "ünïcode name.jpg"
    assert image["tags"] == ["one", "two", "three"]
    assert image["metadata"] == {"a": {"b": 1}}
    assert image["visibility"] == "public"
    assert (image["width"], image["height"]) == (40, 20)
    assert client.download(image["image_id"]) == data


def test_api_form_finds_duplicates(client, user):
    data = png(seed=user)
    first = client.upload_form(data, user_id=user).json()
    again = client.upload_form(data, user_id=user, sha256=sha256_hex(data))
    assert again.status_code == 200
    assert again.json()["duplicate"] is True and again.json()["image_id"] == first["image_id"]
    third = client.upload_form(
        data, user_id=user, sha256=sha256_hex(data), params={"allow_duplicate": "true"}
    )
    assert third.status_code == 201
    assert len(client.ids(user_id=user)) == 2


def test_api_form_refuses(client, server, user):
    before = object_keys(server)
    data = png(seed=user)
    assert_problem(client.upload_form(TEXT, user_id=user), 422, "not_an_image")
    wrong = client.upload_form(data, user_id=user, sha256="0" * 64)
    assert_problem(wrong, 422, "checksum_mismatch")
    for field, value in [("size", "5"), ("colour", "red"), ("metadata", "[]"), ("tags", "a b")]:
        refused = client.upload_form(data, user_id=user, **{field: value})
        assert_problem(refused, 400, "validation_failed", field)
    no_file = client.post("/images", files=[("user_id", (None, user))])
    assert_problem(no_file, 400, "validation_failed", "file")
    wrong_type = client.upload_form(data, user_id=user, content_type="text/plain")
    assert_problem(wrong_type, 415, "unsupported_media_type")
    for body in (b"", b"garbage", b"--b\r\n", b'--b\r\nContent-Disposition: form-data; name="file"'):
        cut = client.post(
            "/images", data=body, headers={"Content-Type": "multipart/form-data; boundary=b"}
        )
        assert_problem(cut, 400, "invalid_multipart")
    usage = client.usage(user)
    assert (usage["images"], usage["bytes"]) == (0, 0)
    assert client.ids(user_id=user) == []
    assert object_keys(server) == before


# Idempotency-Key.


def test_idempotent_create_is_replayed(client, user):
    wish = client.wish(png(seed=user), user_id=user)
    headers = {"Idempotency-Key": f"key-{user}"}
    first = client.post("/images", json=wish, headers=headers)
    again = client.post("/images", json=wish, headers=headers)
    assert first.status_code == again.status_code == 201
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert len(client.ids(user_id=user, status="processing")) == 1


def test_idempotency_key_of_another_request(client, user):
    wish = client.wish(png(seed=user), user_id=user)
    headers = {"Idempotency-Key": f"key-{user}"}
    assert client.post("/images", json=wish, headers=headers).status_code == 201
    other = client.post("/images", json=dict(wish, description="another"), headers=headers)
    assert_problem(other, 422, "idempotency_mismatch")
    elsewhere = client.post("/images/batch", json={"operations": [{"op": "get"}]}, headers=headers)
    assert_problem(elsewhere, 422, "idempotency_mismatch")
    for bad in ("", "x" * 256, "with space"):
        refused = client.post("/images", json=wish, headers={"Idempotency-Key": bad})
        assert_problem(refused, 400, "invalid_idempotency_key")


def test_refusals_are_replayed_too(client, user):
    headers = {"Idempotency-Key": f"key-{user}"}
    first = client.post("/images", json={"user_id": user}, headers=headers)
    again = client.post("/images", json={"user_id": user}, headers=headers)
    assert first.status_code == again.status_code == 400
    assert again.headers["Idempotency-Replayed"] == "true"


def test_concurrent_requests_with_one_key(client, user):
    wish = client.wish(png(seed=user), user_id=user)
    headers = {"Idempotency-Key": f"key-{user}"}

    def create(_):
        for _ in range(100):
            response = client.post("/images", json=wish, headers=headers)
            if response.status_code != 409:
                return response
            assert_problem(response, 409, "idempotency_in_progress")
            assert response.headers["Retry-After"] == "1"
        raise AssertionError("the key stays busy")

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(create, range(24)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["image_id"] for a in answers}) == 1
    assert client.usage(user)["images"] == 1


def test_idempotent_form(client, user):
    data = png(seed=user)
    headers = {"Idempotency-Key": f"key-{user}"}
    first = client.upload_form(data, user_id=user, headers=headers)
    again = client.upload_form(data, user_id=user, headers=headers)  # another boundary
    assert first.status_code == again.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    other = client.upload_form(png(seed=user + "2"), user_id=user, headers=headers)
    assert_problem(other, 422, "idempotency_mismatch")
    assert len(client.ids(user_id=user)) == 1


# Conditional requests and updates.


def test_etags(client, user):
    image = client.upload(png(seed=user), user_id=user)
    path = f"/images/{image['image_id']}"
    first = client.get(path)
    etag = first.headers["ETag"]
    assert etag == f'"{image["revision"]}"'
    for value in (etag, f'"0", {etag}', f"W/{etag}", "*"):
        unchanged = client.get(path, headers={"If-None-Match": value})
        assert unchanged.status_code == 304 and unchanged.content == b""
        assert unchanged.headers["ETag"] == etag
    assert client.get(path, headers={"If-None-Match": '"0"'}).status_code == 200

    stale = {"If-Match": '"1"'}
    assert_problem(client.patch(path, json={}, headers=stale), 412, "revision_mismatch")
    assert_problem(client.delete(path, headers=stale), 412, "revision_mismatch")
    hard = client.delete(path, headers=stale, params={"hard": "true"})
    assert_problem(hard, 412, "revision_mismatch")
    assert client.image(image["image_id"]) == image
    changed = client.patch(path, json={"description": "x"}, headers={"If-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] == f'"{image["revision"] + 1}"'
    assert client.delete(path, headers={"If-Match": f"{etag}, {changed.headers['ETag']}"}).ok


def test_merge_patch(client, user):
    image = client.upload(
        png(seed=user), user_id=user, metadata={"keep": 1, "drop": 2, "deep": {"a": 1, "b": 2}}
    )
    path = f"/images/{image['image_id']}"

    def patch(**change):
        response = client.patch(path, json=change)
        assert response.status_code == 200, response.text
        assert client.image(image["image_id"]) == response.json()
        return response.json()

    after = patch(metadata={"drop": None, "deep": {"b": 3, "c": [1]}, "new": "x"})
    assert after["metadata"] == {"keep": 1, "deep": {"a": 1, "b": 3, "c": [1]}, "new": "x"}
    assert patch(metadata=None)["metadata"] == {}
    assert patch(tags=["B", "#a", "b"])["tags"] == ["b", "a"]
    assert patch(tags=None)["tags"] == []
    assert patch(description="words")["description"] == "words"
    assert patch(description=None)["description"] is None
    assert patch(filename="../../x/new name.png")["filename"] == "new name.png"
    changed = patch(visibility="public")
    assert changed["visibility"] == "public"
    assert changed["upload_timestamp"] == image["upload_timestamp"]
    assert changed["updated_at"] >= image["updated_at"]
    same = patch(visibility="public")
    assert same["revision"] == changed["revision"]  # nothing changed
    assert patch() == same
    assert client.download(image["image_id"]) == png(seed=user)

    for field, value in [
        ("filename", None), ("visibility", None), ("visibility", "secret"), ("tags", "a"),
        ("tags", ["x" * 51]), ("tags", [f"t{i}" for i in range(31)]), ("description", "x" * 2201),
        ("metadata", []), ("metadata", {"x": "y" * 17000}), ("size", 5), ("user_id", "mallory"),
        ("status", "active"), ("revision", 1),
    ]:  # fmt: skip
        refused = client.patch(path, json={field: value})
        assert_problem(refused, 400, "validation_failed", field)
    assert client.image(image["image_id"]) == same


def test_patch_as_merge_patch_type(client, user):
    image = client.upload(png(seed=user), user_id=user)
    path = f"/images/{image['image_id']}"
    headers = {"Content-Type": "application/merge-patch+json; charset=utf-8"}
    assert client.patch(path, data=b'{"description":"m"}', headers=headers).status_code == 200
    text = client.patch(path, data=b"{}", headers={"Content-Type": "text/plain"})
    assert_problem(text, 415, "unsupported_media_type")


# Trash.


def test_delete_and_restore(client, user):
    data = png(seed=user)
    image = client.upload(data, user_id=user, tags=["tagged"])
    path = f"/images/{image['image_id']}"
    link = client.link(image["image_id"])
    assert_problem(client.post(path + "/restore"), 409, "not_deleted")
    first = client.delete(path).json()
    assert client.delete(path).json() == first
    assert client.ids(user_id=user, tags="tagged") == []
    assert client.get("/tags", params={"user_id": user}).json() == {"tags": []}
    assert_problem(client.patch(path, json={}), 410, "image_deleted")
    assert_problem(client.complete(image["image_id"]), 410, "image_deleted")
    assert client.usage(user)["images"] == 1

    restored = client.post(path + "/restore")
    assert restored.status_code == 200
    back = restored.json()
    assert back["status"] == "active"
    assert back["deleted_at"] is None and back["purge_at"] is None
    assert back["tags"] == ["tagged"]
    assert client.ids(user_id=user, tags="tagged") == [image["image_id"]]
    assert client.get(link).content == data


def test_hard_delete(client, server, user):
    image = client.upload(png(seed=user), user_id=user, tags=["gone"])
    path = f"/images/{image['image_id']}"
    link = client.link(image["image_id"])
    assert client.get(link).status_code == 200
    gone = client.delete(path, params={"hard": "true"})
    assert gone.status_code == 204 and gone.content == b""
    assert_problem(client.delete(path, params={"hard": "true"}), 404, "not_found")
    assert_problem(client.get(path), 404, "not_found")
    assert_problem(client.post(path + "/restore"), 404, "not_found")
    dead = client.get(link)
    assert dead.status_code == 404 and "<Code>NoSuchKey</Code>" in dead.text
    assert not [key for key in object_keys(server) if image["image_id"] in key]
    assert client.usage(user)["images"] == 0
    assert client.get("/tags", params={"user_id": user}).json() == {"tags": []}


def test_hard_delete_out_of_the_trash(client, user):
    image = client.upload(png(seed=user), user_id=user)
    path = f"/images/{image['image_id']}"
    assert client.delete(path).status_code == 200
    assert client.delete(path, params={"hard": "true"}).status_code == 204
    assert_problem(client.get(path), 404, "not_found")


@pytest.mark.background
def test_trash_is_emptied_in_time(start_server, user):
    server = start_server(trash__retention="300ms", janitor__interval="100ms")
    client = Client(server.url)
    image = client.upload(png(seed=user), user_id=user)
    client.delete(f"/images/{image['image_id']}")
    wait_until(lambda: client.get(f"/images/{image['image_id']}").status_code == 404)
    wait_until(lambda: not [key for key in object_keys(server) if image["image_id"] in key])
    assert client.usage(user)["images"] == 0


def test_deleting_an_upload_that_is_not_finished(client, server, user):
    data = png(seed=user)
    ticket = client.create(data, user_id=user)
    path = f"/images/{ticket['image_id']}"
    assert client.delete(path).status_code == 200
    late = client.put(ticket, data)
    if not on_aws():  # S3 knows nothing of the trash
        assert late.status_code == 403 and "<Code>AccessDenied</Code>" in late.text
    assert client.post(path + "/restore").json()["status"] == "processing"
    assert client.put(ticket, data).status_code == 200
    assert client.complete(ticket["image_id"]).json()["status"] == "active"


# Batches, tags, usage.


def test_batch(client, user):
    kept = client.upload(png(seed=user), user_id=user)
    other = client.upload(jpeg(seed=user), user_id=user, content_type="image/jpeg")
    data = gif(seed=user)
    ticket = client.create(data, user_id=user, content_type="image/gif")
    assert client.put(ticket, data).status_code == 200
    operations = [
        {"op": "get", "image_id": kept["image_id"]},
        {"op": "update", "image_id": kept["image_id"], "tags": ["batch"], "description": None},
        {"op": "delete", "image_id": other["image_id"]},
        {"op": "restore", "image_id": other["image_id"]},
        {"op": "complete", "image_id": ticket["image_id"]},
        dict(op="create", user_id=user, **client.wish(b"x" * 10)),
        {"op": "get", "image_id": "01930000-0000-7000-8000-000000000000"},
        {"op": "update", "image_id": kept["image_id"], "tags": [7]},
        {"op": "dance"},
        {"op": "get"},
        {"op": "get", "image_id": kept["image_id"], "colour": "red"},
        {"op": "delete", "image_id": other["image_id"], "hard": True},
    ]
    response = client.post("/images/batch", json={"operations": operations})
    assert response.status_code == 200
    results = response.json()["results"]
    assert [r["index"] for r in results] == list(range(len(operations)))
    codes = [200, 200, 200, 200, 200, 201, 404, 400, 400, 400, 400, 204]
    assert [r["status"] for r in results] == codes
    assert results[0]["image"] == kept
    assert results[1]["image"]["tags"] == ["batch"]
    assert results[2]["image"]["status"] == "deleted"
    assert results[3]["image"]["status"] == "active"
    assert results[4]["image"]["status"] == "active"
    assert results[5]["image"]["status"] == "processing"
    assert results[5]["upload"]["upload_method"] == "PUT"
    assert results[6]["problem"]["code"] == "not_found"
    for refused in results[7:11]:
        assert refused["problem"]["code"] == "validation_failed"
        assert refused["problem"]["request_id"] == response.headers["X-Request-Id"]
    assert "image" not in results[11] and "problem" not in results[11]
    sent = client.put(results[5]["upload"], b"x" * 10)
    assert sent.status_code == 200


def test_batch_limits(client, user):
    for operations in ([], [{"op": "get"}] * 101, "x", [1], None):
        refused = client.post("/images/batch", json={"operations": operations})
        assert_problem(refused, 400, "validation_failed", "operations")
    refused = client.post("/images/batch", json={"operations": [{"op": "get"}], "extra": 1})
    assert_problem(refused, 400, "validation_failed", "extra")


def test_tags_and_usage(client, user):
    sizes = 0
    for i, tags in enumerate((["blue", "sky"], ["blue", "sea"], ["blue", "Schiff"], [])):
        data = png(seed=f"{user} {i}")
        sizes += len(data)
        client.upload(data, user_id=user, tags=tags)
    tags = client.get("/tags", params={"user_id": user}).json()["tags"]
    assert tags[0] == {"tag": "blue", "count": 3}
    assert [t["tag"] for t in tags[1:]] == ["schiff", "sea", "sky"]
    found = client.get("/tags", params={"user_id": user, "prefix": "#S", "limit": 2}).json()["tags"]
    assert [t["tag"] for t in found] == ["schiff", "sea"]
    assert client.usage(user) == {"images": 4, "bytes": sizes, "limits": {"images": None, "bytes": None}}
    assert client.usage("nobody-at-all")["images"] == 0
    assert_problem(client.get("/users/a%20b/usage"), 400, "validation_failed", "user_id")


def test_quota(start_server, user):
    data = png(seed=user)
    server = start_server(limits__max_user_images=2, limits__max_user_bytes=f"{len(data) * 2}")
    client = Client(server.url)
    first = client.upload(data, user_id=user)
    client.create(data, user_id=user)
    wish = client.wish(data, user_id=user)
    assert_problem(client.post("/images", json=wish), 422, "quota_exceeded")
    assert_problem(client.upload_form(data, user_id=user), 422, "quota_exceeded")
    assert client.usage(user)["limits"] == {"images": 2, "bytes": len(data) * 2}
    assert client.create(data, user_id="somebody-else")["upload_method"] == "PUT"
    client.delete(f"/images/{first['image_id']}", params={"hard": "true"})
    assert client.post("/images", json=wish).status_code == 201


def test_fields(client, user):
    image = client.upload(png(seed=user), user_id=user)
    some = client.page(user_id=user, fields="image_id,width")["images"]
    assert some == [{"image_id": image["image_id"], "width": 8}]
    assert client.image(image["image_id"], fields="tags") == {"tags": []}
    refused = client.get("/images", params={"fields": "image_id,secrets"})
    assert_problem(refused, 400, "validation_failed", "fields")


def test_facts_of_the_picture(client, user):
    data = jpeg(48, 24, seed=user, orientation=6, latitude=48)
    image = client.upload(data, user_id=user, content_type="image/jpeg")
    assert image["orientation"] == 6
    assert (image["width"], image["height"]) == (24, 48)  # as it is shown
    assert image["has_alpha"] is False
    assert "location" not in json.dumps(image)
    located = client.image(image["image_id"], include="location")
    assert located["exif"]["location"], located["exif"]
    assert "48" in json.dumps(located["exif"]["location"])
    see_through = client.upload(png(seed=user, alpha=True), user_id=user)
    assert see_through["has_alpha"] is True


# What every answer has.


def test_request_ids(client, server):
    given = client.get("/healthz", headers={"X-Request-Id": "my-id.1_2"})
    assert given.headers["X-Request-Id"] == "my-id.1_2"
    made = {client.get("/healthz").headers["X-Request-Id"] for _ in range(20)}
    assert len(made) == 20
    for bad in ("with space", "x" * 129, "<script>", "a/b"):
        assert client.get("/healthz", headers={"X-Request-Id": bad}).headers["X-Request-Id"] != bad
    missing = client.get("/nowhere", headers={"X-Request-Id": "find-me"})
    assert missing.json()["request_id"] == "find-me"


@pytest.mark.http_server
def test_request_ids_are_logged(client, server):
    client.get("/nowhere", headers={"X-Request-Id": "log-me"})
    wait_until(lambda: '"log-me"' in server.errors())


@pytest.mark.http_server
def test_log_has_no_signatures(client, server, user):
    data = png(seed=user)
    ticket = client.create(data, user_id=user)
    client.put(ticket, data)
    client.complete(ticket["image_id"])
    link = client.link(ticket["image_id"])
    client.get(link)
    # Of the completion and the link; where the service itself serves the objects, of these too.
    lines = 2 if on_aws() else 4
    wait_until(lambda: server.errors().count(ticket["image_id"]) >= lines)
    log = server.errors()
    for url in (ticket["upload_url"], link):
        signature = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["X-Amz-Signature"][0]
        assert signature not in log
    for line in log.splitlines():
        assert json.loads(line)["time"]


def test_methods_and_paths(client):
    for method, path, allow in [
        ("DELETE", "/images", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("PUT", "/images/x", {"GET", "HEAD", "PATCH", "DELETE", "OPTIONS"}),
        ("POST", "/healthz", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/images/x/complete", {"POST", "OPTIONS"}),
        *([] if is_elsewhere() else [("TRACE", "/images", {"GET", "HEAD", "POST", "OPTIONS"})]),
    ]:
        response = client.request(method, path)
        assert_problem(response, 405, "method_not_allowed")
        assert set(response.headers["Allow"].split(", ")) == allow
    twice = [] if is_elsewhere() else ["//images"]  # a gateway may make one of it
    for path in ("/nowhere", "/images/", "/images/x/y/z", "/Images", *twice):
        assert_problem(client.get(path), 404, "not_found")
    refused = client.get("/images", headers={"Accept": "text/html"})
    assert_problem(refused, 406, "not_acceptable")
    assert client.get("/images", headers={"Accept": "text/html, application/*;q=0.5"}).ok
    assert client.get("/readyz").status_code == 200
    assert client.get("/openapi.json").json()["openapi"].startswith("3.1")
    assert client.get("/docs").headers["Content-Type"].startswith("text/html")


def assert_head_is_like_get(client, path):
    full, head = client.get(path), client.request("HEAD", path)
    assert head.status_code == 200 and head.content == b""
    if not is_elsewhere():  # a gateway counts by itself
        assert head.headers["Content-Length"] == str(len(full.content))
    assert head.headers["Content-Type"] == full.headers["Content-Type"]
    assert head.headers.get("ETag") == full.headers.get("ETag")


def test_head(client, user):
    image = client.upload(png(seed=user), user_id=user)
    for path in ("/healthz", "/images", f"/images/{image['image_id']}"):
        assert_head_is_like_get(client, path)
    assert client.request("HEAD", "/images/none").status_code == 404


@pytest.mark.embedded
def test_head_of_a_download(client, user):
    assert_head_is_like_get(client, client.link(client.upload(png(seed=user), user_id=user)["image_id"]))


ORIGIN = "https://app.example.com"


def test_cors(start_server, user):
    client = Client(start_server(cors__origins=f"{ORIGIN},https://b.example").url)
    preflight = client.request(
        "OPTIONS",
        "/images",
        headers={
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type, idempotency-key",
        },
    )
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert preflight.headers["Access-Control-Allow-Headers"] == "content-type, idempotency-key"
    answer = client.get("/images", headers={"Origin": ORIGIN})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "X-Request-Id" in answer.headers["Access-Control-Expose-Headers"]
    assert "Origin" in answer.headers["Vary"]
    stranger = client.get("/images", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in stranger.headers


@pytest.mark.embedded
def test_cors_of_objects(start_server, user):
    client = Client(start_server(cors__origins=ORIGIN).url)
    data = png(seed=user)
    ticket = client.create(data, user_id=user)
    path = ticket["upload_url"]
    preflight = client.request(
        "OPTIONS", path, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "PUT"}
    )
    assert preflight.status_code == 204 and "PUT" in preflight.headers["Access-Control-Allow-Methods"]
    stored = client.put(ticket, data, headers={"Origin": ORIGIN})
    assert stored.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "ETag" in stored.headers["Access-Control-Expose-Headers"]


def test_no_cors_unless_set(client):
    answer = client.get("/images", headers={"Origin": "https://app.example.com"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


# Downloads.


@pytest.fixture
def stored(client, user):
    data = png(60, 50, seed=user)
    image = client.upload(data, user_id=user, filename="Grüße & 100% “Käse”.png")
    return data, image, client.link(image["image_id"])


def test_download_answer(client, stored):
    data, image, _ = stored
    answer = client.get(f"/images/{image['image_id']}/download")
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"download_url", "expires_at", "filename", "content_type", "size"}
    assert body["size"] == len(data) and body["content_type"] == "image/png"
    assert body["filename"] == image["filename"]
    redirect = client.get(f"/images/{image['image_id']}/download", params={"redirect": "true"})
    assert redirect.status_code == 302
    assert client.get(redirect.headers["Location"]).content == data
    for bad in ({"expires_in": 0}, {"expires_in": 604801}, {"disposition": "x"}, {"redirect": "x"}):
        refused = client.get(f"/images/{image['image_id']}/download", params=bad)
        assert_problem(refused, 400, "validation_failed", next(iter(bad)))


def test_download_headers(client, stored):
    data, image, link = stored
    answer = client.get(link)
    assert answer.content == data
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Accept-Ranges"] == "bytes"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="')
    encoded = re.search(r"filename\*=UTF-8''(\S+)$", disposition).group(1)
    assert urllib.parse.unquote(encoded) == image["filename"]
    inline = client.get(client.link(image["image_id"], disposition="inline"))
    assert inline.headers["Content-Disposition"].startswith("inline; ")
    etag = answer.headers["ETag"]
    assert client.get(link, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.embedded
def test_own_download_headers(client, stored):
    answer = client.get(stored[2])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.request("HEAD", stored[2]).headers["ETag"] == answer.headers["ETag"]


# S3's own answers to what follows are S3's business.


@pytest.mark.embedded
@pytest.mark.parametrize(
    "header, first, last",
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=100-", 100, None),
        ("bytes=-7", -7, None),
        ("bytes=-999999999", 0, None),
        ("bytes=5-99999999999999999999999", 5, None),
    ],
)
def test_one_range(client, stored, header, first, last):
    data, _, link = stored
    part = client.get(link, headers={"Range": header})
    wanted = data[first:last]
    assert part.status_code == 206
    assert part.content == wanted
    start = data.index(wanted) if first < 0 else first
    assert part.headers["Content-Range"] == f"bytes {start}-{start + len(wanted) - 1}/{len(data)}"
    head = client.request("HEAD", link, headers={"Range": header})
    assert head.headers["Content-Length"] == str(len(wanted))


@pytest.mark.embedded
def test_ranges_that_cannot_be(client, stored):
    data, _, link = stored
    for header in (f"bytes={len(data)}-", "bytes=-0", "bytes=99999999999999999999-"):
        refused = client.get(link, headers={"Range": header})
        assert refused.status_code == 416, header
        assert refused.headers["Content-Range"] == f"bytes */{len(data)}"
        assert "<Code>InvalidRange</Code>" in refused.text
    for header in ("bytes=0-1,5-6", "bytes=9-5", "lines=1-2", "bytes=a-b", "bytes=", "bytes=1"):
        whole = client.get(link, headers={"Range": header})
        assert whole.status_code == 200 and whole.content == data, header


@pytest.mark.embedded
def test_conditional_range(client, stored):
    data, _, link = stored
    etag = client.get(link).headers["ETag"]
    part = client.get(link, headers={"Range": "bytes=0-9", "If-Range": etag})
    assert part.status_code == 206 and part.content == data[:10]
    whole = client.get(link, headers={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert whole.status_code == 200 and whole.content == data


# boto3 as the client of the object URLs.


def s3_with(answer):
    """A boto3 client whose next request gets `answer`, so that its own parser reads it."""
    s3 = boto3.client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="y",
        config=botocore.config.Config(retries={"max_attempts": 0}),
    )

    def respond(**_):
        raw = type("Raw", (), {"stream": lambda self: iter([answer.content])})()
        made = botocore.awsrequest.AWSResponse(answer.url, answer.status_code, answer.headers, raw)
        made._content = answer.content
        return made

    s3.meta.events.register("before-send.s3", respond)
    return s3


@pytest.mark.embedded
def test_boto3_understands_the_errors(client, user):
    data = png(seed=user)
    ticket = client.create(data, user_id=user, sha256=True)
    cases = [
        (client.put(ticket, data[:-1] + b"x"), "BadDigest", 400),
        (client.request("PUT", ticket["upload_url"] + "0", data=data), "SignatureDoesNotMatch", 403),
        (client.get(ticket["upload_url"].split("?")[0]), None, 403),
    ]
    for answer, code, status in cases:
        assert answer.status_code == status, answer.text
        with pytest.raises(botocore.exceptions.ClientError) as raised:
            s3_with(answer).put_object(Bucket="images", Key="x", Body=b"")
        error = raised.value.response
        assert error["ResponseMetadata"]["HTTPStatusCode"] == status
        assert error["Error"]["Message"]
        assert error["ResponseMetadata"]["RequestId"] == answer.headers["X-Request-Id"]
        assert code is None or error["Error"]["Code"] == code


@pytest.mark.embedded
def test_boto3_understands_a_put(client, user):
    data = png(seed=user)
    answer = client.put(client.create(data, user_id=user), data)
    result = s3_with(answer).put_object(Bucket="images", Key="x", Body=b"")
    assert result["ETag"] == answer.headers["ETag"]
    assert result["ChecksumSHA256"] == sha256_base64(data)
