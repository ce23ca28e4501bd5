"""scripts/deploy.sh, cleanup.sh and create_resources: what they call, with stand-ins for sam, aws and
tintype that write down how they were called. At the end a local AWS as docs/SETUP.md starts it, with the
real program."""

import os
import pathlib
import shutil
import subprocess

import emulators
import pytest
import tintype_server
from emulator import INSTALLED
from pictures import png
from tintype_client import Client

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORDER = """#!/bin/sh
printf '%s' "{name}" >>"{calls}"
printf ' %s' "$@" >>"{calls}"
echo >>"{calls}"
case "$*" in *BucketName*) echo my-bucket ;; *TablePrefix*) echo my- ;; *ApiUrl*) echo https://api.example ;; esac
exit {code}
"""


class Desk:
    """A copy of the scripts with a PATH of stand-ins."""

    def __init__(self, folder):
        self.folder = folder
        self.calls_file = folder / "calls"
        self.bin = folder / "bin"
        self.bin.mkdir()
        shutil.copytree(ROOT / "scripts", folder / "scripts")
        (folder / "build/lambda").mkdir(parents=True)
        (folder / "build/lambda/tintype.zip").touch()

    def has(self, *names, code=0):
        for name in names:
            program = self.bin / name
            program.write_text(RECORDER.format(name=name, calls=self.calls_file, code=code))
            program.chmod(0o755)

    def run(self, script, *words, **env):
        kept = {"PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(self.folder), "AWS_REGION": "eu-central-1"}
        return subprocess.run(
            ["bash", f"scripts/{script}", *words], cwd=self.folder, env={**kept, **env},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # fmt: skip

    def calls(self):
        return self.calls_file.read_text().splitlines() if self.calls_file.exists() else []


@pytest.fixture
def desk(tmp_path):
    if any(os.path.exists(f"{folder}/{name}") for folder in ("/usr/bin", "/bin") for name in ("sam", "aws")):
        pytest.skip("sam or aws is installed in /usr/bin and would be called")
    return Desk(tmp_path)


def test_sam_deploys_when_it_is_there(desk):
    desk.has("sam", "aws")
    done = desk.run("deploy.sh", "--env", "staging", "--clients", "192.0.2.0/24", "--origins", "https://a.example")
    assert done.returncode == 0, done.stderr
    deploy, describe = desk.calls()
    assert deploy.startswith("sam deploy --template-file deploy/sam/template.yaml --stack-name tintype-staging")
    assert "--region eu-central-1" in deploy
    assert "--parameter-overrides Environment=staging ClientRanges=192.0.2.0/24 CorsOrigins=https://a.example" in deploy
    assert "ApiUrl" in describe
    assert "https://api.example" in done.stdout


def test_the_aws_cli_deploys_where_sam_is_missing(desk):
    desk.has("aws")
    done = desk.run("deploy.sh", "--stack", "mine", "--region", "us-west-2", "--artefacts", "uploads")
    assert done.returncode == 0, done.stderr
    package, deploy, _ = desk.calls()
    assert package.startswith("aws cloudformation package") and "--s3-bucket uploads" in package
    # More than 51,200 bytes go by way of a bucket.
    assert deploy.startswith("aws cloudformation deploy") and "--s3-bucket uploads" in deploy
    assert "--stack-name mine --region us-west-2" in deploy
    assert "nobody at first" in done.stdout


def test_a_dry_run_calls_nothing(desk):
    desk.has("sam", "aws")
    done = desk.run("deploy.sh", "--dry-run", "--env", "prod")
    assert done.returncode == 0
    assert "sam deploy" in done.stdout and "Environment=prod" in done.stdout
    assert desk.calls() == []


@pytest.mark.parametrize(
    ("words", "programs", "sentence"),
    [
        (["--env", "production"], ["sam"], "--env is dev, staging or prod"),
        (["--env"], ["sam"], "--env needs a value"),
        (["--fast", "yes"], ["sam"], "does not know --fast"),
        ([], [], "Neither sam (AWS SAM CLI) nor aws"),
        ([], ["aws"], "--artefacts must name a bucket"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_done(desk, words, programs, sentence):
    desk.has(*programs)
    done = desk.run("deploy.sh", *words)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert desk.calls() == []


def test_no_region_and_no_artefact_are_said(desk):
    desk.has("sam")
    assert "No region" in desk.run("deploy.sh", AWS_REGION="").stderr
    (desk.folder / "build/lambda/tintype.zip").unlink()
    assert "make lambda builds it" in desk.run("deploy.sh").stderr


def test_a_failed_deployment_fails(desk):
    desk.has("sam", code=1)
    done = desk.run("deploy.sh")
    assert done.returncode == 1 and "sam deploy failed" in done.stderr


def test_cleanup_asks_and_nobody_answers(desk):
    desk.has("aws", "tintype")
    done = desk.run("cleanup.sh", TINTYPE=f"{desk.bin}/tintype")
    assert done.returncode == 1 and "needs --yes" in done.stderr
    assert all("describe-stacks" in call for call in desk.calls())


def test_cleanup_empties_the_stores_before_the_stack_goes(desk):
    desk.has("aws", "tintype")
    done = desk.run("cleanup.sh", "--yes", "--env", "staging", TINTYPE=f"{desk.bin}/tintype")
    assert done.returncode == 0, done.stderr
    doing = [call for call in desk.calls() if "describe-stacks" not in call]
    assert doing[0] == (
        "tintype aws destroy --yes-delete-everything --store=aws --aws.region=eu-central-1"
        " --s3.bucket=my-bucket --dynamodb.table_prefix=my-"
    )
    assert doing[1].startswith("aws cloudformation delete-stack --stack-name tintype-staging")
    assert doing[2].startswith("aws cloudformation wait stack-delete-complete")


def test_cleanup_stops_where_the_stores_stay(desk):
    desk.has("aws")
    desk.has("tintype", code=1)
    done = desk.run("cleanup.sh", "--yes", TINTYPE=f"{desk.bin}/tintype")
    assert done.returncode == 1 and "stores could not be removed" in done.stderr
    assert not any("delete-stack" in call for call in desk.calls())


def test_create_resources_is_tintype_aws_init(desk):
    desk.has("tintype")
    done = desk.run("create_resources", "--dry-run", TINTYPE=f"{desk.bin}/tintype")
    assert done.returncode == 0, done.stderr
    assert desk.calls() == ["tintype aws init --store=aws --dry-run"]


def test_a_localstack_that_is_there_is_used(desk, moto):
    done = desk.run("setup_localstack.sh", LOCALSTACK_ENDPOINT=moto.endpoint + "/")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert all(line.startswith("export ") for line in lines)
    for name in ("AWS_ENDPOINT_URL", "TINTYPE_S3_ENDPOINT", "TINTYPE_DYNAMODB_ENDPOINT"):
        assert f"export {name}={moto.endpoint}" in lines


def test_a_localstack_that_is_not_there_is_said(desk):
    done = desk.run("setup_localstack.sh", LOCALSTACK_ENDPOINT="http://127.0.0.1:9")
    assert done.returncode != 0 and done.stdout == ""
    assert "Nothing answers at LOCALSTACK_ENDPOINT=http://127.0.0.1:9" in done.stderr
    assert desk.run("setup_localstack.sh", "dance").returncode != 0


@pytest.fixture
def local_desk(tmp_path):
    """A copy of the scripts that shares the installed emulators, not what is running of them. A port is
    taken as in everyday use: the usual one when it is free, else another."""
    if reason := emulators.MiniStack.missing():
        pytest.skip(reason)
    for name in ("scripts", "tests/aws"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / ".emulators").mkdir()
    for part in ("ministack", "stamps"):
        (tmp_path / ".emulators" / part).symlink_to(INSTALLED / part)
    yield tmp_path
    run_in(tmp_path, "scripts/setup_localstack.sh", "stop")


def run_in(folder, script, *words, **variables):
    environment = tintype_server.clean_environment(**variables)
    done = subprocess.run(["bash", script, *words], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_an_image_goes_through_a_local_aws_as_it_is_set_up(local_desk, tmp_path):
    """docs/SETUP.md, "A local AWS": the local AWS, the stores, the server, a picture there and back."""
    lines = run_in(local_desk, "scripts/setup_localstack.sh").splitlines()
    assert lines and all(line.startswith("export ") for line in lines)
    variables = dict(line.removeprefix("export ").split("=", 1) for line in lines)
    own_program = {"TINTYPE": str(tintype_server.binary())}
    made = run_in(local_desk, "scripts/create_resources", **variables, **own_program)
    assert "made" in made
    assert "made" not in run_in(local_desk, "scripts/create_resources", **variables, **own_program)
    environment = tintype_server.clean_environment(**variables)
    server = tintype_server.Server(
        tmp_path / "data", tmp_path / "log", {"store": "aws"}, env=environment)  # fmt: skip
    try:
        client, picture = Client(server.url), png(64, 48)
        image = client.upload(picture, user_id="me")
        assert image["status"] == "active"
        link = client.link(image["image_id"])
        assert link.startswith(variables["TINTYPE_S3_ENDPOINT"] + "/")
        assert client.download(image["image_id"]) == picture
        server.stop()
    finally:
        server.end()
