"""The conformance suite of MetadataStore on servers that speak DynamoDB's API."""

import subprocess

import pytest
from tintype_server import binary, clean_environment

PROGRAM = "tests/aws/aws_conformance"
LIMIT = 550


def run_suite(emulator, tests):
    program = binary().parent / PROGRAM
    environment = clean_environment(
        TINTYPE_TEST_DYNAMODB_ENDPOINT=emulator.endpoint,
        TINTYPE_TEST_DYNAMODB_KEY=emulator.access_key,
        TINTYPE_TEST_DYNAMODB_SECRET=emulator.secret_key,
    )
    done = subprocess.run(
        [program, f"--gtest_filter={tests}"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert "[  PASSED  ] 0 tests" not in done.stdout


# dynalite has no transactions, as ScyllaDB Alternator; moto and MiniStack have both ways.
@pytest.mark.parametrize(
    ("emulator", "tests"),
    [
        ("moto", "*/transactions"),
        ("moto", "*/steps"),
        ("ministack", "*/transactions"),
        ("dynalite", "*/steps"),
    ],
    indirect=["emulator"],
)
def test_metadata_store(emulator, tests):
    run_suite(emulator, f"DynamoDb/MetadataStoreTest.{tests}")


# dynalite counts by the bytes read; the others give constants, which would prove nothing.
def test_page_capacity(dynalite):
    run_suite(dynalite, "DynamoDbCapacity.*")
