"""What every emulator has: processes and a folder of its own, an endpoint on loopback, keys."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import boto3
import botocore.config
import requests

ROOT = pathlib.Path(__file__).resolve().parents[2]
INSTALLED = ROOT / ".emulators"
STOP_TIMEOUT = 15

# The same for all, so that one set of variables serves every mix of them.
ACCESS_KEY = "TINTYPETESTKEY000001"
SECRET_KEY = "tintype/test+secret/0000000000000000000"
REGION = "us-east-1"


def free_port(wished=0):
    """A port that is free now: the wished one, or any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wished))
        except OSError:
            return free_port()
        return probe.getsockname()[1]


def clean_environment(folder):
    """The environment without credentials, proxies, what changes Python; HOME is `folder`."""
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "TINTYPE_", "PYTHON"))
        and not name.lower().endswith("_proxy")
    }
    return {**env, "HOME": str(folder), "TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


class Emulator:
    """A server of AWS APIs on loopback: `start()` and `stop()`, or a `with` block.

    `endpoint`, `access_key`, `secret_key`, `region`; `client("s3")` is a boto3 client of it. It
    ends with its parent unless it is `lasting`; then `usual_port` is taken when it is free.
    """

    name = ""
    apis = ()
    usual_port = 0
    start_timeout = 60
    access_key, secret_key, region = ACCESS_KEY, SECRET_KEY, REGION

    def __init__(self, folder=None, lasting=False):
        self._given_folder = folder
        self.lasting = lasting
        self.folder = None
        self.port = None
        self.processes = []

    @classmethod
    def missing(cls):
        """Why it cannot be started on this machine; None when it can."""
        raise NotImplementedError

    def launch(self):
        """Starts the processes with `spawn`."""
        raise NotImplementedError

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    def ready(self):
        """Whether it answers."""
        return requests.get(self.endpoint, timeout=5).status_code < 500

    def start(self):
        assert not self.processes, f"{self.name} has been started already"
        self.folder = pathlib.Path(
            self._given_folder or tempfile.mkdtemp(prefix=f"tintype-{self.name}-")
        )
        self.port = free_port(self.usual_port if self.lasting else 0)
        try:
            self.launch()
            self.wait_until(self.ready, "answer")
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self):
        """Ends what `start` started, whatever state it is in, and removes its folder."""
        for process in reversed(self.processes):
            end_group(process)
        self.processes = []
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def spawn(self, command, log="log", **env):
        """Starts a process in a group of its own; its output goes to a file of the folder."""
        if not self.lasting:
            command = ["setpriv", "--pdeathsig", "TERM", *command]
        with open(self.folder / log, "ab") as output:
            process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                env={**clean_environment(self.folder), **env},
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def wait_until(self, holds, what):
        """Polls until `holds()`. An ended process or `start_timeout` is an error, with the logs."""
        deadline = time.monotonic() + self.start_timeout
        while time.monotonic() < deadline:
            if any(process.poll() is not None for process in self.processes):
                break
            with contextlib.suppress(requests.RequestException, subprocess.SubprocessError):
                if holds():
                    return
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} did not {what}:\n{self.logs()}")

    def logs(self):
        """The end of every log."""
        ends = (
            f"{file.name}: {file.read_text(errors='replace')[-2000:]}"
            for file in sorted(self.folder.glob("*log"))
        )
        return "\n".join(ends)

    def client(self, service, endpoint=None, **config):
        """A boto3 client that does not retry; `endpoint` may be a proxy's."""
        settings = {
            "retries": {"max_attempts": 0},
            "s3": {"addressing_style": "path"},
            "signature_version": "s3v4" if service == "s3" else "v4",
            **config,
        }
        return boto3.client(
            service,
            endpoint_url=endpoint or self.endpoint,
            region_name=self.region,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=botocore.config.Config(**settings),
        )


def signal_group(group, number):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def end_group(process):
    """Asks the process's group to end, waits, and then ends what is left of the group."""
    signal_group(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_TIMEOUT)
    signal_group(process.pid, signal.SIGKILL)
    process.wait(STOP_TIMEOUT)
