"""docs/SETUP.md and docs/DEPLOYMENT.md name only what there is: settings, scripts and their options,
files, functions; and the role for replicas is what the functions of the template may do together."""

import json
import pathlib
import re
import tomllib

import pytest
from function_rights import RIGHTS, table_of, together
from test_template import Template, settings

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = ("docs/SETUP.md", "docs/DEPLOYMENT.md", "deploy/README.md")
# Variables that are no settings.
OTHERS = {"TINTYPE_SKIP_PACKAGES", "TINTYPE_BUILD"}


@pytest.fixture(params=DOCUMENTS)
def text(request):
    return (ROOT / request.param).read_text(encoding="utf-8")


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.M | re.S)


def test_settings_exist(text):
    named = set(re.findall(r"\bTINTYPE_[A-Z0-9_]*[A-Z0-9]\b", text)) - OTHERS
    assert named <= settings()
    sections = "limits|upload|trash|janitor|imaging|renditions|server|log|cors|aws|s3|dynamodb|auth"
    dotted = set(re.findall(rf"`(?:--)?((?:{sections})\.[a-z_]+)", text))
    assert {"TINTYPE_" + name.upper().replace(".", "_") for name in dotted} <= settings()


def test_files_exist(text):
    for path in re.findall(r"(?<![\w./-])((?:deploy|scripts|docs|tests|node_modules/@img)/[\w./*-]*\w)", text):
        if not path.startswith("node_modules"):
            assert any(ROOT.glob(path)) or path in ("scripts/emulators",), path


def test_options_of_the_scripts_exist(text):
    for script in ("deploy.sh", "cleanup.sh"):
        known = (ROOT / "scripts" / script).read_text(encoding="utf-8")
        for line in re.findall(rf"scripts/{script}( [^\n`|]*)", text):
            for option in re.findall(r" (--[a-z-]+)", line):
                assert f"{option} " in known or f"{option})" in known, f"{script} {option}"


def test_the_settings_file_is_made_of_settings():
    (toml,) = blocks((ROOT / "docs/DEPLOYMENT.md").read_text(encoding="utf-8"), "toml")
    names = set()
    for key, value in tomllib.loads(toml).items():
        names |= {f"{key}_{inner}" for inner in value} if isinstance(value, dict) else {key}
    assert {"TINTYPE_" + name.upper() for name in names} <= settings()


def test_the_role_for_replicas_is_that_of_all_functions():
    (role,) = blocks((ROOT / "docs/DEPLOYMENT.md").read_text(encoding="utf-8"), "json")
    variables = Template().functions()["list"]["Environment"]["Variables"]
    stands_for = {
        "REGION": "eu-central-1", "ACCOUNT": "123456789012", "BUCKET": variables["TINTYPE_S3_BUCKET"],
        "PREFIX": variables["TINTYPE_DYNAMODB_TABLE_PREFIX"],
    }  # fmt: skip
    for word, value in stands_for.items():
        role = role.replace(word, value)
    allowed = {}
    for statement in json.loads(role)["Statement"]:
        actions, resources = statement["Action"], statement["Resource"]
        for resource in resources if isinstance(resources, list) else [resources]:
            for action in actions if isinstance(actions, list) else [actions]:
                allowed.setdefault(resource, set()).add(action.split(":")[1])
    needed = together(*RIGHTS.values())
    for resource, actions in needed.items():
        pattern = re.sub(r"/index/.*", "/index/*", table_of(resource))
        assert actions <= allowed[pattern], resource
    # A server asks at its start whether the tables are there; a function does not.
    used = set().union(*needed.values(), {"DescribeTable"})
    assert set().union(*allowed.values()) == used


def test_every_function_and_alarm_is_described():
    text = (ROOT / "docs/DEPLOYMENT.md").read_text(encoding="utf-8")
    assert all(re.search(rf"^\| {name} \|", text, flags=re.M) for name in RIGHTS)
