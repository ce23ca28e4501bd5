"""The local AWS of the tests: a class for each emulator that scripts/emulators installs.

    with Moto() as moto:
        moto.client("dynamodb").list_tables()
"""

import os
import pathlib
import shutil

import requests
from ceph_rgw import CephRgw
from emulator import INSTALLED, ROOT, Emulator

HERE = pathlib.Path(__file__).resolve().parent

__all__ = ["ALL", "CephRgw", "Dynalite", "Emulator", "MiniStack", "Minio", "Moto", "tool"]


def absent(path, name):
    """None when the file is there, else the reason to skip a test."""
    return None if path.exists() else f"{name} is not installed: scripts/emulators install {name}"


def not_installed(name):
    """The same of what scripts/emulators stamps when it stands: half of it is not there."""
    return absent(INSTALLED / "stamps" / name, name)


def tool(name):
    """The path of cfn-lint or aws-lambda-rie, and why it is not there, if so."""
    return INSTALLED / "bin" / name, not_installed(name)


class Moto(Emulator):
    """DynamoDB and S3 (and most of AWS), one request at a time: see moto_server.py."""

    name = "moto"
    apis = ("dynamodb", "s3", "lambda", "apigateway", "cloudformation")
    usual_port = 5000
    python = INSTALLED / "moto/bin/python"

    @classmethod
    def missing(cls):
        return not_installed(cls.name)

    def launch(self):
        self.spawn([self.python, HERE / "moto_server.py", self.port])


class MiniStack(Emulator):
    """S3, DynamoDB, Lambda with real processes, API Gateway, CloudFormation."""

    name = "ministack"
    apis = ("dynamodb", "s3", "lambda", "apigateway", "cloudformation")
    usual_port = 4566
    program = INSTALLED / "ministack/bin/ministack"

    @classmethod
    def missing(cls):
        return not_installed(cls.name)

    def launch(self):
        self.spawn(
            [self.program],
            BIND_HOST="127.0.0.1",
            GATEWAY_PORT=str(self.port),
            SFTP_ENABLED="0",  # it would listen on a port of its own
            STATE_DIR=str(self.folder / "state"),
            S3_DATA_DIR=str(self.folder / "s3"),
            AWS_ACCESS_KEY_ID=self.access_key,  # the keys it verifies signatures with
            AWS_SECRET_ACCESS_KEY=self.secret_key,
        )


class Minio(Emulator):
    """Another strict S3."""

    name = "minio"
    apis = ("s3",)
    usual_port = 9000
    program = INSTALLED / "bin/minio"

    @classmethod
    def missing(cls):
        return not_installed(cls.name)

    def launch(self):
        command = [self.program, "server", "--quiet", "--address", f"127.0.0.1:{self.port}"]
        console = ["--console-address", "127.0.0.1:0", self.folder / "data"]
        keys = {"MINIO_ROOT_USER": self.access_key, "MINIO_ROOT_PASSWORD": self.secret_key}
        self.spawn(command + console, MINIO_BROWSER="off", MINIO_UPDATE="off", **keys)

    def ready(self):
        return requests.get(f"{self.endpoint}/minio/health/ready", timeout=5).status_code == 200


class Dynalite(Emulator):
    """DynamoDB without transactions, which is what ScyllaDB Alternator looks like to a client."""

    name = "dynalite"
    apis = ("dynamodb",)
    usual_port = 4567
    program = ROOT / "node_modules/dynalite/cli.js"

    @classmethod
    def missing(cls):
        if shutil.which("node") is None:
            return "node is not installed: scripts/setup test"
        return absent(cls.program, cls.name)

    def launch(self, *more):
        quick = ["--createTableMs", "0", "--deleteTableMs", "0", "--updateTableMs", "0"]
        address = ["--host", "127.0.0.1", "--port", self.port]
        self.spawn(["node", self.program, *address, *quick, *more], PATH=os.environ["PATH"])


ALL = {kind.name: kind for kind in (Moto, MiniStack, CephRgw, Minio, Dynalite)}
