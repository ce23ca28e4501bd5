"""What each function may do to the stores, as its code does it (src/services, src/adapters/aws): held
against both templates, the role in docs/DEPLOYMENT.md, and what the functions are seen to do.

A right on some items of a table is written as `of(table, key)`: the partition keys, `*` standing for any text.
"""

IMAGES = "arn:aws:dynamodb:eu-central-1:123456789012:table/tintype-dev-images"
TAGS = "arn:aws:dynamodb:eu-central-1:123456789012:table/tintype-dev-image_tags"
LEDGER = "arn:aws:dynamodb:eu-central-1:123456789012:table/tintype-dev-image_ledger"
BUCKET = "arn:aws:s3:::tintype-dev-123456789012-eu-central-1"
KEYS = "dynamodb:LeadingKeys"


def of(table, key):
    return f"{table} of {key}"


def table_of(resource):
    """The resource itself, whatever items it is narrowed to."""
    return resource.split(" of ")[0]


def together(*rights):
    """Resource -> actions of all of them."""
    whole = {}
    for right in rights:
        for resource, actions in right.items():
            whole.setdefault(resource, set()).update(actions)
    return whole


# What is in the ledger (src/adapters/aws/dynamodb_ledger.cc, record_writes.cc; the secret's name is in
# src/app/aws_stores.cc), and the row that /readyz asks each table for.
USAGE, ANSWERS, SECRET, PROBE = "usage#*", "idempotency#*", "secret#cursors", "probe"

RECORD = {IMAGES: {"GetItem"}}
READ_SECRET = {of(LEDGER, SECRET): {"GetItem", "PutItem"}}
# A change of a record takes its index rows and the counts of its tags with it. Rows go when an image loses
# tags or goes to the trash: what is purged or failed has none.
WRITE = {IMAGES: {"PutItem"}, TAGS: {"BatchWriteItem", "PutItem", "UpdateItem"}}
UNLIST = {TAGS: {"DeleteItem"}}
# Every POST may carry an Idempotency-Key.
ANSWER_ONCE = {of(LEDGER, ANSWERS): {"GetItem", "PutItem", "UpdateItem"}}
FIND = {BUCKET: {"ListBucket"}}
# The lease on an upload is an update of its record.
FINISH = {
    IMAGES: {"UpdateItem"},
    f"{BUCKET}/incoming/*": {"GetObject"},
    f"{BUCKET}/originals/*": {"PutObject"},
    f"{BUCKET}/renditions/*": {"PutObject"},
}
# What has failed or is purged has no objects, and does not count for its user. (What is new counts.)
GIVE_UP = {of(LEDGER, USAGE): {"UpdateItem"}} | {
    f"{BUCKET}/{folder}/*": {"DeleteObject"} for folder in ("incoming", "originals", "renditions")}

RIGHTS = {
    # A batch holds every operation, and a form brings its bytes.
    "upload": together(RECORD, WRITE, UNLIST, ANSWER_ONCE, FIND, FINISH, GIVE_UP, {
        IMAGES: {"DeleteItem"}, of(TAGS, "*##sha256:*"): {"Query"}, f"{BUCKET}/incoming/*": {"PutObject"}}),
    "list": together(RECORD, READ_SECRET, {IMAGES: {"BatchGetItem"}, TAGS: {"BatchGetItem", "Query"}}, {
        f"{IMAGES}/index/UserIndex": {"Query"}, f"{IMAGES}/index/StatusIndex": {"Query"},
        f"{TAGS}/index/TagIndex": {"Query"}, of(LEDGER, USAGE): {"GetItem"}}),
    "get": RECORD,
    "download": together(RECORD, READ_SECRET, {f"{BUCKET}/originals/*": {"GetObject"}}),
    "rendition": together(RECORD, READ_SECRET, FIND, {
        f"{BUCKET}/originals/*": {"GetObject"},
        f"{BUCKET}/renditions/*": {"GetObject", "PutObject", "DeleteObject"}}),
    "update": together(RECORD, WRITE, UNLIST),
    "delete": together(RECORD, WRITE, UNLIST, ANSWER_ONCE, {IMAGES: {"DeleteItem"}}, FIND, GIVE_UP,
                       {f"{BUCKET}/incoming/*": {"GetObject"}}),
    "process": together(RECORD, WRITE, ANSWER_ONCE, FIND, FINISH, GIVE_UP, {
        of(TAGS, PROBE): {"GetItem"}, of(LEDGER, PROBE): {"GetItem"}}),
    "janitor": together(RECORD, WRITE, FIND, FINISH, GIVE_UP, {
        IMAGES: {"DeleteItem"}, of(LEDGER, ANSWERS): {"DeleteItem"},
        f"{IMAGES}/index/DueIndex": {"Query"}, f"{IMAGES}/index/StatusIndex": {"Query"},
        f"{LEDGER}/index/ExpiryIndex": {"Query"}}),
}  # fmt: skip

# Function -> items of the ledger that it may touch; whose kept answers another function reads is nobody's business.
LEDGER_ITEMS = {
    "upload": {USAGE, ANSWERS},
    "list": {USAGE, SECRET},
    "get": set(),
    "download": {SECRET},
    "rendition": {SECRET},
    "update": set(),
    "delete": {USAGE, ANSWERS},
    "process": {USAGE, ANSWERS, PROBE},
    "janitor": {USAGE, ANSWERS},
}


def keys_of(statement):
    """The partition keys that a statement is narrowed to; [None] without such a condition."""
    condition = statement.get("Condition")
    if condition is None:
        return [None]
    ((operator, keys),) = condition.items()
    assert operator in ("ForAllValues:StringEquals", "ForAllValues:StringLike"), operator
    assert set(keys) == {KEYS}
    assert operator.endswith("StringLike") == any("*" in key for key in keys[KEYS])
    return keys[KEYS]


def rights_in(statements):
    """Resource -> operations on the stores of a role's statements."""
    found = {}
    for statement in statements:
        assert statement["Effect"] == "Allow"
        for action in statement["Action"]:
            service, operation = action.split(":")
            for resource in statement["Resource"] if service in ("dynamodb", "s3") else ():
                for key in keys_of(statement):
                    narrowed = resource if key is None else of(resource, key)
                    found.setdefault(narrowed, set()).add(operation)
    return found
