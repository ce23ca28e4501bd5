"""Fixtures of the integration tests: a real server, started from the built program."""

import hashlib
import pathlib
import sys
import urllib.parse

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from tintype_client import Client  # noqa: E402
from tintype_server import Server, backend, is_elsewhere, on_aws  # noqa: E402

if "function" in backend():
    sys.path.insert(1, str(HERE.parent / "aws"))
    from rie import FunctionServer

MARKERS = {
    "slow": "left out under the sanitizers",
    "embedded": "about the data folder, or about objects that the service itself serves",
    "aws": "about what is so on AWS's stores alone",
    "http_server": "about our HTTP server: its parser, time-outs, connections, log and worker processes",
    "background": "about work that a server does by itself, which a function does when it is called",
    "hears_of_uploads": "about a service that its object store tells of uploads",
}


def pytest_configure(config):
    for name, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")


def is_left_out(item):
    """What cannot be so on the stores, or behind the front, of this run."""
    marks = {mark.name for mark in item.iter_markers()}
    if is_elsewhere() and "http_server" in marks:
        return True
    if "function" in backend() and "background" in marks:
        return True
    if "url" in backend() and "start_server" in item.fixturenames:
        return True
    if "hears_of_uploads" in marks:
        return on_aws() and not backend().get("hears_of_uploads")
    return ("embedded" if on_aws() else "aws") in marks


def pytest_collection_modifyitems(config, items):
    left_out = [item for item in items if is_left_out(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows what its servers logged."""
    outcome = yield
    report = outcome.get_result()
    if not report.failed:
        return
    for server in getattr(item, "tintype_servers", [])[-2:]:
        report.sections.append((f"log of {server.url}", server.errors()[-6000:]))


class ServerFactory:
    """Starts servers and ends those that are left."""

    def __init__(self, folder, item=None):
        self.folder = folder
        self.servers = []
        self.item = item

    def __call__(self, data=None, env=None, cwd=None, arguments=(), **settings):
        """Settings by name with `__` for the dot: start_server(limits__max_upload_bytes="1MiB")."""
        number = len(self.servers)
        if "function" in backend():
            server = FunctionServer(self.folder / f"function{number}", settings)
        else:
            server = Server(
                data or self.folder / f"data{number}",
                self.folder / f"server{number}.log",
                settings,
                env=env,
                cwd=cwd,
                arguments=arguments,
            )
        self.servers.append(server)
        if self.item is not None:
            self.item.tintype_servers = self.servers
        return server

    def end_all(self):
        for server in self.servers:
            server.end()


class ServerElsewhere:
    """A deployment that tests/aws has made: $TINTYPE_TEST_BACKEND names its `url`."""

    def __init__(self, url):
        self.url = url
        where = urllib.parse.urlsplit(url)
        self.address = (where.hostname, where.port)

    def alive(self):
        return True

    def errors(self):
        return ""


@pytest.fixture(scope="module")
def _module_server(tmp_path_factory):
    if url := backend().get("url"):
        yield ServerElsewhere(url)
        return
    factory = ServerFactory(tmp_path_factory.mktemp("server"))
    try:
        yield factory()
    finally:
        factory.end_all()


@pytest.fixture
def server(_module_server, request):
    """A server with default settings, shared by the tests of a module."""
    assert _module_server.alive(), f"the server is gone:\n{_module_server.errors()[-4000:]}"
    request.node.tintype_servers = [_module_server]
    return _module_server


@pytest.fixture
def client(server):
    return Client(server.url)


@pytest.fixture
def start_server(tmp_path, request):
    """A factory of servers for one test; all are ended with it."""
    factory = ServerFactory(tmp_path, request.node)
    try:
        yield factory
    finally:
        factory.end_all()


@pytest.fixture
def user(request):
    """A user id that no other test has."""
    return "u-" + hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:20]
