"""The answers that API Gateway gives by itself (GatewayResponses of deploy/sam/template.yaml): problems
as the service's own, with the status, the code and the headers that docs/API.md promises."""

import json
import pathlib
import re
import sys

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/local"))

from template import Template  # noqa: E402

# Every type that API Gateway knows, and the status that it has of its own
# (docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html).
KINDS = {
    "ACCESS_DENIED": 403, "API_CONFIGURATION_ERROR": 500, "AUTHORIZER_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_FAILURE": 500, "BAD_REQUEST_BODY": 400, "BAD_REQUEST_PARAMETERS": 400,
    "EXPIRED_TOKEN": 403, "INTEGRATION_FAILURE": 504, "INTEGRATION_TIMEOUT": 504, "INVALID_API_KEY": 403,
    "INVALID_SIGNATURE": 403, "MISSING_AUTHENTICATION_TOKEN": 403, "QUOTA_EXCEEDED": 429,
    "REQUEST_TOO_LARGE": 413, "RESOURCE_NOT_FOUND": 404, "THROTTLED": 429, "UNAUTHORIZED": 401,
    "UNSUPPORTED_MEDIA_TYPE": 415, "WAF_FILTERED": 403,
}  # fmt: skip

# What they are answered with.
EXPECTED = {
    "ACCESS_DENIED": (403, "forbidden"),
    "BAD_REQUEST_BODY": (400, "validation_failed"),
    "DEFAULT_4XX": (400, "malformed_request"),
    "DEFAULT_5XX": (500, "internal"),
    "EXPIRED_TOKEN": (403, "forbidden"),
    "INTEGRATION_FAILURE": (503, "overloaded"),
    "INTEGRATION_TIMEOUT": (503, "overloaded"),
    "INVALID_API_KEY": (403, "forbidden"),
    "INVALID_SIGNATURE": (403, "forbidden"),
    "MISSING_AUTHENTICATION_TOKEN": (404, "not_found"),
    "QUOTA_EXCEEDED": (429, "rate_limited"),
    "REQUEST_TOO_LARGE": (413, "payload_too_large"),
    "RESOURCE_NOT_FOUND": (404, "not_found"),
    "THROTTLED": (429, "rate_limited"),
    "UNAUTHORIZED": (401, "unauthenticated"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "unsupported_media_type"),
    "WAF_FILTERED": (403, "forbidden"),
}

RESPONSES = Template().properties("Api")["GatewayResponses"]
REQUEST_ID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"


def headers(kind):
    return RESPONSES[kind]["ResponseParameters"]["Headers"]


def problem(kind):
    """The body as a client gets it."""
    (body,) = RESPONSES[kind]["ResponseTemplates"].values()
    # What else API Gateway could put in may hold quotes, or is not there: $context.status is empty.
    assert set(re.findall(r"\$[\w.]+", body)) == {"$context.requestId"}
    return json.loads(body.replace("$context.requestId", REQUEST_ID))


def test_all_are_there():
    assert {kind: (r["StatusCode"], problem(kind)["code"]) for kind, r in RESPONSES.items()} == EXPECTED


def test_those_that_are_not_named_keep_their_status():
    """They get the answer of their default, status included."""
    for kind in set(KINDS) - set(EXPECTED):
        default = f"DEFAULT_{KINDS[kind] // 100}XX"
        assert RESPONSES[default]["StatusCode"] == KINDS[kind], kind


@pytest.mark.parametrize("kind", EXPECTED)
def test_bodies_are_problems(kind):
    found = problem(kind)
    status, code = EXPECTED[kind]
    members = ["type", "title", "status", "detail", "code", "request_id"]
    assert list(found) == members + ["errors"] * (code == "validation_failed")
    assert found["type"] == f"urn:tintype:problem:{code}"
    assert (found["status"], found["code"], found["request_id"]) == (status, code, REQUEST_ID)
    source = (ROOT / "src/handlers/problem.cc").read_text(encoding="utf-8")
    titles = dict(re.findall(r'case (\d+): return "([^"]+)"', source))
    assert found["title"] == titles.get(str(status), "Internal Server Error")
    assert found["detail"].endswith(".")
    for error in found.get("errors", []):
        assert set(error) == {"field", "code", "detail"}


@pytest.mark.parametrize("kind", EXPECTED)
def test_headers_are_those_of_the_service(kind):
    found, status = headers(kind), EXPECTED[kind][0]
    assert found["Content-Type"] == "'application/problem+json'"
    assert found["X-Request-Id"] == "context.requestId"
    assert found["Access-Control-Allow-Origin"] == "'*'"
    assert ("Retry-After" in found) == (status in (429, 503))
    assert found.get("WWW-Authenticate") == ("'Bearer'" if status == 401 else None)


def test_pages_may_read_what_the_service_lets_them_read():
    gate = (ROOT / "src/handlers/gate.cc").read_text(encoding="utf-8")
    exposed = re.search(r'Expose-Headers",\s*"([^"]+)"', gate)[1].split(", ")
    for kind in EXPECTED:
        named = headers(kind)["Access-Control-Expose-Headers"].strip("'").split(", ")
        assert {"X-Request-Id", "Retry-After"} == set(named) <= set(exposed)


# The codes of all errors with a status, in the guide and in the API's description.


def refusals():
    """(status, code) of what the source refuses by a literal status, and of what API Gateway does."""
    found = set(EXPECTED.values())
    for part in ("handlers", "fronts"):
        for path in (ROOT / "src" / part).rglob("*.cc"):
            found |= {(int(s), c) for s, c in re.findall(r'\b(\d{3}),\s*"([a-z_]+)"', path.read_text())}
    return found


def guide_codes():
    """(status, code) of docs/API.md: the rows of its table, and `400 `code` or `code`` in its sentences."""
    text = (ROOT / "docs/API.md").read_text(encoding="utf-8")
    found = set()
    for status, codes in re.findall(r"^\| (\d{3}) \| ((?:`[a-z_]+`(?:, )?)+) \|", text, flags=re.M):
        found |= {(int(status), code) for code in re.findall(r"`([a-z_]+)`", codes)}
    for status, codes in re.findall(r"\b(\d{3})\s((?:`[a-z_]+`(?:,\s|\s(?:or|and)\s)?)+)", text):
        found |= {(int(status), code) for code in re.findall(r"`([a-z_]+)`", codes)}
    return found


def described_codes():
    """The codes of api/openapi.yaml, where a status is often a group's."""
    description = yaml.safe_load((ROOT / "api/openapi.yaml").read_text(encoding="utf-8"))
    groups = list(description["components"]["responses"].values())
    for methods in description["paths"].values():
        for operation in methods.values():
            groups += operation["responses"].values() if "responses" in operation else []
    in_words = re.findall(r"\d{3} `([a-z_]+)`", description["info"]["description"])
    return {code for group in groups for code in group.get("x-codes", [])} | set(in_words)


def test_every_refusal_is_in_the_guide():
    assert {("answer_too_large", 413), ("rate_limited", 429)} <= {(c, s) for s, c in refusals()}
    assert refusals() - guide_codes() == set()


def test_every_refusal_is_in_the_api_description():
    assert {code for _, code in refusals()} - described_codes() == set()
