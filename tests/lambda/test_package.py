"""The package for AWS Lambda needs nothing of the machine that it runs on."""

import os
import pathlib
import re
import subprocess
import sys
import zipfile

import pytest
from gateway_client import GatewayClient, http_event
from lambda_variables import SET_BY_LAMBDA
from pictures import jpeg, png

MB = 1_000_000
MAX_ZIP = 32 * MB  # Lambda takes 50
MAX_UNPACKED = 90 * MB  # and 250
LAMBDA_GLIBC = (2, 34)  # provided.al2023

# Runs a program where there is nothing but the package, /tmp, /proc and /dev. The shell adds PWD.
IN_EMPTY_ROOT = """
set -e
root=$1
shift
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
unset PWD OLDPWD
exec /usr/sbin/chroot "$root" "$@"
"""


def tell(sentence):
    """For whoever reads the run, passed or not."""
    print("\n" + sentence, file=sys.__stdout__)


def elf_files(package):
    return [path for path in sorted(package.rglob("*"))
            if path.is_file() and path.read_bytes()[:4] == b"\x7fELF"]


def readelf(*arguments):
    return subprocess.run(["readelf", "-W", *map(str, arguments)], check=True, capture_output=True,
                          text=True).stdout


def needed(path):
    return re.findall(r"\(NEEDED\).*\[(.+)\]", readelf("-d", path))


def newest_glibc(path):
    found = re.findall(r"Name: GLIBC_(\d+)\.(\d+)", readelf("-V", path))
    return max(((int(major), int(minor)) for major, minor in found), default=(0, 0))


def test_its_size_is_bounded(archive, package):
    size = archive.stat().st_size
    unpacked = sum(path.stat().st_size for path in package.rglob("*") if path.is_file())
    tell(f"tintype.zip: {size / MB:.1f} MB, {unpacked / MB:.1f} MB unpacked")
    assert size < MAX_ZIP and unpacked < MAX_UNPACKED


def test_everything_that_is_needed_is_carried_or_old_enough(package):
    carried = {path.name for path in (package / "lib").iterdir()}
    files = elf_files(package)
    assert {"bootstrap", "tintype", "tintype-lambda"} <= {path.name for path in files}
    for path in files:
        missing = [name for name in needed(path) if name not in carried]
        # Without the C library in the package, that of Lambda would have to do.
        old_enough = newest_glibc(path) <= LAMBDA_GLIBC and set(missing) <= {"libc.so.6"}
        assert not missing or old_enough, (path.name, missing)


def test_the_check_of_the_c_library_finds_something(package):
    """It would be worth nothing on files that need no newer one anyway."""
    assert any(newest_glibc(path) > LAMBDA_GLIBC for path in elf_files(package))


def test_bootstrap_needs_no_loader(package):
    assert "INTERP" not in readelf("-l", package / "bootstrap")
    assert needed(package / "bootstrap") == []


def test_the_function_does_not_load_libvips(package):
    assert "libvips" not in " ".join(needed(package / "tintype-lambda"))
    assert "libvips" in " ".join(needed(package / "tintype"))


def test_no_paths_of_the_machine_that_built_it(package):
    root = str(pathlib.Path(__file__).resolve().parents[2]).encode()
    for path in elf_files(package):
        assert "RUNPATH" not in readelf("-d", path) or path.parent.name == "lib", path.name
        assert root not in path.read_bytes(), path.name


def test_each_library_comes_with_its_license(package):
    notes = {path.name for path in (package / "licenses").iterdir()}
    assert {"tintype.txt", "libvips.txt", "libc6.txt", "libcurl4.txt", "libsqlite3-0.txt"} <= notes
    assert all(path.stat().st_size > 200 for path in (package / "licenses").iterdir())


def test_modes_and_times_are_fixed(archive):
    with zipfile.ZipFile(archive) as opened:
        names = [entry.filename for entry in opened.infolist()]
        assert names == sorted(names)
        for entry in opened.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.external_attr >> 16 in (0o100755, 0o100644)


@pytest.fixture
def empty_root(package, tmp_path):
    """A root with the package in /var/task, and nothing else; and the command that runs in it."""
    root = tmp_path / "root"
    for name in ("var", "tmp", "proc", "dev"):
        (root / name).mkdir(parents=True)
    subprocess.run(["cp", "-r", str(package), str(root / "var/task")], check=True)
    command = ["unshare", "--mount", "--propagation", "private"]
    if os.getuid() != 0:
        command.insert(1, "--map-root-user")
    if subprocess.run([*command, "true"], capture_output=True).returncode != 0:
        pytest.skip("this machine allows no mount namespaces")
    return [*command, "sh", "-c", IN_EMPTY_ROOT, "sh", str(root), "/var/task/bootstrap"]


def variables_of(pid):
    """The names of the environment that a process was started with."""
    lines = pathlib.Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return {line.split("=")[0] for line in lines if line}


def test_it_runs_where_there_is_nothing_else(empty_root, start):
    function = start(empty_root, data="/tmp/data")
    assert function.runtime.first_next.wait(20), function.errors()
    assert variables_of(function.pid) == {
        "AWS_LAMBDA_RUNTIME_API", "TINTYPE_DATA", "TINTYPE_PUBLIC_URL", *SET_BY_LAMBDA}
    client = GatewayClient(function.invoke, http_event)
    for picture, kind in ((jpeg(64, 48), "jpeg"), (png(64, 48), "png")):
        made = client.post("/images", files={"file": (f"a.{kind}", picture, f"image/{kind}")})
        assert made.status_code == 201, made.text
        assert (made.json()["status"], made.json()["width"]) == ("active", 64)
    small = client.get(f"/images/{made.json()['image_id']}/rendition?width=16&format=avif")
    assert small.content[4:12] == b"ftypavif"


def test_it_runs_from_any_folder(package, start, tmp_path):
    function = start([str(package / "bootstrap")])
    client = GatewayClient(function.invoke, http_event)
    made = client.post("/images", files={"file": ("a.png", png(64, 48), "image/png")})
    assert made.status_code == 201, made.text
    (worker,) = function.children()
    assert "imaging-worker" in pathlib.Path(f"/proc/{worker}/cmdline").read_text()
    maps = pathlib.Path(f"/proc/{worker}/maps").read_text()
    used = set(re.findall(r"(/\S+\.so\S*)", maps))
    assert used and all(path.startswith(str(package)) for path in used), used
    # What is loaded at run time, for HEIC, is found too where it is carried.
    assert ("libheif" in maps) == (package / "lib/libheif.so.1").exists()


def test_bad_settings_are_told(package, start):
    function = start([str(package / "bootstrap")], env={"TINTYPE_NONSENSE": "1"})
    assert function.process.wait(20) == 2
    assert "TINTYPE_NONSENSE" in function.runtime.init_error["errorMessage"]


def test_it_starts_at_once(package, start, tmp_path):
    """The targets, on a quiet machine, are 15 ms and 30 MB (bench/lambda_bench.py); this finds
    what is slower by far."""
    times = []
    for _ in range(9):  # the first one makes the data folder
        function = start([str(package / "bootstrap")], data=tmp_path / "data")
        assert function.runtime.first_next.wait(20), function.errors()
        times.append(function.runtime.first_next_at - function.started_at)
        resident = function.status("VmHWM") / 1000
        assert "libvips" not in pathlib.Path(f"/proc/{function.pid}/maps").read_text()
        function.end()
    tell(f"first next after {sorted(times[1:])[4] * 1000:.1f} ms, {resident:.1f} MB")
    assert min(times[1:]) < 0.06
    assert resident < 30
