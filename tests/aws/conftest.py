"""Fixtures of the tests that talk to a local AWS.

`moto`, `ministack`, `ceph`, `minio`, `dynalite` are running emulators, one of each for the whole
session: a test takes its own names from `unique`. `fault_proxy(emulator)` stands before one.
`cfn_lint` and `lambda_rie` are programs. What is not installed is skipped with the reason;
plugins.py makes that a failure on the build server.
"""

import pathlib
import sys
import uuid

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

import emulators  # noqa: E402
from deployment import Deployment  # noqa: E402
from fault_proxy import FaultProxy  # noqa: E402


def running(kind):
    """A session fixture of a started emulator."""

    def fixture():
        if reason := kind.missing():
            pytest.skip(reason)
        with kind() as emulator:
            yield emulator

    return pytest.fixture(scope="session", name=kind.name)(fixture)


def installed(program):
    """A session fixture of a program's path."""

    def fixture():
        path, reason = emulators.tool(program)
        if reason:
            pytest.skip(reason)
        return path

    return pytest.fixture(scope="session")(fixture)


moto = running(emulators.Moto)
ministack = running(emulators.MiniStack)
ceph = running(emulators.CephRgw)
minio = running(emulators.Minio)
dynalite = running(emulators.Dynalite)
cfn_lint = installed("cfn-lint")
lambda_rie = installed("aws-lambda-rie")


@pytest.fixture
def emulator(request):
    """The emulator that a test is parametrized with by name: indirect=["emulator"]."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def unique():
    """A name that no other test has, good for buckets and tables."""
    return f"t-{uuid.uuid4().hex[:16]}"


@pytest.fixture
def fault_proxy():
    """A factory of proxies before an emulator, or any address; all end with the test."""
    started = []

    def start(upstream):
        started.append(FaultProxy(getattr(upstream, "endpoint", upstream)).__enter__())
        return started[-1]

    yield start
    for proxy in started:
        proxy.__exit__()


@pytest.fixture
def deploy(tmp_path, unique):
    """A factory of Tintype's deployments on emulators or proxies; their servers end with the test."""
    made = []

    def make(s3, dynamodb, **settings):
        made.append(Deployment(tmp_path, f"{unique}-{len(made)}", s3, dynamodb, **settings))
        return made[-1]

    yield make
    for deployment in made:
        deployment.end()
