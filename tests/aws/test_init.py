"""`tintype aws init` and the tables: what a dry run says, what it mends, and what it refuses."""

import faults
import pytest
from init_world import InitWorld, one_line, told_otherwise, without_index

PAIRS = [("moto", "moto"), ("ceph", "ministack"), ("minio", "dynalite")]
TTL, PITR = "time to live", "point-in-time recovery"
TABLES = ("images", "image_tags", "image_ledger")


@pytest.fixture
def world(request, deploy, fault_proxy):
    s3, dynamodb = (request.getfixturevalue(name) for name in request.param)
    made = InitWorld(deploy, fault_proxy, s3, dynamodb)
    made.complete = request.param[1] != "dynalite"  # knows TTL, recovery and new indexes
    return made


def on(*pairs):
    return pytest.mark.parametrize("world", pairs, indirect=True, ids="-".join)


everywhere = on(*PAIRS)
where_all_is_known = on(*PAIRS[:2])


@everywhere
def test_a_dry_run_only_looks(world):
    planned = world.plan()
    for table in TABLES:
        assert one_line(planned, f"table {world.table(table)}: would be made")
        recovery = one_line(planned, f"table {world.table(table)}: {PITR}: ")
        assert recovery.endswith("would be turned on" if world.complete else "to this server")
    assert one_line(planned, f"table {world.table('image_ledger')}: {TTL}: would be turned on")
    assert not set(map(world.table, TABLES)) & set(world.tables.list_tables()["TableNames"])
    made = world.run()
    assert len(made) == len(planned)
    assert not [line for line in made if "would" in line]
    again = [line for line in world.plan() if line.startswith("table ")]
    if world.complete:
        assert not [line for line in again if "would" in line]
        assert one_line(again, world.table("image_ledger"), f"{TTL}: is on")
    assert world.run()[-1] == "nothing to do"


@where_all_is_known
def test_a_dry_run_says_what_is_off(world):
    world.run()
    ledger, images = world.table("image_ledger"), world.table("images")
    world.tables.update_time_to_live(
        TableName=ledger, TimeToLiveSpecification={"Enabled": False, "AttributeName": "ttl"}
    )
    world.tables.update_continuous_backups(
        TableName=images, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    planned = world.plan()
    assert one_line(planned, f"table {ledger}: {TTL}: would be turned on")
    assert one_line(planned, f"table {images}: {PITR}: would be turned on")
    assert one_line(planned, f"table {ledger}: {PITR}: is on")
    assert ttl_of(world) == "DISABLED"
    done = world.run()
    assert one_line(done, f"table {ledger}: {TTL}: turned on")
    assert one_line(done, f"table {images}: {PITR}: turned on")
    assert ttl_of(world) == "ENABLED" and world.run()[-1] == "nothing to do"


def ttl_of(world):
    told = world.tables.describe_time_to_live(TableName=world.table("image_ledger"))
    return told["TimeToLiveDescription"]["TimeToLiveStatus"]


@where_all_is_known
def test_time_to_live_on_another_attribute_is_an_error(world):
    world.run()
    ledger = world.table("image_ledger")
    world.tables.update_time_to_live(
        TableName=ledger, TimeToLiveSpecification={"Enabled": False, "AttributeName": "ttl"}
    )
    world.tables.update_time_to_live(
        TableName=ledger, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    for arguments in ((), ("--dry-run",)):
        _, said = world.fail(*arguments)
        assert ledger in said and '"expires"' in said and '"ttl"' in said
        assert "dynamodb.table_prefix" in said


def of_type_number(wishes):
    for definition in wishes["AttributeDefinitions"]:
        if definition["AttributeName"] == "listed_at":
            definition["AttributeType"] = "N"


def with_keys_only(wishes):
    for index in wishes["GlobalSecondaryIndexes"]:
        if index["IndexName"] == "UserIndex":
            index["Projection"] = {"ProjectionType": "KEYS_ONLY"}


def on_other_keys(wishes):
    for index in wishes["GlobalSecondaryIndexes"]:
        if index["IndexName"] == "DueIndex":
            index["KeySchema"][1]["AttributeName"] = "listed_at"
    without_index("none")(wishes)


@everywhere
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (of_type_number, ("listed_at", "type N instead of S")),
        (with_keys_only, ("UserIndex", "KEYS_ONLY instead of ALL")),
        (on_other_keys, ("DueIndex", "(due_shard, listed_at) instead of (due_shard, due_at)")),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_table_of_another_shape_is_an_error(world, change, words):
    world.run()
    world.make_again("images", change)
    for arguments in ((), ("--dry-run",)):
        lines, said = world.fail(*arguments)
        assert lines == []
        for word in (world.table("images"), "dynamodb.table_prefix", *words):
            assert word in said


@where_all_is_known
def test_an_index_that_is_missing_is_added(world):
    world.run()
    world.make_again("images", without_index("DueIndex"))
    images = world.table("images")
    world.tables.put_item(
        TableName=images, Item={name: {"S": name} for name in ("image_id", "due_shard", "due_at")}
    )
    assert one_line(world.plan(), f"table {images}: index DueIndex: would be added")
    assert "DueIndex" not in world.indexes("images")
    assert one_line(world.run(), f"table {images}: index DueIndex: added")
    assert set(world.indexes("images").items()) == {
        ("UserIndex", "ALL"), ("StatusIndex", "ALL"), ("DueIndex", "ALL")}  # fmt: skip
    found = world.tables.query(
        TableName=images, IndexName="DueIndex", KeyConditionExpression="due_shard = :d",
        ExpressionAttributeValues={":d": {"S": "due_shard"}})  # fmt: skip
    assert found["Count"] == 1
    assert world.run()[-1] == "nothing to do"


@on(("minio", "dynalite"))
def test_a_server_that_adds_no_index_is_named_so(world):
    world.run()
    world.make_again("images", without_index("DueIndex"))
    _, said = world.fail()
    assert world.table("images") in said and "DueIndex on (due_shard, due_at)" in said


@everywhere
def test_the_only_index_is_not_added_to_what_may_be_somebody_elses(world):
    world.run()
    world.make_again("image_ledger", without_index("ExpiryIndex"))
    for arguments in ((), ("--dry-run",)):
        _, said = world.fail(*arguments)
        assert world.table("image_ledger") in said and "dynamodb.table_prefix" in said
        assert "lacks the index ExpiryIndex on (expiry_shard, expires_at)" in said
    assert world.indexes("image_ledger") == {}


def in_state(index, state):
    def change(table):
        for one in table["GlobalSecondaryIndexes"]:
            if one["IndexName"] == index:
                one["IndexStatus"] = state

    return change


@everywhere
def test_an_index_that_is_being_built_is_waited_for(world):
    world.run()
    images = world.table("images")
    building = told_otherwise(images, in_state("StatusIndex", "CREATING"))
    rule = world.dynamodb.rule(building, target="DescribeTable", nth=(1, 2, 3))
    assert one_line(world.run(), f"table {images}: index StatusIndex: is CREATING")
    assert rule.seen > 3
    world.dynamodb.clear()
    world.dynamodb.rule(building, target="DescribeTable")
    assert one_line(world.plan(), f"table {images}: index StatusIndex: is CREATING")


@everywhere
def test_a_server_does_not_start_on_an_index_that_is_being_built(world):
    world.run()
    images = world.table("images")
    building = told_otherwise(images, in_state("StatusIndex", "CREATING"))
    world.dynamodb.rule(building, target="DescribeTable")
    done = world.deployment.run("serve", **{"listen": "127.0.0.1:0"})
    assert done.returncode == 1, done.stdout
    assert images in done.stderr and "StatusIndex is CREATING" in done.stderr


@where_all_is_known
@pytest.mark.parametrize("operation", ["UpdateTimeToLive", "UpdateContinuousBackups"])
def test_only_what_a_server_does_not_know_is_passed_over(world, operation):
    feature = {"UpdateTimeToLive": TTL, "UpdateContinuousBackups": PITR}[operation]
    refusals = {
        # ScyllaDB Alternator, of operations that it lacks, and of TTL beside tablets
        "UnknownOperationException": f"Unsupported operation {operation}",
        "ValidationException": f"{feature} not yet supported on a table using tablets (issue 1)",
    }
    for name, message in refusals.items():
        answer = faults.answered(faults.dynamodb_error(name, message))
        world.dynamodb.rule(answer, target=operation)
        lines = world.run()
        known = one_line(lines, world.table("image_ledger"), f"{feature}: ")
        assert "is not known to this server" in known and message in known
        world.dynamodb.clear()
    wrong = "Time to live has been modified multiple times within a fixed interval"
    answer = faults.answered(faults.dynamodb_error("ValidationException", wrong))
    world.dynamodb.rule(answer, target=operation)
    _, said = world.fail()
    assert wrong in said and feature in said.lower()


@everywhere
def test_what_was_done_before_an_error_is_printed(world):
    refusal = faults.dynamodb_error("LimitExceededException", "Subscriber limit exceeded")
    world.dynamodb.rule(faults.answered(refusal), target="CreateTable", nth=3)
    lines, said = world.fail()
    assert one_line(lines, f"table {world.table('images')}: made")
    assert one_line(lines, f"table {world.table('image_tags')}: made")
    assert not [line for line in lines if "image_ledger" in line]
    assert "Subscriber limit exceeded" in said and world.table("image_ledger") in said
    again = world.run()
    assert one_line(again, f"table {world.table('images')}: is there")
    assert one_line(again, f"table {world.table('image_ledger')}: made")


@on(("ceph", "ministack"))
def test_a_name_that_no_table_can_have_names_the_setting(world):
    _, said = world.fail(**{"dynamodb.table_prefix": "no/table "})
    assert "dynamodb.table_prefix" in said
