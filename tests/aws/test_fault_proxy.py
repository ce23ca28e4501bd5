"""The fault proxy before a server of the test's own, which remembers what reached it."""

import email.utils
import http.client
import threading
import time
import zlib

import faults
import pytest
import requests
from http_exchange import Answer, ExchangeHandler, LoopbackServer


class Echo:
    """Answers with the number of the request and its body; `requests` is what came."""

    def __init__(self):
        self.requests = []
        handler = type("Handler", (ExchangeHandler,), {"exchange": lambda _, r: self.answer(r)})
        self.server = LoopbackServer(handler)

    def answer(self, request):
        self.requests.append(request)
        body = f"{len(self.requests)}:".encode() + request.body
        return Answer(200, [("Content-Type", "text/plain"), ("X-Own", "kept")], body)


@pytest.fixture
def upstream():
    echo = Echo()
    threading.Thread(target=echo.server.serve_forever, args=(0.02,), daemon=True).start()
    yield echo
    echo.server.end()


@pytest.fixture
def proxy(upstream, fault_proxy):
    return fault_proxy(upstream.server.url)


def call(proxy, operation="UpdateItem", body=b"{}", **headers):
    headers = {"X-Amz-Target": f"DynamoDB_20120810.{operation}", **headers}
    return requests.post(proxy.url, data=body, headers=headers, timeout=10)


def test_passes_on_what_was_signed(proxy, upstream):
    answer = requests.put(
        proxy.url + "/bucket/a%20b%2Fc?x=%2F&y",
        data=b"body",
        headers={"Host": "signed.example:9", "Authorization": "sig", "X-Amz-Meta-A": "1"},
        timeout=10,
    )
    seen = upstream.requests[0]
    assert (answer.status_code, answer.content, answer.headers["X-Own"]) == (200, b"1:body", "kept")
    assert (seen.method, seen.target) == ("PUT", "/bucket/a%20b%2Fc?x=%2F&y")
    assert [value for name, value in seen.headers if name == "Host"] == ["signed.example:9"]
    assert (seen.header("Authorization"), seen.header("X-Amz-Meta-A")) == ("sig", "1")
    assert (seen.header("Content-Length"), seen.header("Transfer-Encoding")) == ("4", None)


def test_chunked_body_stays_chunked(proxy, upstream):
    requests.put(proxy.url + "/b/k", data=iter([b"one", b"two"]), timeout=10)
    assert upstream.requests[0].body == b"onetwo"
    assert upstream.requests[0].chunked and upstream.requests[0].header("Content-Length") is None


def test_one_connection_serves_many_requests(proxy):
    connection = http.client.HTTPConnection(*proxy._server.server_address, timeout=10)
    connection.connect()
    kept = connection.sock
    for _ in range(3):
        connection.request("PUT", "/b/k", b"x" * 100_000)
        assert connection.getresponse().read().endswith(b"x")
        assert connection.sock is kept


def test_expect_continue(proxy, upstream):
    connection = http.client.HTTPConnection(*proxy._server.server_address, timeout=10)
    connection.request("PUT", "/b/k", b"x", {"Expect": "100-continue"})
    assert connection.getresponse().read() == b"1:x"
    assert upstream.requests[0].header("Expect") is None


def test_head_keeps_the_length_of_what_it_does_not_send(proxy, upstream):
    upstream.answer = lambda request: Answer(200, [("Content-Length", "12345")])
    assert requests.head(proxy.url + "/b/k", timeout=10).headers["Content-Length"] == "12345"


def test_counts_by_operation(proxy):
    call(proxy, "GetItem")
    call(proxy, "GetItem")
    with proxy.counting() as made:
        call(proxy, "GetItem")
        requests.put(proxy.url + "/b/k/l?X-Amz-Signature=1", timeout=10)
        requests.put(proxy.url + "/b/k", headers={"x-amz-copy-source": "/b/j"}, timeout=10)
        requests.get(proxy.url + "/b?list-type=2&prefix=a", timeout=10)
        requests.post(proxy.url + "/b/?delete", timeout=10)
        requests.get(proxy.url + "/", timeout=10)
    assert proxy.counts["GetItem"] == 3
    assert made == {
        "GetItem": 1,
        "PUT /{bucket}/{key}": 1,
        "PUT /{bucket}/{key} copy": 1,
        "GET /{bucket}?list-type": 1,
        "POST /{bucket}?delete": 1,
        "GET /": 1,
    }


def test_nth_of_the_matching_requests(proxy, upstream):
    rule = proxy.rule(faults.throttled(), target="UpdateItem", nth=(2, 3))
    call(proxy, "GetItem")
    codes = [call(proxy).status_code for _ in range(4)]
    assert codes == [200, 400, 400, 200]
    assert (rule.seen, rule.fired, len(upstream.requests)) == (4, 2, 3)


def test_matches_by_method_and_path(proxy):
    rule = proxy.rule(faults.slow_down(), method="PUT", path=r"^/b/incoming/")
    requests.get(proxy.url + "/b/incoming/a", timeout=10)
    requests.put(proxy.url + "/b/originals/a", timeout=10)
    answer = requests.put(proxy.url + "/b/incoming/a", timeout=10)
    assert rule.fired == 1
    assert answer.status_code == 503 and b"<Code>SlowDown</Code>" in answer.content


def test_random_share_is_the_same_with_the_same_seed(proxy):
    def run(seed):
        proxy.clear()
        proxy.rule(faults.throttled(), share=0.4, seed=seed)
        return [call(proxy).status_code for _ in range(40)]

    first = run(7)
    assert first == run(7) != run(8)
    assert 8 <= first.count(400) <= 24


def test_throttling_is_as_dynamodb_says_it(proxy):
    proxy.rule(faults.throttled())
    answer = call(proxy)
    assert answer.json()["__type"].endswith("#ProvisionedThroughputExceededException")
    assert int(answer.headers["x-amz-crc32"]) == zlib.crc32(answer.content)


def test_internal_error_in_both_protocols(proxy, upstream):
    proxy.rule(faults.internal_error())
    dynamodb, s3 = call(proxy), requests.get(proxy.url + "/b/k", timeout=10)
    assert dynamodb.status_code == s3.status_code == 500
    assert dynamodb.json()["__type"].endswith("#InternalServerError")
    assert b"<Code>InternalError</Code>" in s3.content
    assert upstream.requests == []


@pytest.mark.parametrize("fault, reached", [(faults.reset_before(), 0), (faults.reset_after(), 1)])
def test_reset(proxy, upstream, fault, reached):
    proxy.rule(fault, nth=1)
    with pytest.raises(requests.ConnectionError, match="reset"):
        call(proxy)
    assert len(upstream.requests) == reached
    assert call(proxy).status_code == 200


def test_cut_short(proxy):
    proxy.rule(faults.cut_short(0.5))
    connection = http.client.HTTPConnection(*proxy._server.server_address, timeout=10)
    connection.request("PUT", "/b/k", b"x" * 1000)
    with pytest.raises(http.client.IncompleteRead) as raised:
        connection.getresponse().read()
    assert len(raised.value.partial) == 501


def test_slow(proxy):
    proxy.rule(faults.slow(0.3), nth=1)
    started = time.monotonic()
    assert call(proxy).status_code == 200
    assert time.monotonic() - started >= 0.3


def test_corrupted(proxy):
    proxy.rule(faults.corrupted(), nth=1)
    damaged, whole = call(proxy, body=b"abcdef").content, b"1:abcdef"
    assert len(damaged) == len(whole)
    assert sum(a != b for a, b in zip(damaged, whole)) == 1


def test_stale_index_query_repeats_the_last_answer_to_an_equal_one(proxy):
    one, other = b'{"IndexName":"UserIndex"}', b'{"IndexName":"StatusIndex"}'
    assert call(proxy, "Query", one).content.startswith(b"1:")
    rule = proxy.rule(faults.stale_query(), target="Query")
    assert call(proxy, "Query", one).content.startswith(b"1:")
    assert call(proxy, "Query", other).content.startswith(b"2:")
    assert call(proxy, "Query", other).content.startswith(b"2:")
    assert call(proxy, "Query", b"{}").content.startswith(b"3:")
    assert call(proxy, "Query", b"{}").content.startswith(b"4:")
    assert rule.fired == 5


def test_clock_skew_is_over_once_the_client_follows_the_date(proxy):
    def stamp(ahead=0):
        return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() + ahead))

    proxy.rule(faults.clock_skew(3600))
    refused = call(proxy, **{"X-Amz-Date": stamp()})
    assert refused.status_code == 400
    assert refused.json()["__type"].endswith("#InvalidSignatureException")
    server_time = email.utils.parsedate_to_datetime(refused.headers["Date"]).timestamp()
    assert 3595 < server_time - time.time() < 3605
    assert call(proxy, **{"X-Amz-Date": stamp(server_time - time.time())}).status_code == 200
    s3 = requests.get(proxy.url + "/b/k", headers={"X-Amz-Date": stamp()}, timeout=10)
    assert s3.status_code == 403 and b"RequestTimeTooSkewed" in s3.content


def test_an_ended_proxy_ends_its_connections(upstream, fault_proxy):
    proxy = fault_proxy(upstream.server.url)
    connection = http.client.HTTPConnection(*proxy._server.server_address, timeout=10)
    connection.request("GET", "/")
    connection.getresponse().read()
    proxy.__exit__()
    assert connection.sock.recv(1) == b""
