"""src/signing against botocore: ours equals its signature for the same input and time, and ours
verifies what it signs. Driven through tests/probes/sign_probe, one JSON object per line."""

import datetime
import hashlib
import json
import os
import pathlib
import random
import subprocess
import urllib.parse

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.signers
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("TINTYPE_BUILD", "build/dev")
REGION = "eu-central-1"
ROUNDS = 300
# Everything that encoders get wrong, and every range of Unicode.
ALPHABET = "abcXYZ019 +%/.~-_=&?#$@!*'()[]{},;:\"\\|^`<>\täßéЖ中文🙂\u0301\u200d\x7f"


class Probe:
    """The probe process; asks one question at a time."""

    def __init__(self):
        self.process = subprocess.Popen(
            [BUILD / "tests/probes/sign_probe"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def ask(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the probe ended"
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(10) == 0
        self.process.stdout.close()


@pytest.fixture(scope="module")
def probe():
    probe = Probe()
    yield probe
    probe.close()


class Moment:
    """One instant for both sides: botocore's clock is replaced by it."""

    def __init__(self, rng, monkeypatch):
        self.now = datetime.datetime(2000, 1, 1) + datetime.timedelta(
            seconds=rng.randrange(60 * 365 * 86400))
        moment = self.now

        class Frozen(datetime.datetime):
            @classmethod
            def utcnow(cls):
                return moment

        class Module:
            timedelta = datetime.timedelta
            datetime = Frozen

        monkeypatch.setattr(botocore.auth, "datetime", Module)
        monkeypatch.setattr(botocore.signers, "datetime", Module)

    def amz(self, after=0):
        return (self.now + datetime.timedelta(seconds=after)).strftime("%Y%m%dT%H%M%SZ")


def random_text(rng, least=1, most=24):
    return "".join(rng.choice(ALPHABET) for _ in range(rng.randint(least, most)))


def random_header_value(rng):
    return "".join(rng.choice("ab1 \t/;=+,\"%") for _ in range(rng.randint(0, 20)))


def random_credentials(rng):
    token = random_text(rng, 20, 200) if rng.random() < 0.5 else None
    secret = "".join(rng.choice("abcDEF0123+/=") for _ in range(rng.randint(1, 60)))
    return botocore.credentials.Credentials(f"AKIA{rng.randrange(10**9)}", secret, token)


def identity(credentials):
    return {"access_key": credentials.access_key, "secret": credentials.secret_key,
            "token": credentials.token or ""}


def client(credentials, endpoint, style="path"):
    return boto3.client(
        "s3", region_name=REGION, endpoint_url=endpoint,
        aws_access_key_id=credentials.access_key, aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token,
        config=botocore.config.Config(signature_version="s3v4", s3={"addressing_style": style}))


def verify(probe, credentials, method, url, headers, date):
    parts = urllib.parse.urlsplit(url)
    return probe.ask(op="verify", **identity(credentials), method=method, raw_path=parts.path,
                     raw_query=parts.query, headers=[["Host", parts.netloc], *headers],
                     region=REGION, date=date)


def query_of(url):
    return urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, keep_blank_values=True,
                                  strict_parsing=True)


def own_query(url):
    return [[n, v] for n, v in query_of(url) if not n.startswith("X-Amz-")]


def flip_character(rng, text):
    """Another text of the same length, changed at one ASCII letter or digit."""
    places = [i for i, c in enumerate(text) if c.isascii() and c.isalnum()]
    at = rng.choice(places)
    return text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1:]


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:8080/objects", "http://[::1]:8080/objects",
                                      "https://s3.eu-central-1.amazonaws.com"])
def test_presigned_get_of_boto3(probe, monkeypatch, endpoint):
    rng = random.Random(endpoint)
    credentials = random_credentials(rng)
    s3 = client(credentials, endpoint)
    origin = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(endpoint))
    prefix = urllib.parse.urlsplit(endpoint).path
    for _ in range(ROUNDS):
        moment = Moment(rng, monkeypatch)
        key, expires = random_text(rng), rng.randint(1, 604800)
        params = {"Bucket": "photos", "Key": key}
        if rng.random() < 0.5:
            params["ResponseContentType"] = random_text(rng)
            params["ResponseContentDisposition"] = 'attachment; filename="%s"' % random_text(rng)
        method = rng.choice(["get_object", "head_object"] if len(params) == 2 else ["get_object"])
        http = method.split("_")[0].upper()
        url = s3.generate_presigned_url(method, params, expires)
        path = f"{prefix}/photos/{key}"

        found = verify(probe, credentials, http, url, [["Accept", "*/*"]], moment.amz())
        assert found.get("path") == path, (url, found)
        assert sorted(found["query"]) == sorted(own_query(url))
        assert found["signed_headers"] == ["host"]
        assert found["expires_at"] == moment.amz(expires)

        ours = probe.ask(op="presign", **identity(credentials), method=http, endpoint=origin,
                         path=path, query=own_query(url), headers=[], region=REGION,
                         date=moment.amz(), expires=expires)["url"]
        assert sorted(query_of(ours)) == sorted(query_of(url))
        if "\x00" not in key and "//" not in key:
            assert ours.partition("?")[0] == url.partition("?")[0]

        late = verify(probe, credentials, http, url, [], moment.amz(expires))
        assert late["error"]["code"] == "AccessDenied"
        other = verify(probe, credentials, "PUT", url, [], moment.amz())
        assert other["error"]["code"] == "SignatureDoesNotMatch"
        head, mark, tail = url.partition("/photos/")
        if any(c.isascii() and c.isalnum() for c in key):
            changed = urllib.parse.quote(flip_character(rng, key), safe="/~")
            bad = head + mark + changed + "?" + tail.partition("?")[2]
            assert verify(probe, credentials, http, bad, [],
                          moment.amz())["error"]["code"] == "SignatureDoesNotMatch"


def test_presigned_put_of_boto3(probe, monkeypatch):
    rng = random.Random(2)
    for turn in range(ROUNDS):
        if turn % 20 == 0:
            credentials = random_credentials(rng)
            s3 = client(credentials, "https://s3.eu-central-1.amazonaws.com", "virtual")
        moment = Moment(rng, monkeypatch)
        key, size = random_text(rng), rng.randrange(10**9)
        digest = "".join(rng.choice("abcDEF012+/") for _ in range(43)) + "="
        params = {"Bucket": "photos", "Key": key, "ContentType": "image/jpeg",
                  "ContentLength": size, "ChecksumSHA256": digest}
        headers = [["content-type", "image/jpeg"], ["content-length", str(size)],
                   ["x-amz-checksum-sha256", digest]]
        if rng.random() < 0.5:
            params["Metadata"] = {"note": random_header_value(rng).strip() or "x"}
            headers.append(["x-amz-meta-note", params["Metadata"]["note"]])
        url = s3.generate_presigned_url("put_object", params, 900)
        sent = [[rng.choice([n, n.upper(), n.title()]), v] for n, v in headers]
        rng.shuffle(sent)
        found = verify(probe, credentials, "PUT", url, sent + [["Origin", "http://a"]],
                       moment.amz(899))
        assert found.get("path") == "/" + key, (url, found)
        assert found["signed_headers"] == sorted(["host"] + [n for n, _ in headers])

        ours = probe.ask(op="presign", **identity(credentials), method="PUT",
                         endpoint="https://photos.s3.eu-central-1.amazonaws.com", path="/" + key,
                         query=own_query(url), headers=sent, region=REGION, date=moment.amz(),
                         expires=900)["url"]
        assert sorted(query_of(ours)) == sorted(query_of(url))

        drop = rng.randrange(len(sent))
        for wrong in (sent[:drop] + sent[drop + 1:],
                      sent[:drop] + [[sent[drop][0], sent[drop][1] + "1"]] + sent[drop + 1:],
                      sent + [sent[drop]]):
            error = verify(probe, credentials, "PUT", url, wrong, moment.amz())["error"]
            assert (error["code"], error["status"]) == ("SignatureDoesNotMatch", 403)
        error = verify(probe, credentials, "PUT", url, sent + [["X-Amz-Acl", "public-read"]],
                       moment.amz())["error"]
        assert error["code"] == "AccessDenied" and "x-amz-acl" in error["detail"]


def test_our_urls_have_the_signature_of_botocore(probe, monkeypatch):
    """Free choice of headers and query parameters, beyond what boto3's operations produce."""
    rng = random.Random(3)
    for _ in range(ROUNDS):
        moment, credentials = Moment(rng, monkeypatch), random_credentials(rng)
        path = "/" + random_text(rng)
        query = {random_text(rng, 1, 6): random_text(rng, 0, 12)
                 for _ in range(rng.randrange(5))}
        headers = {f"X-{rng.choice('aBz')}{i}": random_header_value(rng)
                   for i in range(rng.randrange(5))}
        expires = rng.randint(1, 604800)
        scheme, port = rng.choice([("http", ""), ("http", ":80"), ("https", ":443"),
                                   ("https", ":9000"), ("http", ":443")])
        origin = f"{scheme}://Img.Example.com{port}"
        url = origin + urllib.parse.quote(path, safe="/~")
        if query:
            url += "?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote, safe="~")
        request = botocore.awsrequest.AWSRequest("GET", url, headers=headers)
        botocore.auth.S3SigV4QueryAuth(credentials, "s3", REGION, expires).add_auth(request)
        ours = probe.ask(op="presign", **identity(credentials), method="GET", endpoint=origin,
                         path=path, query=list(map(list, query.items())),
                         headers=list(map(list, headers.items())), region=REGION,
                         date=moment.amz(), expires=expires)["url"]
        assert sorted(query_of(ours)) == sorted(query_of(request.url))
        found = verify(probe, credentials, "GET", ours, list(map(list, headers.items())),
                       moment.amz())
        assert found.get("path") == path, found
        assert sorted(found["query"]) == sorted(map(list, query.items()))


def ask_headers(probe, credentials, request, path, query, headers, service, moment, payload_hash):
    host = ["host", botocore.auth._host_from_url(request.url)]
    answer = probe.ask(op="sign", **identity(credentials), method=request.method, path=path,
                       query=query, headers=[host, *headers], region=REGION, service=service,
                       date=moment.amz(), payload_hash=payload_hash)
    return dict(answer["headers"])


def assert_same_headers(ours, request):
    for name, value in ours.items():
        assert request.headers[name] == value, name


def test_header_signature_for_s3(probe, monkeypatch):
    rng = random.Random(4)
    for _ in range(ROUNDS):
        moment, credentials = Moment(rng, monkeypatch), random_credentials(rng)
        path, body = "/" + random_text(rng), random_text(rng).encode()
        query = [[random_text(rng, 1, 3), random_text(rng, 0, 4)] for _ in range(rng.randrange(6))]
        query += query[:1]
        headers = [[f"x-amz-meta-{i}", random_header_value(rng)] for i in range(rng.randrange(5))]
        request = botocore.awsrequest.AWSRequest(
            rng.choice(["GET", "PUT", "DELETE"]),
            f"{rng.choice(['http', 'https'])}://photos.example.com:9000"
            + urllib.parse.quote(path, safe="/~"),
            headers=dict(headers), data=body, params=[tuple(q) for q in query])
        botocore.auth.S3SigV4Auth(credentials, "s3", REGION).add_auth(request)
        ours = ask_headers(probe, credentials, request, path, query, headers, "s3", moment,
                           request.headers["X-Amz-Content-SHA256"])
        assert "x-amz-content-sha256" in ours
        assert_same_headers(ours, request)


def test_header_signature_for_other_services(probe, monkeypatch):
    """DynamoDB's one path, and paths that need normalising and encoding twice."""
    rng = random.Random(5)
    for turn in range(ROUNDS):
        moment, credentials = Moment(rng, monkeypatch), random_credentials(rng)
        service = "dynamodb" if turn % 2 else "execute-api"
        path = "/" if turn % 2 else "/" + "".join(
            rng.choice(["a", "b c", "%", "é", "/", "/", "/./", "/../", "//", "~", "."])
            for _ in range(rng.randint(0, 12)))
        body = json.dumps({"TableName": random_text(rng)}).encode()
        headers = [["Content-Type", "application/x-amz-json-1.0"],
                   ["X-Amz-Target", "DynamoDB_20120810.GetItem"]]
        request = botocore.awsrequest.AWSRequest(
            "POST", "https://api.eu-central-1.amazonaws.com" + urllib.parse.quote(path, safe="/~"),
            headers=dict(headers), data=body)
        botocore.auth.SigV4Auth(credentials, service, REGION).add_auth(request)
        ours = ask_headers(probe, credentials, request, path, [], headers, service, moment,
                           hashlib.sha256(body).hexdigest())
        assert "x-amz-content-sha256" not in ours
        assert_same_headers(ours, request)


def verify_post(probe, credentials, fields, date, bucket="photos"):
    return probe.ask(op="verify_post", **identity(credentials), fields=fields, bucket=bucket,
                     region=REGION, date=date)


def test_post_policy_of_boto3(probe, monkeypatch):
    rng = random.Random(6)
    for turn in range(ROUNDS):
        if turn % 20 == 0:
            credentials = random_credentials(rng)
            s3 = client(credentials, "http://127.0.0.1:8080/objects")
        moment, key = Moment(rng, monkeypatch), random_text(rng)
        note, most = random_text(rng, 0), rng.randrange(2**32)
        post = s3.generate_presigned_post(
            "photos", key, {"Content-Type": "image/png", "x-amz-meta-note": note},
            [{"Content-Type": "image/png"}, ["starts-with", "$x-amz-meta-note", note[:3]],
             ["content-length-range", 1, 1 + most]], 600)
        fields = [[n, v] for n, v in post["fields"].items()]
        rng.shuffle(fields)
        assert verify_post(probe, credentials, fields, moment.amz(599)) == {
            "key": key, "content_type": "image/png", "min": 1, "max": 1 + most}

        def code(changed, date=moment.amz(), bucket="photos"):
            return verify_post(probe, credentials, changed, date, bucket)["error"]["code"]

        assert code(fields, moment.amz(600)) == "AccessDenied"
        assert code(fields, bucket="other") == "AccessDenied"
        assert code(fields + [["acl", "public-read"]]) == "AccessDenied"
        assert "error" not in verify_post(probe, credentials, fields + [["x-ignore-a", "b"]],
                                          moment.amz())
        assert code([[n, v + "x" if n == "key" else v] for n, v in fields]) == "AccessDenied"
        policy = [[n, flip_character(rng, v) if n == "policy" else v] for n, v in fields]
        assert code(policy) == "SignatureDoesNotMatch"


def test_our_post_policy_has_the_signature_of_botocore(probe, monkeypatch):
    rng = random.Random(7)
    for _ in range(ROUNDS):
        moment, credentials = Moment(rng, monkeypatch), random_credentials(rng)
        key, extra = random_text(rng), [["x-amz-meta-note", random_text(rng)]]
        fields = probe.ask(op="make_post", **identity(credentials), bucket="photos", key=key,
                           content_type="image/webp", max=12345, exact_fields=extra,
                           region=REGION, date=moment.amz(), expires=900)["fields"]
        assert [n for n, _ in fields][:3] == ["key", "content-type", "x-amz-meta-note"]
        assert verify_post(probe, credentials, fields, moment.amz())["max"] == 12345

        request = botocore.awsrequest.AWSRequest("POST", "http://a")
        request.context["timestamp"] = moment.amz()
        signer = botocore.auth.S3SigV4PostAuth(credentials, "s3", REGION)
        form = dict(fields)
        assert form["x-amz-signature"] == signer.signature(form["policy"], request)
        assert form["x-amz-credential"] == signer.scope(request)
