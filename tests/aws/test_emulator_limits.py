"""Where the emulators differ from AWS, and from each other, in what they let pass.

Each test holds a row of README.md's tables: who refuses, who does not. AWS refuses all of it.
"""

import datetime
import uuid

import botocore.auth
import pytest
import requests
import wire
from botocore.exceptions import ClientError
from test_emulators import DYNAMODB, S3, bucket, item, on, table  # noqa: F401 (two fixtures)


def status(emulator, operation, **body):
    return wire.dynamodb(emulator, operation, **body)[0]


@on(*S3)
def test_presigned_length(emulator, bucket):
    """A presigned PUT can sign the exact length, and nothing else of the size."""
    parameters = {"Bucket": bucket, "Key": "k", "ContentLength": 5}
    url = emulator.client("s3").generate_presigned_url("put_object", parameters, 60)
    codes = [requests.put(url, body, timeout=10).status_code for body in (b"bytes", b"bytes!")]
    assert codes == ([200, 200] if emulator.name == "moto" else [200, 403])


@on(*S3)
def test_clock_of_the_client(emulator, bucket, monkeypatch):
    class AnHourAgo(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)

    monkeypatch.setattr(botocore.auth.datetime, "datetime", AnHourAgo)
    answer = wire.s3(emulator, "GET", f"/{bucket}")
    if emulator.name in ("ceph", "minio"):
        assert answer.status_code == 403 and b"RequestTimeTooSkewed" in answer.content
    else:
        assert answer.status_code == 200


@on("ceph", "ministack", "moto")
def test_cors_preflight(emulator, bucket):
    """MinIO has no CORS of a bucket's own. MiniStack allows every origin."""
    rule = {"AllowedMethods": ["PUT"], "AllowedOrigins": ["http://a"], "AllowedHeaders": ["*"]}
    emulator.client("s3").put_bucket_cors(
        Bucket=bucket, CORSConfiguration={"CORSRules": [rule]}
    )

    def preflight(origin):
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "content-type",
        }
        url = f"{emulator.endpoint}/{bucket}/k"
        return requests.options(url, headers=headers, timeout=10).status_code

    expected = {"ceph": [200, 403], "ministack": [200, 200], "moto": [200, 403]}[emulator.name]
    assert [preflight("http://a"), preflight("http://z")] == expected


@on(*S3)
def test_lifecycle_of_a_prefix(emulator, bucket):
    rule = {
        "ID": "incoming",
        "Status": "Enabled",
        "Filter": {"Prefix": "incoming/"},
        "Expiration": {"Days": 2},
    }
    s3 = emulator.client("s3")
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [rule]


OTHER_BLOCKS = {"IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}


@on("ceph")
def test_ceph_refuses_every_put_where_public_acls_are_blocked(emulator, bucket):
    """Ceph 16's own fault: an adapter's set-up must leave BlockPublicAcls out there."""
    s3 = emulator.client("s3")
    blocked = {"BlockPublicAcls": False, **OTHER_BLOCKS}
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=blocked)
    s3.put_object(Bucket=bucket, Key="k", Body=b"bytes")
    blocked["BlockPublicAcls"] = True
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=blocked)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"bytes")


@on("ceph", "minio")
def test_encryption_by_default_needs_a_key_service(emulator, bucket):
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    with pytest.raises(ClientError) as error:
        emulator.client("s3").put_bucket_encryption(
            Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
        )
    expected = {"ceph": "InvalidArgument", "minio": "NotImplemented"}[emulator.name]
    assert error.value.response["Error"]["Code"] == expected


@on(*DYNAMODB)
def test_batch_of_26(emulator, table):
    puts = [{"PutRequest": {"Item": item(f"i{number}")}} for number in range(26)]
    code = status(emulator, "BatchWriteItem", RequestItems={table: puts})
    assert code == (200 if emulator.name == "moto" else 400)


@on(*DYNAMODB)
def test_item_above_400_kb(emulator, table):
    assert status(emulator, "PutItem", TableName=table, Item=item("a", x="x" * 410_000)) == 400


@on(*DYNAMODB)
def test_reserved_word(emulator, table):
    values = {":s": {"S": "active"}}
    update = {"UpdateExpression": "SET status = :s", "ExpressionAttributeValues": values}
    assert status(emulator, "UpdateItem", TableName=table, Key=item("a"), **update) == 400


@on(*DYNAMODB)
def test_index_key_of_another_type(emulator, table):
    code = status(emulator, "PutItem", TableName=table, Item=item("a", user=1, at="t"))
    assert code == (200 if emulator.name == "moto" else 400)


@on("moto", "ministack")
def test_request_token_of_a_transaction(emulator, table):
    update = {
        "TableName": table,
        "Key": item("a"),
        "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    request = {"TransactItems": [{"Update": update}], "ClientRequestToken": uuid.uuid4().hex}
    codes = [status(emulator, "TransactWriteItems", **request) for _ in range(2)]
    got = emulator.client("dynamodb").get_item(TableName=table, Key=item("a"))
    assert codes == [200, 200]
    assert got["Item"]["n"]["N"] == ("2" if emulator.name == "moto" else "1")


@on(*DYNAMODB)
def test_page_ends_at_1_mb_and_limit_counts_before_the_filter(emulator, table):
    client = emulator.client("dynamodb")
    for number in range(7):
        big = item(f"i{number}", user="u", at=f"t{number}", x="x" * 200_000)
        client.put_item(TableName=table, Item=big)
    query = {
        "TableName": table,
        "IndexName": "UserIndex",
        "KeyConditionExpression": "#u = :u",
        "ExpressionAttributeNames": {"#u": "user"},
        "ExpressionAttributeValues": {":u": {"S": "u"}},
    }
    page = client.query(**query)
    assert 4 <= len(page["Items"]) <= 6 and "LastEvaluatedKey" in page
    empty = client.query(**query, Limit=3, FilterExpression="attribute_exists(nothing)")
    assert (empty["Count"], empty["ScannedCount"], "LastEvaluatedKey" in empty) == (0, 3, True)


@on(*DYNAMODB)
def test_consumed_capacity_of_a_query(emulator, table):
    """Two items of 40 kB: 10 units, eventually consistent. Only dynalite counts bytes."""
    client = emulator.client("dynamodb")
    for number in range(2):
        client.put_item(TableName=table, Item=item(f"i{number}", user="u", at="t", x="x" * 40_000))
    used = client.query(
        TableName=table,
        IndexName="UserIndex",
        KeyConditionExpression="#u = :u",
        ExpressionAttributeNames={"#u": "user"},
        ExpressionAttributeValues={":u": {"S": "u"}},
        ReturnConsumedCapacity="TOTAL",
    )["ConsumedCapacity"]["CapacityUnits"]
    assert used == {"dynalite": 10.0, "ministack": 0.5, "moto": 1.0}[emulator.name]
