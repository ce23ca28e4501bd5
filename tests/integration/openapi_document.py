"""Holds answers against the OpenAPI document that the server itself serves."""

import copy
import re
import xml.etree.ElementTree

import jsonschema

METHODS = ("get", "put", "post", "patch", "delete")


def close_objects(node):
    """Makes every object schema refuse members it does not name, so that an answer with a member
    that is not documented is found."""
    if isinstance(node, list):
        for item in node:
            close_objects(item)
    if not isinstance(node, dict):
        return
    if "object" in node.get("type", []) and "properties" in node:
        node.setdefault("additionalProperties", False)
    for key, value in node.items():
        if key not in ("example", "examples"):
            close_objects(value)


class Document:
    def __init__(self, document):
        self.raw = document
        self.closed = copy.deepcopy(document)
        close_objects(self.closed["components"]["schemas"])
        self.resolver = jsonschema.RefResolver("", self.closed)

    def operations(self):
        """(path, method, operation) of everything documented."""
        for path, item in self.raw["paths"].items():
            for method in METHODS:
                if method in item:
                    yield path, method, item[method]

    def operation(self, operation_id):
        found = [o for o in self.operations() if o[2]["operationId"] == operation_id]
        assert len(found) == 1, operation_id
        return found[0]

    def resolve(self, node):
        while "$ref" in node:
            node = self.resolver.resolve(node["$ref"])[1]
        return node

    def parameters(self, path, method):
        item = self.raw["paths"][path]
        found = item.get("parameters", []) + item[method].get("parameters", [])
        return [self.resolve(parameter) for parameter in found]

    def methods_at(self, concrete_path):
        """The methods that the document has for a path, whichever of its templates fit."""
        methods = set()
        for template, item in self.raw["paths"].items():
            pattern = re.sub(r"\\{key\\}", ".+", re.escape(template))
            pattern = re.sub(r"\\{\w+\\}", "[^/]+", pattern)
            if re.fullmatch(pattern, concrete_path):
                methods |= {method.upper() for method in METHODS if method in item}
        return methods

    def check(self, operation_id, response):
        """Fails unless the document has this answer: its status, type, body, headers and code."""
        operation = self.operation(operation_id)[2]
        status = str(response.status_code)
        described = operation["responses"].get(status)
        if described is None:
            assert status[0] in "45", f"{operation_id}: {status} is not documented"
            described = operation["responses"]["default"]
        described = self.resolve(described)
        self._check_headers(operation_id, described, response)
        content = described.get("content", {})
        if not response.content:
            assert not content, f"{operation_id} {status}: the body is missing"
            return
        kind = response.headers["Content-Type"].split(";")[0]
        media = content.get(kind, content.get("*/*"))
        assert media is not None, f"{operation_id} {status}: {kind} is not documented"
        if kind.endswith("json"):
            self.check_schema(media["schema"], response.json())
        if kind == "application/problem+json":
            self._check_code(described, response.json()["code"], operation_id)
        if kind == "application/xml" and int(status) >= 400:
            error = xml.etree.ElementTree.fromstring(response.content)
            self.check_schema(
                {"$ref": "#/components/schemas/S3Error"}, {node.tag: node.text for node in error}
            )
            self._check_code(described, error.findtext("Code"), operation_id)

    def check_schema(self, schema, value):
        validator = jsonschema.Draft202012Validator(schema, resolver=self.resolver)
        problems = [f"{list(e.absolute_path)}: {e.message}" for e in validator.iter_errors(value)]
        assert not problems, problems

    def check_named(self, name, value):
        self.check_schema({"$ref": f"#/components/schemas/{name}"}, value)

    def _check_headers(self, operation_id, described, response):
        assert response.headers.get("X-Request-Id"), f"{operation_id}: no X-Request-Id"
        for name, header in described.get("headers", {}).items():
            if name in response.headers:
                self.check_schema(self.resolve(header)["schema"], response.headers[name])

    @staticmethod
    def _check_code(described, code, operation_id):
        assert code in described.get("x-codes", []), f"{operation_id}: {code} is not documented"
