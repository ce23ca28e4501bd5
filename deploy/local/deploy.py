#!/usr/bin/env python3
"""Deploys deploy/sam/template.yaml into an emulator of AWS, without CloudFormation. Prints the API's URL.

Usage: deploy/local/deploy.py [--env dev] [--endpoint URL] [--artefact ZIP] [--origins LIST] [--remove]

The endpoint and the keys come from the environment of AWS's tools unless given:
    eval "$(scripts/emulators start)" && deploy/local/deploy.py
"""

import argparse
import os
import pathlib
import sys

import boto3
import botocore.config
import botocore.exceptions
import functions
import stores
from gateway import Gateway
from template import ROOT, Template

ARTEFACT = ROOT / "build/lambda/tintype.zip"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def parse_arguments(words):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--env", default="dev", choices=["dev", "staging", "prod"])
    parser.add_argument("--endpoint", default=os.environ.get("AWS_ENDPOINT_URL"))
    parser.add_argument("--artefact", type=pathlib.Path, default=ARTEFACT)
    parser.add_argument("--origins", default="", help="web origins, joined by commas")
    parser.add_argument("--remove", action="store_true", help="take everything away instead")
    return parser.parse_args(words)


class Local:
    """One deployment at an endpoint."""

    def __init__(self, arguments):
        region = os.environ.get("AWS_REGION", os.environ.get("AWS_DEFAULT_REGION", "us-east-1"))
        parameters = {"Environment": arguments.env, "CorsOrigins": arguments.origins}
        self.endpoint = arguments.endpoint.rstrip("/")
        self.region = region
        self.artefact = arguments.artefact
        self.template = Template(parameters, account="000000000000", region=region)
        self.gateway = Gateway(self.client("apigateway"), self.template, self.endpoint)

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID", "local"),
            aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY", "local"),
            config=botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2}),
        )

    def deploy(self):
        stores.make_tables(self.client("dynamodb"), self.template)
        queue = stores.make_queues(self.client("sqs"), self.template)
        stores.make_bucket(self.client("s3"), self.template, queue)
        # Links in answers start with the API's URL, so it comes before the functions.
        self.gateway.create()
        arns = functions.make_functions(
            self.client("lambda"), self.template, self.artefact, self.variables()
        )
        self.gateway.fill(arns)
        functions.connect_queue(self.client("lambda"), self.template, queue)
        functions.connect_schedule(self.client("events"), self.template, arns)
        return self.gateway.url

    def variables(self):
        return {
            "TINTYPE_S3_ENDPOINT": self.endpoint,
            "TINTYPE_S3_PATH_STYLE": "true",
            "TINTYPE_DYNAMODB_ENDPOINT": self.endpoint,
            "TINTYPE_PUBLIC_URL": self.gateway.url,
        }

    def remove(self):
        self.gateway.remove()
        functions.remove_functions(self.client("lambda"), self.client("events"), self.template)
        stores.remove_bucket(self.client("s3"), self.template)
        stores.remove_queues(self.client("sqs"), self.template)
        stores.remove_tables(self.client("dynamodb"), self.template)


def fault_of(arguments):
    """Why it cannot begin; None when it can."""
    if not arguments.endpoint:
        return 'there is no endpoint; eval "$(scripts/emulators start)" starts one'
    host = arguments.endpoint.split("://")[-1].split("/")[0].rsplit(":", 1)[0]
    if host not in LOOPBACK:
        return f"{arguments.endpoint} is not on this machine; this is for emulators only"
    if not arguments.remove and not arguments.artefact.exists():
        return f"{arguments.artefact} is missing; make lambda builds it"
    return None


def main(words):
    arguments = parse_arguments(words)
    if fault := fault_of(arguments):
        sys.exit(f"FAILED: {fault}")
    local = Local(arguments)
    try:
        if arguments.remove:
            local.remove()
        else:
            print(local.deploy())
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        sys.exit(f"FAILED: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
