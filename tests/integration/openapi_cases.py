"""A case for each answer that the OpenAPI document has: what to do to a server to get it."""

import pytest
from tintype_client import sha256_hex

NOBODY = "0193578a-3c1f-7b52-9d3e-4f1a2b3c4d5e"  # an image id that no image has


CASES = {}


OBJECT_OPERATIONS = ("getObject", "putObject", "postObject")


def case(operation, status, *marks):
    """Registers a function that makes an operation answer with a status. Presigned URLs of AWS's stores
    do not lead to the object operations."""
    if operation in OBJECT_OPERATIONS:
        marks = (pytest.mark.embedded,)

    def register(function):
        CASES.setdefault((operation, status), []).append((function, marks))
        return function

    return register


# Answers that cannot be had from a healthy server, or only by a race.
UNREACHABLE = {
    "503": "overload",
    "504": "another completer at work for as long as a request may take",
    "507": "a full disk",
}
UNREACHABLE_AT = {
    ("createImage", "409"): "two requests with one Idempotency-Key at the same moment",
    ("batch", "409"): "two requests with one Idempotency-Key at the same moment",
    ("getRendition", "401"): "a deployment that asks for credentials",
    ("getRendition", "422"): "an original that was examined and yet cannot be rendered",
    ("postObject", "200"): "the service's own policies do not allow success_action_status",
    ("postObject", "201"): "the service's own policies do not allow success_action_status",
}


@case("createImage", 201)
def created(w):
    response = w.client.post("/images", json=w.client.wish(w.picture(), user_id=w.user))
    w.document.check_named("UploadTicket", response.json())
    assert response.headers["Location"].endswith(response.json()["image_id"])
    assert response.headers["ETag"] == '"1"'
    return response


@case("createImage", 201)
def created_for_a_form(w):
    response = w.client.post("/images", json=w.client.wish(w.picture(), upload="post"))
    assert response.json()["upload_method"] == "POST"
    return response


@case("createImage", 201)
def created_with_a_form(w):
    response = w.client.upload_form(w.picture(), user_id=w.user, tags="one,two")
    w.document.check_named("Image", response.json())
    return response


@case("createImage", 200)
def duplicate(w):
    data = w.picture()
    w.client.upload(data, user_id=w.user)
    return w.client.post("/images", json=w.client.wish(data, user_id=w.user, sha256=True))


@case("createImage", 200)
def duplicate_in_a_form(w):
    data = w.picture()
    w.client.upload(data, user_id=w.user)
    return w.client.upload_form(data, user_id=w.user, sha256=sha256_hex(data))


@case("createImage", 400)
def many_bad_fields(w):
    wish = {"size": 0, "tags": ["a b"], "user_id": "..", "colour": 1, "metadata": [], "sha256": "x"}
    response = w.client.post("/images", json=wish, params={"later": 1})
    fields = {error["field"] for error in response.json()["errors"]}
    assert fields == {*wish, "filename", "content_type", "later"}
    return response


@case("createImage", 400)
def not_json(w):
    headers = {"Content-Type": "application/json"}
    return w.client.post("/images", data=b"{", headers=headers)


@case("createImage", 400)
def broken_form(w):
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    return w.client.post("/images", data=b"nothing", headers=headers)


@case("createImage", 413)
def too_large_a_file(w):
    return w.client.post("/images", json=w.client.wish(w.picture(), size=1 << 40))


@case("createImage", 415)
def unaccepted_type(w):
    return w.client.post("/images", json=w.client.wish(w.picture(), content_type="image/tiff"))


@case("createImage", 422)
def key_of_another_request(w):
    headers = {"Idempotency-Key": w.user}
    body = w.client.wish(w.picture(), user_id=w.user)
    first = w.client.post("/images", json=body, headers=headers)
    again = w.client.post("/images", json=body, headers=headers)
    assert again.json() == first.json() and again.headers["Idempotency-Replayed"] == "true"
    w.document.check("createImage", again)
    return w.client.post("/images", json=dict(body, filename="other.png"), headers=headers)


@case("createImage", 422)
def form_without_an_image(w):
    return w.client.upload_form(b"This is a letter, not a picture.", user_id=w.user)


@case("listImages", 200)
def list_page(w):
    ids = [w.active()["image_id"] for _ in range(3)]
    response = w.client.get("/images", params={"user_id": w.user, "limit": 2})
    page = response.json()
    assert [image["image_id"] for image in page["images"]] == ids[:0:-1] and page["last_key"]
    for image in page["images"]:
        w.document.check_named("Image", image)
    return response


@case("listImages", 200)
def list_some_fields(w):
    w.active()
    response = w.client.get("/images", params={"user_id": w.user, "fields": "size,links"})
    assert list(response.json()["images"][0]) == ["size", "links"]
    return response


@case("listImages", 400)
def foreign_cursor(w):
    return w.client.get("/images", params={"last_key": "bm9uZXNlbnNl"})


@case("listImages", 400)
def bad_filters(w):
    bad = {"limit": "0", "status": "purging", "sort": "size", "tags_match": "some", "min_size": "-1"}
    response = w.client.get("/images", params=bad)
    assert {error["field"] for error in response.json()["errors"]} == set(bad)
    return response


@case("listImages", 200)
def list_similar(w):
    reference = w.active()
    return w.client.get("/images", params={"similar_to": reference["image_id"]})


@case("listImages", 422, pytest.mark.aws)
def words_where_there_is_no_word_search(w):
    return w.client.get("/images", params={"q": "sea"})


@case("listImages", 404)
def similar_to_nothing(w):
    return w.client.get("/images", params={"similar_to": NOBODY})


@case("listImages", 409)
def similar_to_an_upload(w):
    return w.client.get("/images", params={"similar_to": w.ticket()["image_id"]})


@case("listImages", 410)
def similar_to_a_deleted(w):
    return w.client.get("/images", params={"similar_to": w.deleted()["image_id"]})


@case("getImage", 200)
def image(w):
    made = w.active(description="A square", tags=["square"], metadata={"album": 7})
    response = w.client.get(w.at(made))
    w.document.check_named("Image", response.json())
    assert response.headers["ETag"] == f'"{response.json()["revision"]}"'
    return response


@case("getImage", 200)
def image_with_location(w):
    response = w.client.get(w.at(w.active()), params={"include": "location"})
    w.document.check_named("Image", response.json())
    return response


@case("getImage", 200)
def failed_image(w):
    made = w.client.upload(b"not a picture", user_id=w.user)
    assert made["failure"]["code"] == "not_an_image"
    w.document.check_named("Image", made)
    return w.client.get(w.at(made))


@case("getImage", 304)
def unchanged_image(w):
    made = w.active()
    return w.client.get(w.at(made), headers={"If-None-Match": f'"{made["revision"]}"'})


@case("getImage", 400)
def unknown_view(w):
    return w.client.get(w.at(w.active()), params={"include": "everything", "fields": "colour"})


@case("getImage", 400)
def body_on_get(w):
    return w.client.get(w.at(w.active()), data=b"hello")


@case("updateImage", 200)
def patched(w):
    made = w.active(tags=["old"])
    patch = {"tags": ["New"], "description": "now", "metadata": {"a": 1}, "visibility": "public"}
    response = w.client.patch(w.at(made), json=patch)
    assert response.json()["tags"] == ["new"] and response.json()["visibility"] == "public"
    return response


@case("updateImage", 400)
def bad_patch(w):
    return w.client.patch(w.at(w.active()), json={"filename": None, "size": 4})


@case("updateImage", 412)
def stale_patch(w):
    return w.client.patch(w.at(w.active()), json={}, headers={"If-Match": '"77"'})


@case("deleteImage", 200)
def trashed(w):
    made = w.active()
    response = w.client.delete(w.at(made), headers={"If-Match": f'"{made["revision"]}"'})
    assert response.json()["status"] == "deleted" and response.json()["purge_at"]
    return response


@case("deleteImage", 204)
def removed(w):
    return w.client.delete(w.at(w.active()), params={"hard": "true"})


@case("deleteImage", 400)
def bad_delete(w):
    return w.client.delete(w.at(w.active()), params={"hard": "perhaps"})


@case("deleteImage", 412)
def stale_delete(w):
    return w.client.delete(w.at(w.active()), headers={"If-Match": '"77"'})


@case("completeUpload", 200)
def completed(w):
    return w.client.complete(w.active()["image_id"])


@case("completeUpload", 202)
def completed_later(w):
    # The server also completes uploads by itself, and may have been faster than this request.
    for _ in range(20):
        data = w.picture()
        ticket = w.client.create(data, user_id=w.user)
        w.client.put(ticket, data)
        response = w.client.complete(ticket["image_id"], wait="false")
        if response.status_code == 202:
            break
    return response


@case("completeUpload", 400)
def bad_wait(w):
    return w.client.complete(w.ticket()["image_id"], wait="long")


@case("completeUpload", 409)
def nothing_uploaded(w):
    return w.client.complete(w.ticket()["image_id"])


@case("downloadImage", 200)
def link(w):
    return w.client.get(w.at(w.active(), "/download"), params={"expires_in": 60})


@case("downloadImage", 302)
def redirected(w):
    response = w.client.get(w.at(w.active(), "/download"), params={"redirect": "true"})
    assert w.client.get(response.headers["Location"]).status_code == 200
    return response


@case("downloadImage", 400)
def bad_link(w):
    params = {"expires_in": 604801, "disposition": "show"}
    return w.client.get(w.at(w.active(), "/download"), params=params)


@case("downloadImage", 409)
def nothing_to_download(w):
    return w.client.get(w.at(w.ticket(), "/download"))


@case("downloadImage", 200)
def rendition_link(w):
    made = w.active()
    response = w.client.get(w.at(made, "/download"), params={"variant": "thumb", "format": "webp"})
    assert response.json()["content_type"] == "image/webp" and response.json()["size"] is None
    picture = w.picture_at(response.json()["download_url"])
    assert picture.headers["Content-Disposition"].startswith("attachment")
    return response


@case("downloadImage", 400)
def bad_rendition_link(w):
    params = {"variant": "poster", "width": 7, "quality": 0}
    response = w.client.get(w.at(w.active(), "/download"), params=params)
    assert {error["field"] for error in response.json()["errors"]} == set(params)
    return response


@case("getRendition", 302, pytest.mark.aws)
@case("getRendition", 200, pytest.mark.embedded)
def rendition(w):
    params = {"width": 20, "height": 20, "fit": "cover", "format": "png"}
    response = w.client.get(w.at(w.active(), "/rendition"), params=params)
    assert w.client.followed(response).content.startswith(b"\x89PNG")
    return response


@case("getRendition", 302, pytest.mark.aws)
@case("getRendition", 200, pytest.mark.embedded)
def variant(w):
    made = w.active()
    assert [one["name"] for one in made["variants"]] == ["thumb", "feed", "full"]
    response = w.client.get(
        w.at(made, "/rendition"), params={"variant": "thumb", "v": made["revision"]}
    )
    assert w.client.followed(response).headers["Content-Type"].startswith("image/")
    return response


@case("getRendition", 206, pytest.mark.embedded)
def rendition_in_part(w):
    response = w.client.get(
        w.at(w.active(), "/rendition"), params={"format": "png"}, headers={"Range": "bytes=1-3"}
    )
    assert response.content == b"PNG"
    return response


@case("getRendition", 304)
def rendition_unchanged(w):
    at = w.at(w.active(), "/rendition?width=10")
    return w.client.get(at, headers={"If-None-Match": w.client.get(at).headers["ETag"]})


@case("getRendition", 400)
def bad_rendition(w):
    params = {"width": 0, "fit": "round", "format": "tiff", "v": "x", "signature": "x", "expires": ""}
    response = w.client.get(w.at(w.active(), "/rendition"), params=params)
    assert {error["field"] for error in response.json()["errors"]} == set(params) - {"signature"}
    return response


@case("getRendition", 403)
def altered_rendition_link(w):
    params = {"width": 30, "format": "webp"}
    link = w.client.get(w.at(w.active(), "/download"), params=params).json()["download_url"]
    return w.client.get(link.replace("width=30", "width=31"))


@case("getRendition", 409)
def nothing_to_render(w):
    return w.client.get(w.at(w.ticket(), "/rendition"))


@case("getRendition", 416, pytest.mark.embedded)
def range_behind_the_picture(w):
    return w.client.get(w.at(w.active(), "/rendition"), headers={"Range": "bytes=9999999-"})


@case("restoreImage", 200)
def restored(w):
    response = w.client.post(w.at(w.deleted(), "/restore"))
    assert response.json()["status"] == "active" and response.json()["purge_at"] is None
    return response


@case("restoreImage", 400)
def bad_restore(w):
    return w.client.post(w.at(w.deleted(), "/restore"), params={"now": "true"})


@case("restoreImage", 409)
def nothing_to_restore(w):
    return w.client.post(w.at(w.active(), "/restore"))


@case("batch", 200)
def each_operation(w):
    first, second, gone, waiting = w.active(), w.active(), w.deleted(), w.ticket()
    data = w.picture()
    w.client.upload(data, user_id=w.user)
    wish = w.client.wish(w.picture(), user_id=w.user)
    operations = [
        dict(wish, op="create"),
        dict(w.client.wish(data, user_id=w.user, sha256=True), op="create"),
        {"op": "get", "image_id": first["image_id"]},
        {"op": "update", "image_id": first["image_id"], "tags": ["x"]},
        {"op": "delete", "image_id": first["image_id"]},
        {"op": "delete", "image_id": second["image_id"], "hard": True},
        {"op": "restore", "image_id": gone["image_id"]},
        {"op": "complete", "image_id": waiting["image_id"]},
        {"op": "complete"},
        {"op": "paint", "image_id": NOBODY},
        {"op": "get", "image_id": NOBODY},
    ]
    for operation in operations[:8]:
        w.document.check_schema({"$ref": "#/components/schemas/Batch"}, {"operations": [operation]})
    response = w.client.post("/images/batch", json={"operations": operations})
    statuses = [result["status"] for result in response.json()["results"]]
    assert statuses == [201, 200, 200, 200, 200, 204, 200, 409, 400, 400, 404]
    return response


@case("batch", 400)
def empty_batch(w):
    return w.client.post("/images/batch", json={"operations": [], "atomic": True})


@case("listTags", 200)
def tags(w):
    w.active(tags=["harbour", "sunset"])
    w.active(tags=["harbour"])
    response = w.client.get("/tags", params={"user_id": w.user})
    wanted = [{"tag": "harbour", "count": 2}, {"tag": "sunset", "count": 1}]
    assert response.json() == {"tags": wanted}
    return response


@case("listTags", 400)
def bad_tags(w):
    return w.client.get("/tags", params={"limit": 101, "prefix": "a b"})


@case("getUsage", 200)
def usage(w):
    made = w.active()
    response = w.client.get(f"/users/{w.user}/usage")
    assert (response.json()["images"], response.json()["bytes"]) == (1, made["size"])
    return response


@case("getUsage", 400)
def bad_usage(w):
    return w.client.get("/users/a%20b/usage")


@case("getObject", 200)
def downloaded(w):
    data = w.picture()
    made = w.client.upload(data, user_id=w.user)
    response = w.client.get(w.client.link(made["image_id"]))
    assert response.content == data and response.headers["Content-Type"] == "image/png"
    return response


@case("getObject", 206)
def downloaded_in_part(w):
    url = w.client.link(w.active()["image_id"])
    response = w.client.get(url, headers={"Range": "bytes=1-3"})
    assert response.content == b"PNG"
    return response


@case("getObject", 304)
def downloaded_before(w):
    url = w.client.link(w.active()["image_id"])
    return w.client.get(url, headers={"If-None-Match": w.client.get(url).headers["ETag"]})


@case("getObject", 400)
def malformed_url(w):
    url = w.client.link(w.active()["image_id"])
    return w.client.get(url.replace("X-Amz-Expires=900", "X-Amz-Expires=never"))


@case("getObject", 403)
def altered_url(w):
    url = w.client.link(w.active()["image_id"])
    return w.client.get(url.replace("X-Amz-Expires=900", "X-Amz-Expires=901"))


@case("getObject", 404)
def removed_object(w):
    made = w.active()
    url = w.client.link(made["image_id"])
    assert w.client.delete(w.at(made), params={"hard": "true"}).status_code == 204
    return w.client.get(url)


@case("getObject", 404)
def other_bucket(w):
    return w.client.get("/objects/no-such-bucket/key")


@case("getObject", 416)
def range_behind_the_end(w):
    url = w.client.link(w.active()["image_id"])
    response = w.client.get(url, headers={"Range": "bytes=100000-"})
    assert response.headers["Content-Range"].startswith("bytes */")
    return response


@case("putObject", 200)
def uploaded(w):
    data = w.picture()
    return w.client.put(w.client.create(data), data)


@case("putObject", 400)
def other_bytes(w):
    data = w.picture()
    ticket = w.client.create(data, sha256=True)
    return w.client.put(ticket, data[:-1] + b"x")


@case("putObject", 403)
def other_length(w):
    data = w.picture()
    return w.client.put(w.client.create(data), data + b"more")


@case("putObject", 403)
def upload_that_is_over(w):
    data = w.picture()
    ticket = w.client.create(data)
    w.client.put(ticket, data)
    assert w.client.complete(ticket["image_id"]).json()["status"] == "active"
    return w.client.put(ticket, data)


@case("putObject", 404)
def put_to_other_bucket(w):
    return w.client.request("PUT", "/objects/no-such-bucket/key", data=b"x")


@case("putObject", 411)
def chunked_upload(w):
    data = w.picture()
    return w.client.put(w.client.create(data), iter([data]))


@case("putObject", 501)
def md5_upload(w):
    data = w.picture()
    return w.client.put(w.client.create(data), data, headers={"Content-MD5": "x"})


def send_form(w, change=lambda fields: None, data=None):
    data = data or w.picture()
    ticket = w.client.create(data, upload="post")
    change(ticket["upload_fields"])
    return w.client.post(
        ticket["upload_url"], data=ticket["upload_fields"], files={"file": ("any", data)}
    )


@case("postObject", 204)
def form_uploaded(w):
    return send_form(w)


@case("postObject", 400)
def form_without_policy(w):
    return send_form(w, lambda fields: fields.pop("policy"))


@case("postObject", 403)
def form_with_other_key(w):
    return send_form(w, lambda fields: fields.update(key="incoming/other"))


@case("postObject", 404)
def form_to_other_bucket(w):
    return w.client.post("/objects/no-such-bucket", data={"a": "b"})


@case("postObject", 412)
def form_that_is_none(w):
    url = w.client.create(w.picture(), upload="post")["upload_url"]
    return w.client.post(url, json={})


@case("getHealth", 200)
def alive(w):
    return w.client.get("/healthz")


@case("getReadiness", 200)
def ready(w):
    return w.client.get("/readyz")


@case("getOpenApi", 200)
def described(w):
    return w.client.get("/openapi.json")


@case("getDocs", 200)
def readable(w):
    response = w.client.get("/docs")
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    for _, _, operation in w.document.operations():
        assert f'id="{operation["operationId"]}"' in response.text
    assert "<script" not in response.text and "src=" not in response.text
    return response


@case("getHealth", 400)
def alive_with_a_typo(w):
    return w.client.get("/healthz?verbos=1")


@case("getReadiness", 400)
def ready_with_a_typo(w):
    return w.client.get("/readyz?verbos=1")


@case("getOpenApi", 400)
def described_with_a_typo(w):
    return w.client.get("/openapi.json?format=yaml")


@case("getDocs", 400)
def readable_with_a_typo(w):
    return w.client.get("/docs?page=2")


def common_cases(operation, path, method):
    """What every endpoint of a kind refuses in the same way."""
    under_image = "{image_id}" in path
    if not path.startswith("/objects") and operation != "getRendition":
        accept = "application/pdf"
        case(operation, 406)(
            lambda w: w.client.request(method, path.replace("{image_id}", NOBODY).replace(
                "{user_id}", "ada"), headers={"Accept": accept}))  # fmt: skip
    if under_image:
        case(operation, 404)(
            lambda w: w.client.request(method, path.replace("{image_id}", NOBODY),
                                       json={} if method == "patch" else None))  # fmt: skip
    if under_image and operation not in ("deleteImage", "restoreImage"):
        case(operation, 410)(
            lambda w: w.client.request(method, path.replace("{image_id}", w.deleted()["image_id"]),
                                       json={} if method == "patch" else None))  # fmt: skip
    if method in ("post", "patch") and not path.startswith("/objects"):
        at = path.replace("{image_id}", NOBODY)
        case(operation, 413, pytest.mark.http_server)(
            lambda w: w.announce(method.upper(), at, 1 << 25))
        case(operation, 415, pytest.mark.http_server)(
            lambda w: w.announce(method.upper(), at, 3, "text/plain"))
    if method == "post" and operation in ("completeUpload", "restoreImage", "batch"):
        def reused_key(w):
            headers = {"Idempotency-Key": f"{w.user}-{operation}"}
            w.client.post(path.replace("{image_id}", NOBODY), headers=headers, json={})
            return w.client.post(path.replace("{image_id}", NOBODY), headers=headers, json={"a": 1})

        case(operation, 422)(reused_key)
