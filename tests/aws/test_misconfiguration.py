"""What an operator sees of wrong keys, tables, buckets, regions and networks, and what clients see:
at start one sentence and code 1; later /readyz says it, requests get 503, and nothing needs a
restart."""

import concurrent.futures
import http.server
import json
import re
import socket
import ssl
import subprocess
import threading
import uuid

import faults
import pytest
import tintype_server
from deployment import Deployment
from emulator import free_port
from fault_proxy import FaultProxy
from http_exchange import Answer
from served import Served

SECONDS_TO_FAIL = 15
ACCOUNT = "arn:aws:iam::123456789012:user/prod"
DENIED = f"User: {ACCOUNT} is not authorized to perform: dynamodb:GetItem"


def dynamodb_refusal(name, message):
    return faults.answered(faults.dynamodb_error(name, message))


def s3_refusal(code, status, message="It is so.", **headers):
    """With the body for HEAD too, which is then not sent."""
    answer = faults.s3_error(code, message, status)
    more = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return faults.answered(Answer(answer.status, answer.headers + more, answer.body))


EXPIRED = dynamodb_refusal("ExpiredTokenException", "The security token has expired.")
REGION = {"x_amz_bucket_region": "eu-west-9"}
# What the proxy before a store answers to everything, and what the operator's sentence has.
DYNAMODB_REFUSALS = {
    "wrong_key": (
        dynamodb_refusal("UnrecognizedClientException", "The security token is invalid."),
        "access key",
    ),
    "expired_token": (EXPIRED, "session token"),
    "denied": (dynamodb_refusal("AccessDeniedException", DENIED), "policy"),
    "missing_table": (
        dynamodb_refusal("ResourceNotFoundException", "Requested resource not found"),
        "tintype aws init",
    ),
    "no_network": (faults.reset_before(), "dynamodb.endpoint"),
}
S3_REFUSALS = {
    "wrong_key": (s3_refusal("SignatureDoesNotMatch", 403), "access key"),
    "expired_token": (s3_refusal("ExpiredToken", 400), "access key"),
    "denied": (s3_refusal("AccessDenied", 403, DENIED), "policy"),
    "missing_bucket": (s3_refusal("NoSuchBucket", 404), "tintype aws init"),
    "moved": (s3_refusal("PermanentRedirect", 301, **REGION), '"eu-west-9": set aws.region'),
    "wrong_region": (s3_refusal("AuthorizationHeaderMalformed", 400, **REGION), '"eu-west-9": set aws.region'),
    "redirected": (s3_refusal("TemporaryRedirect", 307), "set aws.region"),
    "no_network": (faults.reset_before(), "s3.endpoint"),
}


@pytest.fixture(scope="module")
def made(ceph, ministack, tmp_path_factory):
    """Bucket and tables that are as they should be, behind the proxies `s3` and `dynamodb`."""
    with FaultProxy(ceph.endpoint) as s3, FaultProxy(ministack.endpoint) as dynamodb:
        folder = tmp_path_factory.mktemp("misconfiguration")
        deployment = Deployment(folder, f"t-{uuid.uuid4().hex[:16]}", s3, dynamodb, keys_of=ceph)
        deployment.settings.update({"janitor.interval": "1h", "dynamodb.shards": 2})
        deployment.s3, deployment.dynamodb = s3, dynamodb
        try:
            yield deployment.init()
        finally:
            deployment.end()


@pytest.fixture(autouse=True)
def clean(made):
    yield
    made.s3.clear()
    made.dynamodb.clear()


def complaint(made, tmp_path, environment=None, **settings):
    """What `tintype serve` says when it gives up at once: one sentence, nothing of keys."""
    settings = {**made.settings, "listen": "127.0.0.1:0", "data": tmp_path, **settings}
    flags = tintype_server.flags(settings)
    keys = made.environment if environment is None else environment
    done = tintype_server.run(
        "serve", *flags, env=tintype_server.clean_environment(**keys), timeout=SECONDS_TO_FAIL
    )
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert re.fullmatch(r"tintype: [A-Z][^\n]+\.\n", done.stderr), done.stderr
    assert made.environment["AWS_SECRET_ACCESS_KEY"] not in done.stderr
    print(done.stderr)
    return done.stderr


@pytest.mark.parametrize("name", DYNAMODB_REFUSALS)
def test_start_when_dynamodb_refuses(made, tmp_path, name):
    refusal, sentence = DYNAMODB_REFUSALS[name]
    made.dynamodb.rule(refusal)
    assert sentence in complaint(made, tmp_path)


@pytest.mark.parametrize("name", S3_REFUSALS)
def test_start_when_s3_refuses(made, tmp_path, name):
    refusal, sentence = S3_REFUSALS[name]
    made.s3.rule(refusal)
    assert sentence in complaint(made, tmp_path)


def test_start_with_a_wrong_secret(made, tmp_path):
    keys = {**made.environment, "AWS_SECRET_ACCESS_KEY": "wrong" * 8}
    said = complaint(made, tmp_path, keys)
    assert "SignatureDoesNotMatch" in said and "access key" in said


def test_start_without_credentials(made, tmp_path):
    said = complaint(
        made, tmp_path, {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(tmp_path)})  # fmt: skip
    assert "no AWS credentials" in said and "AWS_ACCESS_KEY_ID" in said


def test_start_without_tables(made, tmp_path):
    said = complaint(made, tmp_path, **{"dynamodb.table_prefix": "elsewhere_"})
    assert "elsewhere_images" in said and "tintype aws init" in said


def test_start_with_a_table_of_another_shape(made, tmp_path, ministack, unique):
    ministack.client("dynamodb").create_table(
        TableName=f"{unique}_images",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    said = complaint(made, tmp_path, **{"dynamodb.table_prefix": f"{unique}_"})
    assert f"{unique}_images" in said and "dynamodb.table_prefix" in said


def test_start_without_bucket(made, tmp_path, unique):
    said = complaint(made, tmp_path, **{"s3.bucket": unique})
    assert unique in said and "tintype aws init" in said


STORES = pytest.mark.parametrize("store", ["s3", "dynamodb"])


@STORES
def test_start_where_nothing_listens(made, tmp_path, store):
    said = complaint(made, tmp_path, **{f"{store}.endpoint": f"http://127.0.0.1:{free_port()}"})
    assert "cannot be reached" in said and f"{store}.endpoint" in said


@STORES
def test_start_with_a_name_that_nobody_has(made, tmp_path, store):
    said = complaint(made, tmp_path, **{f"{store}.endpoint": "http://no-such-host.invalid"})
    assert "cannot be reached" in said and f"{store}.endpoint" in said


@STORES
def test_start_where_nothing_answers(made, tmp_path, store):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        said = complaint(made, tmp_path, **{f"{store}.endpoint": address})
    assert "cannot be reached" in said and f"{store}.endpoint" in said


@STORES
def test_start_with_tls_where_there_is_none(made, tmp_path, store):
    address = getattr(made, store).url.replace("http:", "https:")
    said = complaint(made, tmp_path, **{f"{store}.endpoint": address})
    assert "cannot be reached" in said and "TLS" in said and f"{store}.endpoint" in said


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory):
    """The address of a server whose certificate nobody vouches for."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "key", "-out", folder / "certificate"],
        check=True, capture_output=True, timeout=60)  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate", folder / "key")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # clients that turn away
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@STORES
def test_start_with_a_certificate_of_its_own(made, tmp_path, store, self_signed):
    said = complaint(made, tmp_path, **{f"{store}.endpoint": self_signed})
    assert "cannot be reached" in said and "certificate" in said and f"{store}.endpoint" in said


@pytest.fixture(scope="module")
def server(made):
    return made.start()


@pytest.mark.parametrize("name", DYNAMODB_REFUSALS)
def test_dynamodb_refuses_later(made, server, name):
    served = Served(server)
    refusal, sentence = DYNAMODB_REFUSALS[name]
    made.dynamodb.rule(refusal)
    served.assert_not_ready(sentence)
    for call in served.requests():
        served.assert_refused(call)
    made.dynamodb.clear()
    served.assert_well_again()


@pytest.mark.parametrize("name", S3_REFUSALS)
def test_s3_refuses_later(made, server, name):
    served = Served(server)
    refusal, sentence = S3_REFUSALS[name]
    made.s3.rule(refusal)
    served.assert_not_ready(sentence)
    assert served.client.image(served.ticket["image_id"])["status"] == "processing"
    for call in served.object_requests():
        served.assert_refused(call)
    made.s3.clear()
    served.assert_well_again()


@STORES
def test_a_store_falls_silent(made, server, store):
    """Each request ends within its deadline, all at the same time."""
    served, over, proxy = Served(server), threading.Event(), getattr(made, store)
    requests = served.object_requests() if store == "s3" else served.requests()
    proxy.rule(faults.withheld(over))
    try:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            ready = pool.submit(served.assert_not_ready, f"{store}.endpoint")
            for refused in [pool.submit(served.assert_refused, call) for call in requests]:
                refused.result()
            ready.result()
    finally:
        proxy.clear()
        over.set()
    served.assert_well_again()


class ShortLivedKeys:
    """A profile whose credential_process gives keys for a few seconds, while `giving` is there."""

    def __init__(self, home, keys):
        self.giving = home / "giving"
        self.giving.touch()
        script = home / "give"
        answer = {
            "Version": 1,
            "AccessKeyId": keys["AWS_ACCESS_KEY_ID"],
            "SecretAccessKey": keys["AWS_SECRET_ACCESS_KEY"],
            "Expiration": "SOON",
        }
        script.write_text(
            f"#!/bin/sh\ntest -e {self.giving} || exit 1\n"
            f"echo '{json.dumps(answer)}' | sed s/SOON/$(date -u -d +4sec +%Y-%m-%dT%H:%M:%SZ)/\n"
        )
        script.chmod(0o700)
        (home / ".aws").mkdir()
        (home / ".aws/config").write_text(f"[default]\ncredential_process = {script}\n")
        self.environment = {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(home)}


def test_credentials_run_out(made, tmp_path):
    keys = ShortLivedKeys(tmp_path, made.environment)
    server = tintype_server.Server(
        tmp_path / "data", tmp_path / "log", made.settings,
        env=tintype_server.clean_environment(**keys.environment))  # fmt: skip
    try:
        served = Served(server)
        keys.giving.unlink()
        served.assert_not_ready("There are no AWS credentials")
        for call in served.requests():
            served.assert_refused(call)
        keys.giving.touch()
        served.assert_well_again()
    finally:
        server.end()
