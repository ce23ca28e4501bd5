"""A folder of real pictures through upload, completion, listing and download, byte for byte.

The folder is $TINTYPE_PHOTOS, else shared/photos beside the project, else one that the test makes
itself, which it says."""

import os
import pathlib
import shutil
import subprocess

import pytest
import tintype_server
from pictures import corrupt, gif, jpeg, png, truncated, webp
from tintype_client import Client, sha256_hex

ROOT = pathlib.Path(__file__).resolve().parents[2]
TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".heic": "image/heic",
}
# Pictures that are damaged, by name.
DAMAGED = {"truncated.jpg", "corrupt-header.jpg"}


def make_photos(folder):
    """Stand-ins for the real ones."""
    (folder / "photos").mkdir()
    (folder / "orientation").mkdir()
    (folder / "formats").mkdir()
    for i in range(1, 6):
        (folder / "photos" / f"photo-{i:02}.jpg").write_bytes(jpeg(800, 600, seed=i))
    for i in range(1, 9):
        data = jpeg(60, 90, seed="portrait", orientation=i)
        (folder / "orientation" / f"portrait-{i}.jpg").write_bytes(data)
    formats = {
        "photo.png": png(200, 100),
        "alpha.png": png(20, 20, alpha=True),
        "photo.webp": webp(320, 200),
        "big-height.webp": webp(3, 16_000),
        "animated.gif": gif(40, 30, frames=6),
        "truncated.jpg": truncated(jpeg(800, 600, seed="cut"), 0.5),
        "corrupt-header.jpg": corrupt(jpeg(100, 100)),
    }
    for name, data in formats.items():
        (folder / "formats" / name).write_bytes(data)


@pytest.fixture(scope="module")
def photos(tmp_path_factory, pytestconfig):
    given = os.environ.get("TINTYPE_PHOTOS")
    for folder in [pathlib.Path(given)] if given else [ROOT.parent / "shared" / "photos"]:
        if folder.is_dir():
            return folder
    assert not given, f"TINTYPE_PHOTOS={given} is no folder"
    folder = tmp_path_factory.mktemp("photos")
    make_photos(folder)
    notice = f"NOTICE: no folder of real photos is here, so these were made for the test: {folder}"
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{notice}", flush=True)
    return folder


@pytest.fixture(scope="module")
def pictures(photos):
    found = sorted(p for p in photos.rglob("*") if p.suffix.lower() in TYPES)
    assert len(found) >= 10, f"{photos} has only {len(found)} pictures"
    return found


@pytest.mark.slow
def test_every_photo_byte_for_byte(server, client, user, pictures):
    expected = {}
    for path in pictures:
        data = path.read_bytes()
        name = f"{path.parent.name}-{path.name}"
        image = client.upload(
            data, user_id=user, filename=name, content_type=TYPES[path.suffix.lower()]
        )
        if path.name in DAMAGED:
            assert image["status"] == "failed", path
            assert image["failure"]["code"] in ("corrupt_image", "not_an_image")
            continue
        assert image["status"] == "active", (path, image["failure"])
        assert image["width"] > 0 and image["height"] > 0
        assert image["sha256"] == sha256_hex(data)
        expected[image["image_id"]] = (path, data)
    listed = {image["image_id"]: image for image in client.images(user_id=user, limit=7)}
    assert set(listed) == set(expected)
    for image_id, (path, data) in expected.items():
        assert listed[image_id]["size"] == len(data)
        assert client.download(image_id) == data, path
    usage = client.usage(user)
    assert usage["images"] == len(expected)
    assert usage["bytes"] == sum(len(data) for _, data in expected.values())


@pytest.mark.slow
def test_orientations_show_one_picture(client, user, pictures):
    """One picture in the eight EXIF orientations: after orientation all have the same size."""
    sizes = {}
    for path in (p for p in pictures if p.parent.name == "orientation"):
        image = client.upload(
            path.read_bytes(), user_id=user, filename=path.name, content_type="image/jpeg"
        )
        sizes[image["orientation"]] = (image["width"], image["height"])
    assert set(sizes) == set(range(1, 9))
    upright = {sizes[i] for i in (1, 2, 3, 4)}
    turned = {sizes[i] for i in (5, 6, 7, 8)}
    assert len(upright) == 1 and len(turned) == 1


@pytest.mark.slow
def test_the_example_that_uploads_a_folder(start_server, pictures, tmp_path):
    """examples/upload_folder.sh, on a folder whose pictures are all good, and on one with a bad one."""
    server = start_server()
    environment = tintype_server.clean_environment(
        TINTYPE_TEST_BINARY=str(tintype_server.binary()), PATH="/usr/bin:/bin"
    )

    def run(folder):
        return subprocess.run(
            [ROOT / "examples" / "upload_folder.sh", folder, server.url, f"folder-{folder.name}"],
            capture_output=True,
            text=True,
            timeout=300,
            env=environment,
        )

    good, bad = tmp_path / "good", tmp_path / "bad"
    for folder in (good, bad):
        folder.mkdir()
    for path in pictures:
        if path.name not in DAMAGED:
            shutil.copyfile(path, good / f"{path.parent.name}-{path.name}")
    (bad / "cut.png").write_bytes(truncated(png(100, 100)))
    (bad / "fine.png").write_bytes(png(10, 10))

    done = run(good)
    assert done.returncode == 0, done.stdout + done.stderr
    count = len(list(good.iterdir()))
    assert f"{count} files, {count} uploaded" in done.stdout
    assert f"{count} identical after download" in done.stdout
    assert Client(server.url).usage("folder-good")["images"] <= count

    done = run(bad)
    assert done.returncode == 1, done.stdout
    assert "cut.png" in done.stderr
    assert "2 files, 1 uploaded" in done.stdout
