"""Renditions over HTTP: sizes, formats, caching, what becomes of them with their image, and what goes
wrong. Black-box: a real server, real pictures, and the objects that it stored."""

import concurrent.futures
import contextlib
import os
import pathlib
import signal
import time

import pytest
from data_folder import object_files, object_keys, unfinished_files
from picture_info import frame_count, picture_info
from pictures import gif, jpeg, png, webp
from tintype_client import Client, assert_problem
from tintype_server import on_aws

SENT = (200, 302) if on_aws() else (200,)  # S3 serves what is stored in it
MODERN = {"Accept": "image/avif,image/webp,image/*,*/*;q=0.8"}
WEBP = {"Accept": "image/webp,*/*"}


def make(client, data, **fields):
    image = client.upload(data, **fields)
    assert image["status"] == "active", image
    return image


def render(client, image, headers=None, **params):
    return client.get(f"/images/{image['image_id']}/rendition", params=params, headers=headers)


def fetched(client, image, headers=None, **params):
    response = render(client, image, headers, **params)
    assert response.status_code in SENT, response.text
    return client.followed(response)


def picture(client, image, headers=None, **params):
    response = fetched(client, image, headers, **params)
    assert response.status_code == 200, response.text
    info = picture_info(response.content)
    assert response.headers["Content-Type"] == f"image/{info[0]}"
    assert int(response.headers["Content-Length"]) == len(response.content)
    return info


def rendition_files(server, image):
    prefix = f"renditions/{image['image_id']}/"
    return {key for key in object_keys(server) if key.startswith(prefix)}


def until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.parametrize("params, size", [
    ({"width": 60}, (60, 40)),
    ({"height": 20}, (30, 20)),
    ({"width": 60, "height": 60}, (60, 40)),
    ({"width": 30, "height": 10, "dpr": 2}, (30, 20)),
    ({"width": 60, "height": 60, "fit": "cover"}, (60, 60)),
    ({"width": 60, "height": 60, "fit": "contain"}, (60, 60)),
    ({"width": 60, "height": 60, "fit": "fill"}, (60, 60)),
    ({"width": 60, "height": 60, "fit": "outside"}, (90, 60)),
    ({"width": 500}, (120, 80)),
    ({"width": 240, "enlarge": "true"}, (240, 160)),
    ({"width": 40, "rotate": 90}, (40, 60)),
    ({}, (120, 80)),
])  # fmt: skip
def test_sizes_are_exact(client, user, params, size):
    image = make(client, png(120, 80, seed="sizes"), user_id=user)
    for format in ("jpeg", "png", "webp"):
        assert picture(client, image, format=format, **params) == (format, *size)


@pytest.mark.parametrize("data", [png(90, 60), png(90, 60, alpha=True), jpeg(90, 60), webp(90, 60),
                                  gif(90, 60)], ids=["png", "alpha", "jpeg", "webp", "gif"])  # fmt: skip
@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "avif", "gif"])
def test_every_format_from_every_format(client, user, data, format):
    image = make(client, data, user_id=user, visibility="public")
    assert picture(client, image, format=format, width=45) == (format, 45, 30)


def test_orientation_is_applied(client, user):
    image = make(client, jpeg(48, 32, orientation=6), user_id=user)
    assert picture(client, image, format="png", width=16) == ("png", 16, 24)


def test_animations_move_unless_told_not_to(client, user):
    image = make(client, gif(40, 40, frames=4), user_id=user)
    for format in ("gif", "webp"):
        moving = fetched(client, image, format=format, width=20)
        assert picture_info(moving.content) == (format, 20, 20)
        assert frame_count(moving.content) == 4
        still = fetched(client, image, format=format, width=20, animated="false")
        assert frame_count(still.content) == 1
    assert picture(client, image, WEBP, width=10)[0] == "webp"
    assert picture(client, image, MODERN, width=10)[0] == "webp"
    assert picture(client, image, width=10)[0] == "gif"


def test_equal_requests_have_equal_tags_and_are_not_sent_twice(client, user):
    image = make(client, png(100, 100), user_id=user)
    first = render(client, image, width=25, dpr=2, format="webp")
    again = render(client, image, format="webp", width=50, height=50, fit="inside")
    assert first.headers["ETag"] == again.headers["ETag"] and first.content == again.content
    other = render(client, image, width=51, format="webp")
    assert other.headers["ETag"] != first.headers["ETag"]
    unchanged = render(client, image, {"If-None-Match": first.headers["ETag"]}, width=50, format="webp")
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["ETag"] == first.headers["ETag"]
    # Known by its name alone: what was never made need not be made to say so.
    tag = render(client, image, width=77).headers["ETag"]
    made_anew = make(client, png(100, 100), user_id=user + "2")
    assert render(client, made_anew, {"If-None-Match": tag}, width=77).status_code == 304


@pytest.mark.embedded
def test_head_says_what_get_would(client, user):
    image = make(client, png(100, 100), user_id=user)
    at = f"/images/{image['image_id']}/rendition?width=33"
    head = client.request("HEAD", at)
    get = client.get(at)
    assert head.status_code == 200 and head.content == b""
    for name in ("ETag", "Content-Length", "Content-Type", "Cache-Control", "Content-Disposition"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.embedded
def test_caches_may_keep_public_pictures_of_a_revision(client, user):
    image = make(client, png(), user_id=user, visibility="public", filename="holiday.png")
    response = render(client, image, width=4, v=image["revision"])
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Vary"] == "Accept"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"] == 'inline; filename="holiday.jpg"'
    stale = render(client, image, width=4, v=image["revision"] + 1)
    assert stale.headers["Cache-Control"].startswith("private")
    assert stale.headers["ETag"] == response.headers["ETag"]
    private = make(client, png(seed=2), user_id=user)
    response = render(client, private, width=4, v=private["revision"], format="png")
    assert response.headers["Cache-Control"].startswith("private")
    assert "Vary" not in response.headers


@pytest.mark.aws
def test_caches_may_keep_redirects_while_their_urls_are_good(client, user):
    image = make(client, png(), user_id=user, visibility="public")
    response = render(client, image, width=4, v=image["revision"])
    assert response.headers["Cache-Control"] == "public, max-age=1800"
    assert response.headers["Vary"] == "Accept"
    private = make(client, png(seed=2), user_id=user)
    response = render(client, private, width=4, format="png")
    assert response.headers["Cache-Control"].startswith("private, max-age=")
    assert "Vary" not in response.headers


@pytest.mark.aws
def test_head_redirects_too(client, user):
    image = make(client, png(100, 100), user_id=user)
    at = f"/images/{image['image_id']}/rendition?width=33"
    head, get = client.request("HEAD", at), client.get(at)
    assert head.status_code == get.status_code == 302 and head.headers["ETag"] == get.headers["ETag"]


def test_auto_chooses_by_accept(client, user):
    image = make(client, png(64, 64), user_id=user)
    assert picture(client, image, MODERN, width=32)[0] == "avif"
    assert picture(client, image, WEBP, width=32)[0] == "webp"
    assert picture(client, image, {"Accept": "image/*"}, width=32)[0] == "jpeg"
    assert picture(client, image, {"Accept": "application/json"}, width=32)[0] == "jpeg"
    clear = make(client, png(64, 64, alpha=True), user_id=user)
    assert picture(client, clear, width=32)[0] == "png"


@pytest.mark.embedded
def test_a_large_avif_comes_with_a_later_request(start_server):
    client = Client(start_server(renditions__avif_at_once=1000).url)
    image = make(client, png(300, 300), visibility="public")
    first = render(client, image, MODERN, width=200, v=image["revision"])
    assert first.headers["Content-Type"] == "image/webp"
    assert first.headers["Cache-Control"] == "public, max-age=60"
    until(lambda: picture(client, image, MODERN, width=200)[0] == "avif")
    later = render(client, image, MODERN, width=200, v=image["revision"])
    assert later.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    tag = {"If-None-Match": first.headers["ETag"]}
    assert render(client, image, {**MODERN, **tag}, width=200).status_code == 200
    assert render(client, image, {**WEBP, **tag}, width=200).status_code == 304


def test_the_ladder_is_made_with_the_upload(start_server):
    server = start_server()
    client = Client(server.url)
    image = make(client, png(1200, 900))
    assert [(v["name"], v["width"], v["height"]) for v in image["variants"]] == [
        ("thumb", 320, 320), ("feed", 1080, 810), ("full", 1200, 900)]  # fmt: skip
    files = rendition_files(server, image)
    assert len(files) == 3
    for variant in image["variants"]:
        response = fetched(client, image, variant=variant["name"])
        assert len(response.content) == variant["size"]
        assert response.headers["Content-Type"] == variant["content_type"]
        assert picture_info(response.content)[1:] == (variant["width"], variant["height"])
    assert rendition_files(server, image) == files  # nothing was made


def test_variants_are_configured(start_server):
    client = Client(start_server(
        renditions__variants="card?width=60&height=40&fit=cover,icon?width=16&format=webp",
        renditions__ladder="icon").url)  # fmt: skip
    image = make(client, png(100, 100))
    assert [v["name"] for v in image["variants"]] == ["icon"]
    assert picture(client, image, variant="card", format="png") == ("png", 60, 40)
    assert picture(client, image, variant="icon") == ("webp", 16, 16)
    response = render(client, image, variant="thumb")
    assert_problem(response, 400, "validation_failed", field="variant")


def test_every_bad_parameter_is_named(client, user):
    image = make(client, png(), user_id=user)
    bad = {
        "width": "0", "height": "9000", "fit": "round", "gravity": "up", "format": "tiff", "quality": "101",
        "dpr": "5", "background": "red", "blur": "200", "sharpen": "99", "rotate": "45", "flip": "x",
        "grayscale": "maybe", "animated": "2", "enlarge": "?", "v": "latest", "colour": "1",
    }  # fmt: skip
    response = render(client, image, **bad)
    assert response.status_code == 400
    assert {error["field"] for error in response.json()["errors"]} == set(bad)
    beside = render(client, image, variant="thumb", width=5, blur=1)
    assert {error["field"] for error in beside.json()["errors"]} == {"width", "blur"}
    twice = client.get(f"/images/{image['image_id']}/rendition?width=5&width=6")
    assert [error["code"] for error in twice.json()["errors"]] == ["duplicate_field"]


def test_what_cannot_be_made_is_refused_before_any_work(client, user):
    image = make(client, png(), user_id=user)
    size = {"width": 8192, "height": 8192, "fit": "fill", "enlarge": "true"}
    response = render(client, image, **size, format="avif")
    assert response.status_code == 400
    assert {error["field"] for error in response.json()["errors"]} == {"width", "height", "format"}


def test_renditions_go_and_come_back_with_their_image(start_server):
    server = start_server()
    client = Client(server.url)
    image = make(client, png(400, 300))
    at = f"/images/{image['image_id']}"
    wanted = picture(client, image, width=50, format="webp")
    assert len(rendition_files(server, image)) == len({v["size"] for v in image["variants"]}) + 1
    assert client.delete(at).status_code == 200
    assert rendition_files(server, image) == set()
    for params in ({"width": 50, "format": "webp"}, {"variant": "thumb"}, {"width": 51}):
        assert_problem(render(client, image, **params), 410, "image_deleted")
    assert client.post(at + "/restore").status_code == 200
    assert picture(client, image, width=50, format="webp") == wanted
    assert picture(client, image, variant="thumb")[1:] == (300, 300)
    # The other one is still in memory, where the service itself serves pictures.
    assert len(rendition_files(server, image)) == (2 if on_aws() else 1)
    assert client.delete(at, params={"hard": "true"}).status_code == 204
    assert render(client, image, width=50).status_code == 404
    assert not [key for key in object_keys(server) if image["image_id"] in key]
    assert unfinished_files(server) == []


def test_deletion_while_pictures_are_made_leaves_none(start_server):
    server = start_server()
    client = Client(server.url)
    for round in range(5):
        image = make(client, png(300, 300, seed=round))
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = [pool.submit(render, client, image, width=20 + i) for i in range(24)]
            time.sleep(0.01 * round)
            assert client.delete(f"/images/{image['image_id']}").status_code == 200
            assert {a.result().status_code for a in answers} <= {*SENT, 410}
        assert rendition_files(server, image) == set()


def test_identical_requests_are_made_once(start_server):
    server = start_server(renditions__ladder="none")
    client = Client(server.url)
    image = make(client, png(1500, 1500))
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        begun = time.monotonic()
        answers = [pool.submit(fetched, client, image, width=700, format="avif") for _ in range(16)]
        bodies = {a.result().content for a in answers}
        together = time.monotonic() - begun
    assert len(bodies) == 1 and len(rendition_files(server, image)) == 1
    begun = time.monotonic()
    assert picture(client, image, width=701, format="avif")[1] == 701
    alone = time.monotonic() - begun
    assert together < 4 * alone + 1, (together, alone)  # not sixteen times


@pytest.mark.embedded
def test_stored_pictures_outlive_the_server(start_server, tmp_path):
    data = tmp_path / "kept"
    server = start_server(data=data)
    image = make(Client(server.url), png(200, 200))
    first = render(Client(server.url), image, width=99, format="webp")
    server.kill()
    server = start_server(data=data)
    files = object_files(data)
    again = render(Client(server.url), image, width=99, format="webp")
    assert again.content == first.content and again.headers["ETag"] == first.headers["ETag"]
    assert object_files(data).keys() == files.keys()


def test_no_more_are_stored_than_allowed(start_server):
    server = start_server(renditions__ladder="none", renditions__max_per_image=5)
    client = Client(server.url)
    image = make(client, png(100, 100))
    for width in range(1, 21):
        assert picture(client, image, width=width, format="png")[1] == width
    assert len(rendition_files(server, image)) == 5


def test_nothing_is_stored_when_told_so(start_server):
    server = start_server(renditions__store=False, renditions__memory_cache=0)
    client = Client(server.url)
    image = make(client, png(100, 100))
    assert image["variants"] == []
    for _ in range(3):
        assert picture(client, image, width=10, format="png") == ("png", 10, 10)
    assert rendition_files(server, image) == set()


def test_signed_links_need_nothing_else(client, user):
    image = make(client, png(100, 100), user_id=user)
    at = f"/images/{image['image_id']}/download"
    answer = client.get(at, params={"width": 40, "format": "webp", "disposition": "inline"}).json()
    assert answer["content_type"] == "image/webp" and answer["size"] is None
    link = answer["download_url"]
    response = client.followed(client.get(link))
    assert picture_info(response.content) == ("webp", 40, 40)
    assert response.headers["Content-Disposition"].startswith("inline")
    again = client.get(at, params={"width": 40, "format": "webp"}).json()
    assert again["size"] == (None if on_aws() else len(response.content))
    for altered in (link.replace("width=40", "width=41"), link.replace("expires=", "expires=1"),
                    link[:-1] + ("A" if link[-1] != "A" else "B"), link + "&grayscale=true"):  # fmt: skip
        assert_problem(client.get(altered), 403, "forbidden")
    if not on_aws():
        part = client.get(link, headers={"Range": "bytes=0-3"})
        assert (part.status_code, part.content) == (206, b"RIFF")
    brief = client.get(at, params={"variant": "thumb", "expires_in": 1}).json()["download_url"]
    time.sleep(2.1)
    assert_problem(client.get(brief), 403, "signature_expired")
    assert client.delete(f"/images/{image['image_id']}").status_code == 200
    assert_problem(client.get(link), 410, "image_deleted")


def workers_of(server):
    """Process ids of the imaging workers below a server."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if parent == server.pid and b"imaging-worker" in command:
            found.append(int(folder.name))
    return found


def kill_workers(server):
    for pid in workers_of(server):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def render_while(client, image, disturb):
    """The answer to a request that takes a worker a second, and what happens meanwhile."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(render, client, image, format="avif", quality=95)
        disturb(answer)
        return answer.result(60)


@pytest.mark.http_server
def test_a_killed_worker_costs_no_answer(start_server):
    server = start_server(renditions__ladder="none", renditions__store=False)
    client = Client(server.url)
    heavy = make(client, png(1700, 1700))

    def kill_once(_):
        time.sleep(0.4)
        kill_workers(server)

    assert render_while(client, heavy, kill_once).status_code == 200


@pytest.mark.http_server
def test_workers_killed_all_the_time_are_said_to_be_unavailable(start_server):
    server = start_server(renditions__ladder="none", renditions__store=False)
    client = Client(server.url)
    heavy = make(client, png(1700, 1700))
    light = make(client, png(50, 50))

    def kill_always(answer):
        while not answer.done():
            time.sleep(0.2)
            kill_workers(server)

    refused = render_while(client, heavy, kill_always)
    assert_problem(refused, 503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    for width in range(10, 20):
        assert picture(client, light, width=width, format="png")[1] == width


@pytest.mark.http_server
def test_a_full_queue_is_said_at_once(start_server):
    server = start_server(renditions__ladder="none", renditions__store=False, imaging__workers=1,
                          imaging__queue=1)  # fmt: skip
    client = Client(server.url)
    image = make(client, png(900, 900))
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = [pool.submit(render, client, image, width=800 + i, format="avif") for i in range(12)]
        answers = [answer.result() for answer in answers]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert 0 < len(refused) < 12
    for answer in refused:
        assert_problem(answer, 503, "overloaded")
        assert int(answer.headers["Retry-After"]) > 0
    until(lambda: render(client, image, width=800, format="jpeg").status_code == 200)
