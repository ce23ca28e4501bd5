"""`tintype aws init` and the bucket: rules that follow the settings, and leave those of others."""

import botocore.exceptions
import faults
import pytest
from init_world import InitWorld, one_line

ORIGIN = "https://app.example.org"
FOREIGN = {
    "ID": "somebody",
    "AllowedMethods": ["GET"],
    "AllowedOrigins": ["https://other.example.org"],
}


@pytest.fixture
def world(request, deploy, fault_proxy, ministack):
    return InitWorld(deploy, fault_proxy, request.getfixturevalue(request.param), ministack)


def on(*emulators):
    return pytest.mark.parametrize("world", emulators, indirect=True)


def cors_of(world):
    try:
        rules = world.objects.get_bucket_cors(Bucket=world.bucket)["CORSRules"]
    except botocore.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == "NoSuchCORSConfiguration", error
        return []
    return [rule.get("ID") for rule in rules]


# MinIO keeps no rules of CORS.
@on("ceph", "moto")
@pytest.mark.parametrize("others", [[], [FOREIGN]], ids=["alone", "beside others"])
def test_our_rule_goes_with_the_origins(world, others):
    world.run()
    if others:
        rules = {"CORSRules": others}
        world.objects.put_bucket_cors(Bucket=world.bucket, CORSConfiguration=rules)
    kept = [rule["ID"] for rule in others]
    assert not [line for line in world.run() if "CORS" in line]
    assert cors_of(world) == kept
    world.run(**{"cors.origins": ORIGIN})
    assert cors_of(world) == [*kept, "tintype"]

    assert one_line(world.plan(), "CORS: Tintype's rule would be removed")
    assert cors_of(world) == [*kept, "tintype"]
    assert one_line(world.run(), "CORS: Tintype's rule removed")
    assert cors_of(world) == kept
    again = world.run()
    assert again[-1] == "nothing to do"
    assert not [line for line in again if "CORS" in line]


@on("minio")
def test_a_server_without_cors_has_no_rule_to_remove(world):
    known = one_line(world.run(**{"cors.origins": ORIGIN}), "CORS")
    assert "is not known to this server" in known
    assert not [line for line in world.run() if "CORS" in line]


def days_of(world):
    rules = world.objects.get_bucket_lifecycle_configuration(Bucket=world.bucket)["Rules"]
    return [rule["Expiration"]["Days"] for rule in rules]


@on("ceph", "minio", "moto")
def test_incoming_objects_outlive_what_may_still_be_completed(world):
    for expires_after, days in (("24h", 2), ("1h", 2), ("25h", 3), ("30d", 31)):
        world.run(**{"upload.expires_after": expires_after})
        assert days_of(world) == [days]
    assert one_line(world.plan(**{"upload.expires_after": "7d"}), "lifecycle: would be made")
    assert days_of(world) == [31]


@on("ceph", "minio", "moto")
def test_what_was_done_before_an_error_is_printed(world):
    refused = faults.answered(faults.s3_error("AccessDenied", "no", 403))
    world.s3.rule(refused, method="PUT", path="lifecycle")
    lines, said = world.fail()
    assert one_line(lines, f"table {world.table('images')}: made")
    assert one_line(lines, f"bucket {world.bucket}: made")
    assert not [line for line in lines if "lifecycle" in line]
    assert "ifecycle" in said and world.bucket in said


@on("moto")
def test_errors_name_the_setting(world):
    taken = faults.answered(faults.s3_error("BucketAlreadyExists", "no", 409))
    rule = world.s3.rule(taken, method="PUT")
    _, said = world.fail()
    assert rule.fired and "s3.bucket" in said and world.bucket in said
    world.s3.clear()
    world.s3.rule(faults.answered(faults.s3_error("AccessDenied", "no", 403)), method="HEAD")
    _, said = world.fail()
    assert "s3.bucket" in said and world.bucket in said
    world.s3.clear()
    wrong = faults.answered(faults.s3_error("InvalidRequest", "no", 400))
    for subresource, setting in (("lifecycle", "upload.expires_after"), ("cors", "cors.origins")):
        world.s3.rule(wrong, method="PUT", path=subresource)
        _, said = world.fail(**{"cors.origins": ORIGIN, "upload.expires_after": "9d"})
        assert setting in said
        world.s3.clear()
