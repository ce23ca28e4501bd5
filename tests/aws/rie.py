"""AWS's own runtime interface emulator with `tintype lambda` under it, and an API Gateway of ours before both."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.parse

import gateway_client
import requests
from emulator import free_port
from event_gateway import EventGateway
from tintype_server import backend, binary, clean_environment, variables

FUNCTION = "/2015-03-31/functions/function/invocations"


class Reply:
    """What an invocation came to: `answer`, or `error` with its type."""

    def __init__(self, told):
        failed = isinstance(told, dict) and "errorType" in told
        self.error = told if failed else None
        self.error_type = told["errorType"] if failed else None
        self.answer = None if failed else told


class Emulator:
    """The emulator, which starts the function with the first event."""

    def __init__(self, rie, folder, timeout=30, **variables):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}{FUNCTION}"
        self.log = folder / "rie.log"
        env = clean_environment(**{
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout), "TINTYPE_DATA": str(folder / "data"),
            "TINTYPE_PUBLIC_URL": "http://127.0.0.1:8080", **variables})
        command = [str(rie), "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
                   "--runtime-api-address", f"127.0.0.1:{free_port()}", str(binary()), "lambda"]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, cwd=folder,
                start_new_session=True)
        self._wait(port)

    def _wait(self, port):
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            assert time.monotonic() < deadline and self.process.poll() is None, self.log.read_text()
            time.sleep(0.02)

    def invoke(self, event):
        body = {"data": event} if isinstance(event, (str, bytes)) else {"json": event}
        told = requests.post(self.url, timeout=60, **body)
        return Reply(told.json())

    def end(self):
        os.killpg(self.process.pid, signal.SIGKILL)  # a group of its own, with the function
        self.process.wait(30)


class FunctionServer:
    """What tests/integration takes for a server: `settings` as start_server has them."""

    def __init__(self, folder, settings):
        told = backend()
        make_event = getattr(gateway_client, told["function"]["event"] + "_event")
        self._gateway = EventGateway(lambda event: self._emulator.invoke(event), make_event)
        self._gateway.__enter__()
        self.url = self._gateway.url
        where = urllib.parse.urlsplit(self.url)
        self.address = (where.hostname, where.port)
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        wanted = variables({**told["settings"], **settings, "public_url": self.url})
        self._emulator = Emulator(told["function"]["rie"], folder, **told["environment"], **wanted)

    def alive(self):
        return self._emulator.process.poll() is None

    def errors(self):
        return self._emulator.log.read_text(errors="replace")

    def end(self):
        self._gateway.__exit__()
        self._emulator.end()
