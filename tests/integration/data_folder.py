"""Looks into a data folder: the objects in it, as docs/storage-format.md lays them out. Where the stores
are AWS's (tests/aws), into the bucket instead."""

import functools
import pathlib
import urllib.parse

import boto3
from tintype_server import backend, on_aws

TEMPORARY = "tmp"


def object_files(data):
    """Key -> path of every object: each file's name is its key. Markers (`%sub-…`), whose names no
    key has, and temporary files are not objects."""
    found = {}
    for bucket in (pathlib.Path(data) / "objects").iterdir():
        for path in bucket.rglob("*"):
            relative = path.relative_to(bucket)
            if relative.parts[0] == TEMPORARY or path.name.startswith("%sub-") or path.is_dir():
                continue
            found[urllib.parse.unquote(path.name)] = path
    return found


@functools.cache
def bucket_client():
    settings, environment = backend()["settings"], backend()["environment"]
    return boto3.client(
        "s3",
        endpoint_url=settings["s3.endpoint"],
        region_name=settings.get("s3.region", "us-east-1"),
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


def keys_in_bucket():
    bucket = backend()["settings"]["s3.bucket"]
    pages = bucket_client().get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {found["Key"] for page in pages for found in page.get("Contents", [])}


def object_keys(server):
    return keys_in_bucket() if on_aws() else set(object_files(server.data))


def unfinished_files(server):
    """Those of the server's own folder; S3 shows nothing of what is not finished."""
    return [] if on_aws() else temporary_files(server.data)


def temporary_files(data):
    return list((pathlib.Path(data) / "objects").glob(f"*/{TEMPORARY}/*"))


def image_id_of(key):
    """`incoming/<id>`, `renditions/<id>/…` or `originals/<user>/<id>/…`."""
    parts = key.split("/")
    assert parts[0] in ("incoming", "renditions", "originals"), f"what is {key}?"
    return parts[2] if parts[0] == "originals" else parts[1]
