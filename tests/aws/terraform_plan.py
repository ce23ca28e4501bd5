"""deploy/terraform as Terraform would plan it: variables in, the arguments of every resource out. Texts that
only AWS knows are made up as deploy/local/template.py makes them up, so that the two can be compared.

The files are read by python-hcl2, which scripts/emulators installs; expressions: hcl_expression.py.
"""

import functools
import json
import pathlib
import subprocess

from hcl_expression import compile_expression, ordered

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy/terraform"
PARSER = ROOT / ".emulators/hcl2/bin/python"
PARSE = "import hcl2, json, sys; print(json.dumps({p: hcl2.load(open(p)) for p in sys.argv[1:]}))"
ACCOUNT = "123456789012"
# What the template names by itself, or not at all.
LOGICAL_NAMES = {"uploads": "UploadQueue", "dead_letters": "DeadLetterQueue", "alarms": "AlarmTopic"}
ARNS = {
    "aws_s3_bucket": "arn:aws:s3:::{bucket}",
    "aws_dynamodb_table": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "aws_sqs_queue": "arn:aws:sqs:{region}:{account}:{name}",
    "aws_cloudwatch_log_group": "arn:aws:logs:{region}:{account}:log-group:{name}",
    "aws_iam_role": "arn:aws:iam::{account}:role/{name}",
    "aws_lambda_function": "arn:aws:lambda:{region}:{account}:function:{function_name}",
    "aws_cloudwatch_event_rule": "arn:aws:events:{region}:{account}:rule/{name}",
    "aws_sns_topic": "{name}",
}


@functools.cache
def parsed_files():
    """File name -> its contents as the parser gives them."""
    paths = sorted(FOLDER.rglob("*.tf")) + sorted(FOLDER.rglob("*.tfvars"))
    done = subprocess.run([PARSER, "-c", PARSE, *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {pathlib.Path(path).name: unquoted(data) for path, data in json.loads(done.stdout).items()}


def unquoted(node):
    """Without the quotes around names, and without the parser's own notes."""
    if isinstance(node, list):
        return [unquoted(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key.strip('"'): unquoted(value) for key, value in node.items() if key[:2] != "__"}


def blocks(kind):
    """The blocks of a kind in all files, merged: what is declared, by its name."""
    return {
        name: body
        for file, contents in parsed_files().items()
        if file.endswith(".tf")
        for block in contents.get(kind, [])
        for name, body in block.items()
    }


@functools.cache
def compiled(text):
    return compile_expression(text)


class Lazy(dict):
    """Values that are worked out when they are first asked for."""

    def __init__(self, make):
        super().__init__()
        self.make = make

    def __missing__(self, name):
        self[name] = self.make(name)
        return self[name]


class Plan:
    """`environment` is one of environments/*.tfvars; `given` are further variables."""

    def __init__(self, environment, **given):
        declared = blocks("variable")
        values = {**parsed_files()[f"{environment}.tfvars"], **given}
        assert set(values) <= set(declared), set(values) - set(declared)
        variables = {
            name: given[name] if name in given else self.value(values.get(name, body.get("default")), {})
            for name, body in declared.items()
        }
        own = blocks("locals")
        self.scope = {
            "var": variables,
            "local": Lazy(lambda name: self.value(own[name], self.scope)),
            "data": {"aws_caller_identity": {"current": {"account_id": ACCOUNT}}},
        }
        self.resources = {}
        for file, contents in parsed_files().items():
            for block in contents.get("resource", []) if file.endswith(".tf") else ():
                ((kind, named),) = block.items()
                ((name, body),) = named.items()
                self.resources[f"{kind}.{name}"] = body
                self.scope.setdefault(kind, Lazy(lambda name, kind=kind: self.reference(kind, name)))

    def value(self, node, scope):
        """A node of the parser's with every expression in it evaluated."""
        if isinstance(node, list):
            return [self.value(item, scope) for item in node]
        if isinstance(node, dict):
            return {key: self.value(item, scope) for key, item in self.expanded(node, scope).items()}
        if isinstance(node, str) and node.startswith('"'):
            return compiled(node)(scope)
        if isinstance(node, str) and node.startswith("${"):
            return compiled(node[2:-1])(scope)
        return node

    def expanded(self, body, scope):
        """With its `dynamic` blocks made, whose contents are evaluated already."""
        if "dynamic" not in body:
            return body
        made = {key: value for key, value in body.items() if key != "dynamic"}
        for block in body["dynamic"]:
            ((name, dynamic),) = block.items()
            for key, item in each(self.value(dynamic["for_each"], scope)):
                inner = {**scope, name: {"key": key, "value": item}}
                contents = quoted(self.value(dynamic["content"], inner))
                made[name] = [*made.get(name, []), *contents]
        return made

    def instances(self, address):
        """Key -> arguments of a resource; the key is None for one without for_each."""
        body = {name: value for name, value in self.resources[address].items() if name not in ("for_each", "count")}
        if "for_each" in self.resources[address]:
            pairs = each(self.value(self.resources[address]["for_each"], self.scope))
            return {
                key: self.value(body, {**self.scope, "each": {"key": key, "value": item}}) for key, item in pairs
            }
        count = self.value(self.resources[address].get("count", 1), self.scope)
        return {None: self.value(body, self.scope)} if count else {}

    def one(self, address):
        """The arguments of a resource that is there once; None when its count is 0."""
        return self.instances(address).get(None)

    def reference(self, kind, name):
        """What `kind.name` stands for in an expression."""
        body = self.resources[f"{kind}.{name}"]
        if "for_each" not in body:
            return Lazy(lambda attribute: self.attribute(kind, name, body, self.scope, attribute))

        def instance(key):
            items = dict(each(self.value(body["for_each"], self.scope)))
            scope = {**self.scope, "each": {"key": key, "value": items[key]}}
            return Lazy(lambda attribute: self.attribute(kind, name, body, scope, attribute))

        return Lazy(instance)

    def attribute(self, kind, name, body, scope, attribute):
        if attribute in ("name", "id", "url") and name in LOGICAL_NAMES:
            return LOGICAL_NAMES[name]
        if attribute in body:
            return self.value(body[attribute], scope)
        if attribute == "id":
            return self.value(body.get("bucket", f'"{kind}.{name}"'), scope)
        if attribute not in ("arn", "invoke_arn"):
            return f"{kind}.{name}.{attribute}"
        facts = {key: self.value(body[key], scope) for key in ("name", "bucket", "function_name") if key in body}
        facts["name"] = LOGICAL_NAMES.get(name, facts.get("name"))
        return ARNS[kind].format(account=ACCOUNT, region=self.scope["var"]["region"], **facts)


def each(collection):
    """(each.key, each.value) of what for_each is given."""
    return [(item, item) for item in collection] if isinstance(collection, list) else ordered(collection)


def quoted(value):
    """An evaluated value as the parser would have given it."""
    if isinstance(value, list):
        return [quoted(item) for item in value]
    if isinstance(value, dict):
        return {key: quoted(item) for key, item in value.items()}
    return json.dumps(value).replace("${", "$${") if isinstance(value, str) else value
