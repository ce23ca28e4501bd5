"""What is wrong after a storm: the records, counts, bytes and objects, held against what clients
were told."""

import collections
import dataclasses
import time

from tintype_client import Client, sha256_hex

STATUSES = ("active", "processing", "failed", "deleted")
SAMPLES = 25
SECONDS_TO_SWEEP = 120


@dataclasses.dataclass
class Findings:
    lost: list = dataclasses.field(default_factory=list)  # acknowledged, and not there
    doubled: list = dataclasses.field(default_factory=list)  # the same picture or id once more
    strange: list = dataclasses.field(default_factory=list)  # nobody was told of them
    leftovers: list = dataclasses.field(default_factory=list)  # still `processing`
    miscounted: list = dataclasses.field(default_factory=list)  # usage and tags
    damaged: list = dataclasses.field(default_factory=list)  # samples with other bytes
    swept: list = dataclasses.field(default_factory=list)  # objects that the janitor removed
    orphaned: list = dataclasses.field(default_factory=list)  # objects of no record, after that
    missing: list = dataclasses.field(default_factory=list)  # originals that are not there

    def wrong(self):
        """Everything that must be empty; objects that the janitor has to sweep up may be there."""
        named = dataclasses.asdict(self)
        return {name: found for name, found in named.items() if found and name != "swept"}


def check(deployment, s3, plan, outcome):
    """`s3` is a boto3 client of the bucket's server. One more server is started, to sweep."""
    findings = Findings()
    users = sorted({f"storm-{number % plan.users}" for number in range(plan.uploads)})
    bucket = deployment.settings["s3.bucket"]
    before = object_keys(s3, bucket)
    client = Client(sweep(deployment).url)
    records = [
        image
        for user in users
        for status in STATUSES
        for image in client.images(user_id=user, status=status, limit=100)
    ]
    check_records(findings, outcome.acknowledged, records)
    for user in users:
        check_counts(findings, client, user, [r for r in records if r["user_id"] == user])
    check_bytes(findings, client, outcome.acknowledged)
    after = object_keys(s3, bucket)
    findings.swept = sorted(before - after)
    check_objects(findings, records, after)
    return findings


def check_records(findings, acknowledged, records):
    active = [record for record in records if record["status"] == "active"]
    there = {(r["image_id"], r["sha256"], r["size"], r["user_id"]) for r in active}
    findings.lost = [
        entry.image_id
        for entry in acknowledged
        if (entry.image_id, entry.sha256, entry.size, entry.wish.user) not in there
    ]
    findings.doubled = (
        repeated(record["image_id"] for record in records)
        + repeated(record["sha256"] for record in active)
        + repeated(entry.image_id for entry in acknowledged)
    )
    told = {entry.image_id for entry in acknowledged}
    findings.strange = [
        f"{record['image_id']} {record['status']}"
        for record in records
        if record["image_id"] not in told and record["status"] != "processing"
    ]
    findings.leftovers = [r["image_id"] for r in records if r["status"] == "processing"]


def repeated(values):
    return [value for value, count in collections.Counter(values).items() if count > 1]


def check_counts(findings, client, user, records):
    counted = [record for record in records if record["status"] != "failed"]
    usage = client.usage(user)
    said = (usage["images"], usage["bytes"])
    real = (len(counted), sum(record["size"] for record in counted))
    if said != real:
        findings.miscounted.append(f"usage of {user}: {said}, records: {real}")
    active = (record["tags"] for record in records if record["status"] == "active")
    real_tags = collections.Counter(tag for tags in active for tag in tags)
    answer = client.get("/tags", params={"user_id": user, "limit": 100}).json()["tags"]
    said_tags = {entry["tag"]: entry["count"] for entry in answer}
    if said_tags != real_tags:
        findings.miscounted.append(f"tags of {user}: {said_tags}, records: {real_tags}")


def check_bytes(findings, client, acknowledged):
    for entry in acknowledged[:: max(1, len(acknowledged) // SAMPLES)]:
        if sha256_hex(client.download(entry.image_id)) != entry.sha256:
            findings.damaged.append(entry.image_id)


def object_keys(s3, bucket):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {item["Key"] for page in pages for item in page.get("Contents", [])}


def check_objects(findings, records, keys):
    originals = {record["s3_key"]: record for record in records if record["status"] == "active"}
    active = {record["image_id"] for record in originals.values()}
    # An upload under way has its bytes in `incoming`; a finished one has them no more.
    under_way = {r["image_id"] for r in records if r["status"] == "processing"}
    needed = {"incoming": under_way, "renditions": active | under_way}
    for key in sorted(keys - originals.keys()):
        kind, image_id = key.split("/")[:2]
        if image_id not in needed.get(kind, ()):
            findings.orphaned.append(key)
    findings.missing = sorted(originals.keys() - keys)


def sweep(deployment):
    """A server whose janitor has just removed the objects that no record needs."""
    server = deployment.start(
        janitor__repair=True,
        janitor__min_age="0s",
        janitor__interval="1s",
        janitor__reconcile_interval="1s",
    )
    deadline = time.monotonic() + SECONDS_TO_SWEEP
    while "reconciled" not in server.errors():
        assert time.monotonic() < deadline, f"no sweep:\n{server.errors()[-2000:]}"
        time.sleep(0.1)
    return server
