"""The ten scenarios that the service was planned around, over real HTTP."""

import concurrent.futures
import datetime
import time

import pytest
import requests
from pictures import TEXT, gif, jpeg, png, png_of_size, webp
from tintype_client import Client, assert_problem, sha256_hex
from tintype_server import on_aws

MIB = 1024 * 1024


def in_parallel(work, items, threads=16):
    """Runs `work` on every item, some at a time; results in order, the first exception raised."""
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))


# 1. Upload, list, download, delete.


@pytest.mark.parametrize("make, kind", [(png, "png"), (jpeg, "jpeg"), (gif, "gif"), (webp, "webp")])
def test_upload_list_download_delete(client, user, make, kind):
    data = make(40, 30)
    image = client.upload(
        data,
        user_id=user,
        filename=f"holiday.{kind}",
        content_type=f"image/{kind}",
        tags=["#Sea", "sun"],
        description="By the sea",
        metadata={"album": "2026"},
    )
    assert image["status"] == "active", image["failure"]
    assert (image["width"], image["height"]) == (40, 30)
    assert image["content_type"] == f"image/{kind}"
    assert image["size"] == len(data)
    assert image["sha256"] == sha256_hex(data)
    assert image["filename"] == f"holiday.{kind}"
    assert image["tags"] == ["sea", "sun"]
    assert image["description"] == "By the sea"
    assert image["metadata"] == {"album": "2026"}
    assert image["visibility"] == "private"
    assert image["animated"] is False and image["frames"] == 1

    listed = client.page(user_id=user)
    assert listed == {"images": [image], "count": 1, "last_key": None}
    assert client.image(image["image_id"]) == image
    assert client.download(image["image_id"]) == data
    assert client.usage(user)["images"] == 1
    assert client.usage(user)["bytes"] == len(data)

    deleted = client.delete(f"/images/{image['image_id']}")
    assert deleted.status_code == 200
    assert deleted.json()["status"] == "deleted"
    assert deleted.json()["purge_at"] > deleted.json()["deleted_at"]
    assert client.page(user_id=user)["images"] == []
    assert_problem(client.get(f"/images/{image['image_id']}"), 410, "image_deleted")
    assert_problem(client.get(f"/images/{image['image_id']}/download"), 410, "image_deleted")
    assert client.ids(user_id=user, status="deleted") == [image["image_id"]]


# 2. The same picture twice.


def test_duplicate_is_found_by_its_hash(client, user):
    data = png(seed=user)
    first = client.upload(data, user_id=user, sha256=True)
    again = client.post("/images", json=client.wish(data, user_id=user, sha256=True))
    assert again.status_code == 200
    answer = again.json()
    assert answer["duplicate"] is True
    assert answer["image_id"] == first["image_id"]
    assert answer["image"] == first
    assert "upload_url" not in answer
    assert client.ids(user_id=user) == [first["image_id"]]


def test_duplicate_may_be_wanted(client, user):
    data = png(seed=user)
    first = client.upload(data, user_id=user, sha256=True)
    ticket = client.create(data, params={"allow_duplicate": "true"}, user_id=user, sha256=True)
    assert ticket["image_id"] != first["image_id"]
    assert client.put(ticket, data).status_code == 200
    assert client.complete(ticket["image_id"]).json()["status"] == "active"
    assert len(client.ids(user_id=user)) == 2


def test_same_picture_of_another_user_is_no_duplicate(client, user):
    data = png(seed=user)
    client.upload(data, user_id=user, sha256=True)
    other = client.create(data, user_id=user + "-other", sha256=True)
    assert "duplicate" not in other
    assert other["upload_method"] == "PUT"


def test_deleted_picture_is_no_duplicate(client, user):
    data = png(seed=user)
    first = client.upload(data, user_id=user, sha256=True)
    client.delete(f"/images/{first['image_id']}")
    assert "duplicate" not in client.create(data, user_id=user, sha256=True)


# 3. Filters: user, tags, content type, size.


@pytest.fixture(scope="module")
def library(_module_server):
    """A few pictures of two users; name -> image."""
    client = Client(_module_server.url)
    wishes = [
        ("anna-1", "lib-anna", png, "png", ["sea", "summer"]),
        ("anna-2", "lib-anna", jpeg, "jpeg", ["sea", "winter"]),
        ("anna-3", "lib-anna", gif, "gif", ["mountain"]),
        ("anna-4", "lib-anna", jpeg, "jpeg", []),
        ("ben-1", "lib-ben", jpeg, "jpeg", ["sea", "summer"]),
        ("ben-2", "lib-ben", webp, "webp", ["city"]),
    ]
    images = {}
    for name, owner, make, kind, tags in wishes:
        images[name] = client.upload(
            make(seed=name),
            user_id=owner,
            tags=tags,
            filename=f"{name}.{kind}",
            content_type=f"image/{kind}",
            description=f"The picture called {name}",
        )
        time.sleep(0.005)  # so that no two share a millisecond
    return images


def names(client, library, **query):
    ids = {image["image_id"]: name for name, image in library.items()}
    return [ids[i] for i in client.ids(**query) if i in ids]


def test_filter_by_user(client, library):
    assert names(client, library, user_id="lib-anna") == ["anna-4", "anna-3", "anna-2", "anna-1"]
    assert names(client, library, user_id="lib-ben") == ["ben-2", "ben-1"]
    assert client.ids(user_id="lib-nobody") == []
    everyone = ["ben-2", "ben-1", "anna-4", "anna-3", "anna-2", "anna-1"]
    assert names(client, library) == everyone
    assert names(client, library, sort="oldest") == everyone[::-1]


@pytest.mark.parametrize(
    "query, wanted",
    [
        ({"tags": "sea"}, ["ben-1", "anna-2", "anna-1"]),
        ({"tags": "#SEA"}, ["ben-1", "anna-2", "anna-1"]),
        ({"tags": "sea,summer"}, ["ben-1", "anna-1"]),
        ({"tags": "sea,summer", "tags_match": "all"}, ["ben-1", "anna-1"]),
        ({"tags": "winter,summer"}, []),
        ({"tags": "winter,summer", "tags_match": "any"}, ["ben-1", "anna-2", "anna-1"]),
        ({"tags": "city,mountain", "tags_match": "any"}, ["ben-2", "anna-3"]),
        ({"tags": "sea", "user_id": "lib-anna"}, ["anna-2", "anna-1"]),
        ({"tags": "summer,mountain", "tags_match": "any", "user_id": "lib-anna"}, ["anna-3", "anna-1"]),
        ({"tags": "sea", "content_type": "image/jpeg"}, ["ben-1", "anna-2"]),
        ({"tags": "unknown-tag"}, []),
    ],
)
def test_filter_by_tags(client, library, query, wanted):
    assert names(client, library, **query) == wanted
    assert names(client, library, sort="oldest", **query) == wanted[::-1]


def test_filter_by_content_type(client, library):
    assert names(client, library, content_type="image/jpeg") == ["ben-1", "anna-4", "anna-2"]
    assert names(client, library, content_type="image/jpeg", user_id="lib-ben") == ["ben-1"]
    assert names(client, library, content_type="image/png") == ["anna-1"]
    assert names(client, library, content_type="image/avif") == []
    refused = client.get("/images", params={"content_type": "text/plain"})
    assert_problem(refused, 400, "validation_failed", "content_type")


def test_filter_by_size(client, library):
    sizes = {name: image["size"] for name, image in library.items()}
    middle = sorted(sizes.values())[3]
    small = names(client, library, max_size=middle)
    large = names(client, library, min_size=middle + 1)
    assert set(small) == {name for name, size in sizes.items() if size <= middle}
    assert set(large) == set(sizes) - set(small)


def test_search_by_words(client, library):
    if on_aws():
        assert_problem(client.get("/images", params={"q": "anna-3"}), 422, "search_unsupported")
        return
    assert names(client, library, q="anna-3") == ["anna-3"]
    assert names(client, library, q="mountain") == ["anna-3"]
    assert set(names(client, library, q="picture called", user_id="lib-ben")) == {"ben-1", "ben-2"}
    assert names(client, library, q="nowhere-to-be-found") == []


# 4. Dates.


def test_filter_by_dates(client, library):
    times = [image["upload_timestamp"] for image in library.values()]
    assert times == sorted(times)
    first, third, last = times[0], times[2], times[-1]
    assert names(client, library, start_date=third) == ["ben-2", "ben-1", "anna-4", "anna-3"]
    assert names(client, library, end_date=third) == ["anna-3", "anna-2", "anna-1"]
    assert names(client, library, start_date=third, end_date=third) == ["anna-3"]
    assert len(names(client, library, start_date=first, end_date=last)) == 6
    assert names(client, library, start_date=third, user_id="lib-anna", tags="mountain") == ["anna-3"]


def test_a_date_alone_is_the_whole_day(client, library):
    day = library["anna-1"]["upload_timestamp"][:10]
    same_day = [n for n, i in library.items() if i["upload_timestamp"].startswith(day)]
    assert set(names(client, library, start_date=day, end_date=day)) == set(same_day)
    date = datetime.date.fromisoformat(day)
    before, after = date - datetime.timedelta(days=1), date + datetime.timedelta(days=2)
    assert names(client, library, end_date=before.isoformat()) == []
    assert names(client, library, start_date=after.isoformat()) == []


def test_dates_with_an_offset(client, library):
    moment = datetime.datetime.fromisoformat(library["anna-3"]["upload_timestamp"][:-1] + "+00:00")
    east = moment.astimezone(datetime.timezone(datetime.timedelta(hours=5, minutes=30)))
    text = east.isoformat(timespec="milliseconds")
    assert names(client, library, start_date=text, end_date=text) == ["anna-3"]


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-02-30", "2026-1-1", ""])
def test_bad_dates(client, text):
    assert_problem(
        client.get("/images", params={"start_date": text}), 400, "validation_failed", "start_date"
    )


# 5. Pages over a large set.


@pytest.fixture(scope="module")
def thousand(_module_server):
    """1,000 active pictures of one user, created by batches and put by presigned URLs."""
    client = Client(_module_server.url)
    pictures = [png(4, 4, seed=f"many {i}") for i in range(1000)]
    tickets = []
    for start in range(0, 1000, 100):
        operations = [
            dict(op="create", user_id="many", tags=["all", f"mod{i % 10}"], **client.wish(pictures[i]))
            for i in range(start, start + 100)
        ]
        answer = client.post("/images/batch", json={"operations": operations}).json()
        assert [result["status"] for result in answer["results"]] == [201] * 100
        tickets += [dict(r["upload"], image_id=r["image"]["image_id"]) for r in answer["results"]]

    def send(i):
        assert client.put(tickets[i], pictures[i]).status_code == 200

    in_parallel(send, range(1000))
    for start in range(0, 1000, 100):
        operations = [
            {"op": "complete", "image_id": ticket["image_id"]}
            for ticket in tickets[start : start + 100]
        ]
        answer = client.post("/images/batch", json={"operations": operations}, timeout=120).json()
        states = {r["image"]["status"] if "image" in r else str(r) for r in answer["results"]}
        assert states == {"active"}
    return [ticket["image_id"] for ticket in tickets]


@pytest.mark.slow
@pytest.mark.parametrize("limit", [7, 50, 100])
def test_pages_over_a_large_set(client, thousand, limit):
    pages = list(client.pages(user_id="many", limit=limit))
    assert all(page["count"] == limit for page in pages[:-1])
    listed = [image["image_id"] for page in pages for image in page["images"]]
    assert len(listed) == 1000
    assert set(listed) == set(thousand)
    times = [image["upload_timestamp"] for page in pages for image in page["images"]]
    assert times == sorted(times, reverse=True)
    assert client.ids(user_id="many", limit=limit, sort="oldest") == listed[::-1]


@pytest.mark.slow
def test_filtered_pages_over_a_large_set(client, thousand):
    every_tenth = set(thousand[3::10])
    assert set(client.ids(user_id="many", tags="mod3", limit=9)) == every_tenth
    assert set(client.ids(tags="mod3", limit=9)) == every_tenth
    assert set(client.ids(user_id="many", tags="all,mod3", limit=9)) == every_tenth
    both = client.ids(user_id="many", tags="mod3,mod7", tags_match="any", limit=9)
    assert len(both) == 200
    assert set(both) == every_tenth | set(thousand[7::10])
    usage = client.usage("many")
    assert usage["images"] == 1000
    counts = client.get("/tags", params={"user_id": "many", "limit": 100}).json()["tags"]
    assert counts[0] == {"tag": "all", "count": 1000}
    assert counts[1:] == [{"tag": f"mod{i}", "count": 100} for i in range(10)]


@pytest.mark.slow
def test_cursors_belong_to_their_filters(client, thousand):
    key = client.page(user_id="many", limit=10)["last_key"]
    assert client.page(user_id="many", limit=20, last_key=key)["count"] == 20
    for other in (
        {"user_id": "many", "sort": "oldest"},
        {"user_id": "someone"},
        {"user_id": "many", "tags": "all"},
        {},
    ):
        refused = client.get("/images", params=dict(other, last_key=key))
        assert_problem(refused, 400, "invalid_cursor")
    middle = len(key) // 2
    altered = key[:middle] + ("A" if key[middle] != "A" else "B") + key[middle + 1 :]
    for bad in (altered, key[:-2], key + "AAAA", "", "x", "%00", "é"):
        refused = client.get("/images", params={"user_id": "many", "last_key": bad})
        assert_problem(refused, 400, "invalid_cursor")


# 6. Delete and download of what does not exist.


@pytest.mark.parametrize(
    "method, path",
    [
        ("GET", ""),
        ("DELETE", ""),
        ("DELETE", "?hard=true"),
        ("PATCH", ""),
        ("GET", "/download"),
        ("POST", "/complete"),
        ("POST", "/restore"),
    ],
)
@pytest.mark.parametrize(
    "image_id",
    ["01930000-0000-7000-8000-000000000000", "not-an-id", "..", "%2e%2e%2fetc%2fpasswd", "1" * 300],
)
def test_what_does_not_exist(client, method, path, image_id):
    options = {"json": {}} if method == "PATCH" else {}
    # requests would resolve `..` by itself: the URL goes out as it is.
    url = f"{client.url}/images/{image_id}{path}"
    request = client.session.prepare_request(requests.Request(method, url, **options))
    request.url = url
    response = client.session.send(request, timeout=30, allow_redirects=False)
    assert_problem(response, 404, "not_found")


# 7. The wrong file type.


def test_undeclarable_types(client, user):
    for kind in ("text/plain", "image/svg+xml", "image/tiff", "application/octet-stream", "image/"):
        response = client.post("/images", json=client.wish(b"x", user_id=user, content_type=kind))
        assert_problem(response, 415, "unsupported_media_type")
    assert client.usage(user)["images"] == 0


@pytest.mark.parametrize(
    "data, code",
    [
        (TEXT, "not_an_image"),
        (b"%PDF-1.7\n" + bytes(200), "unsupported_format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported_format"),
        (b"BM" + bytes(200), "not_an_image"),
        (b"II*\0" + bytes(100), "unsupported_format"),
        (b"\xff\xd8\xff", "corrupt_image"),
        (b"x", "not_an_image"),
    ],
)
def test_what_is_no_accepted_image(client, user, data, code):
    image = client.upload(data, user_id=user, filename="photo.jpg", content_type="image/jpeg")
    assert image["status"] == "failed"
    assert image["failure"]["code"] == code, image["failure"]
    assert image["failure"]["detail"]
    assert_problem(client.get(f"/images/{image['image_id']}/download"), 409, "not_ready")
    assert client.ids(user_id=user) == []
    assert client.ids(user_id=user, status="failed") == [image["image_id"]]
    usage = client.usage(user)
    assert (usage["images"], usage["bytes"]) == (0, 0)


# 8. The size limit.


@pytest.mark.slow
def test_largest_file(client, user):
    data = png_of_size(10 * MIB)
    image = client.upload(data, user_id=user)
    assert image["status"] == "active"
    assert client.download(image["image_id"]) == data


def test_one_byte_too_many(client, user):
    wish = client.wish(b"", user_id=user, size=10 * MIB + 1)
    assert_problem(client.post("/images", json=wish), 413, "payload_too_large")
    for size in (0, -1, -(2**63), 2**63, 2**64, 10**30, 1.5, "100", True, None):
        refused = client.post("/images", json=dict(wish, size=size))
        assert refused.status_code in (400, 413), (size, refused.text)
        assert "size" in refused.text
    assert client.usage(user)["images"] == 0


def test_limit_is_a_setting(start_server, user):
    server = start_server(limits__max_upload_bytes="4KiB")
    client = Client(server.url)
    assert client.upload(png_of_size(4096), user_id=user)["status"] == "active"
    wish = client.wish(b"", user_id=user, size=4097)
    assert_problem(client.post("/images", json=wish), 413, "payload_too_large")
    form = client.upload_form(png_of_size(4097), user_id=user)
    assert_problem(form, 413, "payload_too_large")
    assert client.usage(user)["images"] == 1


# 9 and 10. Concurrent work on one image, and on many.


def test_concurrent_changes_of_one_image_are_all_kept(client, user):
    image = client.upload(png(seed=user), user_id=user)
    path = f"/images/{image['image_id']}"

    def change(i):
        # Sixteen losers of a race in a row are told to come again; that is no lost change.
        for _ in range(50):
            response = client.patch(path, json={"metadata": {f"key{i}": i}})
            if response.status_code != 503:
                return response.status_code
            time.sleep(0.01)
        return 503

    assert set(in_parallel(change, range(40), threads=8)) == {200}
    after = client.image(image["image_id"])
    assert after["metadata"] == {f"key{i}": i for i in range(40)}
    assert after["revision"] == image["revision"] + 40


def test_of_two_conditional_changes_one_wins(client, user):
    image = client.upload(png(seed=user), user_id=user)
    headers = {"If-Match": f'"{image["revision"]}"'}

    def change(i):
        path = f"/images/{image['image_id']}"
        return client.patch(path, json={"description": f"by {i}"}, headers=headers).status_code

    codes = in_parallel(change, range(16))
    assert sorted(codes) == [200] + [412] * 15


def test_concurrent_completion_deletion_and_reading(client, user):
    data = png(64, 64, seed=user)
    ticket = client.create(data, user_id=user)
    assert client.put(ticket, data).status_code == 200
    done = in_parallel(lambda _: client.complete(ticket["image_id"]), range(12))
    assert {r.status_code for r in done} == {200}
    assert len({r.text for r in done}) == 1 and done[0].json()["status"] == "active"

    path = f"/images/{ticket['image_id']}"

    def work(i):
        if i % 3 == 0:
            return client.delete(path).status_code
        if i % 3 == 1:
            return client.post(path + "/restore").status_code
        return client.get(path).status_code

    allowed = {0: {200, 503}, 1: {200, 409, 503}, 2: {200, 410}}
    for i, code in enumerate(in_parallel(work, range(60))):
        assert code in allowed[i % 3], (i, code)
    client.post(path + "/restore")
    assert client.download(ticket["image_id"]) == data
    assert client.usage(user)["images"] == 1


def test_concurrent_hard_deletes(client, user):
    image = client.upload(png(seed=user), user_id=user)
    path = f"/images/{image['image_id']}"
    codes = in_parallel(lambda _: client.delete(path, params={"hard": "true"}).status_code, range(8))
    assert set(codes) <= {204, 404} and 204 in codes
    assert_problem(client.get(path), 404, "not_found")
    assert client.usage(user)["images"] == 0


def test_concurrent_work_on_many_images(client, user):
    def life(i):
        data = jpeg(24, 24, seed=f"{user} {i}")
        image = client.upload(
            data, user_id=user, tags=[f"t{i % 4}"], content_type="image/jpeg", sha256=True
        )
        assert image["status"] == "active", image
        patched = client.patch(f"/images/{image['image_id']}", json={"description": f"number {i}"})
        assert patched.status_code == 200
        assert client.download(image["image_id"]) == data
        if i % 5 == 0:
            assert client.delete(f"/images/{image['image_id']}").status_code == 200
        return image["image_id"], len(data)

    lives = in_parallel(life, range(60))
    kept = [image_id for i, (image_id, _) in enumerate(lives) if i % 5]
    assert set(client.ids(user_id=user, limit=17)) == set(kept)
    assert len(client.ids(user_id=user, status="deleted")) == 12
    usage = client.usage(user)
    assert usage["images"] == 60  # the trash counts until it is emptied
    assert usage["bytes"] == sum(size for _, size in lives)
    assert {i["description"] for i in client.images(user_id=user)} == {
        f"number {i}" for i in range(60) if i % 5
    }
