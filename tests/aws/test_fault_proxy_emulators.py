"""The fault proxy between boto3 and real emulators."""

import faults
import pytest
import requests
from botocore.exceptions import ClientError, ConnectionClosedError
from test_emulators import bucket, item, on, table  # noqa: F401 (two fixtures)


@on("ceph", "minio")
def test_signatures_hold_through_the_proxy(emulator, bucket, fault_proxy):
    proxy = fault_proxy(emulator)
    s3 = emulator.client("s3", proxy.url)
    body = bytes(range(256)) * 4096
    s3.put_object(Bucket=bucket, Key="a b/ü", Body=body)
    assert s3.get_object(Bucket=bucket, Key="a b/ü")["Body"].read() == body
    assert s3.head_object(Bucket=bucket, Key="a b/ü")["ContentLength"] == len(body)
    url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k"}, 60)
    assert url.startswith(proxy.url)
    assert requests.put(url, b"bytes", timeout=10).status_code == 200
    assert s3.delete_object(Bucket=bucket, Key="k")["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert proxy.counts == {
        "PUT /{bucket}/{key}": 2,
        "GET /{bucket}/{key}": 1,
        "HEAD /{bucket}/{key}": 1,
        "DELETE /{bucket}/{key}": 1,
    }


@on("moto", "ministack", "dynalite")
def test_a_write_whose_answer_is_lost_is_done(emulator, table, fault_proxy):
    proxy = fault_proxy(emulator)
    client = emulator.client("dynamodb", proxy.url)
    proxy.rule(faults.reset_after(), target="PutItem", nth=1)
    with pytest.raises(ConnectionClosedError):
        client.put_item(TableName=table, Item=item("a", n=1))
    assert client.get_item(TableName=table, Key=item("a"))["Item"]["n"] == {"N": "1"}


@on("moto", "ministack", "dynalite")
def test_an_index_that_lags_behind(emulator, table, fault_proxy):
    proxy = fault_proxy(emulator)
    client = emulator.client("dynamodb", proxy.url)

    def listed():
        return client.query(
            TableName=table,
            IndexName="UserIndex",
            KeyConditionExpression="#u = :u",
            ExpressionAttributeNames={"#u": "user"},
            ExpressionAttributeValues={":u": {"S": "u"}},
        )["Count"]

    assert listed() == 0
    rule = proxy.rule(faults.stale_query(), target="Query", nth=1)
    client.put_item(TableName=table, Item=item("a", user="u", at="t"))
    assert [listed(), listed(), rule.fired] == [0, 1, 1]


@on("moto")
def test_boto3_retries_what_is_throttled(emulator, table, fault_proxy):
    proxy = fault_proxy(emulator)
    client = emulator.client("dynamodb", proxy.url, retries={"max_attempts": 3})
    proxy.rule(faults.throttled(), target="PutItem", nth=1)
    proxy.rule(faults.internal_error(), target="PutItem", nth=2)
    client.put_item(TableName=table, Item=item("a"))
    assert proxy.counts["PutItem"] == 3


@on("moto")
def test_boto3_sees_a_checksum_that_does_not_hold(emulator, table, fault_proxy):
    proxy = fault_proxy(emulator)
    emulator.client("dynamodb").put_item(TableName=table, Item=item("a", x="abcdefgh" * 20))
    client = emulator.client("dynamodb", proxy.url, retries={"max_attempts": 2})
    proxy.rule(faults.corrupted(), target="GetItem", nth=1)
    got = client.get_item(TableName=table, Key=item("a"))
    assert got["Item"]["x"]["S"] == "abcdefgh" * 20
    assert proxy.counts["GetItem"] == 2


@on("ceph")
def test_slow_down_is_s3s_own_error(emulator, bucket, fault_proxy):
    proxy = fault_proxy(emulator)
    proxy.rule(faults.slow_down(), method="GET", path=rf"^/{bucket}/")
    with pytest.raises(ClientError) as error:
        emulator.client("s3", proxy.url).get_object(Bucket=bucket, Key="k")
    assert error.value.response["Error"]["Code"] == "SlowDown"
