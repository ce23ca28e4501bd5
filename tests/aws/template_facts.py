"""What deploy/sam/template.yaml describes, as facts that can be compared with those of deploy/terraform
(terraform_facts.py): plain values, nothing in an order that means nothing."""

import json

def facts(template):
    """Name of a fact -> value, for a Template with its parameters."""
    api, bucket = template.properties("Api"), template.properties("Bucket")
    return {
        **bucket_facts(template, bucket),
        "queues": {name: queue(template.properties(name)) for name in ("UploadQueue", "DeadLetterQueue")},
        "queue policy": policy(template.properties("UploadQueuePolicy")["PolicyDocument"]["Statement"]),
        "tables": {t["TableName"]: table(t) for t in template.of_type("AWS::DynamoDB::Table").values()},
        "functions": {f["FunctionName"]: function(template, f) for f in template.functions().values()},
        "who may be a function": {name: trust(template, name) for name in template.functions()},
        "rights": {name: policy(template.statements(name)) for name in template.functions()},
        "who calls functions": callers(template),
        "events of the queue": queue_event(template),
        "schedule": schedule(template),
        "log group": log_group(template.properties("LogGroup")),
        **api_facts(template, api),
        "alarms": {a["AlarmDescription"]: alarm(a) for a in template.of_type("AWS::CloudWatch::Alarm").values()},
        "subscriptions": template.properties("AlarmTopic").get("Subscription", []),
        "dashboard": dashboard(template.properties("Dashboard")),
        "outputs": sorted(template.raw["Outputs"]),
    }


def bucket_facts(template, bucket):
    encryption = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    return {
        "bucket": bucket["BucketName"],
        "bucket goes with its objects": removal(template, "Bucket") == "Delete",
        "bucket block": sorted(k for k, v in bucket["PublicAccessBlockConfiguration"].items() if v),
        "bucket owner": [rule["ObjectOwnership"] for rule in bucket["OwnershipControls"]["Rules"]],
        "bucket encryption": [rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in encryption],
        "bucket CORS": [cors(rule) for rule in bucket.get("CorsConfiguration", {}).get("CorsRules", [])],
        "bucket lifecycle": [lifecycle(rule) for rule in bucket["LifecycleConfiguration"]["Rules"]],
        "bucket policy": policy(template.properties("BucketPolicy")["PolicyDocument"]["Statement"]),
        "bucket events": [
            {"event": n["Event"], "queue": n["Queue"], "rules": n["Filter"]["S3Key"]["Rules"]}
            for n in bucket["NotificationConfiguration"]["QueueConfigurations"]
        ],
    }


def removal(template, logical):
    return template.resolve(template.raw["Resources"][logical]["DeletionPolicy"])


def cors(rule):
    return {
        "id": rule["Id"], "origins": rule["AllowedOrigins"], "methods": sorted(rule["AllowedMethods"]),
        "headers": rule["AllowedHeaders"], "exposed": rule["ExposedHeaders"], "age": rule["MaxAge"],
    }  # fmt: skip


def lifecycle(rule):
    abort = rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]
    return {
        "id": rule["Id"], "status": rule["Status"], "prefix": rule["Prefix"],
        "expires": rule["ExpirationInDays"], "aborts": abort,
    }  # fmt: skip


def queue(properties):
    return {
        "visibility": properties.get("VisibilityTimeout"),
        "retention": properties["MessageRetentionPeriod"],
        "encrypted": properties["SqsManagedSseEnabled"],
        "redrive": properties.get("RedrivePolicy"),
    }


def listed(value):
    return value if isinstance(value, list) else [value]


def policy(statements):
    """The statements action by action and resource by resource, as sorted lines of text."""
    lines = set()
    for statement in statements:
        rest = {key: statement.get(key) for key in ("Sid", "Effect", "Principal")}
        condition = json.dumps(statement.get("Condition"), sort_keys=True).replace("false", '"false"')
        for action in listed(statement["Action"]):
            for resource in listed(statement.get("Resource", "")):
                lines.add(f"{rest} {action} {resource} {condition}".replace('""false""', '"false"'))
    return sorted(lines)


def table(properties):
    recovery = properties["PointInTimeRecoverySpecification"]
    return {
        "keys": [key["AttributeName"] for key in properties["KeySchema"]],
        "types": {a["AttributeName"]: a["AttributeType"] for a in properties["AttributeDefinitions"]},
        "indexes": {
            index["IndexName"]: [key["AttributeName"] for key in index["KeySchema"]]
            + [index["Projection"]["ProjectionType"]]
            for index in properties["GlobalSecondaryIndexes"]
        },
        "billing": properties["BillingMode"],
        "protected": properties["DeletionProtectionEnabled"],
        "recovery": [recovery["PointInTimeRecoveryEnabled"], recovery["RecoveryPeriodInDays"]],
        "ttl": properties.get("TimeToLiveSpecification"),
        "encryption": properties.get("SSESpecification"),
    }


def function(template, properties):
    role = properties["Role"].rsplit("/", 1)[1].removesuffix("Role").lower()
    return {
        "handler": properties["Handler"], "runtime": properties["Runtime"],
        "architectures": properties["Architectures"], "code": properties["CodeUri"],
        "memory": properties["MemorySize"], "timeout": properties["Timeout"],
        "environment": properties["Environment"]["Variables"], "tracing": properties["Tracing"],
        "log group": properties["LoggingConfig"]["LogGroup"], "role": role,
    }  # fmt: skip


def trust(template, name):
    role = template.properties(name.title() + "Role")
    return policy(role["AssumeRolePolicyDocument"]["Statement"])


def events(template, kind):
    """(function, properties) of the events of a kind."""
    for name, properties in template.functions().items():
        for event in properties["Events"].values():
            if event["Type"] == kind:
                yield name, event["Properties"]


def callers(template):
    """To whom permissions are given; SAM gives the one for the schedule."""
    prefix = template.properties("Api")["Name"] + "-"
    given = [f"{name} events.amazonaws.com" for name, _ in events(template, "Schedule")]
    for permission in template.of_type("AWS::Lambda::Permission").values():
        assert permission["Action"] == "lambda:InvokeFunction" and permission["SourceArn"].endswith(":Api/*/*")
        given.append(f"{permission['FunctionName'].removeprefix(prefix)} {permission['Principal']}")
    return sorted(given)


def queue_event(template):
    return [
        {
            "function": name, "queue": event["Queue"], "batch": event["BatchSize"],
            "answers": event["FunctionResponseTypes"],
            "parallel": event["ScalingConfig"]["MaximumConcurrency"],
        }
        for name, event in events(template, "SQS")
    ]  # fmt: skip


def schedule(template):
    return [[name, event["Schedule"], event["Enabled"]] for name, event in events(template, "Schedule")]


def log_group(properties):
    return [properties["LogGroupName"], properties["RetentionInDays"]]


def api_facts(template, api):
    body = template.document()
    (settings,) = api["MethodSettings"]
    return {
        "API": {
            "name": api["Name"], "stage": api["StageName"], "endpoint": api["EndpointConfiguration"]["Type"],
            "tracing": api["TracingEnabled"], "metrics": settings["MetricsEnabled"],
            "rate": settings["ThrottlingRateLimit"], "burst": settings["ThrottlingBurstLimit"],
            "binary": sorted(kind.replace("~1", "/") for kind in api["BinaryMediaTypes"]),
        },
        "API policy": policy(api["Auth"]["ResourcePolicy"]["CustomStatements"]),
        "API routes": {f"{method} {path}": name for method, path, name in template.routes()},
        "API models": body["components"]["schemas"],
        "API validation": validation(body, {f"{m} {p}": o for m, p, o in template.operations()}),
        "API answers": {kind: answer(response) for kind, response in api["GatewayResponses"].items()},
        "API authorizer": body["components"].get("securitySchemes", {}),
        "API routes with it": {
            f"{method} {path}": operation["security"]
            for method, path, operation in template.operations()
            if "security" in operation
        },
    }  # fmt: skip


def validation(document, operations):
    """Route -> model that its JSON bodies are validated by."""
    validators = document["x-amazon-apigateway-request-validators"]
    assert validators == {"body": {"validateRequestBody": True, "validateRequestParameters": False}}
    return {
        route: operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        for route, operation in operations.items()
        if operation.get("x-amazon-apigateway-request-validator") == "body"
    }


def answer(response):
    (template,) = response["ResponseTemplates"].items()
    return {
        "status": response["StatusCode"],
        "headers": response["ResponseParameters"]["Headers"],
        "body": [template[0], json.loads(template[1])],
    }


def metric(one, statistic, period):
    dimensions = sorted([d["Name"], d["Value"]] for d in one["Dimensions"])
    return [one["Namespace"], one["MetricName"], dimensions, statistic, period]


def alarm(properties):
    queries = properties.get("Metrics", [])
    stats = [query["MetricStat"] for query in queries if "MetricStat" in query]
    alone = [] if queries else [metric(properties, properties["Statistic"], properties["Period"])]
    return {
        "tells": [properties["AlarmActions"], properties["OKActions"]],
        "when": [properties["ComparisonOperator"], properties["Threshold"], properties["EvaluationPeriods"]],
        "without data": properties["TreatMissingData"],
        "expression": [query["Expression"] for query in queries if "Expression" in query],
        "metrics": sorted(alone + [metric(s["Metric"], s["Stat"], s["Period"]) for s in stats]),
    }


def dashboard(properties):
    return [properties["DashboardName"], widgets(properties["DashboardBody"])]


def widgets(body):
    """The widgets of a dashboard's JSON by their places; in which order metrics are drawn is no matter."""
    found = {}
    for widget in json.loads(body)["widgets"]:
        shown = dict(widget["properties"])
        shown["metrics"] = sorted(shown["metrics"], key=json.dumps)
        found[f"{widget['x']} {widget['y']}"] = {**widget, "properties": shown}
    return found
