"""Starts and ends `tintype serve` for a test."""

import json
import os
import pathlib
import re
import select
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_TIMEOUT = 30
STOP_TIMEOUT = 60


def binary():
    """The program under test: $TINTYPE_BUILD/tintype, build/dev by default."""
    path = ROOT / os.environ.get("TINTYPE_BUILD", "build/dev") / "tintype"
    assert path.exists(), f"{path} is not there: build it, or set TINTYPE_BUILD"
    return path


def clean_environment(**extra):
    """The environment without what would change settings, credentials or proxies."""
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TINTYPE_", "AWS_")) and not name.lower().endswith("_proxy")
    }
    env["NO_PROXY"] = "*"
    env.update(extra)
    return env


def backend():
    """Other stores for every server than those of its data folder: $TINTYPE_TEST_BACKEND, a JSON
    object with `settings` and `environment`, set by tests/aws. A deployment that is there already
    has its `url` in it, and `hears_of_uploads` when its object store tells it of them. With `function`
    every server is an AWS Lambda function of its own (tests/aws/rie.py)."""
    return json.loads(os.environ.get("TINTYPE_TEST_BACKEND", "{}"))


def on_aws():
    return "TINTYPE_TEST_BACKEND" in os.environ


def is_elsewhere():
    """Not our HTTP server: what answers is behind a gateway."""
    return "url" in backend() or "function" in backend()


def object_url(server, bucket):
    """Where the presigned URLs of a bucket's objects begin."""
    if on_aws():
        return f"{backend()['settings']['s3.endpoint']}/{bucket}"
    return f"{server.url}/objects/{bucket}"


def flags(settings):
    """`limits__max_side=10` becomes `--limits.max_side=10`; dotted names may be given as they are."""
    return [f"--{name.replace('__', '.')}={setting_text(value)}" for name, value in settings.items()]


def variables(settings):
    """The same as environment variables: `TINTYPE_LIMITS_MAX_SIDE` is `10`."""
    names = {name: name.replace("__", "_").replace(".", "_").upper() for name in settings}
    return {f"TINTYPE_{names[name]}": setting_text(value) for name, value in settings.items()}


def setting_text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


class Server:
    """A running server. `url`, `data`, `pid`; `stop()`, `kill()`, `restart()`; `errors()` is what
    it logged. It takes any free port when `port` is 0."""

    def __init__(self, data, log, settings=None, env=None, cwd=None, arguments=(), port=0):
        self.data = pathlib.Path(data)
        self.log = pathlib.Path(log)
        self._command = [str(binary()), "serve", f"--listen=127.0.0.1:{port}"]
        self._command.append(f"--data={self.data}")
        self._command += flags({**backend().get("settings", {}), **(settings or {})})
        self._command += arguments
        self._cwd = cwd or self.log.parent
        self._env = clean_environment() if env is None else dict(env)
        self._env.update(backend().get("environment", {}))
        self._launch()

    def _launch(self):
        self._log_file = open(self.log, "ab")
        self.process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log_file,
            cwd=self._cwd,
            env=self._env,
        )
        self.pid = self.process.pid
        try:
            self.url = self._read_address()
        except BaseException:
            self.end()
            raise

    def _read_address(self):
        deadline = time.monotonic() + START_TIMEOUT
        seen = b""
        while b"\n" not in seen:
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self.process.stdout], [], [], max(left, 0))
            chunk = os.read(self.process.stdout.fileno(), 4096) if ready else b""
            if not chunk:
                raise RuntimeError(f"the server did not start: {seen!r}\n{self.errors()}")
            seen += chunk
        found = re.match(rb"listening on (http://\S+)\n", seen)
        if not found:
            raise RuntimeError(f"unexpected first line: {seen!r}")
        return found.group(1).decode()

    @property
    def address(self):
        host, port = self.url.removeprefix("http://").rsplit(":", 1)
        return host, int(port)

    def alive(self):
        return self.process.poll() is None

    def errors(self):
        return self.log.read_text(errors="replace")

    def terminate(self):
        """SIGTERM, without waiting."""
        self.process.send_signal(signal.SIGTERM)

    def wait(self, timeout=STOP_TIMEOUT):
        return self.process.wait(timeout)

    def stop(self):
        """Graceful end; it must be code 0."""
        self.terminate()
        code = self.wait()
        self._close()
        assert code == 0, f"the server ended with {code}:\n{self.errors()[-4000:]}"

    def restart(self):
        """The same again, after its end: in its folder, and on its port if it was given one."""
        assert not self.alive()
        self._launch()

    def kill(self):
        """SIGKILL and reap."""
        if self.alive():
            self.process.kill()
        self.process.wait(STOP_TIMEOUT)
        self._close()

    def end(self):
        """For teardown: whatever state it is in, it is gone afterwards."""
        if self.alive():
            self.terminate()
            try:
                self.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait(STOP_TIMEOUT)
        self._close()

    def _close(self):
        self.process.stdout.close()
        self._log_file.close()


def run(*arguments, timeout=60, env=None, cwd=None, input=None):
    """Runs the program to its end; returns code, stdout and stderr."""
    return subprocess.run(
        [str(binary()), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=env if env is not None else clean_environment(),
        cwd=cwd,
        input=input,
    )
