"""Tintype on a local AWS: settings, `tintype aws init`, and any number of servers on one bucket and one
set of tables."""

import pathlib

import tintype_server
from tintype_client import Client

SECONDS_TO_INIT = 120


class Deployment:
    """Objects in `s3`, records in `dynamodb`: emulators, or proxies before them."""

    def __init__(self, folder, name, s3, dynamodb, keys_of=None, **settings):
        self.folder = pathlib.Path(folder)
        self.servers = []
        keys = keys_of or s3
        self.environment = {
            "AWS_ACCESS_KEY_ID": keys.access_key,
            "AWS_SECRET_ACCESS_KEY": keys.secret_key,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self.settings = {
            "store": "aws",
            "s3.endpoint": endpoint_of(s3),
            "s3.bucket": name,
            "dynamodb.endpoint": endpoint_of(dynamodb),
            "dynamodb.table_prefix": name.replace("-", "_") + "_",
            **{key.replace("__", "."): value for key, value in settings.items()},
        }

    def run(self, *arguments, **settings):
        """`tintype ARGUMENTS` with the deployment's settings; code, stdout and stderr."""
        flags = tintype_server.flags({**self.settings, **settings})
        environment = tintype_server.clean_environment(**self.environment)
        return tintype_server.run(*arguments, *flags, env=environment, timeout=SECONDS_TO_INIT)

    def init(self):
        done = self.run("aws", "init")
        assert done.returncode == 0, done.stderr
        return self

    def destroy(self):
        done = self.run("aws", "destroy", "--yes-delete-everything")
        assert done.returncode == 0, done.stderr

    def start(self, arguments=(), environment=None, port=0, **settings):
        """One more replica."""
        number = len(self.servers)
        server = tintype_server.Server(
            self.folder / f"data{number}",
            self.folder / f"server{number}.log",
            {**self.settings, **settings},
            env=tintype_server.clean_environment(**self.environment, **(environment or {})),
            arguments=arguments,
            port=port,
        )
        self.servers.append(server)
        return server

    def client(self):
        return Client(self.start().url)

    def backend(self):
        """For suites.py: the tests of tests/integration on these stores."""
        return {"settings": self.settings, "environment": self.environment}

    def end(self):
        for server in self.servers:
            server.end()


def endpoint_of(server):
    return getattr(server, "endpoint", None) or server.url
