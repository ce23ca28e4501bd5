"""A function for provided.al2023 that answers with its own name and what it was called with.

It stands in for Tintype where a test asks which function is called, and with what. What comes through
the queue it puts into the bucket below echoes/.
"""

import io
import textwrap
import zipfile

BOOTSTRAP = textwrap.dedent(
    '''\
    #!/usr/bin/python3
    import json, os, urllib.request

    API = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
    NAME = os.environ["TINTYPE_LAMBDA_FUNCTION"]

    def send(url, body, method="POST"):
        request = urllib.request.Request(url, data=body, method=method)
        urllib.request.urlopen(request).read()

    def answer(event):
        if "Records" in event:
            told = json.dumps({"function": NAME, "event": event}).encode()
            store = os.environ["TINTYPE_S3_ENDPOINT"] + "/" + os.environ["TINTYPE_S3_BUCKET"]
            send(store + "/echoes/" + event["Records"][0]["messageId"], told, "PUT")
            return {"batchItemFailures": []}
        variables = {k: v for k, v in os.environ.items() if k.startswith("TINTYPE_")}
        told = {"function": NAME, "event": event, "environment": variables}
        return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(told)}

    while True:
        with urllib.request.urlopen(API + "next") as next_event:
            request_id = next_event.headers["Lambda-Runtime-Aws-Request-Id"]
            event = json.load(next_event)
        send(API + request_id + "/response", json.dumps(answer(event)).encode())
    '''
)


def artefact():
    """The zip, as bytes."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, BOOTSTRAP)
    return whole.getvalue()
