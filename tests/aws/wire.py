"""Signed requests without a client's own opinion: parameters that Debian's boto3 does not know,
wrong signatures, and the answers as they came."""

import json

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import requests


def credentials(emulator, secret=None):
    return botocore.credentials.Credentials(emulator.access_key, secret or emulator.secret_key)


def dynamodb(emulator, operation, **body):
    """Calls an operation; gives status and the parsed answer."""
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": f"DynamoDB_20120810.{operation}",
    }
    request = botocore.awsrequest.AWSRequest(
        "POST", emulator.endpoint + "/", headers, json.dumps(body)
    )
    botocore.auth.SigV4Auth(credentials(emulator), "dynamodb", emulator.region).add_auth(request)
    answer = send(request)
    return answer.status_code, answer.json()


def s3(emulator, method, path, body=b"", secret=None, sent=None, **headers):
    """Calls S3 with a signature in the header; `If_None_Match` stands for If-None-Match.

    `sent` are bytes that go out in place of the signed ones.
    """
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = botocore.awsrequest.AWSRequest(method, emulator.endpoint + path, named, body)
    auth = botocore.auth.S3SigV4Auth(credentials(emulator, secret), "s3", emulator.region)
    auth.add_auth(request)
    request.data = body if sent is None else sent
    return send(request)


def send(request):
    prepared = request.prepare()
    return requests.request(
        prepared.method,
        prepared.url,
        headers=dict(prepared.headers),
        data=prepared.body,
        timeout=30,
    )
