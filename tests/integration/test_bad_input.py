"""Bad input: a clear answer, the right status, and nothing half-written."""

import json
import os
import re
import resource
import subprocess
import threading
import time
import urllib.parse

import pytest
import requests
import tintype_server
from data_folder import object_keys, temporary_files, unfinished_files
from pictures import (
    TEXT,
    corrupt,
    gif,
    gif_frame_bomb,
    jpeg,
    png,
    png_bomb,
    png_of_size,
    png_whole_bomb,
    truncated,
    webp,
)
from raw_http import RawConnection
from tintype_client import Client, assert_problem, sha256_base64, sha256_hex
from tintype_server import on_aws

MIB = 1024 * 1024
STATUSES = ("processing", "active", "failed", "deleted")


def ladders(keys, records):
    """Those of the keys that are variants of active images. Variants of a small image may be one
    and the same picture."""
    found = set()
    for record in records:
        prefix = f"renditions/{record['image_id']}/"
        mine = {key for key in keys if key.startswith(prefix)}
        if record["status"] == "active" and len(mine) <= len(record["variants"]):
            found |= mine
    return found


@pytest.fixture(autouse=True)
def nothing_half_written(request):
    """After each test with the shared server: no file that was not there before belongs to nobody,
    no temporary file is left, usage is the sum of the records, and the server lives."""
    if "server" not in request.fixturenames:
        yield
        return
    server = request.getfixturevalue("server")
    user = request.getfixturevalue("user")
    client = Client(server.url)
    before = object_keys(server)
    yield
    assert server.alive()
    deadline = time.monotonic() + 10
    while True:
        records = [r for status in STATUSES for r in client.images(user_id=user, status=status)]
        owned = {r["s3_key"] for r in records if r["status"] != "failed"}
        left = object_keys(server) - before - owned
        left -= ladders(left, records)
        if not left and not unfinished_files(server):
            break
        assert time.monotonic() < deadline, f"left behind: {left or unfinished_files(server)}"
        time.sleep(0.05)
    counted = [r for r in records if r["status"] != "failed"]
    usage = client.usage(user)
    assert usage["images"] == len(counted)
    assert usage["bytes"] == sum(r["size"] for r in counted)
    assert client.get("/healthz").status_code == 200


def assert_s3_error(response, status, code):
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/xml"
    assert f"<Code>{code}</Code>" in response.text, response.text
    if on_aws():
        return
    assert re.search("<Message>.+</Message>", response.text)
    assert f"<RequestId>{response.headers['X-Request-Id']}</RequestId>" in response.text


def nothing_created(client, user):
    return all(client.ids(user_id=user, status=status) == [] for status in STATUSES)


# Fields.


@pytest.mark.parametrize(
    "change, field, code",
    [
        ({"colour": "red"}, "colour", "unknown_field"),
        ({"fileName": "a.png"}, "fileName", "unknown_field"),
        ({"filename": 7}, "filename", "invalid_type"),
        ({"filename": ["a"]}, "filename", "invalid_type"),
        ({"filename": None}, "filename", "required"),
        ({"filename": "a\0b.png"}, "filename", "invalid_filename"),
        ({"filename": "x" * 5000}, "filename", "invalid_filename"),
        ({"size": "12"}, "size", "invalid_type"),
        ({"size": 1.5}, "size", "invalid_type"),
        ({"size": True}, "size", "invalid_type"),
        ({"size": None}, "size", "required"),
        ({"size": 0}, "size", "invalid_size"),
        ({"size": -1}, "size", "invalid_size"),
        ({"size": -(2**63)}, "size", "invalid_size"),
        ({"size": 2**64}, "size", "invalid_type"),
        ({"size": 10**40}, "size", "invalid_type"),
        ({"content_type": 5}, "content_type", "invalid_type"),
        ({"tags": "a,b"}, "tags", "invalid_type"),
        ({"tags": [1]}, "tags", "invalid_type"),
        ({"tags": [None]}, "tags", "invalid_type"),
        ({"tags": [""]}, "tags", "invalid_tag"),
        ({"tags": ["a b"]}, "tags", "invalid_tag"),
        ({"tags": ["a\0b"]}, "tags", "invalid_tag"),
        ({"tags": ["x" * 51]}, "tags", "invalid_tag"),
        ({"tags": [f"t{i}" for i in range(31)]}, "tags", "too_many_tags"),
        ({"description": {}}, "description", "invalid_type"),
        ({"description": "a\0b"}, "description", "invalid_description"),
        ({"description": "x" * 2201}, "description", "invalid_description"),
        ({"metadata": []}, "metadata", "invalid_type"),
        ({"metadata": "{}"}, "metadata", "invalid_type"),
        ({"metadata": {"a": {"b": {"c": {"d": {"e": 1}}}}}}, "metadata", None),
        ({"metadata": {"a": {"b": {"c": {"d": {"e": {}}}}}}}, "metadata", "metadata_too_deep"),
        ({"metadata": {"a": "x" * 17000}}, "metadata", "metadata_too_large"),
        ({"visibility": "secret"}, "visibility", "invalid_value"),
        ({"visibility": False}, "visibility", "invalid_type"),
        ({"sha256": "abc"}, "sha256", "invalid_sha256"),
        ({"sha256": "g" * 64}, "sha256", "invalid_sha256"),
        ({"sha256": 7}, "sha256", "invalid_type"),
        ({"user_id": ""}, "user_id", "invalid_user_id"),
        ({"user_id": "a b"}, "user_id", "invalid_user_id"),
        ({"user_id": "../x"}, "user_id", "invalid_user_id"),
        ({"user_id": ".."}, "user_id", "invalid_user_id"),
        ({"user_id": "x" * 129}, "user_id", "invalid_user_id"),
        ({"user_id": "a\0"}, "user_id", "invalid_user_id"),
        ({"upload": "fax"}, "upload", "invalid_value"),
    ],
)
def test_bad_field(client, server, user, change, field, code):
    wish = {**client.wish(png(), user_id=user), **change}
    response = client.post("/images", json=wish)
    if code is None:
        assert response.status_code == 201, response.text  # as deep as is allowed
        return
    problem = assert_problem(response, 400, "validation_failed", field)
    assert [e["code"] for e in problem["errors"] if e["field"] == field] == [code]
    assert nothing_created(client, user)


def test_every_bad_field_is_named_at_once(client, server, user):
    response = client.post("/images", json={"size": -5, "tags": 1, "x": 1, "user_id": "a b"})
    problem = assert_problem(response, 400, "validation_failed")
    named = sorted(error["field"] for error in problem["errors"])
    assert named == ["content_type", "filename", "size", "tags", "user_id", "x"]


@pytest.mark.parametrize(
    "query, field, code",
    [
        ("colour=red", "colour", "unknown_field"),
        ("limit=0", "limit", "invalid_value"),
        ("limit=101", "limit", "invalid_value"),
        ("limit=-1", "limit", "invalid_value"),
        ("limit=ten", "limit", "invalid_value"),
        ("limit=99999999999999999999", "limit", "invalid_value"),
        ("limit=5&limit=6", "limit", "duplicate_field"),
        ("user_id=a%20b", "user_id", "invalid_user_id"),
        pytest.param("user_id=%ff", "user_id", "invalid_encoding", marks=pytest.mark.http_server),
        ("user_id=a%00", "user_id", "invalid_encoding"),
        pytest.param("user_id=%zz", "user_id", "invalid_encoding", marks=pytest.mark.http_server),
        ("tags=a,,b", "tags", "invalid_tag"),
        ("tags_match=some", "tags_match", "invalid_value"),
        ("status=purging", "status", "invalid_value"),
        ("sort=random", "sort", "invalid_value"),
        ("min_size=-1", "min_size", "invalid_value"),
        ("start_date=now", "start_date", None),
        ("end_date=2026-11-22T25:00:00Z", "end_date", None),
        ("q=", "q", "invalid_value"),
        ("q=" + "x" * 201, "q", "invalid_value"),
    ],
)
def test_bad_parameter(client, server, user, query, field, code):
    with RawConnection(server) as connection:  # requests would mend the encoding
        status, _, body = connection.request("GET", f"/images?{query}").answer()
    problem = json.loads(body)
    assert (status, problem["code"]) == (400, "validation_failed"), problem
    codes = [error["code"] for error in problem["errors"] if error["field"] == field]
    assert codes if code is None else code in codes, problem


def test_too_many_parameters(client, server, user):
    query = "&".join(f"a{i}=1" for i in range(70))
    assert_problem(client.get(f"/images?{query}"), 400, "validation_failed", "query")


# JSON.


def post_json(client, body, content_type="application/json"):
    return client.post("/images", data=body, headers={"Content-Type": content_type})


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b'"text"', b"null", b"{}x", b"{'a':1}", b'{"a":1,}', b'{"a":NaN}',
        b'{"filename":"\\ud800"}', b"\xef\xbb\xbf{}", b"\0", b'{"a":"\x01"}',
        b"[" * 100_000, b'{"a":' * 100_000, b'{"metadata":' + b"[" * 40 + b"]" * 40 + b"}",
    ],
    ids=lambda body: repr(body[:24]),
)  # fmt: skip
def test_bad_json(client, server, user, body):
    assert_problem(post_json(client, body), 400, "invalid_json")


@pytest.mark.http_server  # a gateway mends the text before a function gets it
@pytest.mark.parametrize("text", [b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80"])
def test_text_that_is_not_utf8(client, server, user, text):
    assert_problem(post_json(client, b'{"filename":"' + text + b'"}'), 400, "invalid_json")


def test_one_name_twice_is_no_way_around_a_check(client, server, user):
    wish = json.dumps(client.wish(png(), user_id=user))
    body = wish[:-1] + ', "size": 99999999999}'
    response = post_json(client, body)
    assert response.status_code in (400, 413), response.text
    assert nothing_created(client, user)


@pytest.mark.http_server
def test_thirty_megabytes_of_json(client, server, user):
    body = b'{"description":"' + b"x" * (30 * MIB) + b'"}'
    with RawConnection(server) as connection:
        head = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        connection.request("POST", "/images", head)
        status, headers, answer = connection.answer()  # before a byte of it was sent
        assert status == 413
        assert json.loads(answer)["code"] == "payload_too_large"
        connection.send_ignoring_reset(body)
        assert connection.closed()


@pytest.mark.http_server
def test_thirty_megabytes_of_json_in_chunks(client, server, user):
    def pieces():
        yield b'{"description":"'
        for _ in range(480):
            yield b"x" * 65536

    # The client may see the answer, or that its own sending was cut off.
    try:
        response = post_json(client, pieces())
    except requests.ConnectionError:
        return
    assert_problem(response, 413, "payload_too_large")


def test_other_content_types(client, server, user):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonp", "x", ""):
        response = post_json(client, b"{}", kind)
        assert_problem(response, 415, "unsupported_media_type")
    assert_problem(client.request("GET", "/images", data=b"{}"), 400, "unexpected_body")


# Names and keys.


@pytest.mark.parametrize(
    "given, kept",
    [
        ("../../etc/passwd", "passwd"),
        ("/etc/shadow", "shadow"),
        ("C:\\Windows\\system.ini", "system.ini"),
        ("..", "image.png"),
        ("", "image.png"),
        ("a\r\nSet-Cookie: x=1.png", "aSet-Cookie: x=1.png"),
        ("\u202egnp.exe", "gnp.exe"),
        ("%2e%2e%2fx.png", "%2e%2e%2fx.png"),
        ('x".png', 'x".png'),
        ("\U0001f600" * 100 + ".png", None),
    ],
)
def test_names_of_files(client, server, user, given, kept):
    data = png(seed=user)
    image = client.upload(data, user_id=user, filename=given)
    assert image["status"] == "active"
    assert kept is None or image["filename"] == kept
    assert len(image["filename"].encode()) <= 255
    assert re.fullmatch(r"originals/[^/]+/[^/]+/[A-Za-z0-9._-]+", image["s3_key"])
    answer = client.get(client.link(image["image_id"]))
    assert answer.content == data
    assert "Set-Cookie" not in answer.headers
    if kept is not None:
        encoded = re.search(r"filename\*=UTF-8''(\S+)", answer.headers["Content-Disposition"])
        plain = re.search(r'filename="([^"]*)"', answer.headers["Content-Disposition"]).group(1)
        assert (urllib.parse.unquote(encoded.group(1)) if encoded else plain) == kept


@pytest.mark.embedded
def test_keys_outside_the_store(client, server, user):
    link = client.link(client.upload(png(seed=user), user_id=user)["image_id"])
    query = link.split("?")[1]
    bucket = link.split("/objects/")[1].split("/")[0]
    for key in (
        "../../secrets", "..%2f..%2fsecrets", "%2e%2e/%2e%2e/secrets", "/etc/passwd",
        "%2fetc%2fpasswd", "originals/../../../secrets", "a%00b", "%ff", "tmp/x", "x" * 3000,
    ):  # fmt: skip
        for method, suffix in (("GET", f"?{query}"), ("GET", ""), ("PUT", f"?{query}")):
            with RawConnection(server) as connection:
                connection.request(method, f"/objects/{bucket}/{key}{suffix}", {"Content-Length": "0"})
                status, _, body = connection.answer()
                assert status in (400, 403, 404), (method, key, body)
                assert b"root:" not in body
    with RawConnection(server) as connection:
        status, _, _ = connection.request("GET", f"/objects/other-bucket/x?{query}").answer()
        assert status == 404


# Bodies and checksums.


def test_body_of_another_size_than_signed(client, server, user):
    data = png(seed=user)
    ticket = client.create(data, user_id=user)
    assert_s3_error(client.put(ticket, data + b"x"), 403, "SignatureDoesNotMatch")
    assert_s3_error(client.put(ticket, data[:-1]), 403, "SignatureDoesNotMatch")
    if not on_aws():  # Ceph looks at the signature first
        assert_s3_error(client.put(ticket, iter([data])), 411, "MissingContentLength")
    assert_problem(client.complete(ticket["image_id"]), 409, "upload_missing")


@pytest.mark.embedded
def test_body_that_ends_early(client, server, user):
    data = png_of_size(300_000, seed=user)
    ticket = client.create(data, user_id=user)
    target = ticket["upload_url"].removeprefix(server.url)
    for part in (0, 1, 100_000, len(data) - 1):
        with RawConnection(server) as connection:
            headers = dict(ticket["upload_headers"], **{"Content-Length": len(data)})
            connection.request("PUT", target, headers, data[:part])
            time.sleep(0.02)
    assert_problem(client.complete(ticket["image_id"]), 409, "upload_missing")
    assert client.put(ticket, data).status_code == 200
    assert client.complete(ticket["image_id"]).json()["status"] == "active"


@pytest.mark.embedded
def test_surplus_after_the_body_is_another_request(client, server, user):
    data = png(seed=user)
    ticket = client.create(data, user_id=user)
    target = ticket["upload_url"].removeprefix(server.url)
    with RawConnection(server) as connection:
        headers = dict(ticket["upload_headers"], **{"Content-Length": len(data)})
        connection.request("PUT", target, headers, data + b"garbage\r\n\r\n")
        assert connection.answer()[0] == 200
        assert connection.answer()[0] == 400
        assert connection.closed()
    assert client.complete(ticket["image_id"]).json()["sha256"] is not None
    assert client.download(ticket["image_id"]) == data


@pytest.mark.embedded
def test_wrong_checksum(client, server, user):
    data = png(seed=user)
    ticket = client.create(data, user_id=user, sha256=True)
    assert_s3_error(client.put(ticket, data[:-1] + b"x"), 400, "BadDigest")
    other = {"x-amz-checksum-sha256": sha256_base64(b"other")}
    assert_s3_error(client.put(ticket, data, headers=other), 403, "SignatureDoesNotMatch")
    assert_problem(client.complete(ticket["image_id"]), 409, "upload_missing")
    unsigned = client.create(data, user_id=user)
    assert_s3_error(client.put(unsigned, data, headers=other), 403, "AccessDenied")
    assert_s3_error(client.put(unsigned, data, headers={"Content-MD5": "x"}), 501, "NotImplemented")


# URLs.


def altered(url, **changes):
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query))
    for name, value in changes.items():
        query[f"X-Amz-{name}"] = value
    query = {name: value for name, value in query.items() if value is not None}
    return parts._replace(query=urllib.parse.urlencode(query)).geturl()


def test_tampered_urls(client, server, user):
    data = png(seed=user)
    ticket = client.create(data, user_id=user)
    other = client.create(png(seed=user + "2"), user_id=user)
    url = ticket["upload_url"]

    def put(changed, headers=None):
        return client.request("PUT", changed, data=data, headers=headers or ticket["upload_headers"])

    foreign = url.replace(ticket["image_id"], other["image_id"])
    signature = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))["X-Amz-Signature"]
    flipped = ("0" if signature[0] != "0" else "1") + signature[1:]
    for changed in (
        foreign,
        altered(url, Signature=flipped),
        altered(url, Signature=signature[:-1]),
        altered(url, Signature=""),
        altered(url, Expires="604800"),
        altered(url, Date="20200101T000000Z"),
        altered(url, Credential="x/20200101/us-east-1/s3/aws4_request"),
        altered(url, SignedHeaders="host"),
        altered(url, Algorithm="AWS4-HMAC-SHA1"),
        altered(url, Signature=None),
        url + "&extra=1",
        url.split("?")[0],
    ):
        refused = put(changed)
        assert refused.status_code in (400, 403), (changed, refused.text)
        assert "<Code>" in refused.text
    assert_s3_error(put(url, {"Content-Type": "image/gif"}), 403, "SignatureDoesNotMatch")
    assert_s3_error(client.get(url), 403, "SignatureDoesNotMatch")
    assert client.delete(url).status_code == (403 if on_aws() else 405)
    assert_problem(client.complete(ticket["image_id"]), 409, "upload_missing")


def test_urls_of_downloads_cannot_be_altered(client, server, user):
    image = client.upload(png(seed=user), user_id=user)
    other = client.upload(png(seed=user + "2"), user_id=user)
    link = client.link(image["image_id"])
    stolen = link.replace(image["image_id"], other["image_id"])
    assert_s3_error(client.get(stolen), 403, "SignatureDoesNotMatch")
    page = link.replace("image%2Fpng", "text%2Fhtml")
    assert page != link
    assert_s3_error(client.get(page), 403, "SignatureDoesNotMatch")
    assert_s3_error(client.request("PUT", link, data=b"x"), 403, "SignatureDoesNotMatch")


@pytest.mark.embedded
def test_urls_of_downloads_are_for_one_host(client, server, user):
    link = client.link(client.upload(png(seed=user), user_id=user)["image_id"])
    with RawConnection(server) as connection:
        connection.host = "elsewhere.example"
        status, _, body = connection.request("GET", link.removeprefix(server.url)).answer()
        assert status == 403 and b"SignatureDoesNotMatch" in body


def test_expired_urls(start_server, user):
    client = Client(start_server(upload__url_ttl="1s").url)
    data = png(seed=user)
    image = client.upload(data, user_id=user)
    ticket = client.create(data, user_id=user)
    link = client.link(image["image_id"], expires_in=1)
    assert client.get(link).content == data
    time.sleep(2.1)
    assert_s3_error(client.put(ticket, data), 403, "AccessDenied")
    assert_s3_error(client.get(link), 403, "AccessDenied")
    assert client.usage(user)["images"] == 2


@pytest.mark.embedded
def test_replayed_upload_url_changes_nothing(client, server, user):
    data, evil = png_of_size(1000, seed=user), png_of_size(1000, seed=user + "2")
    ticket = client.create(data, user_id=user)
    assert client.put(ticket, data).status_code == 200
    assert client.complete(ticket["image_id"]).json()["status"] == "active"
    for sent in (data, evil):
        assert_s3_error(client.put(ticket, sent), 403, "AccessDenied")
    assert client.download(ticket["image_id"]) == data
    client.delete(f"/images/{ticket['image_id']}", params={"hard": "true"})
    assert_s3_error(client.put(ticket, data), 403, "AccessDenied")
    assert nothing_created(client, user)


@pytest.mark.embedded
def test_upload_that_ends_after_its_completion(client, server, user):
    """Two senders of one URL: the slower one comes too late, and its bytes are not kept."""
    data = png_of_size(200_000, seed=user)
    for upload in ("put", "post"):
        ticket = client.create(data, user_id=user, upload=upload)
        if upload == "put":
            headers, body = dict(ticket["upload_headers"]), data
        else:
            fields = [(name, (None, value)) for name, value in ticket["upload_fields"].items()]
            form = requests.Request("POST", "http://x/", files=fields + [("file", ("a", data))])
            prepared = form.prepare()
            headers, body = {"Content-Type": prepared.headers["Content-Type"]}, prepared.body
        headers["Content-Length"] = len(body)
        target = ticket["upload_url"].removeprefix(server.url)
        with RawConnection(server) as slow, RawConnection(server) as quick:
            slow.request(upload.upper(), target, headers, body[:100_000])
            time.sleep(0.2)
            quick.request(upload.upper(), target, headers, body)
            assert quick.answer()[0] in (200, 204)
            assert client.complete(ticket["image_id"]).json()["status"] == "active"
            slow.send(body[100_000:])
            status, _, answer = slow.answer()
        assert status == 403 and b"<Code>AccessDenied</Code>" in answer
        assert client.download(ticket["image_id"]) == data
        assert f"incoming/{ticket['image_id']}" not in object_keys(server)


def test_replay_during_completion(client, server, user):
    """Whoever has the URL may send other bytes while the first are being checked: what becomes
    active is one of them, whole, under its own hash."""
    for round_number in range(10):
        data = png_of_size(50_000, seed=f"{user} {round_number} a")
        evil = png_of_size(50_000, seed=f"{user} {round_number} b")
        ticket = client.create(data, user_id=user)
        assert client.put(ticket, data).status_code == 200
        thread = threading.Thread(target=lambda: client.put(ticket, evil))
        thread.start()
        image = client.complete(ticket["image_id"]).json()
        thread.join()
        assert image["status"] == "active", image
        stored = client.download(ticket["image_id"])
        assert stored in (data, evil)
        assert image["sha256"] == sha256_hex(stored)


# Files that are not what they say.


def failed_with(client, user, data, *codes, content_type="image/jpeg", filename="photo.jpg"):
    image = client.upload(data, user_id=user, filename=filename, content_type=content_type)
    assert image["status"] == "failed", image
    assert image["failure"]["code"] in codes, image["failure"]
    assert image["failure"]["detail"]
    assert_problem(client.get(f"/images/{image['image_id']}/download"), 409, "not_ready")
    return image


def test_text_called_jpg(client, server, user):
    failed_with(client, user, TEXT, "not_an_image")


def test_png_called_jpg(client, server, user):
    data = png(20, 10, seed=user)
    image = client.upload(data, user_id=user, filename="photo.jpg", content_type="image/jpeg")
    assert image["status"] == "active"
    assert image["content_type"] == "image/png"
    assert client.get(client.link(image["image_id"])).headers["Content-Type"] == "image/png"
    assert client.ids(user_id=user, content_type="image/png") == [image["image_id"]]
    assert client.ids(user_id=user, content_type="image/jpeg") == []


@pytest.mark.parametrize(
    "make, kind",
    [
        (lambda: png(200, 200), "png"),
        (lambda: jpeg(400, 400), "jpeg"),
        (lambda: gif(100, 100), "gif"),
        (lambda: gif(50, 50, frames=5), "gif"),
    ],
    ids=["png", "jpeg", "gif", "animation"],
)
@pytest.mark.parametrize("damage", [truncated, corrupt, lambda data: truncated(data, 0.05)])
def test_damaged_images(client, server, user, make, kind, damage):
    failed_with(
        client, user, damage(make()), "corrupt_image", "not_an_image", content_type=f"image/{kind}"
    )


def test_a_damaged_form_upload(client, server, user):
    refused = client.upload_form(truncated(png(100, 100)), user_id=user)
    assert_problem(refused, 422, "corrupt_image")


def test_pixel_bombs(client, server, user):
    started = time.monotonic()
    failed_with(client, user, png_bomb(), "too_many_pixels", content_type="image/png")
    failed_with(client, user, png_bomb(20_000, 20_000), "too_many_pixels", content_type="image/png")
    failed_with(client, user, png_whole_bomb(), "too_many_pixels", content_type="image/png")
    failed_with(client, user, png_bomb(40_000, 1), "too_many_pixels", content_type="image/png")
    failed_with(client, user, webp(16_384, 16_384), "too_many_pixels", content_type="image/webp")
    failed_with(client, user, gif(1, 1)[:6] + b"\xff\xff\xff\xff" + gif(1, 1)[10:],
                "too_many_pixels", "corrupt_image", content_type="image/gif")  # fmt: skip
    assert time.monotonic() - started < 20


def test_frame_bomb(client, server, user):
    failed_with(client, user, gif_frame_bomb(), "too_many_frames", content_type="image/gif")
    failed_with(client, user, gif_frame_bomb(1001), "too_many_frames", content_type="image/gif")
    image = client.upload(gif_frame_bomb(1000), user_id=user, content_type="image/gif")
    assert image["status"] == "active" and image["frames"] == 1000


def test_animation_with_too_many_pixels_in_all(start_server, user):
    client = Client(start_server(limits__max_pixels=10_000, limits__max_total_pixels=20_000).url)
    fits = client.upload(gif(50, 50, frames=8), user_id=user, content_type="image/gif")
    assert fits["status"] == "active"
    failed_with(client, user, gif(50, 50, frames=9), "too_many_pixels", content_type="image/gif")


def test_bytes_of_another_hash_than_declared(start_server, user):
    # Only a store that does not check could let them pass; a form has no checksum header.
    client = Client(start_server().url)
    data = png(seed=user)
    ticket = client.create(data, user_id=user, sha256="0" * 64, upload="post")
    fields = [(k, (None, v)) for k, v in ticket["upload_fields"].items()]
    client.post(ticket["upload_url"], files=fields + [("file", ("a", data))])
    image = client.complete(ticket["image_id"])
    assert image.status_code == 409 or image.json()["failure"]["code"] == "checksum_mismatch"
    assert client.ids(user_id=user) == []


# The protocol itself.


def raw(server, data):
    """The status of the answer to these bytes, and whether the connection was closed after it."""
    with RawConnection(server) as connection:
        connection.send_ignoring_reset(data)
        status, headers, body = connection.answer()
        problem = json.loads(body)
        assert problem["code"] and problem["status"] == status
        assert problem["request_id"] == headers["X-Request-Id"] != ""
        return status, headers.get("Connection") == "close" and connection.closed()


@pytest.mark.http_server
def test_header_floods(client, server, user):
    many = "".join(f"X-{i}: 1\r\n" for i in range(5000))
    assert raw(server, f"GET /healthz HTTP/1.1\r\nHost: a\r\n{many}\r\n".encode()) == (431, True)
    few_but_many = "".join(f"X-{i}: 1\r\n" for i in range(150))
    flood = f"GET /healthz HTTP/1.1\r\nHost: a\r\n{few_but_many}\r\n".encode()
    assert raw(server, flood) == (431, True)
    long = f"GET /healthz HTTP/1.1\r\nHost: a\r\nX: {'x' * 100_000}\r\n\r\n".encode()
    assert raw(server, long) == (431, True)
    target = f"GET /{'x' * 100_000} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    assert raw(server, target) == (414, True)
    endless = b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 5_000_000
    assert raw(server, endless) == (431, True)


SMUGGLING = {
    "length and chunks": "Content-Length: 5\r\nTransfer-Encoding: chunked",
    "chunks and length": "Transfer-Encoding: chunked\r\nContent-Length: 5",
    "two lengths": "Content-Length: 5\r\nContent-Length: 6",
    "list of lengths": "Content-Length: 5, 6",
    "negative length": "Content-Length: -5",
    "signed length": "Content-Length: +5",
    "hex length": "Content-Length: 0x5",
    "huge length": "Content-Length: 99999999999999999999999",
    "no number": "Content-Length: five",
    "unknown coding": "Transfer-Encoding: gzip",
    "coding twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "coding list": "Transfer-Encoding: gzip, chunked",
    "disguised coding": "Transfer-Encoding: xchunked",
    "space before colon": "Content-Length : 5",
    "tab before colon": "Transfer-Encoding\t: chunked",
    "folded": "X: a\r\n b",
    "bare line feed": "X: a\nContent-Length: 5",
    "NUL": "X: a\0b",
    "two hosts": "Host: b",
    "no colon": "Content-Length 5",
    "empty name": ": x",
}


@pytest.mark.http_server
@pytest.mark.parametrize("case", SMUGGLING)
def test_smuggling(client, server, user, case):
    inner = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    head = "POST /images HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    sent = head + SMUGGLING[case] + "\r\n\r\n" + "0\r\n\r\n" + inner
    with RawConnection(server) as connection:
        connection.send(sent)
        status, headers, _ = connection.answer()
        assert status in (400, 413, 501), (case, status)
        assert headers["Connection"] == "close"
        rest = connection.file.read()
        assert rest == b"", f"{case}: what was hidden in the body got an answer: {rest!r}"


@pytest.mark.http_server
@pytest.mark.parametrize(
    "line, status",
    [
        ("GET / HTTP/2.0", 505),
        ("GET /healthz HTTP/1.1 extra", 505),
        ("GET  /healthz HTTP/1.1", 400),
        ("GET healthz HTTP/1.1", 400),
        ("G@T /healthz HTTP/1.1", 400),
        ("get", 400),
        ("GET /a b HTTP/1.1", 505),
        ("\x16\x03\x01\x02\x00\x01", 400),  # TLS
        ("PRI * HTTP/2.0", 505),
    ],
)
def test_bad_request_lines(client, server, user, line, status):
    with RawConnection(server) as connection:
        connection.send(f"{line}\r\nHost: a\r\n\r\n")
        answered, headers, body = connection.answer()
        assert answered == status, (line, body)
        assert json.loads(body)["request_id"] == headers["X-Request-Id"] != ""
        assert connection.closed()


@pytest.mark.http_server
def test_bad_chunks(client, server, user):
    head = "POST /images HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    head += "Transfer-Encoding: chunked\r\n\r\n"
    for chunks in ("x\r\n", "-1\r\n", "5\r\nhello!!\r\n", "ffffffffffffffffff\r\n", "5;\0\r\nhello\r\n"):
        status, closed = raw(server, (head + chunks).encode())
        assert status in (400, 413), chunks
        assert closed


# Slow and silent clients.


@pytest.fixture(scope="module")
def impatient(tmp_path_factory):
    """A server with short time-outs."""
    folder = tmp_path_factory.mktemp("impatient")
    server = tintype_server.Server(
        folder / "data",
        folder / "log",
        {
            "server.header_timeout": "300ms",
            "server.keep_alive_timeout": "400ms",
            "server.body_idle_timeout": "400ms",
            "server.max_connections": 40,
        },
    )
    yield server
    server.end()


@pytest.mark.http_server
def test_half_open_connections(impatient):
    connections = [RawConnection(impatient) for _ in range(30)]
    started = time.monotonic()
    for connection in connections:
        connection.closed()  # a 408 or just the end
        connection.close()
    assert time.monotonic() - started < 5
    assert Client(impatient.url).get("/healthz").status_code == 200


@pytest.mark.http_server
def test_slow_header(impatient):
    with RawConnection(impatient) as connection:
        started = time.monotonic()
        for piece in ("GET /healthz HT", "TP/1.1\r\nHo", "st: a\r\n", "X: 1\r\n", "Y: 2\r\n", "Z: 3"):
            connection.send_ignoring_reset(piece.encode())
            time.sleep(0.12)
        status, _, body = connection.answer()
        assert status == 408 and json.loads(body)["code"] == "request_timeout"
        assert connection.closed()
        assert time.monotonic() - started < 5


@pytest.mark.embedded
def test_body_that_never_comes(impatient):
    client = Client(impatient.url)
    data = png(seed="slow")
    ticket = client.create(data, user_id="slow")
    target = ticket["upload_url"].removeprefix(impatient.url)
    with RawConnection(impatient) as connection:
        headers = dict(ticket["upload_headers"], **{"Content-Length": len(data)})
        connection.request("PUT", target, headers, data[:10])
        status, _, body = connection.answer()
        assert status == 408 and b"<Code>RequestTimeout</Code>" in body
        assert connection.closed()
    with RawConnection(impatient) as connection:
        headers = {"Content-Type": "application/json", "Content-Length": "100"}
        connection.request("POST", "/images", headers, b"{")
        status, _, body = connection.answer()
        assert status == 408 and json.loads(body)["code"] == "request_timeout"
    assert_problem(client.complete(ticket["image_id"]), 409, "upload_missing")
    assert client.put(ticket, data).status_code == 200
    assert client.complete(ticket["image_id"]).json()["status"] == "active"


@pytest.mark.http_server
def test_idle_connection_is_closed(impatient):
    with RawConnection(impatient) as connection:
        assert connection.still_open()
        started = time.monotonic()
        assert connection.closed()
        assert 0.2 < time.monotonic() - started < 5


@pytest.mark.http_server
def test_too_many_connections(impatient):
    held = [RawConnection(impatient) for _ in range(40)]
    try:
        with RawConnection(impatient) as one_more:
            try:
                status, headers, _ = one_more.answer()
            except (EOFError, ConnectionResetError):
                status, headers = 503, {"Retry-After": "1"}  # just closed
            assert status == 503 and headers["Retry-After"]
    finally:
        for connection in held:
            connection.close()
    deadline = time.monotonic() + 5
    while True:
        try:
            if Client(impatient.url).get("/healthz").status_code == 200:
                break
        except requests.ConnectionError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.embedded
@pytest.mark.http_server
def test_client_that_reads_nothing(client, server, user):
    data = png_of_size(5 * MIB, seed=user)
    link = client.link(client.upload(data, user_id=user)["image_id"])
    stuck = [RawConnection(server) for _ in range(20)]
    for connection in stuck:
        connection.request("GET", link.removeprefix(server.url))
    assert client.get("/healthz", timeout=5).status_code == 200
    assert client.get(link, timeout=10).content == data
    for connection in stuck:
        connection.close()


# Disks and folders.


class TmpFs:
    """A small file system of its own."""

    def __init__(self, folder, size):
        self.folder = folder
        folder.mkdir()
        self._mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))

    @staticmethod
    def _mount(*arguments):
        done = subprocess.run(["mount", *arguments], capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"mount is not permitted here: {done.stderr.strip()}")

    def read_only(self):
        self._mount("-o", "remount,ro", str(self.folder))

    def unmount(self):
        subprocess.run(["umount", "-l", str(self.folder)], check=True)


@pytest.fixture
def small_disk(tmp_path):
    disk = TmpFs(tmp_path / "disk", "12m")
    try:
        yield disk
    finally:
        disk.unmount()


def fill(path):
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(64 * 1024))
        except OSError:
            pass
        try:
            while True:
                file.write(bytes(512))
        except OSError:
            return


@pytest.mark.embedded
def test_full_disk(small_disk, start_server, user):
    server = start_server(data=small_disk.folder / "data")
    client = Client(server.url)
    data = png_of_size(300_000, seed=1)
    kept = client.upload(data, user_id=user)
    ticket = client.create(png_of_size(300_000, seed=2), user_id=user)
    patched = png_of_size(300_000, seed=2)
    fill(small_disk.folder / "ballast")

    full = client.put(ticket, patched)
    assert_s3_error(full, 507, "InsufficientStorage")
    form = client.upload_form(data, user_id=user)
    assert_problem(form, 507, "storage_full")
    # A write may still fit into what the store has allocated; when it does not, it says so.
    codes = set()
    for i in range(200):
        wish = client.wish(b"x" * 10, user_id=user, description="x" * 2000)
        response = client.post("/images", json=wish)
        codes.add(response.status_code)
        if response.status_code == 507:
            assert_problem(response, 507, "storage_full")
            break
    assert codes <= {201, 507} and 507 in codes
    assert client.download(kept["image_id"]) == data
    assert client.image(kept["image_id"]) == kept
    assert client.page(user_id=user)["count"] == 1
    assert client.get("/healthz").status_code == 200

    (small_disk.folder / "ballast").unlink()
    assert client.put(ticket, patched).status_code == 200
    assert client.complete(ticket["image_id"]).json()["status"] == "active"
    assert client.download(ticket["image_id"]) == patched
    assert client.upload(png(seed=3), user_id=user)["status"] == "active"
    records = [r for status in STATUSES for r in client.images(user_id=user, status=status)]
    assert client.usage(user)["images"] == len([r for r in records if r["status"] != "failed"])
    assert len(client.ids(user_id=user)) == 3
    assert temporary_files(server.data) == []
    server.stop()

    again = Client(start_server(data=server.data).url)
    assert len(again.ids(user_id=user)) == 3
    assert again.download(kept["image_id"]) == data


def refuses_to_start(data, *words):
    """`serve` on this folder ends with code 1 and one sentence that has these words."""
    done = tintype_server.run("serve", "--listen=127.0.0.1:0", f"--data={data}", timeout=30)
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line.startswith("tintype: ")]
    assert len(lines) == 1 and len(done.stderr.splitlines()) == 1, done.stderr
    for word in words:
        assert word in lines[0], lines[0]


@pytest.mark.embedded
def test_read_only_data_folder(small_disk, start_server, user):
    data = small_disk.folder / "data"
    server = start_server(data=data)
    Client(server.url).upload(png(), user_id=user)
    server.stop()
    small_disk.read_only()
    refuses_to_start(data, str(data), "Read-only file system")
    refuses_to_start(small_disk.folder / "new", "Read-only file system")


@pytest.mark.embedded
def test_data_folder_that_is_a_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("")
    refuses_to_start(path)
    refuses_to_start(path / "below")


@pytest.mark.embedded
def test_data_folder_in_use(start_server):
    server = start_server()
    refuses_to_start(server.data, str(server.data), "in use by another process")
    assert Client(server.url).get("/readyz").status_code == 200
    server.kill()
    start_server(data=server.data)  # a killed process holds nothing


@pytest.mark.embedded
def test_files_may_not_grow(start_server, user, tmp_path):
    """A write that is cut off by a limit of the system is an error like every other."""
    server = start_server(**{"log.requests": False})
    client = Client(server.url)
    data = png_of_size(600_000, seed=user)
    ticket = client.create(data, user_id=user)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (256_000, resource.RLIM_INFINITY))
    try:
        refused = client.put(ticket, data)
        assert refused.status_code in (500, 507), refused.text
        assert "<Code>" in refused.text
        assert server.alive(), "SIGXFSZ ended the server"
    finally:
        if server.alive():
            unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, unlimited)
    assert client.put(ticket, data).status_code == 200
    assert client.complete(ticket["image_id"]).json()["status"] == "active"


@pytest.mark.embedded
def test_damaged_database(start_server):
    server = start_server()
    Client(server.url).upload(png())
    server.stop()
    for path in server.data.glob("metadata.db*"):
        path.write_bytes(os.urandom(65536))
    refuses_to_start(server.data, "metadata", "damaged", "backup")
