"""S3ObjectStore without a server: the program tests/probes/s3_probe, one JSON object per line."""

import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("TINTYPE_BUILD", "build/dev")


class S3Probe:
    """A store on one bucket: `ask("presign_put", key=..., ...)`. It ends with the `with` block."""

    def __init__(self, emulator, bucket, **where):
        keys = {"access_key": emulator.access_key, "secret": emulator.secret_key}
        self.where = {"bucket": bucket, "endpoint": emulator.endpoint, **keys, **where}

    def __enter__(self):
        self.process = subprocess.Popen(
            [BUILD / "tests/probes/s3_probe"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._send(self.where)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def _send(self, line):
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()

    def ask(self, op, **question):
        self._send({"op": op, **question})
        line = self.process.stdout.readline()
        assert line, "the probe ended"
        return json.loads(line)
