"""`tintype aws destroy` refuses as a whole what it must not delete in part."""

import dataclasses
import json


def refused(deployment, moto):
    """The sentence; nothing is gone."""
    bucket = deployment.settings["s3.bucket"]
    moto.client("s3").put_object(Bucket=bucket, Key="originals/kept", Body=b"bytes")
    done = deployment.run("aws", "destroy", "--yes-delete-everything")
    assert done.returncode == 1, done.stdout
    kept = moto.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert [entry["Key"] for entry in kept] == ["originals/kept"]
    return done.stderr


def protected(proxy, request):
    """A fault: the ledger, and it alone, is protected as production's tables are."""
    answer = proxy.forward(request)
    if answer.status != 200 or b"image_ledger" not in request.body:
        return answer
    told = json.loads(answer.body)
    told["Table"]["DeletionProtectionEnabled"] = True
    headers = [entry for entry in answer.headers if entry[0].lower() != "x-amz-crc32"]
    return dataclasses.replace(answer, headers=headers, body=json.dumps(told).encode())


def test_a_protected_table_protects_everything(deploy, moto, fault_proxy):
    proxy = fault_proxy(moto)
    deployment = deploy(moto, proxy, keys_of=moto).init()
    proxy.rule(protected, target="DescribeTable")
    said = refused(deployment, moto)
    assert "image_ledger" in said and "deletion protection" in said
    prefix = deployment.settings["dynamodb.table_prefix"]
    names = moto.client("dynamodb").list_tables()["TableNames"]
    assert {prefix + "images", prefix + "image_tags", prefix + "image_ledger"} <= set(names)
    proxy.clear()
    deployment.destroy()


def test_a_table_of_somebody_else_is_left_alone(deploy, moto):
    deployment = deploy(moto, moto).init()
    client, table = moto.client("dynamodb"), deployment.settings["dynamodb.table_prefix"] + "images"
    client.delete_table(TableName=table)
    client.create_table(
        TableName=table, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])  # fmt: skip
    assert "is not Tintype's" in refused(deployment, moto)
    assert table in client.list_tables()["TableNames"]
