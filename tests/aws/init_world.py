"""Shared by the tests of `tintype aws init`: a deployment behind proxies that see every request."""

import dataclasses
import json
import re

READS = re.compile(r"Describe\w+|(GET|HEAD) .*")


class InitWorld:
    """`run(...)` is `tintype aws init` on `s3` and `dynamodb`, each a proxy before an emulator."""

    def __init__(self, deploy, fault_proxy, s3, dynamodb):
        self.s3, self.dynamodb = fault_proxy(s3), fault_proxy(dynamodb)
        self.deployment = deploy(self.s3, self.dynamodb, keys_of=s3)
        self.settings = self.deployment.settings
        self.bucket = self.settings["s3.bucket"]
        self.tables, self.objects = dynamodb.client("dynamodb"), s3.client("s3")

    def table(self, name):
        return self.settings["dynamodb.table_prefix"] + name

    def run(self, *arguments, **settings):
        """The lines that it printed."""
        done = self.deployment.run("aws", "init", *arguments, **settings)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        return done.stdout.splitlines()

    def plan(self, **settings):
        """The same of a dry run, which must not write."""
        with self.s3.counting() as s3, self.dynamodb.counting() as dynamodb:
            lines = self.run("--dry-run", **settings)
        assert s3 and dynamodb
        assert not [one for one in (*s3, *dynamodb) if not READS.fullmatch(one)], (s3, dynamodb)
        return lines

    def fail(self, *arguments, **settings):
        """What it printed before it failed, and its one sentence."""
        done = self.deployment.run("aws", "init", *arguments, **settings)
        assert done.returncode == 1, done.stdout
        assert re.fullmatch(r"tintype: [A-Z][^\n]+\.\n", done.stderr), done.stderr
        return done.stdout.splitlines(), done.stderr

    def make_again(self, name, change):
        """Makes one of the tables anew, as `change` alters the wishes for it."""
        told = self.tables.describe_table(TableName=self.table(name))["Table"]
        wishes = {
            "TableName": self.table(name),
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": told["KeySchema"],
            "AttributeDefinitions": told["AttributeDefinitions"],
            "GlobalSecondaryIndexes": [
                {part: index[part] for part in ("IndexName", "KeySchema", "Projection")}
                for index in told["GlobalSecondaryIndexes"]
            ],
        }
        change(wishes)
        self.tables.delete_table(TableName=self.table(name))
        self._wait("table_not_exists", name)
        self.tables.create_table(**wishes)
        self._wait("table_exists", name)

    def _wait(self, state, name):
        waiter = self.tables.get_waiter(state)
        waiter.wait(TableName=self.table(name), WaiterConfig={"Delay": 1})

    def indexes(self, name):
        """The projections of a table's indexes by their names."""
        told = self.tables.describe_table(TableName=self.table(name))["Table"]
        return {
            index["IndexName"]: index["Projection"]["ProjectionType"]
            for index in told.get("GlobalSecondaryIndexes", [])
        }


def told_otherwise(table, change):
    """A fault: DescribeTable's true answer on `table`, changed."""

    def fault(proxy, request):
        answer = proxy.forward(request)
        if answer.status != 200 or json.loads(request.body)["TableName"] != table:
            return answer
        told = json.loads(answer.body)
        change(told["Table"])
        headers = [entry for entry in answer.headers if entry[0].lower() != "x-amz-crc32"]
        return dataclasses.replace(answer, headers=headers, body=json.dumps(told).encode())

    return fault


def without_index(name):
    """A change of wishes: that index, and the attributes that nothing else needs."""

    def change(wishes):
        indexes = wishes["GlobalSecondaryIndexes"]
        indexes[:] = [index for index in indexes if index["IndexName"] != name]
        schemas = [wishes["KeySchema"], *(index["KeySchema"] for index in indexes)]
        used = {part["AttributeName"] for schema in schemas for part in schema}
        definitions = wishes["AttributeDefinitions"]
        definitions[:] = [one for one in definitions if one["AttributeName"] in used]
        if not indexes:
            del wishes["GlobalSecondaryIndexes"]

    return change


def one_line(lines, *words):
    """The one line that has all these words."""
    found = [line for line in lines if all(word in line for word in words)]
    assert len(found) == 1, (words, lines)
    return found[0]
