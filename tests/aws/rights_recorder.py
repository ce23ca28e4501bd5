"""What requests to S3 and DynamoDB need of IAM, read from the requests themselves.

    with Recorder(ceph.endpoint) as s3, Recorder(ministack.endpoint) as dynamodb:
        ... a function on s3.url and dynamodb.url ...
        needed = needs_of(s3.exchanges, names) | needs_of(dynamodb.exchanges, names)

No emulator enforces a policy, so that a function without a right works there, and fails at AWS alone. The
rules are those of https://docs.aws.amazon.com/service-authorization/latest/reference/ for S3 and DynamoDB.
"""

import dataclasses
import fnmatch
import json
import re
import urllib.parse
import xml.etree.ElementTree

from fault_proxy import FaultProxy
from function_rights import BUCKET, IMAGES, LEDGER, TAGS

PARTITION_KEYS = {IMAGES: "image_id", TAGS: "list", LEDGER: "key"}
# Headers of a PUT that need a right beside PutObject's.
MORE_TO_PUT = {"x-amz-acl": "PutObjectAcl", "x-amz-tagging": "PutObjectTagging"}
IN_TRANSACTION = {
    "Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Need:
    """An action on a resource; for items of a table `key` is their partition key, the condition
    dynamodb:LeadingKeys. `why` is for the reader and does not count."""

    action: str
    resource: str
    key: str | None = None
    why: str = dataclasses.field(default="", compare=False)

    def is_met_by(self, action, right):
        """Whether a right of function_rights.py, with whatever items it is narrowed to, allows it."""
        resource, _, keys = right.partition(" of ")
        if action != self.action or not fnmatch.fnmatchcase(self.resource, resource):
            return False
        return not keys or (self.key is not None and fnmatch.fnmatchcase(self.key, keys))

    def __str__(self):
        items = f" of {self.key}" if self.key else ""
        return f"{self.action} on {self.resource}{items}{self.why and f' ({self.why})'}"


class Names:
    """From a deployment's bucket and tables to those of function_rights.py."""

    def __init__(self, settings):
        prefix = settings["dynamodb.table_prefix"]
        self.bucket = settings["s3.bucket"]
        self._tables = {f"{prefix}images": IMAGES, f"{prefix}image_tags": TAGS, f"{prefix}image_ledger": LEDGER}

    def table(self, name):
        return self._tables.get(name, name)

    def object(self, bucket, key=""):
        known = BUCKET if bucket == self.bucket else bucket
        return f"{known}/{key}" if key else known


class Recorder(FaultProxy):
    """A proxy that keeps each request and the status of its answer, None where that was lost; faults
    work as ever."""

    def __init__(self, upstream):
        super().__init__(upstream)
        self.exchanges = []

    def handle(self, request):
        status = None
        try:
            answer = super().handle(request)
            status = answer.status
        finally:
            self.exchanges.append((request, status))
        return answer


def needs_of(exchanges, names):
    needs = set()
    for request, status in exchanges:
        target = request.header("x-amz-target")
        needs.update(dynamodb_needs(request, names) if target else s3_needs(request, status, names))
    return needs


def dynamodb_needs(request, names):
    action = request.header("x-amz-target").rpartition(".")[2]
    body = json.loads(request.body)
    if action == "TransactWriteItems":
        for item in body["TransactItems"]:
            ((kind, write),) = item.items()
            yield item_need(IN_TRANSACTION[kind], write, names)
    elif action in ("BatchGetItem", "BatchWriteItem"):
        for name, asked in body["RequestItems"].items():
            for item in items_in_batch(asked):
                yield Need(action, names.table(name), key_in(item, names.table(name)))
    elif action == "Query":
        table, index = names.table(body["TableName"]), body.get("IndexName")
        key = partition_in(body)
        yield Need(action, f"{table}/index/{index}" if index else table, key)
    else:
        yield item_need(action, body, names)


def item_need(action, body, names):
    """Of a request, or a part of a transaction, that is about one item."""
    table = names.table(body["TableName"])
    item = body.get("Item") or body.get("Key")
    return Need(action, table, key_in(item, table) if item else None)


def key_in(item, table):
    return item[PARTITION_KEYS[table]]["S"] if table in PARTITION_KEYS else None


def items_in_batch(asked):
    """Keys of a BatchGetItem; keys and whole items of a BatchWriteItem."""
    if isinstance(asked, dict):
        return asked["Keys"]
    return [change.get("Item") or change["Key"] for entry in asked for change in entry.values()]


def partition_in(query):
    """The value that the key condition demands of the partition key, which it begins with."""
    begin = re.match(r"(#\w+) = (:\w+)", query["KeyConditionExpression"])
    return query["ExpressionAttributeValues"][begin[2]]["S"]


def s3_needs(request, status, names):
    path, _, query = request.target.partition("?")
    bucket, _, key = urllib.parse.unquote(path).lstrip("/").partition("/")
    asked = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
    if key:
        yield from object_needs(request, status, names, bucket, key)
    elif request.method == "POST" and "delete" in asked:
        for name in keys_to_delete(request.body):
            yield Need("DeleteObject", names.object(bucket, name))
    elif request.method == "POST":  # a form with a policy
        name = re.search(rb'name="key"\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]+)', request.body)[1].decode()
        yield Need("PutObject", names.object(bucket, name), why="by a form")
    elif request.method == "HEAD" or (request.method == "GET" and "list-type" in asked):
        yield Need("ListBucket", names.object(bucket), why=asked.get("prefix", ""))
    else:
        yield Need(f"{request.method} ?{query}", names.object(bucket))


def object_needs(request, status, names, bucket, key):
    action = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
    yield Need(action.get(request.method, request.method), names.object(bucket, key))
    if source := request.header("x-amz-copy-source"):
        from_bucket, _, from_key = urllib.parse.unquote(source).lstrip("/").partition("/")
        yield Need("GetObject", names.object(from_bucket, from_key), why="to copy it")
    for header, more in MORE_TO_PUT.items():
        if request.method == "PUT" and request.header(header):
            yield Need(more, names.object(bucket, key))
    if status == 404:
        yield Need("ListBucket", names.object(bucket), why=f"to hear 404, not 403, of {key}")


def keys_to_delete(body):
    tree = xml.etree.ElementTree.fromstring(body)
    return [element.text for element in tree.iter() if element.tag.endswith("Key")]
