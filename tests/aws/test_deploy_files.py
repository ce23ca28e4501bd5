"""deploy/docker, deploy/systemd and deploy/nginx: what they name exists, and the programs that read them
accept them. Docker itself is not needed."""

import http.server
import pathlib
import re
import shutil
import subprocess
import threading

import nginx_front
import pytest
import requests
import yaml
from nginx_front import NginxFront
from test_template import settings

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCKER = ROOT / "deploy/docker"


# Docker.


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DOCKER / "docker-compose.yml").read_text(encoding="utf-8"))


def dockerfile():
    """(INSTRUCTION, argument) of every instruction, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (DOCKER / "Dockerfile").read_text(encoding="utf-8"), flags=re.M)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [tuple(line.split(None, 1)) for line in lines if line.strip()]


def test_compose_runs_three_replicas_behind_nginx(compose):
    services = compose["services"]
    replicas = {name for name in services if name.startswith("replica-")}
    assert len(replicas) == 3
    assert set(services["nginx"]["depends_on"]) == replicas
    upstream = (DOCKER / "tintype-upstream.conf").read_text(encoding="utf-8")
    assert set(re.findall(r"server (\S+):8080 resolve", upstream)) == replicas
    for name in replicas:
        assert services[name]["depends_on"]["create-resources"]["condition"] == "service_completed_successfully"
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]


def test_compose_names_settings_and_services(compose):
    for name, service in compose["services"].items():
        for needed in service.get("depends_on", {}):
            assert needed in compose["services"], name
        variables = service.get("environment", {})
        assert {v for v in variables if v.startswith("TINTYPE_")} <= settings()
        assert all(isinstance(value, str) for value in variables.values())
        for value in variables.values():
            for host in re.findall(r"^http://([a-z-]+):", value):
                assert host in compose["services"], value


def test_compose_is_open_to_this_machine_only(compose):
    published = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert published and all(port.startswith("127.0.0.1:") for port in published)


def test_compose_mounts_what_is_there(compose):
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (DOCKER / source).is_file(), volume
            else:
                assert source in compose["volumes"], volume
    assert (DOCKER / compose["x-tintype"]["build"]["context"]).resolve() == ROOT
    assert (ROOT / compose["x-tintype"]["build"]["dockerfile"]).is_file()


def test_compose_has_the_keys_that_the_store_knows(compose):
    (identity,) = yaml.safe_load((DOCKER / "seaweedfs-s3.json").read_text(encoding="utf-8"))["identities"]
    variables = compose["x-tintype"]["environment"]
    assert identity["credentials"] == [
        {"accessKey": variables["AWS_ACCESS_KEY_ID"], "secretKey": variables["AWS_SECRET_ACCESS_KEY"]}
    ]


def test_compose_waits_for_the_ports_that_tintype_calls(compose):
    """Not only for ScyllaDB's node: Alternator listens later."""
    variables = compose["x-tintype"]["environment"]
    for setting in ("TINTYPE_S3_ENDPOINT", "TINTYPE_DYNAMODB_ENDPOINT"):
        host, port = variables[setting].removeprefix("http://").split(":")
        assert compose["services"]["create-resources"]["depends_on"][host] == {"condition": "service_healthy"}
        check = " ".join(compose["services"][host]["healthcheck"]["test"])
        assert f"http://127.0.0.1:{port}/" in check, check


def test_image_is_small_and_without_root():
    instructions = dockerfile()
    stages = [argument for name, argument in instructions if name == "FROM"]
    assert stages == ["debian:12 AS build", "debian:12-slim"]
    last = instructions[[argument for _, argument in instructions].index(stages[-1]) :]
    names = [name for name, _ in last]
    assert dict(last)["USER"] == "tintype"
    assert names.index("RUN") < names.index("USER") < names.index("ENTRYPOINT")
    assert "/healthz" in dict(last)["HEALTHCHECK"]
    assert not re.search(r"\b(g\+\+|cmake|-dev)\b", " ".join(argument for _, argument in last))


def test_image_is_built_from_what_is_there():
    ignore = (DOCKER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:] for line in ignore if line.startswith("!")}
    assert "*" in ignore
    for name in let_in:
        assert (ROOT / name).exists(), name
    for name, argument in dockerfile():
        if name == "COPY" and not argument.startswith("--from") and not argument.startswith("."):
            for source in argument.split()[:-1]:
                assert source.split("/")[0] in let_in and (ROOT / source).exists(), source


def test_image_has_the_libraries_that_the_program_is_linked_with():
    """Debian's packages for running, of those that scripts/setup installs for building."""
    (packages,) = [argument for name, argument in dockerfile() if name == "RUN" and "libcurl4" in argument]
    linked = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    for needs, package in {
        "find_package(Boost": "libboost-json1.81.0", "find_package(SQLite3": "libsqlite3-0",
        "find_package(OpenSSL": "libssl3", "find_package(CURL": "libcurl4", "libseccomp": "libseccomp2",
    }.items():  # fmt: skip
        assert needs in linked and package in packages, needs


# systemd.


def with_a_program_that_exists(path):
    text = path.read_text(encoding="utf-8")
    program = re.search(r"^ExecStart=(\S+)", text, flags=re.M)[1]
    path.write_text(text.replace(program, "/bin/true"), encoding="utf-8")


@pytest.fixture
def unit(tmp_path):
    path = shutil.copy(ROOT / "deploy/systemd/tintype.service", tmp_path)
    with_a_program_that_exists(pathlib.Path(path))
    return path


def analyze(*words):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed: scripts/setup test")
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)


def test_systemd_accepts_the_unit(unit):
    done = analyze("verify", unit)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.fixture
def replicas_unit(tmp_path):
    """The command of docs/DEPLOYMENT.md, as it stands there but for the folder that it writes to."""
    guide = (ROOT / "docs/DEPLOYMENT.md").read_text(encoding="utf-8")
    written = "/etc/systemd/system/tintype@.service"
    (command,) = re.findall(rf"^sed (?:.*\\\n)*.* > {re.escape(written)}$", guide, flags=re.M)
    path = tmp_path / "tintype@.service"
    subprocess.run(["sh", "-e", "-c", command.replace(written, str(path))], cwd=ROOT, check=True)
    return path


def test_each_replica_has_a_port_and_a_folder_of_its_own(replicas_unit):
    expected = (ROOT / "deploy/systemd/tintype.service").read_text(encoding="utf-8")
    for single, of_replica in {
        "Environment=TINTYPE_DATA=/var/lib/tintype\n": "Environment=TINTYPE_DATA=/var/lib/tintype-%i\n",
        "WorkingDirectory=/var/lib/tintype\n": "WorkingDirectory=/var/lib/tintype-%i\n",
        "StateDirectory=tintype\n": "StateDirectory=tintype-%i\n",
        "DynamicUser=yes\n": "Environment=TINTYPE_LISTEN=127.0.0.1:%i\nDynamicUser=yes\n",
    }.items():
        assert expected.count(single) == 1
        expected = expected.replace(single, of_replica)
    assert replicas_unit.read_text(encoding="utf-8") == expected


def test_systemd_accepts_the_unit_of_the_replicas(replicas_unit):
    with_a_program_that_exists(replicas_unit)
    done = analyze("verify", replicas_unit)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_unit_is_hardened(unit):
    done = analyze("security", "--offline=yes", "--threshold=20", unit)
    assert done.returncode == 0, done.stdout[-400:]


def test_the_unit_waits_for_the_drain():
    text = (ROOT / "deploy/systemd/tintype.service").read_text(encoding="utf-8")
    patience = int(re.search(r"^TimeoutStopSec=(\d+)$", text, flags=re.M)[1])
    drain = re.search(r"`server.drain_timeout`.*\| (\d+)s \|", (ROOT / "docs/SETTINGS.md").read_text())[1]
    assert patience > int(drain)


# nginx.


class Replica(http.server.BaseHTTPRequestHandler):
    """Answers with its own port, the Host that it was called by, and how much was sent."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        if getattr(self.server, "gone", False):  # as a killed process: a connection that just ends
            self.close_connection = True
            return
        size = int(self.headers.get("Content-Length", 0))
        self.rfile.read(size)
        body = f"{self.server.server_port} {self.headers['Host']} {size}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


@pytest.fixture
def nginx(tmp_path):
    """nginx with our server before three stand-ins; gives its URL and the stand-ins."""
    if reason := nginx_front.missing():
        pytest.skip(reason)
    replicas = [http.server.ThreadingHTTPServer(("127.0.0.1", 0), Replica) for _ in range(3)]
    for replica in replicas:
        threading.Thread(target=replica.serve_forever, daemon=True).start()
    try:
        with NginxFront(tmp_path, [replica.server_port for replica in replicas]) as front:
            yield front.url, replicas
    finally:
        for replica in replicas:
            replica.shutdown()


def test_nginx_passes_the_host_with_its_port_and_bodies_up_to_the_limit(nginx):
    url, _ = nginx
    answer = requests.post(f"{url}/images", data=b"x" * (10 * 1024 * 1024), timeout=30)
    assert answer.text.split()[1:] == [url.removeprefix("http://"), str(10 * 1024 * 1024)]
    too_large = requests.post(f"{url}/images", data=b"x" * (12 * 1024 * 1024), timeout=30)
    assert too_large.status_code == 413


def test_nginx_passes_over_replicas_that_are_gone(nginx):
    url, replicas = nginx
    seen = {requests.get(url, timeout=10).text.split()[0] for _ in range(12)}
    assert seen == {str(replica.server_port) for replica in replicas}
    for replica in replicas[:2]:
        replica.gone = True
        replica.shutdown()
        replica.server_close()
    answers = [requests.get(url, timeout=10) for _ in range(12)]
    assert {answer.text.split()[0] for answer in answers} == {str(replicas[2].server_port)}
