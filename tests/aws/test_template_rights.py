"""The IAM policies of deploy/sam/template.yaml: each function may do what its code does, and no more."""

import pathlib
import re
import sys

import pytest
from function_rights import LEDGER, LEDGER_ITEMS, RIGHTS, rights_in

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/local"))

from template import Template, as_list  # noqa: E402

# Those that Tintype could need; a word that is not here is a typing error or wants a thought.
ACTIONS = {
    "dynamodb": {"BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"},
    "execute-api": {"Invoke"},
    "logs": {"CreateLogStream", "PutLogEvents"},
    "s3": {"DeleteObject", "GetObject", "ListBucket", "PutObject"},
    "sqs": {"DeleteMessage", "GetQueueAttributes", "ReceiveMessage", "SendMessage"},
    "sts": {"AssumeRole"},
    "xray": {"PutTelemetryRecords", "PutTraceSegments"},
}  # fmt: skip


@pytest.fixture(scope="module")
def template():
    return Template()


@pytest.mark.parametrize("name", RIGHTS)
def test_functions_may_do_what_they_need_and_no_more(template, name):
    assert rights_in(template.statements(name)) == RIGHTS[name]


@pytest.mark.parametrize("name", RIGHTS)
def test_no_function_has_the_whole_ledger(template, name):
    found = {resource for resource in rights_in(template.statements(name)) if resource.startswith(LEDGER)}
    items = {resource for resource in found if "/index/" not in resource}
    assert items == {f"{LEDGER} of {key}" for key in LEDGER_ITEMS[name]}


def test_the_ledger_has_no_other_items():
    """The keys that the code makes are those that the table of rights knows."""
    folder = ROOT / "src/adapters/aws"
    text = "".join((folder / name).read_text() for name in ("dynamodb_ledger.cc", "record_writes.cc"))
    prefixes = set(re.findall(r'"([a-z]+#)" \+', text))
    known = {key.split("#")[0] + "#" for keys in LEDGER_ITEMS.values() for key in keys if "#" in key}
    assert prefixes - {"expiry#"} == known  # that one is the partition of ExpiryIndex


def test_process_alone_takes_from_the_queue(template):
    taking = {
        name for name in RIGHTS for statement in template.statements(name)
        if any(action.startswith("sqs:") for action in statement["Action"])
    }  # fmt: skip
    assert taking == {"process"}


def policies(template):
    """(where, statement) of every policy in the template."""
    for logical, resource in template.raw["Resources"].items():
        properties = template.resolve(resource.get("Properties", {}))
        for key in ("PolicyDocument", "AssumeRolePolicyDocument"):
            for statement in properties.get(key, {}).get("Statement", []):
                yield logical, statement
        for statement in properties.get("Auth", {}).get("ResourcePolicy", {}).get("CustomStatements", []):
            yield logical, statement


def test_actions_exist_and_resources_are_named(template):
    for where, statement in policies(template):
        actions = as_list(statement["Action"])
        if statement["Effect"] == "Deny":
            continue
        for action in actions:
            service, operation = action.split(":")
            assert operation in ACTIONS[service], f"{where}: {action}"
        wide = "*" in as_list(statement.get("Resource", []))
        assert not wide or {action.split(":")[0] for action in actions} == {"xray"}, where


def test_every_policy_is_used(template):
    attached = set()
    for role in template.raw["Resources"].values():
        if role["Type"] == "AWS::IAM::Role":
            names = [policy["Ref"] for policy in role["Properties"]["ManagedPolicyArns"]]
            assert len(names) == len(set(names)) <= 10  # AWS's limit for a role
            attached.update(names)
    assert attached == set(template.of_type("AWS::IAM::ManagedPolicy"))
