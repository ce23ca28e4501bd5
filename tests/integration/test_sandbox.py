"""What the server says about the confinement of its workers, also where the kernel refuses it."""

import platform
import sys

import pytest

import tintype_server
from pictures import png
from tintype_client import Client

# Starts the program with seccomp(2) and prctl(PR_SET_SECCOMP) answered EPERM, as some container
# runtimes and old kernels do.
LAUNCHER = """#!{python}
import ctypes, os, struct, sys
SECCOMP, PRCTL = {{"x86_64": (317, 157), "aarch64": (277, 167)}}[os.uname().machine]
LOAD, IF_EQUAL, RETURN, PR_SET_SECCOMP = 0x20, 0x15, 0x06, 22
ALLOW, EPERM = 0x7FFF0000, 0x00050001
program = b"".join(
    struct.pack("HBBI", *step)
    for step in (
        (LOAD, 0, 0, 0),  # the number of the call
        (IF_EQUAL, 4, 0, SECCOMP),
        (IF_EQUAL, 0, 2, PRCTL),
        (LOAD, 0, 0, 16),  # its first argument
        (IF_EQUAL, 1, 0, PR_SET_SECCOMP),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, EPERM),
    )
)
steps = ctypes.create_string_buffer(program)
header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
assert libc.prctl(PR_SET_SECCOMP, 2, header) == 0, ctypes.get_errno()
os.execv({program!r}, [{program!r}] + sys.argv[1:])
"""


@pytest.fixture
def refusing_kernel(tmp_path, monkeypatch):
    """The program under test runs where no further filter can be installed."""
    if platform.machine() not in ("x86_64", "aarch64"):
        pytest.skip("the numbers of system calls are known for two machines")
    folder = tmp_path / "refusing"
    folder.mkdir()
    launcher = folder / "tintype"
    launcher.write_text(LAUNCHER.format(python=sys.executable, program=str(tintype_server.binary())))
    launcher.chmod(0o755)
    monkeypatch.setenv("TINTYPE_BUILD", str(folder))


def sandbox_of(server):
    answer = Client(server.url).get("/readyz")
    assert answer.status_code == 200, answer.text
    return answer.json()["checks"]["sandbox"]


def test_readyz_says_that_it_is_off(start_server):
    assert sandbox_of(start_server(imaging__sandbox="off")) == "off"


def test_readyz_says_that_it_is_active(start_server):
    assert sandbox_of(start_server(imaging__sandbox="required")) == "active"


def test_goes_on_where_the_kernel_refuses_and_says_so(start_server, refusing_kernel):
    server = start_server()
    assert sandbox_of(server).startswith("refused: seccomp was refused")
    assert "run without a system call filter" in server.errors()
    image = Client(server.url).upload(png(seed=1), user_id="someone")
    assert image["status"] == "active"


def test_does_not_start_where_it_is_required_and_refused(start_server, refusing_kernel):
    with pytest.raises(RuntimeError, match="the sandbox is required, but seccomp was refused"):
        start_server(imaging__sandbox="required")
