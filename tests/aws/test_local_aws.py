"""Emulators end with whoever started them or by `scripts/emulators stop`; nothing else ends."""

import os
import pathlib
import shutil
import subprocess
import sys
import time

import local_aws
import pytest
import requests

HERE = pathlib.Path(__file__).resolve().parent
KILLED_PARENT = """
import os, signal
from emulators import Moto
moto = Moto().start()
print(moto.processes[0].pid, moto.folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def gone(pid, within=10):
    deadline = time.monotonic() + within
    while local_aws.start_ticks(pid) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    return local_aws.start_ticks(pid) is None


@pytest.fixture
def run_folder(tmp_path, monkeypatch):
    """State of this test's own, so that a person's local AWS goes on."""
    monkeypatch.setattr(local_aws, "RUN", tmp_path / "run")
    yield tmp_path / "run"
    local_aws.stop()


def exports_of(text):
    return dict(line.removeprefix("export ").split("=", 1) for line in text.split("\n") if line)


def test_emulator_ends_when_the_tests_are_killed(moto):
    done = subprocess.run(
        [sys.executable, "-c", KILLED_PARENT],
        env={**os.environ, "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    pid, folder = done.stdout.split()
    assert done.returncode == -9
    assert gone(int(pid))
    shutil.rmtree(folder)


def test_stop_ends_all_and_leaves_nothing(moto):
    own = type(moto)().start()
    pid, folder = own.processes[0].pid, own.folder
    assert requests.get(own.endpoint, timeout=10).status_code < 500
    own.stop()
    assert gone(pid, within=0) and not folder.exists()
    with pytest.raises(requests.ConnectionError):
        requests.get(own.endpoint, timeout=10)


def test_an_emulator_that_cannot_start_says_why_and_leaves_nothing(moto):
    class Broken(type(moto)):
        def launch(self):
            self.spawn([sys.executable, "-c", "raise SystemExit('no such thing')"])

    broken = Broken()
    with pytest.raises(RuntimeError, match="no such thing"):
        broken.start()
    assert not broken.folder.exists()


def test_start_prints_what_a_shell_needs(moto, run_folder, capsys):
    local_aws.start(["moto"])
    first = exports_of(capsys.readouterr().out)
    assert requests.get(first["AWS_ENDPOINT_URL"], timeout=10).status_code < 500
    assert first["TINTYPE_S3_ENDPOINT"] == first["TINTYPE_DYNAMODB_ENDPOINT"]
    assert first["AWS_ACCESS_KEY_ID"] == moto.access_key
    local_aws.start(["moto"])
    assert exports_of(capsys.readouterr().out) == first, "a running emulator is used again"
    [(pid, _)] = local_aws.read_state("moto")["processes"]
    local_aws.stop()
    assert gone(pid, within=0)
    assert not any(run_folder.iterdir())


def test_stop_spares_a_process_that_has_only_the_number(run_folder):
    """The emulator ended by itself, and its number belongs to another process now."""
    run_folder.mkdir()
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
        ticks = local_aws.start_ticks(other.pid)
        state = '{"endpoint": "x", "processes": [[%d, %d]]}'
        (run_folder / "moto.json").write_text(state % (other.pid, ticks - 1), encoding="utf-8")
        local_aws.stop()
        assert other.poll() is None
        (run_folder / "moto.json").write_text(state % (other.pid, ticks), encoding="utf-8")
        local_aws.stop()
        assert other.wait(10) == -15


def test_unknown_name():
    with pytest.raises(SystemExit, match="no emulator is called nothing"):
        local_aws.start(["nothing"])
