"""Who must come with a token (AuthMode jwt): the authorizer of deploy/sam/template.yaml, held against the
scopes of the route table."""

import pathlib
import re
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/local"))

from template import Template  # noqa: E402

POOL = "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_aBcDeFgHi"
JWT = {"AuthMode": "jwt", "UserPoolArn": POOL}


def scopes():
    """(METHOD, pattern) -> scope, of src/handlers/routes.cc, HEAD with GET."""
    source = (ROOT / "src/handlers/routes.cc").read_text(encoding="utf-8")
    found = {}
    for method, path, scope in re.findall(r'\{Method::(\w+?)_?, "([^"]+)",\s*Scope::(\w+)', source):
        for word in ("GET", "HEAD") if method == "get" else (method.upper(),):
            found[(word, path)] = scope
    return {route: scope for route, scope in found.items() if not route[1].startswith("/objects/")}


def asked(template):
    return {(method, path) for method, path, operation in template.operations() if "security" in operation}


def test_without_jwt_there_is_no_authorizer():
    template = Template({"UserPoolArn": POOL})
    assert "securitySchemes" not in template.document()["components"]
    assert asked(template) == set()


def test_with_jwt_the_user_pool_is_asked():
    template = Template(JWT)
    (scheme,) = template.document()["components"]["securitySchemes"].items()
    name, pool = scheme
    assert pool["x-amazon-apigateway-authorizer"] == {"type": "cognito_user_pools", "providerARNs": [POOL]}
    assert pool["x-amazon-apigateway-authtype"] == "cognito_user_pools"
    assert (pool["type"], pool["in"], pool["name"]) == ("apiKey", "header", "Authorization")
    # Without scopes of its own API Gateway takes identity tokens.
    assert all(o["security"] == [{name: []}] for _, _, o in template.operations() if "security" in o)
    for function in template.functions().values():
        assert function["Environment"]["Variables"]["TINTYPE_AUTH_MODE"] == "jwt"


def test_every_route_with_a_scope_wants_a_token_and_no_other():
    """Preflights go to the methods of `any`: a browser sends no token with them."""
    wanting = {route for route, scope in scopes().items() if scope != "none"}
    assert len(wanting) == 16
    assert asked(Template(JWT)) == wanting


def test_jwt_without_a_user_pool_is_refused():
    with pytest.raises(AssertionError, match="AuthMode jwt needs UserPoolArn"):
        Template({"AuthMode": "jwt"})


def test_a_changed_mode_is_deployed():
    """SAM makes a new deployment for a changed body; the values of conditions in it do not count."""
    assert Template().properties("Api")["AlwaysDeploy"] is True


def test_the_api_may_call_each_function_that_it_names():
    template = Template()
    given = {permission["FunctionName"] for permission in template.of_type("AWS::Lambda::Permission").values()}
    names = {name: function["FunctionName"] for name, function in template.functions().items()}
    assert given == {names[name] for _, _, name in template.routes()}


def test_the_script_sets_parameters_that_there_are():
    script = (ROOT / "scripts/deploy.sh").read_text(encoding="utf-8")
    options = dict(re.findall(r'(--[a-z-]+)\) parameters\+=\("(\w+)=\$2"\)', script))
    assert set(options.values()) <= set(Template().raw["Parameters"])
    assert (options["--auth"], options["--user-pool"]) == ("AuthMode", "UserPoolArn")
    usage = script[: script.index("set -euo")]
    assert all(f"[{option} " in usage for option in options)
