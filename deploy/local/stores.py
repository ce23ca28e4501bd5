"""Makes the template's tables, queues and bucket at an AWS endpoint. Whatever is there already stays."""

import contextlib
import time

from botocore.exceptions import ClientError


def make_tables(client, template):
    for table in template.of_type("AWS::DynamoDB::Table").values():
        wanted = ("TableName", "BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
        with contextlib.suppress(client.exceptions.ResourceInUseException):
            client.create_table(**{name: table[name] for name in wanted})
        wait_for_table(client, table["TableName"])
        if "TimeToLiveSpecification" in table:
            turn_on_ttl(client, table["TableName"], table["TimeToLiveSpecification"])
        client.update_continuous_backups(
            TableName=table["TableName"],
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        )


def wait_for_table(client, name, patience=60):
    deadline = time.monotonic() + patience
    while client.describe_table(TableName=name)["Table"]["TableStatus"] != "ACTIVE":
        assert time.monotonic() < deadline, f"the table {name} does not become active"
        time.sleep(0.1)


def turn_on_ttl(client, name, specification):
    described = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if described.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=specification)


def remove_tables(client, template):
    for table in template.of_type("AWS::DynamoDB::Table").values():
        with contextlib.suppress(client.exceptions.ResourceNotFoundException):
            client.delete_table(TableName=table["TableName"])


def make_queues(client, template):
    """Gives the ARN of the queue that uploads are announced in."""
    prefix = queue_prefix(template)
    dead = make_queue(client, prefix + "dead-letters", template.properties("DeadLetterQueue"))
    uploads = template.properties("UploadQueue")
    uploads["RedrivePolicy"] = {**uploads["RedrivePolicy"], "deadLetterTargetArn": dead}
    return make_queue(client, prefix + "uploads", uploads)


def queue_prefix(template):
    return template.properties("ImagesTable")["TableName"].removesuffix("images")


def make_queue(client, name, properties):
    attributes = {
        "VisibilityTimeout": str(properties.get("VisibilityTimeout", 30)),
        "MessageRetentionPeriod": str(properties["MessageRetentionPeriod"]),
    }
    if "RedrivePolicy" in properties:
        policy = properties["RedrivePolicy"]
        target = policy["deadLetterTargetArn"]
        attributes["RedrivePolicy"] = (
            f'{{"deadLetterTargetArn": "{target}", "maxReceiveCount": {policy["maxReceiveCount"]}}}'
        )
    url = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def remove_queues(client, template):
    for name in ("uploads", "dead-letters"):
        with contextlib.suppress(ClientError):
            url = client.get_queue_url(QueueName=queue_prefix(template) + name)["QueueUrl"]
            client.delete_queue(QueueUrl=url)


def make_bucket(client, template, queue_arn):
    bucket = template.properties("Bucket")
    name = bucket["BucketName"]
    owned = (client.exceptions.BucketAlreadyOwnedByYou, client.exceptions.BucketAlreadyExists)
    with contextlib.suppress(*owned):
        client.create_bucket(Bucket=name)
    client.put_public_access_block(
        Bucket=name, PublicAccessBlockConfiguration=bucket["PublicAccessBlockConfiguration"]
    )
    client.put_bucket_lifecycle_configuration(
        Bucket=name, LifecycleConfiguration={"Rules": lifecycle_rules(bucket)}
    )
    if "CorsConfiguration" in bucket:
        client.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": cors_rules(bucket)})
    client.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration=notification(bucket, queue_arn)
    )


# CloudFormation's names of S3's things are not always S3's own.


def lifecycle_rules(bucket):
    return [
        {
            "ID": rule["Id"],
            "Status": rule["Status"],
            "Filter": {"Prefix": rule["Prefix"]},
            "Expiration": {"Days": rule["ExpirationInDays"]},
            "AbortIncompleteMultipartUpload": rule["AbortIncompleteMultipartUpload"],
        }
        for rule in bucket["LifecycleConfiguration"]["Rules"]
    ]


def cors_rules(bucket):
    own_names = {"Id": "ID", "ExposedHeaders": "ExposeHeaders", "MaxAge": "MaxAgeSeconds"}
    return [
        {own_names.get(name, name): value for name, value in rule.items()}
        for rule in bucket["CorsConfiguration"]["CorsRules"]
    ]


def notification(bucket, queue_arn):
    (queue,) = bucket["NotificationConfiguration"]["QueueConfigurations"]
    rules = queue["Filter"]["S3Key"]["Rules"]
    return {
        "QueueConfigurations": [
            {
                "QueueArn": queue_arn,
                "Events": [queue["Event"]],
                "Filter": {"Key": {"FilterRules": rules}},
            }
        ]
    }


def remove_bucket(client, template):
    name = template.properties("Bucket")["BucketName"]
    with contextlib.suppress(ClientError):
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=name):
            for item in page.get("Contents", []):
                client.delete_object(Bucket=name, Key=item["Key"])
        client.delete_bucket(Bucket=name)
