"""What deploy/terraform describes, as facts that can be compared with those of deploy/sam/template.yaml
(template_facts.py)."""

import json

from template_facts import policy, validation, widgets
from terraform_plan import LOGICAL_NAMES, blocks

CAMEL = {
    "block_public_acls": "BlockPublicAcls", "block_public_policy": "BlockPublicPolicy",
    "ignore_public_acls": "IgnorePublicAcls", "restrict_public_buckets": "RestrictPublicBuckets",
}  # fmt: skip


def facts(plan):
    """Name of a fact -> value, for a Plan with its variables."""
    return {
        **bucket_facts(plan),
        "queues": {LOGICAL_NAMES[n]: queue(plan.one(f"aws_sqs_queue.{n}")) for n in ("uploads", "dead_letters")},
        "queue policy": policy_of(plan.one("aws_sqs_queue_policy.uploads")),
        "tables": {t["name"]: table(t) for t in plan.instances("aws_dynamodb_table.this").values()},
        "functions": {f["function_name"]: function(f) for f in plan.instances("aws_lambda_function.this").values()},
        "who may be a function": {
            name: policy_of(role, "assume_role_policy")
            for name, role in plan.instances("aws_iam_role.function").items()
        },
        "rights": {name: policy_of(p) for name, p in plan.instances("aws_iam_role_policy.function").items()},
        "who calls functions": callers(plan),
        "events of the queue": [queue_event(plan.one("aws_lambda_event_source_mapping.uploads"))],
        "schedule": schedule(plan),
        "log group": log_group(plan.one("aws_cloudwatch_log_group.this")),
        **api_facts(plan),
        "alarms": {a["alarm_description"]: alarm(a) for a in alarms(plan)},
        "subscriptions": [
            {"Protocol": s["protocol"], "Endpoint": s["endpoint"]}
            for s in plan.instances("aws_sns_topic_subscription.alarms").values()
        ],
        "dashboard": dashboard(plan.one("aws_cloudwatch_dashboard.this")),
        "outputs": sorted("".join(word.title() for word in name.split("_")) for name in blocks("output")),
    }


def bucket_facts(plan):
    bucket = plan.one("aws_s3_bucket.images")
    block = plan.one("aws_s3_bucket_public_access_block.images")
    events = plan.one("aws_s3_bucket_notification.images")["queue"]
    return {
        "bucket": bucket["bucket"],
        "bucket goes with its objects": bucket["force_destroy"],
        "bucket block": sorted(camel for name, camel in CAMEL.items() if block[name]),
        "bucket owner": [
            rule["object_ownership"] for rule in plan.one("aws_s3_bucket_ownership_controls.images")["rule"]
        ],
        "bucket encryption": [
            rule["apply_server_side_encryption_by_default"][0]["sse_algorithm"]
            for rule in plan.one("aws_s3_bucket_server_side_encryption_configuration.images")["rule"]
        ],
        "bucket CORS": [
            cors(rule)
            for one in plan.instances("aws_s3_bucket_cors_configuration.images").values()
            for rule in one["cors_rule"]
        ],
        "bucket lifecycle": [
            lifecycle(rule) for rule in plan.one("aws_s3_bucket_lifecycle_configuration.images")["rule"]
        ],
        "bucket policy": policy_of(plan.one("aws_s3_bucket_policy.images")),
        "bucket events": [
            {"event": event, "queue": q["queue_arn"], "rules": [{"Name": "prefix", "Value": q["filter_prefix"]}]}
            for q in events
            for event in q["events"]
        ],
    }


def cors(rule):
    return {
        "id": rule["id"], "origins": rule["allowed_origins"], "methods": sorted(rule["allowed_methods"]),
        "headers": rule["allowed_headers"], "exposed": rule["expose_headers"], "age": rule["max_age_seconds"],
    }  # fmt: skip


def lifecycle(rule):
    return {
        "id": rule["id"], "status": rule["status"], "prefix": rule["filter"][0]["prefix"],
        "expires": rule["expiration"][0]["days"],
        "aborts": rule["abort_incomplete_multipart_upload"][0]["days_after_initiation"],
    }  # fmt: skip


def queue(arguments):
    redrive = arguments.get("redrive_policy")
    return {
        "visibility": arguments.get("visibility_timeout_seconds"),
        "retention": arguments["message_retention_seconds"],
        "encrypted": arguments["sqs_managed_sse_enabled"],
        "redrive": json.loads(redrive) if redrive else None,
    }


def policy_of(arguments, name="policy"):
    return policy(json.loads(arguments[name])["Statement"])


def table(arguments):
    recovery = arguments["point_in_time_recovery"][0]
    ttl = [{"AttributeName": one["attribute_name"], "Enabled": one["enabled"]} for one in arguments.get("ttl", [])]
    return {
        "keys": [arguments["hash_key"]] + [arguments["range_key"]] * bool(arguments["range_key"]),
        "types": {one["name"]: one["type"] for one in arguments["attribute"]},
        "indexes": {
            index["name"]: [index["hash_key"], index["range_key"], index["projection_type"]]
            for index in arguments["global_secondary_index"]
        },
        "billing": arguments["billing_mode"],
        "protected": arguments["deletion_protection_enabled"],
        "recovery": [recovery["enabled"], recovery["recovery_period_in_days"]],
        "ttl": ttl[0] if ttl else None,
        "encryption": arguments.get("server_side_encryption"),
    }


def function(arguments):
    return {
        "handler": arguments["handler"], "runtime": arguments["runtime"],
        "architectures": arguments["architectures"], "code": arguments["filename"],
        "memory": arguments["memory_size"], "timeout": arguments["timeout"],
        "environment": arguments["environment"][0]["variables"],
        "tracing": arguments["tracing_config"][0]["mode"],
        "log group": arguments["logging_config"][0]["log_group"],
        "role": arguments["role"].rsplit("-", 1)[1],
    }  # fmt: skip


def short(name):
    return name.rsplit("-", 1)[1]


def callers(plan):
    given = [
        permission
        for address in ("aws_lambda_permission.api", "aws_lambda_permission.janitor")
        for permission in plan.instances(address).values()
    ]
    assert all(one["action"] == "lambda:InvokeFunction" and one["source_arn"] for one in given)
    return sorted(f"{short(one['function_name'])} {one['principal']}" for one in given)


def queue_event(mapping):
    return {
        "function": short(mapping["function_name"]), "queue": mapping["event_source_arn"],
        "batch": mapping["batch_size"], "answers": mapping["function_response_types"],
        "parallel": mapping["scaling_config"][0]["maximum_concurrency"],
    }  # fmt: skip


def schedule(plan):
    rule = plan.one("aws_cloudwatch_event_rule.janitor")
    target = plan.one("aws_cloudwatch_event_target.janitor")
    assert target["rule"] == rule["name"]
    return [[short(target["arn"]), rule["schedule_expression"], rule.get("state", "ENABLED") == "ENABLED"]]


def log_group(arguments):
    return [arguments["name"], arguments["retention_in_days"]]


def api_facts(plan):
    api, stage = plan.one("aws_api_gateway_rest_api.this"), plan.one("aws_api_gateway_stage.this")
    method_settings = plan.one("aws_api_gateway_method_settings.this")
    assert (method_settings["method_path"], method_settings["stage_name"]) == ("*/*", stage["stage_name"])
    (settings,) = method_settings["settings"]
    document = json.loads(api["body"])
    assert document["x-amazon-apigateway-binary-media-types"] == api["binary_media_types"]
    operations = dict(operations_of(document))
    return {
        "API": {
            "name": api["name"], "stage": stage["stage_name"],
            "endpoint": api["endpoint_configuration"][0]["types"][0],
            "tracing": stage["xray_tracing_enabled"], "metrics": settings["metrics_enabled"],
            "rate": settings["throttling_rate_limit"], "burst": settings["throttling_burst_limit"],
            "binary": sorted(api["binary_media_types"]),
        },
        "API policy": policy(document["x-amazon-apigateway-policy"]["Statement"]),
        "API routes": {route: integration(operation) for route, operation in operations.items()},
        "API models": document["components"]["schemas"],
        "API validation": validation(document, operations),
        "API answers": {
            kind: answer(response)
            for kind, response in document["x-amazon-apigateway-gateway-responses"].items()
        },
        "API authorizer": document["components"].get("securitySchemes", {}),
        "API routes with it": {
            route: operation["security"] for route, operation in operations.items() if "security" in operation
        },
    }  # fmt: skip


def operations_of(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            word = "ANY" if method == "x-amazon-apigateway-any-method" else method.upper()
            yield f"{word} {path}", operation


def integration(operation):
    found = operation["x-amazon-apigateway-integration"]
    assert (found["type"], found["httpMethod"]) == ("aws_proxy", "POST")
    return short(found["uri"])


def answer(response):
    prefix = "gatewayresponse.header."
    (template,) = response["responseTemplates"].items()
    return {
        "status": int(response["statusCode"]),
        "headers": {name.removeprefix(prefix): value for name, value in response["responseParameters"].items()},
        "body": [template[0], json.loads(template[1])],
    }


def alarms(plan):
    for address in plan.resources:
        if address.startswith("aws_cloudwatch_metric_alarm."):
            yield from plan.instances(address).values()


def metric(one, statistic):
    return [one["namespace"], one["metric_name"], sorted(map(list, one["dimensions"].items())), statistic,
            one["period"]]  # fmt: skip


def alarm(arguments):
    queries = arguments.get("metric_query", [])
    alone = [] if queries else [metric(arguments, arguments["statistic"])]
    stats = [query["metric"][0] for query in queries if "metric" in query]
    return {
        "tells": [arguments["alarm_actions"], arguments["ok_actions"]],
        "when": [arguments["comparison_operator"], arguments["threshold"], arguments["evaluation_periods"]],
        "without data": arguments["treat_missing_data"],
        "expression": [query["expression"] for query in queries if "expression" in query],
        "metrics": sorted(alone + [metric(one, one["stat"]) for one in stats]),
    }


def dashboard(arguments):
    return [arguments["dashboard_name"], widgets(arguments["dashboard_body"])]
