"""S3ObjectStore against real servers: the port's suite, with and without faults on the way, and what
a client of the URLs that it signs can and cannot do. Ceph RGW is the judge."""

import base64
import hashlib
import http.server
import os
import ssl
import subprocess
import threading
import urllib.parse

import faults
import pytest
import requests
from s3_probe import BUILD, S3Probe

TIMEOUT = 600
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
ORIGIN = "https://app.example.org"
PAGE = {"Origin": ORIGIN, "Access-Control-Request-Method": "PUT"}


def run_suite(emulator, endpoint=None, leave_out=""):
    """Runs the object store's suite and gives how it ended, and what it printed."""
    chosen = f"S3/ObjectStoreConformance.*-{leave_out}"
    where = {
        "TINTYPE_TEST_S3_ENDPOINT": endpoint or emulator.endpoint,
        "TINTYPE_TEST_S3_KEY": emulator.access_key,
        "TINTYPE_TEST_S3_SECRET": emulator.secret_key,
    }
    done = subprocess.run(
        [BUILD / "tests/aws/aws_conformance", f"--gtest_filter={chosen}"],
        env={**os.environ, **where},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    return done.returncode, done.stdout[-8000:] + done.stderr


@pytest.mark.parametrize("emulator", ["ceph", "minio"], indirect=True)
def test_the_suite_of_the_port(emulator):
    code, output = run_suite(emulator)
    assert code == 0, output


def test_the_suite_of_the_port_on_moto(moto):
    # moto copies whatever x-amz-copy-source-if-match says.
    code, output = run_suite(moto, leave_out="*CopiesOnlyTheContentAskedFor*")
    assert code == 0, output


@pytest.mark.parametrize(
    "fault",
    [faults.slow_down(), faults.internal_error(), faults.reset_before(), faults.reset_after(),
     faults.cut_short()],
    ids=["slow_down", "internal_error", "reset_before", "reset_after", "cut_short"],
)  # fmt: skip
def test_the_suite_with_faults_on_the_way(ceph, fault_proxy, fault):
    proxy = fault_proxy(ceph)
    rule = proxy.rule(fault, share=0.1)
    code, output = run_suite(ceph, endpoint=proxy.url)
    assert code == 0, output
    assert rule.fired > 20


def test_a_wrong_clock_is_corrected(ceph, fault_proxy):
    proxy = fault_proxy(ceph)
    proxy.rule(faults.clock_skew(480))
    code, output = run_suite(ceph, endpoint=proxy.url)
    assert code == 0, output


@pytest.fixture
def bucket(emulator, unique):
    """The probe of a bucket that the adapter made, for the emulator of the test."""
    with S3Probe(emulator, unique) as probe:
        made = probe.ask("provision", origins=[ORIGIN], dry_run=False)
        assert "error" not in made, made
        probe.name = unique
        probe.s3 = emulator.client("s3")
        yield probe
        removed = probe.ask("destroy", dry_run=False)
        assert removed.get("existed"), removed


strict = pytest.mark.parametrize("emulator", ["ceph", "minio"], indirect=True)


def presigned_put(bucket, key="incoming/a", **more):
    signed = bucket.ask(
        "presign_put", key=key, content_type="image/png", size=len(PICTURE), **more
    )
    return signed["url"], dict(signed["headers"])


def put(url, headers, body=PICTURE):
    return requests.put(url, data=body, headers=headers, timeout=30)


def code_of(response):
    text = response.text
    return text.partition("<Code>")[2].partition("</Code>")[0]


def exists(bucket, key="incoming/a"):
    return "size" in bucket.ask("head", key=key)


@strict
@pytest.mark.parametrize("key", ["incoming/a", "incoming/a b+c%&?#~.png"])
def test_a_client_uploads_and_downloads(bucket, key):
    digest = hashlib.sha256(PICTURE).hexdigest()
    url, headers = presigned_put(bucket, key, sha256=digest)
    assert headers["x-amz-checksum-sha256"] == base64.b64encode(bytes.fromhex(digest)).decode()
    uploaded = put(url, headers)
    assert uploaded.status_code == 200, uploaded.text
    info = bucket.ask("head", key=key)
    assert info["size"] == len(PICTURE) and f'"{info["etag"]}"' == uploaded.headers["ETag"]
    stored = bucket.s3.get_object(Bucket=bucket.name, Key=key)
    assert stored["Body"].read() == PICTURE and stored["ContentType"] == "image/png"

    disposition = "attachment; filename=\"a b.png\"; filename*=UTF-8''%C3%A4.png"
    link = bucket.ask("presign_get", key=key, content_type="image/x", disposition=disposition)
    answer = requests.get(link["url"], timeout=30)
    assert answer.content == PICTURE
    assert answer.headers["Content-Type"] == "image/x"
    assert answer.headers["Content-Disposition"] == disposition
    part = requests.get(link["url"], headers={"Range": "bytes=1-3"}, timeout=30)
    assert (part.status_code, part.content) == (206, b"PNG")


def changed(url, name, value):
    """The URL with another value of one query parameter."""
    parts = urllib.parse.urlsplit(url)
    query = urllib.parse.parse_qsl(parts.query)
    assert name in dict(query)
    query = [(n, value if n == name else v) for n, v in query]
    return parts._replace(query=urllib.parse.urlencode(query)).geturl()


TAMPERED = {
    "signature": lambda url, headers: (changed(url, "X-Amz-Signature", "0" * 64), headers, PICTURE),
    "lifetime": lambda url, headers: (changed(url, "X-Amz-Expires", "604800"), headers, PICTURE),
    "key": lambda url, headers: (url.replace("incoming/a", "incoming/b"), headers, PICTURE),
    "type": lambda url, headers: (url, {**headers, "content-type": "text/html"}, PICTURE),
    "no type": lambda url, headers: (url, {}, PICTURE),
    "longer": lambda url, headers: (url, headers, PICTURE + b"x"),
    "shorter": lambda url, headers: (url, headers, PICTURE[:-1]),
}


@strict
@pytest.mark.parametrize("how", TAMPERED)
def test_a_put_that_is_not_what_was_signed_is_refused(bucket, how):
    refused = put(*TAMPERED[how](*presigned_put(bucket)))
    assert refused.status_code in (400, 403), refused.text
    assert code_of(refused) in ("SignatureDoesNotMatch", "AccessDenied")
    assert not exists(bucket) and not exists(bucket, "incoming/b")


@strict
def test_a_put_with_another_hash_than_declared_is_refused(bucket):
    url, headers = presigned_put(bucket, sha256=hashlib.sha256(PICTURE).hexdigest())
    other = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    for wrong in ({**headers, "x-amz-checksum-sha256": other}, {"content-type": "image/png"}):
        assert put(url, wrong).status_code in (400, 403)
    assert not exists(bucket)


@strict
def test_urls_end(bucket):
    for ago, expires in ((100, 60), (8 * 86400, 604800)):
        url, headers = presigned_put(bucket, ago=ago, expires=expires)
        refused = put(url, headers)
        assert (refused.status_code, code_of(refused)) == (403, "AccessDenied"), refused.text
        link = bucket.ask("presign_get", key="incoming/a", ago=ago, expires=expires)
        assert requests.get(link["url"], timeout=30).status_code == 403
    assert not exists(bucket)


@strict
def test_a_url_is_for_one_method(bucket):
    url, headers = presigned_put(bucket)
    assert put(url, headers).status_code == 200
    assert requests.get(url, headers=headers, timeout=30).status_code == 403
    assert requests.delete(url, headers=headers, timeout=30).status_code == 403
    assert exists(bucket)


def presigned_form(bucket, **more):
    form = bucket.ask(
        "presign_post", key="incoming/a", content_type="image/png", min=1, max=len(PICTURE), **more
    )
    return form["url"], form["fields"]


def post(url, fields, body=PICTURE):
    parts = [(name, (None, value)) for name, value in fields]
    return requests.post(url, files=[*parts, ("file", body)], timeout=30)


@strict
def test_a_form_uploads(bucket):
    uploaded = post(*presigned_form(bucket))
    assert uploaded.status_code in (200, 204), uploaded.text
    stored = bucket.s3.get_object(Bucket=bucket.name, Key="incoming/a")
    assert stored["Body"].read() == PICTURE and stored["ContentType"] == "image/png"


def with_field(fields, name, value):
    return [(n, value if n == name else v) for n, v in fields]


OTHER_POLICY = base64.b64encode(b'{"expiration":"2999-01-01T00:00:00Z","conditions":[]}').decode()
FORMS = {
    "signature": lambda fields: (with_field(fields, "x-amz-signature", "0" * 64), PICTURE),
    "policy": lambda fields: (with_field(fields, "policy", OTHER_POLICY), PICTURE),
    "key": lambda fields: (with_field(fields, "key", "incoming/b"), PICTURE),
    "type": lambda fields: (with_field(fields, "content-type", "text/html"), PICTURE),
    "another field": lambda fields: ([("acl", "public-read"), *fields], PICTURE),
    "too large": lambda fields: (fields, PICTURE + b"x"),
    "too small": lambda fields: (fields, b""),
}


@strict
@pytest.mark.parametrize("how", FORMS)
def test_a_form_that_is_not_what_was_signed_is_refused(bucket, how):
    url, fields = presigned_form(bucket)
    refused = post(url, *FORMS[how](fields))
    assert refused.status_code in (400, 403), refused.text
    if how.startswith("too"):
        assert code_of(refused) in ("EntityTooLarge", "EntityTooSmall")
    assert not exists(bucket) and not exists(bucket, "incoming/b")


@strict
def test_forms_end(bucket):
    assert post(*presigned_form(bucket, ago=100, expires=60)).status_code in (400, 403)
    assert not exists(bucket)


@pytest.mark.parametrize("emulator", ["ceph", "minio", "moto"], indirect=True)
def test_a_bucket_is_made_once_and_then_verified(emulator, unique):
    with S3Probe(emulator, unique) as probe:
        planned = probe.ask("provision", origins=[ORIGIN], dry_run=True)["steps"]
        assert set(planned.values()) == {"would_do"}
        assert probe.ask("check")["error"]["code"] == "s3_no_bucket"
        made = probe.ask("provision", origins=[ORIGIN], dry_run=False)["steps"]
        assert made.keys() == planned.keys()
        assert made[f"bucket {unique}"] == made["lifecycle"] == "done"
        again = probe.ask("provision", origins=[ORIGIN], dry_run=False)["steps"]
        assert set(again.values()) <= {"present", "unsupported"}, again
        rules = emulator.client("s3").get_bucket_lifecycle_configuration(Bucket=unique)["Rules"]
        assert [rule["Expiration"]["Days"] for rule in rules] == [2]
        emulator.client("s3").put_object(Bucket=unique, Key="a/b", Body=b"x")
        assert probe.ask("destroy", dry_run=True) == {"existed": True, "objects": 1}
        assert probe.ask("destroy", dry_run=False) == {"existed": True, "objects": 1}
        assert probe.ask("destroy", dry_run=False) == {"existed": False, "objects": 0}


@pytest.mark.parametrize("emulator", ["ceph"], indirect=True)
def test_pages_of_the_configured_origins_may_upload(bucket):
    url, headers = presigned_put(bucket)
    asked = {**PAGE, "Access-Control-Request-Headers": "content-type"}
    allowed = requests.options(url, headers=asked, timeout=30)
    assert allowed.status_code == 200, allowed.text
    assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
    other = requests.options(url, headers={**asked, "Origin": "https://evil.example"}, timeout=30)
    assert "Access-Control-Allow-Origin" not in other.headers
    uploaded = put(url, {**headers, "Origin": ORIGIN})
    assert uploaded.status_code == 200
    assert "ETag" in uploaded.headers["Access-Control-Expose-Headers"]


@strict
def test_what_is_wrong_is_said_clearly(emulator, unique):
    for where, code in (
        ({"secret": "wrong"}, "s3_bad_credentials"),
        ({"access_key": "AKIAUNKNOWN"}, "s3_bad_credentials"),
        ({}, "s3_no_bucket"),
        ({"endpoint": "http://127.0.0.1:9"}, "aws_unreachable"),
    ):
        with S3Probe(emulator, unique, **where) as probe:
            for question in ({"op": "check"}, {"op": "head", "key": "a"}):
                error = probe.ask(**question)["error"]
                assert error["status"] == 503, error
                assert emulator.secret_key not in error["detail"]
            assert probe.ask("check")["error"]["code"] == code


@pytest.fixture
def strangers_endpoint(tmp_path):
    """A server with a certificate that nobody has signed."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", key, "-out", certificate]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run([*command, *subject, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_certificate_that_does_not_verify_is_named(moto, unique, strangers_endpoint):
    with S3Probe(moto, unique, endpoint=strangers_endpoint) as probe:
        for op in ("check", "head"):
            error = probe.ask(op, key="a")["error"]
            assert error["status"] == 503, error
            assert "certificate" in error["detail"], error
