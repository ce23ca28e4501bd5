"""The route table, the OpenAPI document and real answers say the same."""

import pathlib
import re

import jsonschema
import pytest
from openapi_cases import CASES, NOBODY, UNREACHABLE, UNREACHABLE_AT, common_cases
from openapi_document import METHODS, Document
from openapi_world import World

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture
def document(client):
    return Document(client.get("/openapi.json").json())


@pytest.fixture
def world(client, document, user):
    return World(client, document, user)


def read_yaml():
    yaml = pytest.importorskip("yaml")
    with open(ROOT / "api/openapi.yaml", encoding="utf-8") as file:
        return yaml.safe_load(file)


SOURCE = Document(read_yaml())
for _path, _method, _operation in SOURCE.operations():
    common_cases(_operation["operationId"], _path, _method)
NAMED_CASES = [
    pytest.param(operation, status, function, id=f"{operation}-{status}-{number}", marks=marks)
    for (operation, status), cases in CASES.items()
    for number, (function, marks) in enumerate(cases)
]


@pytest.mark.parametrize("operation, status, function", NAMED_CASES)
def test_answer_is_as_documented(world, operation, status, function):
    response = function(world)
    assert response.status_code == status, response.text
    world.document.check(operation, response)


def test_every_documented_status_has_a_case():
    documented = {
        (operation["operationId"], status)
        for _, _, operation in SOURCE.operations()
        for status in operation["responses"]
        if status != "default" and status not in UNREACHABLE
    }
    covered = {(operation, str(status)) for operation, status in CASES}
    assert documented - set(UNREACHABLE_AT) == covered


def test_served_document_is_the_source(document):
    assert document.raw == SOURCE.raw


def test_examples_fit_their_schemas():
    for name, schema in SOURCE.raw["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        for example in schema.get("examples", []):
            if name != "S3Error":
                SOURCE.check_named(name, example)


def test_image_fields_are_the_members_of_image():
    schemas = SOURCE.raw["components"]["schemas"]
    assert schemas["ImageField"]["enum"] == list(schemas["Image"]["properties"])
    assert schemas["Image"]["required"] == list(schemas["Image"]["properties"])


def test_route_table_and_document_have_the_same_endpoints():
    table = (ROOT / "src/handlers/routes.cc").read_text(encoding="utf-8")
    routes = {
        (method.rstrip("_"), pattern.replace("+}", "}"))
        for method, pattern in re.findall(r'\{Method::(\w+),\s*"([^"]+)"', table)
    }
    assert len(routes) == table.count("{Method::")
    assert routes == {(method, path) for path, method, _ in SOURCE.operations()}


def test_api_guide_has_a_section_for_each_endpoint():
    guide = (ROOT / "docs/API.md").read_text(encoding="utf-8")
    for path, method, operation in SOURCE.operations():
        if path.startswith("/objects"):
            continue
        service = operation["tags"] == ["Service"]
        line = f"| GET {path} |" if service else f"### {method.upper()} {path}\n"
        assert line in guide, line
        for status, response in operation["responses"].items():
            for code in SOURCE.resolve(response).get("x-codes", []):
                assert f"`{code}`" in guide, code


def concrete(path):
    names = {"image_id": NOBODY, "user_id": "ada", "bucket": "image-storage-bucket", "key": "a/b"}
    return re.sub(r"\{(\w+)\}", lambda match: names[match[1]], path)


@pytest.mark.parametrize("path", SOURCE.raw["paths"])
def test_path_takes_the_documented_methods_alone(client, document, path):
    at = concrete(path)
    documented = document.methods_at(at)
    allowed = documented | {"OPTIONS"} | ({"HEAD"} if "GET" in documented else set())
    for method in METHODS:
        response = client.request(method.upper(), at)
        if method.upper() in documented:
            assert response.status_code != 405, f"{method} {at}"
            assert "nothing at this path" not in response.text, f"{method} {at}"
        else:
            assert response.status_code == 405, f"{method} {at}: {response.status_code}"
            if at.startswith("/objects/"):
                assert "<Code>MethodNotAllowed</Code>" in response.text
            else:
                assert response.json()["code"] == "method_not_allowed"
            assert set(response.headers["Allow"].split(", ")) == allowed
    options = client.request("OPTIONS", at)
    assert options.status_code == 204
    assert set(options.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", ["/", "/image", "/images/", "/images/a/b/c", "/objects", "/metrics",
                                  f"/images/{NOBODY}/renditions", "/%ff", "/openapi.yaml"])  # fmt: skip
def test_path_that_is_not_documented_is_not_found(client, path):
    response = client.get(path)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("operation", [o["operationId"] for p, _, o in SOURCE.operations()
                                       if not p.startswith("/objects") and o["operationId"] not in
                                       ("getHealth", "getReadiness", "getOpenApi", "getDocs")])  # fmt: skip
def test_documented_parameters_are_known_and_others_refused(client, operation):
    path, method, _ = SOURCE.operation(operation)
    names = [p["name"] for p in SOURCE.parameters(path, method) if p["in"] == "query"]
    query = {**{name: "~" for name in names}, "no_such_parameter": "1"}
    body = {"json": {}} if method in ("post", "patch") else {}
    errors = client.request(method, concrete(path), params=query, **body).json()["errors"]
    unknown = {error["field"] for error in errors if error["code"] == "unknown_field"}
    assert unknown - {"fields"} == {"no_such_parameter"}


@pytest.mark.parametrize("operation", ["createImage", "updateImage"])
def test_documented_members_are_known_and_others_refused(world, operation):
    path, method, described = SOURCE.operation(operation)
    schema = SOURCE.resolve(described["requestBody"]["content"]["application/json"]["schema"])
    body = {name: ["~"] if name == "tags" else 0.5 for name in schema["properties"]}
    at = path.replace("{image_id}", world.active()["image_id"])
    response = world.client.request(method, at, json={**body, "no_such_member": 1})
    errors = {error["field"]: error["code"] for error in response.json()["errors"]}
    assert set(errors) == {*body, "no_such_member"}
    assert [field for field, code in errors.items() if code == "unknown_field"] == ["no_such_member"]
