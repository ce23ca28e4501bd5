"""What each emulator does and does not check, so that a test on it proves what it seems to.

README.md has the same as a table. A difference that another version brings fails here first.
"""

import base64
import hashlib
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import wire
from botocore.exceptions import ClientError

S3 = ("moto", "ministack", "ceph", "minio")
STRICT_S3 = ("ceph", "minio")
DYNAMODB = ("moto", "ministack", "dynalite")
WITH_TRANSACTIONS = ("moto", "ministack")


def on(*names):
    return pytest.mark.parametrize("emulator", names, indirect=True)


@pytest.fixture
def bucket(emulator, unique):
    emulator.client("s3").create_bucket(Bucket=unique)
    return unique


@pytest.fixture
def table(emulator, unique):
    """Keyed by `id`, with an index UserIndex by `user` and `at`."""
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "user", "at")]
    index = {
        "IndexName": "UserIndex",
        "KeySchema": [
            {"AttributeName": "user", "KeyType": "HASH"},
            {"AttributeName": "at", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL"},
    }
    client = emulator.client("dynamodb")
    client.create_table(
        TableName=unique,
        AttributeDefinitions=attributes,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[index],
        BillingMode="PAY_PER_REQUEST",
    )
    client.get_waiter("table_exists").wait(TableName=unique, WaiterConfig={"Delay": 0.1})
    return unique


def item(name, **more):
    values = {key: {"N" if isinstance(v, int) else "S": str(v)} for key, v in more.items()}
    return {"id": {"S": name}, **values}


def code_of(error):
    return error.value.response["Error"]["Code"]


# S3


@on(*S3)
def test_objects(emulator, bucket):
    s3 = emulator.client("s3")
    s3.put_object(Bucket=bucket, Key="a/b c+é", Body=b"bytes", ContentType="image/png")
    got = s3.get_object(Bucket=bucket, Key="a/b c+é", Range="bytes=1-2")
    assert (got["Body"].read(), got["ContentType"]) == (b"yt", "image/png")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a/b c+é"})
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert keys == ["a/b c+é", "copy"]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
    with pytest.raises(ClientError) as error:
        s3.head_object(Bucket=bucket, Key="copy")
    assert code_of(error) == "404"


def presigned_put(emulator, bucket, expires=60):
    parameters = {"Bucket": bucket, "Key": "k", "ContentType": "image/png"}
    return emulator.client("s3").generate_presigned_url("put_object", parameters, expires)


def put(url, content_type="image/png"):
    return requests.put(url, b"bytes", headers={"Content-Type": content_type}, timeout=30)


def tampered(url):
    head, _, signature = url.rpartition("X-Amz-Signature=")
    return f"{head}X-Amz-Signature={'0' * 64}{signature[64:]}"


@on(*S3)
def test_presigned_put(emulator, bucket):
    assert put(presigned_put(emulator, bucket)).status_code == 200


@on(*STRICT_S3, "ministack")
def test_presigned_put_with_a_wrong_signature_is_refused(emulator, bucket):
    answer = put(tampered(presigned_put(emulator, bucket)))
    assert answer.status_code == 403 and b"SignatureDoesNotMatch" in answer.content


@on("moto")
def test_moto_believes_every_presigned_url(emulator, bucket):
    assert put(tampered(presigned_put(emulator, bucket))).status_code == 200


@on(*STRICT_S3)
def test_presigned_put_of_another_type_is_refused(emulator, bucket):
    assert put(presigned_put(emulator, bucket), "text/html").status_code == 403


@on(*STRICT_S3, "ministack")
def test_presigned_put_after_its_time_is_refused(emulator, bucket):
    url = presigned_put(emulator, bucket, expires=1)
    time.sleep(2.1)
    assert put(url).status_code == 403


@on(*STRICT_S3)
def test_header_signature_is_verified(emulator, bucket):
    good = wire.s3(emulator, "GET", f"/{bucket}")
    bad = wire.s3(emulator, "GET", f"/{bucket}", secret="another")
    assert (good.status_code, bad.status_code) == (200, 403)


def post_form(emulator, bucket, size, limit=100, **change):
    conditions = [["content-length-range", 1, limit], {"Content-Type": "image/png"}]
    form = emulator.client("s3").generate_presigned_post(
        bucket, "incoming/k", {"Content-Type": "image/png"}, conditions, 60
    )
    fields = {**form["fields"], **change}
    return requests.post(form["url"], fields, files={"file": b"x" * size}, timeout=30).status_code


@on(*S3)
def test_post_policy_is_accepted(emulator, bucket):
    assert post_form(emulator, bucket, 100) in (200, 204)


@on(*STRICT_S3)
def test_post_policy_is_enforced(emulator, bucket):
    assert post_form(emulator, bucket, 101) == 400
    assert post_form(emulator, bucket, 10, key="elsewhere") == 403
    assert post_form(emulator, bucket, 10, **{"Content-Type": "text/html"}) == 403
    assert post_form(emulator, bucket, 10, **{"x-amz-signature": "0" * 64}) == 403


@on(*S3)
def test_put_if_none_match(emulator, bucket):
    first = wire.s3(emulator, "PUT", f"/{bucket}/k", b"1", If_None_Match="*")
    second = wire.s3(emulator, "PUT", f"/{bucket}/k", b"2", If_None_Match="*")
    assert (first.status_code, second.status_code) == (200, 412)


@on(*S3)
def test_bytes_that_are_not_the_signed_ones(emulator, bucket):
    answer = wire.s3(emulator, "PUT", f"/{bucket}/k", b"signed", sent=b"others")
    assert answer.status_code == (400 if emulator.name in STRICT_S3 else 200)


@on(*S3)
def test_checksum_that_the_bytes_do_not_have(emulator, bucket):
    checksum = base64.b64encode(hashlib.sha256(b"others").digest()).decode()
    answer = wire.s3(emulator, "PUT", f"/{bucket}/k", b"signed", X_Amz_Checksum_Sha256=checksum)
    assert answer.status_code == (200 if emulator.name in ("ceph", "moto") else 400)


# DynamoDB


@on(*DYNAMODB)
def test_items_and_an_index(emulator, table):
    client = emulator.client("dynamodb")
    for number in range(5):
        client.put_item(TableName=table, Item=item(f"i{number}", user="u", at=f"t{number}"))
    client.put_item(TableName=table, Item=item("other", user="v", at="t0"))
    page = client.query(
        TableName=table,
        IndexName="UserIndex",
        KeyConditionExpression="#u = :u",
        ExpressionAttributeNames={"#u": "user"},
        ExpressionAttributeValues={":u": {"S": "u"}},
        ScanIndexForward=False,
        Limit=2,
    )
    assert [entry["id"]["S"] for entry in page["Items"]] == ["i4", "i3"]
    assert set(page["LastEvaluatedKey"]) == {"id", "user", "at"}


def put_once(emulator, table):
    return wire.dynamodb(
        emulator,
        "PutItem",
        TableName=table,
        Item=item("a", n=2),
        ConditionExpression="attribute_not_exists(id)",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )


@on(*DYNAMODB)
def test_failed_condition_gives_the_old_item(emulator, table):
    emulator.client("dynamodb").put_item(TableName=table, Item=item("a", n=1))
    status, body = put_once(emulator, table)
    name = body["__type"].rpartition("#")[2]
    assert (status, name) == (400, "ConditionalCheckFailedException")
    assert body.get("Item") == (None if emulator.name == "dynalite" else item("a", n=1))


def increment(client, table, name="counter"):
    """Reads, then puts on condition that nobody was faster, until it is so; gives the tries."""
    for tries in range(1, 1000):
        got = client.get_item(TableName=table, Key=item(name), ConsistentRead=True)
        old = got["Item"]["n"]
        try:
            client.put_item(
                TableName=table,
                Item=item(name, n=int(old["N"]) + 1),
                ConditionExpression="n = :old",
                ExpressionAttributeValues={":old": old},
            )
            return tries
        except client.exceptions.ConditionalCheckFailedException:
            pass
    raise AssertionError("1000 tries were not enough")


@on(*DYNAMODB)
def test_conditional_puts_of_eight_clients_lose_no_update(emulator, table):
    emulator.client("dynamodb").put_item(TableName=table, Item=item("counter", n=0))

    def client_of_its_own(_):
        client = emulator.client("dynamodb")
        return sum(increment(client, table) for _ in range(20))

    with ThreadPoolExecutor(8) as threads:
        tries = sum(threads.map(client_of_its_own, range(8)))
    got = emulator.client("dynamodb").get_item(TableName=table, Key=item("counter"))
    assert got["Item"]["n"]["N"] == "160"
    assert tries > 160, "the clients never met, so nothing was tried"


def move(client, table, source, target):
    """Moves one from an item to another, in a transaction; says whether it was done."""
    change = "ADD n :change"

    def update(name, change_by, condition=None):
        values = {":change": {"N": str(change_by)}}
        action = {"TableName": table, "Key": item(name), "UpdateExpression": change}
        if condition:
            action["ConditionExpression"] = condition
            values[":zero"] = {"N": "0"}
        return {"Update": {**action, "ExpressionAttributeValues": values}}

    try:
        client.transact_write_items(
            TransactItems=[update(target, 1), update(source, -1, "n > :zero")]
        )
        return True
    except client.exceptions.TransactionCanceledException:
        return False


@on(*WITH_TRANSACTIONS)
def test_transactions_of_eight_clients_are_all_or_nothing(emulator, table):
    client = emulator.client("dynamodb")
    client.put_item(TableName=table, Item=item("source", n=40))
    client.put_item(TableName=table, Item=item("target", n=0))

    def mover(_):
        own = emulator.client("dynamodb")
        return sum(move(own, table, "source", "target") for _ in range(10))

    with ThreadPoolExecutor(8) as threads:
        moved = sum(threads.map(mover, range(8)))
    values = [
        client.get_item(TableName=table, Key=item(name))["Item"]["n"]["N"]
        for name in ("source", "target")
    ]
    assert (moved, values) == (40, ["0", "40"])


@on(*WITH_TRANSACTIONS)
def test_cancelled_transaction_undoes_nothing_of_others(emulator, table):
    """moto copies all tables first, and puts the copy back: between the two nobody may write."""
    client = emulator.client("dynamodb")
    for batch in range(12):  # a long copy
        puts = [{"PutRequest": {"Item": item(f"{batch}-{number}")}} for number in range(25)]
        client.batch_write_item(RequestItems={table: puts})
    client.put_item(TableName=table, Item=item("counter", n=0))
    client.put_item(TableName=table, Item=item("source", n=0))

    def worker(number):
        own = emulator.client("dynamodb")
        if number % 2:
            return sum(move(own, table, "source", "target") for _ in range(20))
        return sum(increment(own, table) for _ in range(20)) and 0

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(worker, range(8))) == 0
    got = client.get_item(TableName=table, Key=item("counter"), ConsistentRead=True)
    assert got["Item"]["n"]["N"] == "80"
    assert "Item" not in client.get_item(TableName=table, Key=item("target"))


@on(*WITH_TRANSACTIONS)
def test_cancelled_transaction_says_why_and_gives_the_old_item(emulator, table):
    client = emulator.client("dynamodb")
    client.put_item(TableName=table, Item=item("a", n=1))
    condition = {
        "ConditionExpression": "attribute_not_exists(id)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    puts = [
        {"Put": {"TableName": table, "Item": item("b", n=1)}},
        {"Put": {"TableName": table, "Item": item("a", n=2), **condition}},
    ]
    with pytest.raises(client.exceptions.TransactionCanceledException) as error:
        client.transact_write_items(TransactItems=puts)
    reasons = error.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert reasons[1]["Item"] == item("a", n=1)
    assert "Item" not in client.get_item(TableName=table, Key=item("b"))


@on("dynalite")
def test_dynalite_has_no_transactions(emulator, table):
    status, body = wire.dynamodb(
        emulator,
        "TransactWriteItems",
        TransactItems=[{"Put": {"TableName": table, "Item": item("a")}}],
    )
    assert (status, body["__type"].rpartition("#")[2]) == (400, "UnknownOperationException")
