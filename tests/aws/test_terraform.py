"""deploy/terraform against deploy/sam/template.yaml: both describe the same service.

Terraform's data (tables, functions, rights, routes, models) stand in its `locals` as plain literals, which
a parser reads; what its expressions make of them is Terraform's own affair.
"""

import json
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TERRAFORM = ROOT / "deploy/terraform"
PARSER = ROOT / ".emulators/hcl2/bin/python"
sys.path.insert(0, str(ROOT / "deploy/local"))

from template import Template  # noqa: E402

ENVIRONMENTS = ("dev", "staging", "prod")
PARSE = "import hcl2, json, sys; print(json.dumps({p: hcl2.load(open(p)) for p in sys.argv[1:]}))"


@pytest.fixture(scope="module")
def files():
    """File name -> its contents as the parser gives them, without the quotes around texts."""
    if not PARSER.exists():
        pytest.skip("hcl2 is not installed: scripts/emulators install hcl2")
    paths = sorted(TERRAFORM.rglob("*.tf")) + sorted(TERRAFORM.rglob("*.tfvars"))
    command = [PARSER, "-c", PARSE, *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {pathlib.Path(path).name: plain(data) for path, data in json.loads(done.stdout).items()}


def plain(node):
    if isinstance(node, list):
        return [plain(item) for item in node]
    if isinstance(node, dict):
        return {plain(key): plain(value) for key, value in node.items() if key[:2] != "__"}
    return json.loads(node) if isinstance(node, str) and re.fullmatch('".*"', node) else node


@pytest.fixture(scope="module")
def local(files):
    """All locals of all files."""
    return {
        name: value
        for name, contents in files.items()
        if name.endswith(".tf")
        for block in contents.get("locals", [])
        for name, value in block.items()
    }


@pytest.fixture(scope="module")
def resources(files):
    """`type.name` -> arguments."""
    return {
        f"{kind}.{name}": arguments
        for contents in files.values()
        for block in contents.get("resource", [])
        for kind, named in block.items()
        for name, arguments in named.items()
    }


@pytest.fixture(scope="module")
def template():
    return Template()


def test_it_is_laid_out_whole(files):
    assert {f"{environment}.tfvars" for environment in ENVIRONMENTS} <= set(files)
    assert {"bucket.tf", "tables.tf", "functions.tf", "rights.tf", "api.tf", "outputs.tf"} <= set(files)


def test_every_name_leads_somewhere(files, local, resources):
    """A local, variable or resource that is used is declared."""
    variables = {name for block in files["variables.tf"]["variable"] for name in block}
    text = json.dumps({name: contents for name, contents in files.items() if name.endswith(".tf")})
    assert set(re.findall(r"\bvar\.(\w+)", text)) == variables
    assert set(re.findall(r"\blocal\.(\w+)", text)) <= set(local)
    assert set(re.findall(r"(?<!data\.)\b(aws_\w+\.\w+)[.\[]", text)) <= set(resources)


def test_environments_are_those_of_the_template(files, template):
    names = {
        "rate": "rate", "burst": "burst", "small": "small", "imaging": "imaging", "parallel": "parallel",
        "log_days": "logDays", "recovery_days": "recoveryDays", "protected": "protected",
    }  # fmt: skip
    for environment in ENVIRONMENTS:
        values = dict(files[f"{environment}.tfvars"])
        assert values.pop("environment") == environment
        mapped = template.raw["Mappings"]["Environments"][environment]
        assert values == {name: mapped[theirs] for name, theirs in names.items()}


def test_parameters_are_those_of_the_template(files, template):
    defaults = {
        name: arguments["default"]
        for block in files["variables.tf"]["variable"]
        for name, arguments in block.items()
        if "default" in arguments and name not in ("region", "artefact")
    }
    declared = template.raw["Parameters"]
    assert defaults.pop("client_ranges") == [declared["ClientRanges"]["Default"]]
    assert defaults.pop("cors_origins") == []
    camel = {"".join(word.title() for word in name.split("_")): value for name, value in defaults.items()}
    for name, value in camel.items():
        assert value == declared[name]["Default"], name
    assert set(declared) == set(camel) | {"ClientRanges", "CorsOrigins", "Environment"}


def test_tables_are_the_same(local, resources, template):
    found = {}
    for table in template.of_type("AWS::DynamoDB::Table").values():
        found[table["TableName"].removeprefix("tintype-dev-")] = {
            "keys": [key["AttributeName"] for key in table["KeySchema"]],
            "indexes": {
                index["IndexName"]: {
                    "keys": [key["AttributeName"] for key in index["KeySchema"]],
                    "projection": index["Projection"]["ProjectionType"],
                }
                for index in table["GlobalSecondaryIndexes"]
            },
            "ttl": table.get("TimeToLiveSpecification", {}).get("AttributeName", ""),
        }
    assert local["tables"] == found
    table = resources["aws_dynamodb_table.this"]
    assert table["billing_mode"] == "PAY_PER_REQUEST"
    assert table["point_in_time_recovery"][0]["enabled"] is True


def test_functions_are_the_same(local, resources, template):
    small = template.raw["Mappings"]["Environments"]["dev"]["small"]
    described = {
        name: (function["MemorySize"] != small, function["Timeout"])
        for name, function in template.functions().items()
    }
    assert {name: (f["imaging"], f["timeout"]) for name, f in local["functions"].items()} == described
    function = resources["aws_lambda_function.this"]
    assert function["runtime"] == template.functions()["list"]["Runtime"]
    assert function["tracing_config"][0]["mode"] == "Active"


def test_settings_are_the_same(local, template):
    shared = template.resolve(template.raw["Globals"]["Function"]["Environment"]["Variables"])
    everything = set(template.raw["Globals"]["Function"]["Environment"]["Variables"])
    assert set(local["settings"]) == set(shared)
    assert set(local["settings"]) | set(local["optional_settings"]) == everything
    for name, value in local["settings"].items():
        if "$" not in value:
            assert value == shared[name], name


def test_rights_are_the_same(local, template):
    stands_for = {
        "${local.images}": template.attribute("ImagesTable", "Arn"),
        "${local.tags}": template.attribute("ImageTagsTable", "Arn"),
        "${local.ledger}": template.attribute("ImageLedgerTable", "Arn"),
        "${local.bucket}": template.attribute("Bucket", "Arn"),
        "${local.uploads}": template.attribute("UploadQueue", "Arn"),
        "${local.log_group}": template.attribute("LogGroup", "Arn"),
    }
    for name, function in local["functions"].items():
        found = set()
        for right in function["rights"]:
            for statement in local["rights"][right]:
                for resource in statement["resources"]:
                    for short, arn in stands_for.items():
                        resource = resource.replace(short, arn)
                    condition = json.dumps(statement.get("condition"))
                    found.update((action, resource, condition) for action in statement["actions"])
        described = {
            (action, resource, json.dumps(statement.get("Condition")))
            for statement in template.statements(name)
            for action in statement["Action"]
            for resource in statement["Resource"]
        }
        assert found == described, name
    used = {right for function in local["functions"].values() for right in function["rights"]}
    assert used == set(local["rights"])


def test_routes_are_the_same(local, template):
    described = {f"{method} {path}": function for method, path, function in template.routes()}
    assert local["routes"] == described


def test_the_gateway_is_the_same(local, resources, template):
    api = template.properties("Api")
    assert local["models"] == api["Models"]
    assert local["binary_types"] == [kind.replace("~1", "/") for kind in api["BinaryMediaTypes"]]
    answers = {}
    for kind, response in api["GatewayResponses"].items():
        body = response["ResponseTemplates"]["application/json"]
        problem = json.loads(body.replace("$context.error.messageString", '""'))
        answers[kind] = {
            "status": response.get("StatusCode", 0), "code": problem["code"],
            "title": problem["title"], "detail": problem["detail"],
        }  # fmt: skip
    assert local["gateway_answers"] == answers
    validated = {
        f"{event['Properties']['Method'].upper()} {event['Properties']['Path']}": event["Properties"]["RequestModel"]["Model"]
        for function in template.functions().values()
        for event in function["Events"].values()
        if "RequestModel" in event["Properties"]
    }  # fmt: skip
    assert local["validated"] == validated
    assert resources["aws_api_gateway_stage.this"]["xray_tracing_enabled"] is True


def test_the_bucket_is_the_same(resources, template):
    block = resources["aws_s3_bucket_public_access_block.images"]
    assert all(block[name] is True for name in block if name != "bucket")
    assert len(block) == 5
    (tidy,) = resources["aws_s3_bucket_lifecycle_configuration.images"]["rule"]
    assert (tidy["filter"][0]["prefix"], tidy["expiration"][0]["days"]) == ("incoming/", 2)
    assert tidy["abort_incomplete_multipart_upload"][0]["days_after_initiation"] == 1
    cors = resources["aws_s3_bucket_cors_configuration.images"]["cors_rule"][0]
    rule = Template({"CorsOrigins": "https://a.example"}).properties("Bucket")["CorsConfiguration"]["CorsRules"][0]
    assert (cors["allowed_methods"], cors["expose_headers"]) == (rule["AllowedMethods"], rule["ExposedHeaders"])
    assert (cors["id"], cors["max_age_seconds"]) == (rule["Id"], rule["MaxAge"])
    queue = resources["aws_s3_bucket_notification.images"]["queue"][0]
    (notification,) = template.properties("Bucket")["NotificationConfiguration"]["QueueConfigurations"]
    assert queue["events"] == [notification["Event"]]
    assert queue["filter_prefix"] == notification["Filter"]["S3Key"]["Rules"][0]["Value"]
    theirs = template.properties("UploadQueue")
    assert resources["aws_sqs_queue.uploads"]["visibility_timeout_seconds"] == theirs["VisibilityTimeout"]
