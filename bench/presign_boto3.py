#!/usr/bin/env python3
"""What presign_bench measures, by boto3: presigned URLs and forms per second of one core."""

import statistics
import time

import boto3
import botocore.config

BUCKET, ROUNDS, CALLS = "image-storage-bucket", 7, 300
S3 = boto3.client(
    "s3",
    region_name="us-east-1",
    aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
    aws_secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    config=botocore.config.Config(signature_version="s3v4"),
)
UPLOAD = {"ContentType": "image/jpeg", "ContentLength": 500_000, "ChecksumSHA256": "c" * 43 + "="}


def get(key):
    S3.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": key})


def put(key):
    S3.generate_presigned_url("put_object", {"Bucket": BUCKET, "Key": key, **UPLOAD})


def post(key):
    kind = {"Content-Type": "image/jpeg"}
    S3.generate_presigned_post(BUCKET, key, kind, [kind, ["content-length-range", 1, 500_000]])


def rate(presign):
    start = time.thread_time()
    for i in range(CALLS):
        presign(f"originals/ann/019b76da-a800-7000-8000-{i:012d}/photo.jpg")
    return CALLS / (time.thread_time() - start)


print(f"boto3 {boto3.__version__}, one core")
for presign in (get, put, post):
    print(f"{presign.__name__:5} {statistics.median(rate(presign) for _ in range(ROUNDS)):8.0f}/s")
