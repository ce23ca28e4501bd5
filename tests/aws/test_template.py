"""deploy/sam/template.yaml against what it must agree with: the tables, the settings, the route table,
the API's description, and what AWS accepts that cfn-lint does not look at."""

import json
import pathlib
import re
import subprocess
import sys

import pytest
import yaml
from function_rights import BUCKET, RIGHTS
from template_facts import validation

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/local"))

from template import Template  # noqa: E402

ENVIRONMENTS = ("dev", "staging", "prod")
# Table -> (keys, {index: (keys, projection)}, TTL attribute).
TABLES = {
    "images": (["image_id"], {
        "UserIndex": (["user_status", "listed_at"], "ALL"),
        "StatusIndex": (["status_shard", "listed_at"], "ALL"),
        "DueIndex": (["due_shard", "due_at"], "ALL"),
    }, None),
    "image_tags": (["list", "listed_at"], {"TagIndex": (["tag_shard", "listed_at"], "ALL")}, None),
    "image_ledger": (["key"], {"ExpiryIndex": (["expiry_shard", "expires_at"], "KEYS_ONLY")}, "ttl"),
}  # fmt: skip

S3_EVENTS = {"s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:Post",
             "s3:ObjectCreated:Copy", "s3:ObjectCreated:CompleteMultipartUpload"}  # fmt: skip

# Method and path of the route table -> function.
FUNCTION_OF = {
    ("POST", "/images"): "upload",
    ("POST", "/images/batch"): "upload",
    ("POST", "/images/{image_id}/complete"): "process",
    ("GET", "/images"): "list",
    ("GET", "/tags"): "list",
    ("GET", "/users/{user_id}/usage"): "list",
    ("GET", "/images/{image_id}"): "get",
    ("GET", "/healthz"): "get",
    ("GET", "/openapi.json"): "get",
    ("GET", "/docs"): "get",
    ("GET", "/readyz"): "process",
    ("GET", "/images/{image_id}/download"): "download",
    ("GET", "/images/{image_id}/rendition"): "rendition",
    ("PATCH", "/images/{image_id}"): "update",
    ("DELETE", "/images/{image_id}"): "delete",
    ("POST", "/images/{image_id}/restore"): "delete",
}


@pytest.fixture(scope="module")
def template():
    return Template()


def source(path):
    return (ROOT / path).read_text(encoding="utf-8")


def route_table():
    """(METHOD, pattern) of src/handlers/routes.cc, without the embedded store's own URLs."""
    found = re.findall(r'\{Method::(\w+?)_?, "([^"]+)"', source("src/handlers/routes.cc"))
    return {(method.upper(), path) for method, path in found if not path.startswith("/objects/")}


def settings():
    """The environment names of src/app/settings_table.cc."""
    names = re.findall(r'(?:\{|\.name = )"([a-z0-9_.]+)"', source("src/app/settings_table.cc"))
    return {"TINTYPE_" + name.upper().replace(".", "_") for name in names}


def test_cfn_lint_finds_nothing(cfn_lint):
    done = subprocess.run(
        [cfn_lint, ROOT / "deploy/sam/template.yaml"], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


# The stores.


def keys_of(schema):
    kinds = [element["KeyType"] for element in schema]
    assert kinds == ["HASH", "RANGE"][: len(kinds)]
    return [element["AttributeName"] for element in schema]


def test_tables_are_those_of_the_code(template):
    found = template.of_type("AWS::DynamoDB::Table")
    prefix = template.functions()["list"]["Environment"]["Variables"]["TINTYPE_DYNAMODB_TABLE_PREFIX"]
    assert {table["TableName"] for table in found.values()} == {prefix + name for name in TABLES}
    for table in found.values():
        keys, indexes, ttl = TABLES[table["TableName"].removeprefix(prefix)]
        assert keys_of(table["KeySchema"]) == keys
        assert indexes == {
            index["IndexName"]: (keys_of(index["KeySchema"]), index["Projection"]["ProjectionType"])
            for index in table["GlobalSecondaryIndexes"]
        }
        assert table.get("TimeToLiveSpecification", {}).get("AttributeName") == ttl
        used = set(keys).union(*(index[0] for index in indexes.values()))
        types = {a["AttributeName"]: a["AttributeType"] for a in table["AttributeDefinitions"]}
        assert types == dict.fromkeys(used, "S")


def test_tables_bill_on_demand_and_can_be_recovered(template):
    for table in template.of_type("AWS::DynamoDB::Table").values():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        assert "SSESpecification" not in table  # a key that AWS owns


def test_bucket_is_private_and_tidy():
    bucket = Template({"CorsOrigins": "https://a.example,https://b.example"}).properties("Bucket")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    encryption = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    (rule,) = bucket["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["https://a.example", "https://b.example"]
    assert set(rule["AllowedMethods"]) == {"PUT", "POST", "GET", "HEAD"}
    assert "ETag" in rule["ExposedHeaders"]
    (tidy,) = bucket["LifecycleConfiguration"]["Rules"]
    assert (tidy["Prefix"], tidy["ExpirationInDays"], tidy["Status"]) == ("incoming/", 2, "Enabled")
    assert tidy["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_without_origins_no_page_may_call(template):
    assert "CorsConfiguration" not in template.properties("Bucket")
    for function in template.functions().values():
        assert "TINTYPE_CORS_ORIGINS" not in function["Environment"]["Variables"]


# From the bucket to Process.


def test_uploads_reach_process_through_a_queue(template):
    (notification,) = template.properties("Bucket")["NotificationConfiguration"]["QueueConfigurations"]
    assert notification["Event"] in S3_EVENTS
    assert notification["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "incoming/"}]
    (event,) = [e["Properties"] for e in template.functions()["process"]["Events"].values() if e["Type"] == "SQS"]
    assert event["Queue"] == notification["Queue"] == template.attribute("UploadQueue", "Arn")
    assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_queue_gives_up_into_the_dead_letters(template):
    queue, process = template.properties("UploadQueue"), template.functions()["process"]
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == template.attribute("DeadLetterQueue", "Arn")
    assert queue["VisibilityTimeout"] >= 6 * process["Timeout"]
    dead = template.properties("DeadLetterQueue")["MessageRetentionPeriod"]
    assert dead > queue["MessageRetentionPeriod"]


def test_bucket_may_send_and_nobody_refers_in_a_circle(template):
    (statement,) = template.properties("UploadQueuePolicy")["PolicyDocument"]["Statement"]
    assert statement["Condition"]["ArnEquals"]["aws:SourceArn"] == BUCKET
    assert statement["Condition"]["StringEquals"]["aws:SourceAccount"] == "123456789012"
    assert template.raw["Resources"]["Bucket"]["DependsOn"] == ["UploadQueuePolicy"]
    assert not references(template.raw["Resources"]["UploadQueuePolicy"]) & {"Bucket", "BucketPolicy"}
    for resource in template.raw["Resources"]:
        assert resource not in reachable(template, resource), f"{resource} depends on itself"


def references(node):
    """Logical names that a node names by Ref, GetAtt, Sub or DependsOn."""
    if isinstance(node, list):
        return set().union(*map(references, node))
    if not isinstance(node, dict):
        return set()
    found = set(node.get("DependsOn", []))
    for key, value in node.items():
        if key == "Ref":
            found.add(value)
        elif key == "Fn::GetAtt":
            found.add(value.split(".")[0])
        elif key == "Fn::Sub":
            found.update(name.split(".")[0] for name in re.findall(r"\$\{([^}]+)\}", value))
        else:
            found |= references(value)
    return found


def reachable(template, start):
    resources, seen = template.raw["Resources"], set()
    waiting = [start]
    while waiting:
        for name in references(resources[waiting.pop()]) & set(resources):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return seen


# The functions.


def test_every_function_is_there(template):
    assert set(template.functions()) == set(RIGHTS)
    # `aws cloudformation package` does not look for it in Globals.
    for function in template.of_type("AWS::Serverless::Function").values():
        assert function["CodeUri"] == "../../build/lambda/tintype.zip"
    for function in template.functions().values():
        assert function["Runtime"] == "provided.al2023"
        assert function["Tracing"] == "Active"


def test_environment_names_settings(template):
    known = settings()
    assert "TINTYPE_S3_BUCKET" in known and len(known) > 40
    everything = Template({"CorsOrigins": "https://a.example", "PublicUrl": "https://i.example"})
    for name, function in everything.functions().items():
        variables = dict(function["Environment"]["Variables"])
        assert variables.pop("TINTYPE_LAMBDA_FUNCTION") == name
        assert set(variables) <= known
        assert all(isinstance(value, str) for value in variables.values()), variables
        assert variables["TINTYPE_STORE"] == "aws"
        assert variables["TINTYPE_S3_BUCKET"] == everything.properties("Bucket")["BucketName"]


def test_api_functions_end_before_the_gateway_gives_up(template):
    called = {name for _, _, name in template.routes()}
    for name, function in template.functions().items():
        if name in called and not function["Events"]:
            assert function["Timeout"] <= 29, name
        assert seconds(function["Environment"]["Variables"]["TINTYPE_IMAGING_TIMEOUT"]) < 29


def seconds(text):
    assert text.endswith("s")
    return int(text[:-1])


# The API.


def test_every_route_reaches_its_function(template):
    table = route_table()
    assert table == set(FUNCTION_OF)
    for (method, pattern), function in FUNCTION_OF.items():
        path = re.sub(r"\{\w+\}", "x1", pattern)
        assert template.route(method, path) == function, f"{method} {path}"
        if method == "GET":
            assert template.route("HEAD", path) == function, f"HEAD {path}"


def test_what_is_no_route_is_answered_by_the_handlers(template):
    """Preflights of the configured origins, 405 with Allow, 404: the handlers know, the gateway not."""
    for _, pattern in route_table():
        path = re.sub(r"\{\w+\}", "x1", pattern)
        assert template.route("OPTIONS", path) == "get"
        assert template.route("PUT", path) == "get"
    for path in ("/", "/nowhere", "/images/x1/nowhere"):
        assert template.route("GET", path) == "get"


def test_models_agree_with_the_api_description(template):
    api = yaml.safe_load(source("api/openapi.yaml"))["components"]["schemas"]
    models = template.document()["components"]["schemas"]
    assert set(models) == {"NewImage", "ImagePatch", "Batch"}
    for name, model in models.items():
        described = api[name]
        assert model.get("required", []) == described.get("required", [])
        assert set(model["properties"]) <= set(described["properties"])
        for key, schema in model["properties"].items():
            assert no_stricter(schema, described["properties"][key], api), f"{name}.{key}"


def no_stricter(model, described, api):
    """Whether a model refuses only what the API's description refuses too."""
    if "$ref" in described:
        described = api[described["$ref"].rsplit("/", 1)[1]]
    same_type = described.get("type") == model["type"]
    return same_type and model.get("maxLength") == described.get("maxLength")


def test_bodies_are_validated(template):
    operations = {(method, path): operation for method, path, operation in template.operations()}
    assert validation(template.document(), operations) == {
        ("POST", "/images"): "NewImage",
        ("POST", "/images/batch"): "Batch",
        ("PATCH", "/images/{image_id}"): "ImagePatch",
    }


def test_binary_bodies_are_named(template):
    """`*/*` would make a JSON body base64."""
    types = template.properties("Api")["BinaryMediaTypes"]
    assert "image~1*" in types
    assert all(kind.startswith(("image~1", "multipart~1")) for kind in types)


def test_nobody_may_call_until_someone_is_named():
    def allowed(**parameters):
        (statement,) = Template(parameters).properties("Api")["Auth"]["ResourcePolicy"]["CustomStatements"]
        return statement["Condition"]["IpAddress"]["aws:SourceIp"]

    assert allowed() == ["127.0.0.1/32"]
    assert allowed(ClientRanges="192.0.2.0/24,198.51.100.7/32") == ["192.0.2.0/24", "198.51.100.7/32"]


# Environments, and watching.


def test_environments_differ_where_they_should():
    seen = {}
    for environment in ENVIRONMENTS:
        template = Template({"Environment": environment})
        (throttle,) = template.properties("Api")["MethodSettings"]
        table = template.properties("ImagesTable")
        seen[environment] = (
            throttle["ThrottlingRateLimit"], throttle["ThrottlingBurstLimit"],
            template.properties("LogGroup")["RetentionInDays"], table["DeletionProtectionEnabled"],
            template.resolve(template.raw["Resources"]["Bucket"]["DeletionPolicy"]),
            table["PointInTimeRecoverySpecification"]["RecoveryPeriodInDays"],
            template.functions()["process"]["MemorySize"], template.functions()["get"]["MemorySize"],
        )  # fmt: skip
        assert template.properties("Api")["StageName"] == environment
        assert table["TableName"] == f"tintype-{environment}-images"
        assert len(template.properties("Bucket")["BucketName"]) <= 63
    assert seen["dev"][3:5] == (False, "Delete") and seen["prod"][3:5] == (True, "Retain")
    assert seen["dev"][:3] < seen["staging"][:3] < seen["prod"][:3]


def test_alarms_watch_what_exists(template):
    alarms = template.of_type("AWS::CloudWatch::Alarm")
    watched = {}
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == ["AlarmTopic"]
        metrics = [m["MetricStat"]["Metric"] for m in alarm.get("Metrics", []) if "MetricStat" in m]
        assert len(metrics) <= 10  # CloudWatch's limit
        for metric in metrics or [alarm]:
            values = {d["Name"]: d["Value"] for d in metric["Dimensions"]}
            watched.setdefault((metric["Namespace"], metric["MetricName"]), []).append(values)
    functions = {function["FunctionName"] for function in template.functions().values()}
    for metric in ("Errors", "Throttles"):
        assert {v["FunctionName"] for v in watched[("AWS/Lambda", metric)]} == functions
    assert {v["FunctionName"] for v in watched[("AWS/Lambda", "Duration")]} == functions - {"tintype-dev-janitor"}
    for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
        tables = {(v["TableName"], v.get("GlobalSecondaryIndexName")) for v in watched[("AWS/DynamoDB", metric)]}
        assert tables == {
            (f"tintype-dev-{name}", index)
            for name, (_, indexes, _) in TABLES.items()
            for index in [None, *indexes]
        }
    assert ("AWS/ApiGateway", "5XXError") in watched
    assert watched[("AWS/SQS", "ApproximateNumberOfMessagesVisible")] == [{"QueueName": "DeadLetterQueue"}]


def test_dashboard_is_json_and_shows_every_function(template):
    body = json.loads(template.properties("Dashboard")["DashboardBody"])
    metrics = [m for widget in body["widgets"] for m in widget["properties"]["metrics"]]
    shown = {m[3] for m in metrics if m[0] == "AWS/Lambda"}
    assert shown == {function["FunctionName"] for function in template.functions().values()}
    places = {(widget["x"], widget["y"]) for widget in body["widgets"]}
    assert len(places) == len(body["widgets"])


def test_outputs_say_where_everything_is(template):
    assert {"ApiUrl", "BucketName", "TablePrefix", "DashboardUrl", "DeadLetterQueueUrl"} <= set(
        template.raw["Outputs"]
    )
