"""Calls a function as API Gateway does: from HTTP to a proxy event, and its answer back."""

import base64
import json
import urllib.parse

import requests


def _query_maps(query):
    multi = {}
    for name, value in urllib.parse.parse_qsl(query, keep_blank_values=True):
        multi.setdefault(name, []).append(value)
    single = {name: values[-1] for name, values in multi.items()}
    return multi or None, single or None


def _body(event, headers, body):
    """As the gateway hands it over: text as it is, everything else in base64."""
    if body is None:
        event["body"] = None
        event["isBase64Encoded"] = False
        return
    kind = headers.get("content-type", "")
    text = kind.startswith("application/") and "json" in kind
    event["body"] = body.decode(errors="replace") if text else base64.b64encode(body).decode()
    event["isBase64Encoded"] = not text


def rest_event(method, path, query, headers, body, stage="dev"):
    """Payload format 1.0."""
    multi, single = _query_maps(query)
    event = {
        "resource": "/{proxy+}",
        "path": urllib.parse.unquote(path),
        "httpMethod": method,
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": single,
        "multiValueQueryStringParameters": multi,
        "pathParameters": {"proxy": urllib.parse.unquote(path)[1:]},
        "stageVariables": None,
        "requestContext": {
            "stage": stage,
            "path": f"/{stage}{path}",
            "httpMethod": method,
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "identity": {"sourceIp": "203.0.113.7"},
        },
    }
    _body(event, {k.lower(): v for k, v in headers.items()}, body)
    return event


def http_event(method, path, query, headers, body, stage="dev"):
    """Payload format 2.0."""
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": f"/{stage}{path}",
        "rawQueryString": query,
        "headers": {name.lower(): value for name, value in headers.items()},
        "requestContext": {
            "stage": stage,
            "requestId": "JKJaXmPLvHcESHA=",
            "http": {"method": method, "path": f"/{stage}{path}", "sourceIp": "203.0.113.7"},
        },
    }
    _body(event, event["headers"], body)
    if event["body"] is None:
        del event["body"]
    return event


class Answer:
    """A proxy answer, with what tests use of a response of requests."""

    def __init__(self, answer):
        self.status_code = answer["statusCode"]
        self.headers = requests.structures.CaseInsensitiveDict(answer["headers"])
        for name, values in answer.get("multiValueHeaders", {}).items():
            self.headers[name] = ", ".join(values)
        body = answer["body"]
        self.is_base64 = answer["isBase64Encoded"]
        self.content = base64.b64decode(body) if self.is_base64 else body.encode()
        self.text = self.content.decode(errors="replace")

    def json(self):
        return json.loads(self.content)


class GatewayClient:
    """`make_event` is one of those above. URLs of the function's own go to it too."""

    def __init__(self, invoke, make_event):
        self.invoke = invoke
        self.make_event = make_event

    def request(self, method, path, params=None, headers=None, json=None, data=None, files=None):
        url = path if path.startswith("http") else "http://127.0.0.1:8080" + path
        made = requests.Request(method, url, params=params, headers=headers, json=json, data=data,
                                files=files).prepare()
        parts = urllib.parse.urlsplit(made.url)
        body = made.body.encode() if isinstance(made.body, str) else made.body
        sent = {"Host": "127.0.0.1:8080", **made.headers}
        event = self.make_event(made.method, parts.path, parts.query, sent, body)
        invocation = self.invoke(event)
        assert invocation.error is None, invocation.error
        return Answer(invocation.answer)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, **options):
        return self.request("POST", path, **options)
