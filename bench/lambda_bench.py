#!/usr/bin/env python3
"""How long a Lambda function takes to start and to answer, beside a Python handler with boto3.

Usage: bench/lambda_bench.py [RUNS]   (20)   build/lambda/package is what `make lambda` has left

Cold: from the start of the process to its first question for an event, as a Runtime API on loopback
sees it, with files in the page cache and a data folder that is there. Warm: from handing out an
event to its answer, for GET /healthz, of which the handler itself takes microseconds.
"""

import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/integration"))

from gateway_client import http_event  # noqa: E402
from lambda_runtime import Function, RuntimeApi  # noqa: E402

TARGET_MS, TARGET_MB, TARGET_WARM_MS = 15, 30, 1
WARM_CALLS = 500

# What a function in Python does before its first event: the runtime's loop, and boto3's clients.
PYTHON = """
import json, os, http.client, boto3
s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
table = boto3.resource("dynamodb", region_name="us-east-1", aws_access_key_id="a",
                       aws_secret_access_key="b").Table("images")
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
PATH = "/2018-06-01/runtime/invocation/"
while True:
    api.request("GET", PATH + "next")
    event = api.getresponse()
    body = json.loads(event.read())
    answer = json.dumps({"statusCode": 200, "body": '{"status":"ok"}'})
    api.request("POST", PATH + event.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", answer)
    api.getresponse().read()
"""


# As the templates configure a function; nothing is asked of AWS before the first event.
ON_AWS = {
    "env": {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "us-east-1"},
    "store": "aws",
    "s3__bucket": "image-storage-bucket",
}


def start(program, folder, **options):
    runtime = RuntimeApi()
    function = Function(
        runtime, folder / "data", folder / "log", program=program, arguments=(), **options)
    assert function.runtime.first_next.wait(30), function.errors()
    return function


def stop(function):
    function.end()
    function.runtime.close()


def cold(program, folder, **options):
    """Milliseconds and megabytes."""
    function = start(program, folder, **options)
    milliseconds = (function.runtime.first_next_at - function.started_at) * 1000
    megabytes = function.status("VmHWM") / 1000
    stop(function)
    return milliseconds, megabytes


def warm(program, folder, **options):
    function = start(program, folder, **options)
    event = http_event("GET", "/healthz", "", {}, None)
    times = []
    for _ in range(WARM_CALLS):
        from_ = time.perf_counter()
        assert function.invoke(event).answer["statusCode"] == 200
        times.append((time.perf_counter() - from_) * 1000)
    stop(function)
    return statistics.median(times)


def measure(name, program, folder, runs, **options):
    cold(program, folder, **options)  # makes the data folder, fills the page cache
    measured = [cold(program, folder, **options) for _ in range(runs)]
    milliseconds, megabytes = (statistics.median(column) for column in zip(*measured))
    fastest = min(column[0] for column in measured)
    called = warm(program, folder, **options)
    print(f"| {name} | {milliseconds:.1f} ms | {fastest:.1f} ms | {megabytes:.1f} MB "
          f"| {called:.2f} ms |")
    return milliseconds, megabytes, called


def main(runs=20):
    bootstrap = ROOT / "build/lambda/package/bootstrap"
    if not bootstrap.exists():
        sys.exit("build/lambda/package is not there; make lambda makes it")
    print("| function | cold, median | cold, fastest | peak memory | warm, median |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        ours = measure("tintype, S3 and DynamoDB", [str(bootstrap)], folder, runs, **ON_AWS)
        measure("tintype, embedded stores", [str(bootstrap)], folder, runs)
        measure("Python, boto3", ["/usr/bin/python3", "-c", PYTHON], folder, runs)
    reached = ours[0] <= TARGET_MS and ours[1] <= TARGET_MB and ours[2] <= TARGET_WARM_MS
    print(f"targets: {TARGET_MS} ms, {TARGET_MB} MB, {TARGET_WARM_MS} ms warm: "
          f"{'reached' if reached else 'missed'}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
