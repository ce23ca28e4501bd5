"""deploy/terraform against deploy/sam/template.yaml: both describe the same service.

Each is turned into a table of facts (template_facts.py, terraform_facts.py), and the tables are compared
for every environment, as it comes and with every option.
"""

import json
import pathlib
import re
import sys

import pytest
import template_facts
import terraform_facts
from hcl_expression import compile_expression
from terraform_plan import FOLDER, PARSER, Plan, blocks, parsed_files

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/local"))

from template import Template  # noqa: E402

pytestmark = pytest.mark.skipif(
    not PARSER.exists(), reason="hcl2 is not installed: scripts/emulators install hcl2"
)

ENVIRONMENTS = ("dev", "staging", "prod")
# Variable -> parameter, and a value for both that is not the default.
POOL = "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_aBcDeFgHi"
OPTIONS = {
    "name": ("Name", "pictures"),
    "client_ranges": ("ClientRanges", ["192.0.2.0/24", "198.51.100.7/32"]),
    "cors_origins": ("CorsOrigins", ["https://a.example", "https://b.example"]),
    "public_url": ("PublicUrl", "https://i.example"),
    "auth_mode": ("AuthMode", "jwt"),
    "user_pool_arn": ("UserPoolArn", POOL),
    "log_level": ("LogLevel", "debug"),
    "alarm_email": ("AlarmEmail", "ops@example.com"),
}
# Of Terraform alone: SAM takes them from the command line.
OWN_VARIABLES = {"environment", "region", "artefact"}
CASES = [(environment, chosen) for environment in ENVIRONMENTS for chosen in ("defaults", "options")]


@pytest.fixture(scope="module", params=CASES, ids=" with ".join)
def both(request):
    """The facts of the template, and those of Terraform."""
    environment, chosen = request.param
    options = OPTIONS if chosen == "options" else {}
    parameters = {parameter: value for parameter, value in options.values()}
    template = Template({"Environment": environment, **parameters})
    plan = Plan(environment, **{name: value for name, (_, value) in options.items()})
    return template_facts.facts(template), terraform_facts.facts(plan)


FACTS = [
    "bucket", "bucket goes with its objects", "bucket block", "bucket owner", "bucket encryption", "bucket CORS",
    "bucket lifecycle", "bucket policy", "bucket events", "queues", "queue policy", "tables", "functions",
    "who may be a function", "rights", "who calls functions", "events of the queue", "schedule", "log group",
    "API", "API policy", "API routes", "API models", "API validation", "API answers", "API authorizer",
    "API routes with it", "alarms", "subscriptions", "dashboard", "outputs",
]  # fmt: skip


@pytest.mark.parametrize("fact", FACTS)
def test_fact_is_the_same(both, fact):
    template, terraform = both
    assert terraform[fact] == template[fact]


def test_no_fact_is_left_out(both):
    template, terraform = both
    assert set(template) == set(terraform) == set(FACTS)


def test_parameters_are_those_of_the_template():
    declared, variables = Template().raw["Parameters"], blocks("variable")
    of_the_environment = set(parsed_files()["dev.tfvars"])
    assert set(variables) == set(OPTIONS) | OWN_VARIABLES | of_the_environment
    assert set(declared) == {parameter for parameter, _ in OPTIONS.values()} | {"Environment"}
    for name, body in variables.items():
        condition = body["validation"][0]["condition"] if "validation" in body else ""
        if allowed := re.search(r"contains\((\[.*\]),", condition):
            parameter = OPTIONS.get(name, ("Environment",))[0]
            assert json.loads(allowed[1]) == declared[parameter]["AllowedValues"], name
    plan, template = Plan("dev"), Template()
    for name, (parameter, _) in OPTIONS.items():
        default = template.parameters[parameter]
        assert plan.scope["var"][name] == ([] if default == [""] else default), name


def test_environments_set_the_same_variables():
    names = {environment: set(parsed_files()[f"{environment}.tfvars"]) for environment in ENVIRONMENTS}
    assert names["dev"] == names["staging"] == names["prod"]
    mapped = Template().raw["Mappings"]["Environments"]["dev"]
    assert len(names["dev"] - {"environment"}) == len(set(mapped) - {"removal"})


def test_every_name_leads_somewhere():
    """What is used is declared, and what is declared is used."""
    files = {name: contents for name, contents in parsed_files().items() if name.endswith(".tf")}
    text = json.dumps(files)
    assert set(re.findall(r"\bvar\.(\w+)", text)) == set(blocks("variable"))
    assert set(re.findall(r"\blocal\.(\w+)", text)) == set(blocks("locals"))
    data = {f"{kind}.{name}" for kind, named in blocks("data").items() for name in named}
    assert set(re.findall(r"\bdata\.(aws_\w+\.\w+)", text)) == data
    used = set(re.findall(r"(?<!data\.)\b(aws_\w+\.\w+)[.\[]", text))
    assert used <= set(Plan("dev").resources)
    rights = Plan("dev").scope["local"]
    assert {right for f in rights["functions"].values() for right in f["rights"]} == set(rights["rights"])


def test_lines_are_indented_as_terraform_does():
    for path in FOLDER.rglob("*.tf"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            spaces = len(line) - len(line.lstrip(" "))
            assert spaces % 2 == 0 and "\t" not in line and line == line.rstrip(), f"{path.name}:{number}"


# The evaluator itself: what it gives is what Terraform gives.


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"a ${1 + 2 * 3} $${b} \\"c\\""', 'a 7 ${b} "c"'),
        ("local.on ? 1 : 2", 1),
        ("local.maps.two[0]", "x"),
        ('[for key, value in {b = 1, a = 2} : "${key}${value}"]', ["a2", "b1"]),
        ("{for word in local.words : word => length(word) if word != \"no\"}", {"yes": 3}),
        ("merge([for word in local.words : {(word) = true}]...)", {"yes": True, "no": True}),
        ("[for at, word in local.words : at]", [0, 1]),
        ('lookup(local.maps, "three", {}) == {} && !false', True),
        ("try(local.maps.three, null)", None),
        ('flatten(regexall("\\\\{(\\\\w+)\\\\+?\\\\}", "/a/{b}/{c+}"))', ["b", "c"]),
    ],
)
def test_expressions_are_evaluated_as_terraform_does(text, value):
    scope = {"local": {"on": True, "maps": {"two": ["x"]}, "words": ["yes", "no"]}}
    assert compile_expression(text)(scope) == value


def test_expressions_that_are_not_understood_are_errors():
    with pytest.raises(SyntaxError):
        compile_expression("a b")
