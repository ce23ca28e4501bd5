"""What can go wrong with a request: each function gives a fault for a rule of the fault proxy.

A fault is called with the proxy and the request, in the connection's thread, and gives an Answer or
raises Reset. Answers look as AWS sends them.
"""

import dataclasses
import datetime
import email.utils
import json
import time
import zlib

from http_exchange import Answer, Reset

REQUEST_ID = "0123456789ABCDEF"
SKEW_ALLOWED = 300


def answered(answer):
    """The given answer, without the emulator hearing of the request."""
    return lambda proxy, request: answer


def dynamodb_error(name, message, status=400, **more):
    """`name` is the exception, such as ConditionalCheckFailedException."""
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{name}", "message": message, **more}
    data = json.dumps(body).encode()
    headers = [
        ("Content-Type", "application/x-amz-json-1.0"),
        ("x-amzn-RequestId", REQUEST_ID),
        ("x-amz-crc32", str(zlib.crc32(data))),
    ]
    return Answer(status, headers, data)


def s3_error(code, message, status):
    data = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message>"
        f"<RequestId>{REQUEST_ID}</RequestId></Error>"
    ).encode()
    headers = [("Content-Type", "application/xml"), ("x-amz-request-id", REQUEST_ID)]
    return Answer(status, headers, data)


def throttled(name="ProvisionedThroughputExceededException"):
    """DynamoDB has no capacity left."""
    return answered(dynamodb_error(name, "The level of configured throughput was exceeded."))


def slow_down():
    """S3 asks for fewer requests."""
    return answered(s3_error("SlowDown", "Please reduce your request rate.", 503))


def internal_error():
    """A 500 in the protocol of the request."""

    def fault(proxy, request):
        if is_dynamodb(request):
            return dynamodb_error("InternalServerError", "The request could not be processed.", 500)
        return s3_error("InternalError", "We encountered an internal error.", 500)

    return fault


def reset_before():
    """The connection ends and the emulator never hears of the request."""

    def fault(proxy, request):
        raise Reset

    return fault


def reset_after():
    """The emulator has done it, and the answer is lost."""

    def fault(proxy, request):
        proxy.forward(request)
        raise Reset

    return fault


def cut_short(share=0.5):
    """The answer ends within its body, short of its Content-Length."""

    def fault(proxy, request):
        answer = proxy.forward(request)
        return dataclasses.replace(answer, send_only=int(len(answer.body) * share))

    return fault


def slow(seconds):
    """The answer comes, but late."""

    def fault(proxy, request):
        answer = proxy.forward(request)
        time.sleep(seconds)
        return answer

    return fault


def withheld(released):
    """The emulator never hears of the request and no answer comes: a reset when the event is set."""

    def fault(proxy, request):
        released.wait()
        raise Reset

    return fault


def corrupted():
    """One byte in the middle of the answer is another; headers, checksums too, are as they were."""

    def fault(proxy, request):
        answer = proxy.forward(request)
        body = bytearray(answer.body)
        body[len(body) // 2] ^= 1
        return dataclasses.replace(answer, body=bytes(body))

    return fault


def stale_query():
    """A Query of an index gets what the last equal one got, as from an index that lags behind.

    The first of its kind, for which there is nothing to repeat, is answered truly.
    """

    def fault(proxy, request):
        return proxy.last_answers.get(request.body) or proxy.forward(request)

    return fault


def clock_skew(seconds):
    """The server's clock is `seconds` ahead: refuses what is not dated within five minutes of it.

    Its answers carry its Date, so a client that corrects itself by that gets through.
    """

    def fault(proxy, request):
        now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
        late = abs((now - date_of(request)).total_seconds()) > SKEW_ALLOWED
        answer = skew_refusal(request) if late else proxy.forward(request)
        headers = [(name, value) for name, value in answer.headers if name.lower() != "date"]
        headers.append(("Date", email.utils.format_datetime(now, usegmt=True)))
        return dataclasses.replace(answer, headers=headers)

    return fault


def skew_refusal(request):
    if is_dynamodb(request):
        return dynamodb_error("InvalidSignatureException", "Signature expired: it is too old.")
    message = "The difference between the request time and the current time is too large."
    return s3_error("RequestTimeTooSkewed", message, 403)


def date_of(request):
    """When the client says it signed."""
    stamp = request.header("x-amz-date")
    if stamp is None:
        return datetime.datetime.fromtimestamp(0, datetime.timezone.utc)
    return datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%S%z")


def is_dynamodb(request):
    return request.header("x-amz-target", "").startswith("DynamoDB_")
