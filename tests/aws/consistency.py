"""Whether lists, counts, records and objects of a user tell the same, after whatever went wrong."""

import re

from tintype_client import sha256_hex

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# A cursor that loops would otherwise be followed for ever.
MOST_PAGES = 200


class Shelf:
    """What a user should have: by id bytes and tags of `active` images, bytes in the `trash`."""

    def __init__(self, user):
        self.user = user
        self.active = {}
        self.trash = {}

    def put(self, image_id, data, tags):
        self.active[image_id] = (data, tuple(tags))

    def delete(self, image_id):
        self.trash[image_id], _ = self.active.pop(image_id)


def listed(client, **query):
    """The ids of all pages; each once, or the cursor loops or an image is there twice."""
    ids = []
    for number, page in enumerate(client.pages(**query)):
        assert number < MOST_PAGES, f"the cursor of {query} does not come to an end"
        ids += [image["image_id"] for image in page["images"]]
    assert len(ids) == len(set(ids)), f"an image is listed twice for {query}"
    return set(ids)


def tag_counts(shelf):
    counts = {}
    for _, tags in shelf.active.values():
        for tag in tags:
            counts[tag] = counts.get(tag, 0) + 1
    return counts


def assert_consistent(client, shelf):
    """Lists, usage, tag counts, records and bytes are those of `shelf`."""
    active = set(shelf.active)
    assert listed(client, user_id=shelf.user, limit=50) == active
    counts = tag_counts(shelf)
    for tag in counts:
        having = {image_id for image_id, (_, tags) in shelf.active.items() if tag in tags}
        assert listed(client, user_id=shelf.user, tags=tag, limit=50) == having
    assert listed(client, user_id=shelf.user, status="deleted", limit=50) == set(shelf.trash)
    told = client.get("/tags", params={"user_id": shelf.user, "limit": 100}).json()["tags"]
    assert {tag["tag"]: tag["count"] for tag in told} == counts
    usage = client.usage(shelf.user)
    kept = [data for data, _ in shelf.active.values()] + list(shelf.trash.values())
    assert (usage["images"], usage["bytes"]) == (len(kept), sum(map(len, kept)))
    for image_id, (data, tags) in shelf.active.items():
        image = client.image(image_id)
        assert (image["status"], image["sha256"]) == ("active", sha256_hex(data))
        assert image["tags"] == list(tags)
        assert client.download(image_id) == data


def objects_by_image(emulator, bucket):
    """The keys in the bucket by the image that they name."""
    found = {}
    pages = emulator.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    for entry in (entry for page in pages for entry in page.get("Contents", [])):
        owner = UUID.search(entry["Key"])
        assert owner, f"{entry['Key']} belongs to no image"
        found.setdefault(owner.group(), []).append(entry["Key"])
    return found


def assert_no_orphans(emulator, bucket, known):
    """Every object belongs to one of the `known` images."""
    orphans = set(objects_by_image(emulator, bucket)) - set(known)
    assert not orphans, f"objects of no image: {sorted(orphans)[:5]}"
