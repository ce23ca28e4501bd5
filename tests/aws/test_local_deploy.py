"""scripts/deploy.sh --local: the template, deployed into an emulator, calls the right function for every
route and finishes uploads. The functions are stand-ins that tell what they were called with."""

import base64
import json
import os
import pathlib
import subprocess
import time

import echo_function
import pytest
import requests
from test_template import FUNCTION_OF, TABLES
from tintype_server import binary

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUCKET = "tintype-dev-000000000000-us-east-1"
ORIGIN = "https://app.example.com"


def environment(emulator):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TINTYPE_"))}
    return {
        **kept,
        "AWS_ENDPOINT_URL": emulator.endpoint,
        "AWS_ACCESS_KEY_ID": emulator.access_key,
        "AWS_SECRET_ACCESS_KEY": emulator.secret_key,
        "AWS_REGION": emulator.region,
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def run(emulator, *words):
    return subprocess.run(
        [ROOT / "scripts/deploy.sh", "--local", *words],
        env=environment(emulator), capture_output=True, text=True, check=False, timeout=300)  # fmt: skip


@pytest.fixture(scope="module")
def artefact(tmp_path_factory):
    path = tmp_path_factory.mktemp("artefact") / "tintype.zip"
    path.write_bytes(echo_function.artefact())
    return path


@pytest.fixture(scope="module")
def url(ministack, artefact):
    done = run(ministack, "--artefact", artefact, "--origins", ORIGIN)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().splitlines()[-1]


def body_for(method, pattern):
    if (method, pattern) == ("POST", "/images"):
        return {"filename": "a.jpg", "content_type": "image/jpeg", "size": 1}
    return {"operations": [{"op": "get"}]} if pattern == "/images/batch" else {}


@pytest.mark.parametrize("route", FUNCTION_OF, ids=" ".join)
def test_every_route_calls_its_function(url, route):
    method, pattern = route
    path = pattern.replace("{image_id}", "i1").replace("{user_id}", "u1")
    json_body = body_for(method, pattern) if method in ("POST", "PATCH") else None
    answer = requests.request(method, url + path + "?x=1", json=json_body, timeout=30)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["function"] == FUNCTION_OF[route]
    assert told["event"]["httpMethod"] == method
    assert told["event"]["path"] == path
    assert told["event"]["queryStringParameters"] == {"x": "1"}


def test_preflights_and_unknown_paths_reach_the_handlers(url):
    for method, path in (("OPTIONS", "/images"), ("PUT", "/tags"), ("GET", "/nowhere"), ("GET", "/images/i1/no")):
        answer = requests.request(method, url + path, headers={"Origin": ORIGIN}, timeout=30)
        assert answer.json()["function"] == "get", f"{method} {path}: {answer.text}"


def test_settings_lead_to_the_emulator(url, ministack):
    variables = requests.get(url + "/images", timeout=30).json()["environment"]
    assert variables["TINTYPE_S3_ENDPOINT"] == variables["TINTYPE_DYNAMODB_ENDPOINT"] == ministack.endpoint
    assert variables["TINTYPE_PUBLIC_URL"] == url
    assert variables["TINTYPE_CORS_ORIGINS"] == ORIGIN
    assert variables["TINTYPE_S3_BUCKET"] == BUCKET


def test_bodies_that_cannot_be_are_refused_before_a_function_is_called(url):
    answer = requests.post(url + "/images", json={"filename": "a.jpg"}, timeout=30)
    assert answer.status_code == 400
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (400, "validation_failed")
    assert problem["request_id"] == answer.headers["X-Request-Id"] != ""
    assert "X-Request-Id" in answer.headers["Access-Control-Expose-Headers"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_forms_arrive_whole(url):
    """Bytes that are no UTF-8 come as base64 and are not changed on their way."""
    picture = bytes(range(256))
    answer = requests.post(url + "/images", files={"file": ("a.png", picture, "image/png")}, timeout=30)
    event = answer.json()["event"]
    assert event["isBase64Encoded"] is True
    assert picture in base64.b64decode(event["body"])


def test_tables_are_there(url, ministack):
    client = ministack.client("dynamodb")
    for name, (keys, indexes, ttl) in TABLES.items():
        table = client.describe_table(TableName=f"tintype-dev-{name}")["Table"]
        assert [key["AttributeName"] for key in table["KeySchema"]] == keys
        assert {index["IndexName"] for index in table["GlobalSecondaryIndexes"]} == set(indexes)
        described = client.describe_time_to_live(TableName=f"tintype-dev-{name}")["TimeToLiveDescription"]
        assert described.get("AttributeName") == ttl


def test_the_program_finds_nothing_to_do_about_the_stores(url, ministack):
    """Tables and bucket of the template are those that `tintype aws init` makes."""
    settings = {
        "s3.endpoint": ministack.endpoint, "s3.path_style": "true", "s3.bucket": BUCKET,
        "dynamodb.endpoint": ministack.endpoint, "dynamodb.table_prefix": "tintype-dev-",
        "cors.origins": ORIGIN,
    }  # fmt: skip
    flags = [f"--{name}={value}" for name, value in settings.items()]
    done = subprocess.run(
        [binary(), "aws", "init", "--store=aws", *flags],
        env=environment(ministack), capture_output=True, text=True, check=False, timeout=60)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "nothing to do", done.stdout


def test_an_upload_is_told_to_process(url, ministack):
    client = ministack.client("s3")
    client.put_object(Bucket=BUCKET, Key="originals/u1/i1/a.jpg", Body=b"not for process")
    client.put_object(Bucket=BUCKET, Key="incoming/i 2", Body=b"bytes")
    told = wait_for_echo(client)
    assert told["function"] == "process"
    (record,) = told["event"]["Records"]
    assert record["eventSource"] == "aws:sqs"
    (event,) = json.loads(record["body"])["Records"]
    assert event["eventName"].startswith("ObjectCreated:")
    assert event["s3"]["object"]["key"] == "incoming/i+2"


def wait_for_echo(client, patience=30):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        for item in client.list_objects_v2(Bucket=BUCKET, Prefix="echoes/").get("Contents", []):
            told = json.load(client.get_object(Bucket=BUCKET, Key=item["Key"])["Body"])
            if "TestEvent" not in json.dumps(told):
                return told
        time.sleep(0.2)
    raise AssertionError("Process was not called")


def test_deploying_again_changes_nothing_that_is_stored(url, ministack, artefact):
    ministack.client("s3").put_object(Bucket=BUCKET, Key="originals/kept", Body=b"1")
    done = run(ministack, "--artefact", artefact)
    assert done.returncode == 0, done.stderr
    again = done.stdout.strip().splitlines()[-1]
    assert requests.get(again + "/healthz", timeout=30).json()["function"] == "get"
    assert ministack.client("s3").get_object(Bucket=BUCKET, Key="originals/kept")["Body"].read() == b"1"


def test_everything_can_be_taken_away(ministack, artefact):
    assert run(ministack, "--artefact", artefact).returncode == 0
    done = subprocess.run(
        [ROOT / "scripts/cleanup.sh", "--local", "--yes"],
        env=environment(ministack), capture_output=True, text=True, check=False, timeout=120)  # fmt: skip
    assert done.returncode == 0, done.stderr
    left = [
        *ministack.client("dynamodb").list_tables()["TableNames"],
        *(bucket["Name"] for bucket in ministack.client("s3").list_buckets()["Buckets"]),
        *(f["FunctionName"] for f in ministack.client("lambda").list_functions()["Functions"]),
        *(api["name"] for api in ministack.client("apigateway").get_rest_apis()["items"]),
        *(url.rsplit("/", 1)[1] for url in ministack.client("sqs").list_queues().get("QueueUrls", [])),
    ]
    assert not [name for name in left if name.startswith("tintype-dev")]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--endpoint", "https://dynamodb.eu-central-1.amazonaws.com"], "is not on this machine"),
        (["--artefact", "/nowhere/tintype.zip"], "make lambda builds it"),
        (["--env", "production"], "invalid choice"),
    ],
)
def test_what_cannot_be_deployed_is_said_in_one_sentence(ministack, words, sentence):
    done = run(ministack, *words)
    assert done.returncode != 0
    assert sentence in done.stderr
