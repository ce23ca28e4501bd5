"""The package for Lambda behind an API Gateway: the plan's ten scenarios and the contract, and uploads that are
finished by S3's events."""

import os
import subprocess
import time

import pytest
from pictures import TEXT, jpeg
from suites import LIMIT, SCENARIOS, run_suites
from test_local_deploy import BUCKET
from tintype_client import Client, sha256_hex
from tintype_server import ROOT


@pytest.fixture(scope="module")
def gateway(ministack, tmp_path_factory):
    """The package for Lambda, deployed by scripts/deploy.sh --local; the address of its API."""
    package = ROOT / "build/lambda/tintype.zip"
    done = subprocess.run(
        [ROOT / "scripts/lambda"], capture_output=True, text=True, check=False, timeout=LIMIT
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ENDPOINT_URL": ministack.endpoint,
        "AWS_ACCESS_KEY_ID": ministack.access_key,
        "AWS_SECRET_ACCESS_KEY": ministack.secret_key,
        "AWS_REGION": ministack.region,
    }
    done = subprocess.run(
        [ROOT / "scripts/deploy.sh", "--local", "--artefact", package],
        env=environment, capture_output=True, text=True, check=False, timeout=LIMIT)  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return {
        "url": done.stdout.strip().splitlines()[-1],
        "settings": {"s3.endpoint": ministack.endpoint, "s3.bucket": BUCKET},
        "environment": environment,
        "hears_of_uploads": True,
    }


# What API Gateway's own validation refuses, in its own words.
BY_THE_GATEWAY = [
    "test_one_byte_too_many",
    "test_refusals_are_replayed_too",
    "test_merge_patch",
    "test_batch_limits",
]
BY_CEPH_ALONE = ["test_browser_form_is_held_to_its_policy"]  # MiniStack checks no policy


def test_contract_through_api_gateway(gateway):
    """Every function a process of its own, called by events."""
    run_suites([*SCENARIOS, "test_uploads"], gateway, *BY_THE_GATEWAY, *BY_CEPH_ALONE)


def test_an_upload_is_finished_by_its_event(gateway):
    """PUT -> S3's event -> queue -> Process: nobody calls /complete, and the image becomes active."""
    client = Client(gateway["url"])
    picture = jpeg(320, 240, seed="event")
    ticket = client.create(picture, user_id="by-event", content_type="image/jpeg", filename="a b+c.jpg")
    assert client.put(ticket, picture).status_code == 200
    image = finished(client, ticket)
    assert image["status"] == "active" and image["sha256"] == sha256_hex(picture)
    assert [variant["name"] for variant in image["variants"]] == ["thumb", "feed", "full"]
    assert client.download(ticket["image_id"]) == picture
    assert client.usage("by-event")["images"] == 1


def test_what_is_no_image_fails_by_its_event(gateway):
    client = Client(gateway["url"])
    ticket = client.create(TEXT, user_id="by-event")
    assert client.put(ticket, TEXT).status_code == 200
    assert finished(client, ticket)["failure"]["code"] == "not_an_image"


def finished(client, ticket, patience=60):
    until = time.monotonic() + patience
    while (image := client.image(ticket["image_id"]))["status"] == "processing":
        assert time.monotonic() < until, "nobody finishes the upload"
        time.sleep(0.2)
    return image
