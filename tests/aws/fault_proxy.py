"""Stands between an adapter and an emulator, counts the requests, and makes chosen ones go wrong.

    with FaultProxy(moto.endpoint) as proxy:
        rule = proxy.rule(faults.throttled(), target="UpdateItem", nth=(1, 2))
        ... a client of proxy.url ...
        assert rule.fired == 2 and proxy.counts["UpdateItem"] == 3

The Host header goes on as it was sent, so what the client signed holds. Threads: a rule may be
added and the counts read while requests run.
"""

import collections
import contextlib
import http.client
import random
import re
import threading
import urllib.parse

from http_exchange import CONNECTION_HEADERS, Answer, ExchangeHandler, LoopbackServer

UPSTREAM_TIMEOUT = 60
# The parts of an S3 query that make it another operation.
SUBRESOURCES = (
    "cors", "delete", "encryption", "lifecycle", "list-type", "location", "notification",
    "partNumber", "policy", "publicAccessBlock", "tagging", "uploadId", "uploads", "versioning",
    "versions",
)  # fmt: skip


def operation_of(request):
    """`UpdateItem`; for S3 its shape: `PUT /{bucket}/{key}`, `POST /{bucket}?delete`."""
    if target := request.header("x-amz-target"):
        return target.rpartition(".")[2]
    path, _, query = request.target.partition("?")
    bucket, _, key = path.lstrip("/").partition("/")
    shape = "/{bucket}/{key}" if key else "/{bucket}" if bucket else "/"
    names = {name for name, _ in urllib.parse.parse_qsl(query, keep_blank_values=True)}
    kinds = "&".join(name for name in SUBRESOURCES if name in names)
    copy = " copy" if request.header("x-amz-copy-source") else ""
    return f"{request.method} {shape}{'?' if kinds else ''}{kinds}{copy}"


class Rule:
    """Which requests a fault meets. `seen` is how many matched, `fired` how many were met."""

    def __init__(self, fault, *, method=None, path=None, target=None, nth=None, share=None, seed=1):
        """`path` is a regular expression for path and query, `target` the operation of DynamoDB.

        Of the matching requests, counted from 1, it meets those in `nth`; or a random `share` of
        them, the same in each run with the same `seed` and order; or, with neither, all.
        """
        self.fault, self.method, self.path, self.target = fault, method, path, target
        self.nth = (nth,) if isinstance(nth, int) else nth
        self.share = share
        self.seen = self.fired = 0
        self._random = random.Random(seed)

    def matches(self, request):
        target = request.header("x-amz-target", "").rpartition(".")[2]
        return (
            self.method in (None, request.method)
            and self.target in (None, target)
            and (self.path is None or re.search(self.path, request.target) is not None)
        )

    def meets(self, request):
        """Counts the request and says whether its turn has come."""
        if not self.matches(request):
            return False
        self.seen += 1
        if self.nth is not None:
            met = self.seen in self.nth
        else:
            met = self.share is None or self._random.random() < self.share
        self.fired += met
        return met


class FaultProxy:
    """See the module's text. `url` is where clients go; `counts` is requests by operation."""

    def __init__(self, upstream):
        self.upstream = urllib.parse.urlsplit(upstream)
        self.counts = collections.Counter()
        self.last_answers = {}  # to index queries, for faults.stale_query
        self._rules = []
        self._lock = threading.Lock()
        handler = type("Handler", (ProxyHandler,), {"proxy": self})
        self._server = LoopbackServer(handler)
        serve = self._server.serve_forever
        self._thread = threading.Thread(target=serve, args=(0.02,), daemon=True)

    @property
    def url(self):
        return self._server.url

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.end()
        self._thread.join()

    def rule(self, fault, **which):
        """Adds a rule (see Rule); of several that meet a request the one added first acts."""
        rule = Rule(fault, **which)
        with self._lock:
            self._rules.append(rule)
        return rule

    def clear(self):
        """No rules, counts from zero, nothing remembered."""
        with self._lock:
            self._rules.clear()
            self.counts.clear()
            self.last_answers.clear()

    @contextlib.contextmanager
    def counting(self):
        """Gives a Counter that, after the block, holds the requests by operation that it made."""
        made = collections.Counter()
        with self._lock:
            before = self.counts.copy()
        yield made
        with self._lock:
            made.update(self.counts - before)

    def handle(self, request):
        """Counts, and answers by the fault whose turn it is or by the emulator."""
        with self._lock:
            self.counts[operation_of(request)] += 1
            met = [rule for rule in self._rules if rule.meets(request)]
        return met[0].fault(self, request) if met else self.forward(request)

    def forward(self, request):
        """The emulator's answer. A connection for each request: a kept one could end just then."""
        connection = http.client.HTTPConnection(
            self.upstream.hostname, self.upstream.port, timeout=UPSTREAM_TIMEOUT
        )
        with contextlib.closing(connection):
            send(connection, request)
            response = connection.getresponse()
            answer = Answer(
                response.status, response.getheaders(), response.read(), response.reason
            )
        if is_index_query(request):
            self.last_answers[request.body] = answer
        return answer


class ProxyHandler(ExchangeHandler):
    proxy = None

    def exchange(self, request):
        return self.proxy.handle(request)


def send(connection, request):
    """The body keeps its framing; Expect was answered by the proxy already."""
    connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
    for name, value in request.headers:
        if name.lower() not in CONNECTION_HEADERS and name.lower() != "expect":
            connection.putheader(name, value)
    if request.chunked:
        connection.putheader("Transfer-Encoding", "chunked")
    elif request.body or request.header("Content-Length") is not None:
        connection.putheader("Content-Length", str(len(request.body)))
    connection.endheaders(request.body, encode_chunked=request.chunked)


def is_index_query(request):
    target = request.header("x-amz-target", "")
    return target.endswith(".Query") and b'"IndexName"' in request.body
