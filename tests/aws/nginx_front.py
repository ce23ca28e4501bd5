"""nginx before servers on this machine, configured by deploy/nginx."""

import os
import pathlib
import random
import shutil
import subprocess
import time

import requests
from emulator import ROOT, free_port

USUAL_PORTS = (8081, 8082, 8083)
STOP_TIMEOUT = 10
START_TIMEOUT = 10
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def missing():
    """Why it cannot be started on this machine; None when it can."""
    return None if shutil.which("nginx") else "nginx is not installed: scripts/setup test"


def lasting_ports(count):
    """Free ports that stay free while nobody listens: Linux gives connections higher ones."""
    found = set()
    while len(found) < count:
        wished = random.randrange(20_000, 32_000)
        if free_port(wished) == wished:
            found.add(wished)
    return sorted(found)


class NginxFront:
    """A `with` block in which `url` is nginx before the three servers at these ports."""

    def __init__(self, folder, ports):
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None
        self._configure(ports)

    def _configure(self, ports):
        server = (ROOT / "deploy/nginx/tintype.conf").read_text(encoding="utf-8")
        upstream = (ROOT / "deploy/nginx/tintype-upstream.conf").read_text(encoding="utf-8")
        for usual, own in zip(USUAL_PORTS, ports, strict=True):
            assert f"127.0.0.1:{usual} " in upstream
            upstream = upstream.replace(f"127.0.0.1:{usual} ", f"127.0.0.1:{own} ")
        self.folder.mkdir(parents=True, exist_ok=True)
        server = server.replace("listen 8080", f"listen 127.0.0.1:{self.port}")
        self._write("server.conf", server)
        self._write("upstream.conf", upstream)
        self._write("nginx.conf", self._main_configuration())

    def _write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def _main_configuration(self):
        here = self.folder
        places = "".join(f"{name}_temp_path {here}/{name};" for name in TEMPORARY)
        # As root nginx would give its workers another user, who may not read the folder.
        user = "user root;" if os.geteuid() == 0 else ""
        included = f"include {here}/upstream.conf; include {here}/server.conf;"
        return (
            f"daemon off; {user} pid {here}/pid; error_log {here}/error.log; worker_processes 1;"
            f" events {{}} http {{ {places} {included} }}"
        )

    def __enter__(self):
        log = self.folder / "error.log"
        command = ["nginx", "-p", self.folder, "-e", log, "-c", self.folder / "nginx.conf"]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            self._wait_for_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _wait_for_answers(self):
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                requests.get(self.url, timeout=5)
                return
            except requests.ConnectionError as error:
                if time.monotonic() > deadline:
                    log = (self.folder / "error.log").read_text(encoding="utf-8")
                    raise RuntimeError(f"nginx did not answer:\n{log}") from error
            time.sleep(0.05)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(STOP_TIMEOUT)
