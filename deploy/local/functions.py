"""Makes the template's functions at an AWS endpoint, and connects them with the queue and the schedule."""

import contextlib
import time

from botocore.exceptions import ClientError

# Nobody checks it at an emulator.
ROLE = "arn:aws:iam::000000000000:role/tintype-local"


def make_functions(client, template, artefact, extra):
    """`extra` are variables beside the template's. Gives `upload` -> ARN."""
    code = artefact.read_bytes()
    arns = {}
    for name, function in template.functions().items():
        variables = {**function["Environment"]["Variables"], **extra}
        arns[name] = make_function(client, function, code, variables)
    return arns


def make_function(client, function, code, variables):
    name = function["FunctionName"]
    with contextlib.suppress(client.exceptions.ResourceNotFoundException):
        client.delete_function(FunctionName=name)
    made = client.create_function(
        FunctionName=name,
        Runtime=function["Runtime"],
        Role=ROLE,
        Handler=function["Handler"],
        Code={"ZipFile": code},
        Architectures=function["Architectures"],
        MemorySize=function["MemorySize"],
        Timeout=function["Timeout"],
        Environment={"Variables": variables},
    )
    wait_for_function(client, name)
    return made["FunctionArn"]


def wait_for_function(client, name, patience=60):
    deadline = time.monotonic() + patience
    while True:
        configuration = client.get_function(FunctionName=name)["Configuration"]
        if configuration.get("State", "Active") == "Active":
            return
        assert time.monotonic() < deadline, f"the function {name} does not become active"
        time.sleep(0.1)


def connect_queue(client, template, queue_arn):
    process = template.functions()["process"]
    (event,) = [e["Properties"] for e in process["Events"].values() if e["Type"] == "SQS"]
    for mapping in client.list_event_source_mappings(EventSourceArn=queue_arn)["EventSourceMappings"]:
        client.delete_event_source_mapping(UUID=mapping["UUID"])
    client.create_event_source_mapping(
        EventSourceArn=queue_arn,
        FunctionName=process["FunctionName"],
        BatchSize=event["BatchSize"],
        FunctionResponseTypes=event["FunctionResponseTypes"],
    )


def connect_schedule(client, template, arns):
    janitor = template.functions()["janitor"]
    for event in janitor["Events"].values():
        schedule = event["Properties"]["Schedule"]
        client.put_rule(Name=janitor["FunctionName"], ScheduleExpression=schedule)
        client.put_targets(
            Rule=janitor["FunctionName"], Targets=[{"Id": "janitor", "Arn": arns["janitor"]}]
        )


def remove_functions(lambda_client, events_client, template):
    functions = template.functions()
    names = {function["FunctionName"] for function in functions.values()}
    for mapping in lambda_client.list_event_source_mappings()["EventSourceMappings"]:
        if mapping["FunctionArn"].rsplit(":", 1)[-1] in names:
            lambda_client.delete_event_source_mapping(UUID=mapping["UUID"])
    with contextlib.suppress(ClientError):
        rule = functions["janitor"]["FunctionName"]
        events_client.remove_targets(Rule=rule, Ids=["janitor"])
        events_client.delete_rule(Name=rule)
    for name in names:
        with contextlib.suppress(lambda_client.exceptions.ResourceNotFoundException):
            lambda_client.delete_function(FunctionName=name)
