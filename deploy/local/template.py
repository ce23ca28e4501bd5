"""Reads deploy/sam/template.yaml as CloudFormation would: parameters in, a plain description out.

Knows the intrinsic functions that the template uses, and the ARNs of the resources that it refers to.
Used by the local deployment and by the tests, so that both see what AWS would see.
"""

import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "deploy/sam/template.yaml"
ANY_METHOD = "x-amazon-apigateway-any-method"


class _Loader(yaml.SafeLoader):
    """SafeLoader that keeps `!Sub x` as {"Fn::Sub": x}."""


def _tagged(loader, suffix, node):
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


_Loader.add_multi_constructor("!", _tagged)

_NO_VALUE = object()


def load(path=TEMPLATE):
    """The document with intrinsic functions in their long form."""
    # The loader is a SafeLoader.
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506


class Template:
    """A template with values for its parameters; those not given have their defaults."""

    def __init__(self, parameters=None, account="123456789012", region="eu-central-1", path=TEMPLATE):
        self.raw = load(path)
        self.pseudo = {
            "AWS::AccountId": account,
            "AWS::Region": region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": _NO_VALUE,
        }
        self.parameters = self._parameters(parameters or {})
        self._check_rules()

    def _parameters(self, given):
        unknown = set(given) - set(self.raw["Parameters"])
        assert not unknown, f"the template has no parameters {sorted(unknown)}"
        values = {}
        for name, declared in self.raw["Parameters"].items():
            value = given.get(name, declared.get("Default"))
            assert value is not None, f"the parameter {name} has no default"
            if "AllowedValues" in declared:
                assert value in declared["AllowedValues"], f"{name} may not be {value}"
            if declared["Type"] == "CommaDelimitedList" and isinstance(value, str):
                value = value.split(",")
            values[name] = value
        return values

    def _check_rules(self):
        for rule in self.raw.get("Rules", {}).values():
            for assertion in rule["Assertions"] if self.resolve(rule["RuleCondition"]) else ():
                assert self.resolve(assertion["Assert"]), assertion["AssertDescription"]

    # Resolving.

    def resolve(self, node):
        """The node without intrinsic functions. AWS::NoValue removes its member."""
        if isinstance(node, list):
            values = [self.resolve(item) for item in node]
            return [value for value in values if value is not _NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((name, argument),) = node.items()
            function = self._function(name)
            if function:
                return function(argument)
        values = {key: self.resolve(value) for key, value in node.items()}
        return {key: value for key, value in values.items() if value is not _NO_VALUE}

    def _function(self, name):
        return {
            "Ref": self.reference,
            "Fn::Sub": self._substitute,
            "Fn::GetAtt": lambda argument: self.attribute(
                *(argument.split(".", 1) if isinstance(argument, str) else argument)
            ),
            "Fn::FindInMap": self._find_in_map,
            "Fn::If": lambda argument: self.resolve(argument[1 if self.holds(argument[0]) else 2]),
            "Fn::Join": lambda argument: argument[0].join(self.resolve(argument[1])),
            "Fn::Equals": lambda argument: self.resolve(argument[0]) == self.resolve(argument[1]),
            "Fn::Not": lambda argument: not self.resolve(argument[0]),
        }.get(name)

    def holds(self, condition):
        return self.resolve(self.raw["Conditions"][condition])

    def _find_in_map(self, argument):
        names = [self.resolve(item) for item in argument]
        return self.raw["Mappings"][names[0]][names[1]][names[2]]

    def _substitute(self, text):
        def value(match):
            name = match[1]
            return str(self.attribute(*name.split(".", 1)) if "." in name else self.reference(name))

        return re.sub(r"\$\{([^}!]+)\}", value, text)

    def reference(self, name):
        """What !Ref gives: a parameter's value, or a resource's physical name."""
        if name in self.pseudo:
            return self.pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        return self.physical_name(name)

    def physical_name(self, logical):
        properties = self.raw["Resources"][logical].get("Properties", {})
        for key in ("BucketName", "TableName", "FunctionName", "LogGroupName", "DashboardName"):
            if key in properties:
                return self.resolve(properties[key])
        return logical

    def attribute(self, logical, attribute):
        if attribute != "Arn":
            return f"{self.physical_name(logical)}"
        region, account = self.pseudo["AWS::Region"], self.pseudo["AWS::AccountId"]
        name = self.physical_name(logical)
        kind = self.raw["Resources"][logical]["Type"]
        return {
            "AWS::S3::Bucket": f"arn:aws:s3:::{name}",
            "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{region}:{account}:table/{name}",
            "AWS::SQS::Queue": f"arn:aws:sqs:{region}:{account}:{name}",
            "AWS::Logs::LogGroup": f"arn:aws:logs:{region}:{account}:log-group:{name}:*",
            "AWS::IAM::Role": f"arn:aws:iam::{account}:role/{name}",
            "AWS::Serverless::Function": f"arn:aws:lambda:{region}:{account}:function:{name}",
        }[kind]

    # What the template describes.

    def of_type(self, kind):
        """Logical name -> resolved properties of all resources of a type."""
        return {
            name: self.resolve(resource.get("Properties", {}))
            for name, resource in self.raw["Resources"].items()
            if resource["Type"] == kind
        }

    def properties(self, logical):
        return self.resolve(self.raw["Resources"][logical].get("Properties", {}))

    def functions(self):
        """`upload` -> its properties, with the globals and Environment merged in."""
        shared = self.resolve(self.raw["Globals"]["Function"])
        found = {}
        for own in self.of_type("AWS::Serverless::Function").values():
            variables = {
                **shared["Environment"]["Variables"],
                **own.get("Environment", {}).get("Variables", {}),
            }
            merged = {"Events": {}, **shared, **own, "Environment": {"Variables": variables}}
            found[variables["TINTYPE_LAMBDA_FUNCTION"]] = merged
        return found

    def statements(self, function):
        """The IAM statements of a function's role, as lists of actions and resources."""
        role = self.raw["Resources"][self._role_of(function)]
        found = []
        for policy in role["Properties"]["ManagedPolicyArns"]:
            for statement in self.properties(policy["Ref"])["PolicyDocument"]["Statement"]:
                found.append({**statement, "Action": as_list(statement["Action"]),
                              "Resource": as_list(statement["Resource"])})  # fmt: skip
        return found

    def _role_of(self, function):
        for resource in self.raw["Resources"].values():
            if resource["Type"] != "AWS::Serverless::Function":
                continue
            properties = resource["Properties"]
            if properties["Environment"]["Variables"]["TINTYPE_LAMBDA_FUNCTION"] == function:
                return properties["Role"]["Fn::GetAtt"].split(".")[0]
        raise KeyError(function)

    def document(self):
        """The API's OpenAPI document."""
        return self.properties("Api")["DefinitionBody"]

    def operations(self):
        """(METHOD or ANY, path, operation) of everything that the API answers."""
        for path, methods in self.document()["paths"].items():
            for method, operation in methods.items():
                yield "ANY" if method == ANY_METHOD else method.upper(), path, operation

    def routes(self):
        """(METHOD or ANY, path, function) of the same."""
        names = {f["FunctionName"]: name for name, f in self.functions().items()}
        for method, path, operation in self.operations():
            uri = operation["x-amazon-apigateway-integration"]["uri"]
            yield method, path, names[re.search(r":function:([^/]+)/invocations$", uri)[1]]

    def route(self, method, path):
        """Which function API Gateway calls: the most specific path, then the method before ANY."""
        best = {}
        for route_method, template, function in self.routes():
            if route_method in (method, "ANY") and _fits(template, path):
                best[(_specificity(template), route_method != "ANY")] = function
        return best[max(best)] if best else None


def as_list(value):
    return value if isinstance(value, list) else [value]


def _fits(template, path):
    parts = re.split(r"(\{\w+\+?\})", template)
    pattern = "".join(
        ".+" if part.endswith("+}") else "[^/]+" if part.startswith("{") else re.escape(part)
        for part in parts
    )
    return re.fullmatch(pattern, path) is not None


def _specificity(template):
    """Sorts as API Gateway prefers: literal parts before parameters before `{proxy+}`."""
    return tuple(
        2 if "{" not in part else 0 if part.endswith("+}") else 1
        for part in template.strip("/").split("/")
    )
