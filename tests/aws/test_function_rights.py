"""What each function asks of S3 and DynamoDB, seen on the wire, against the table of what it may do.

The templates and docs/DEPLOYMENT.md are held against that table elsewhere (test_template_rights.py,
test_terraform.py, test_deployment_docs.py): here the table is held against the code.
"""

import functools

import pytest
from deployment import Deployment
from function_rights import RIGHTS
from function_visits import VISITS
from rights_world import Visitor, World

# Function -> {(action, right): why it has it, though no visit uses it}. A right that comes here needs a race
# or a fault that cannot be had; at the time of writing there is none.
UNSEEN = {}


@pytest.fixture(scope="module")
def world(ceph, ministack, tmp_path_factory):
    deployment = Deployment(tmp_path_factory.mktemp("rights"), "t-function-rights", ceph, ministack)
    try:
        made = World(deployment.init(), ceph, ministack)
        yield made
        made.end()
    finally:
        deployment.end()


@pytest.fixture(scope="module")
def needed(world, tmp_path_factory):
    """What a function was seen to need; each is visited once with answers lost, and once without."""

    @functools.cache
    def visited(name, lossy=False):
        visitor = Visitor(world, name, tmp_path_factory.mktemp(name), lossy)
        try:
            VISITS[name](visitor)
            return visitor.needs()
        finally:
            visitor.end()

    return visited


def allowed(name):
    """(action, right) of the table's entry for a function."""
    return {(action, right) for right, actions in RIGHTS[name].items() for action in actions}


def assert_allowed(name, needs):
    lacking = sorted(str(need) for need in needs if not any(need.is_met_by(*right) for right in allowed(name)))
    assert not lacking, f"{name} lacks {'; '.join(lacking[:5])}"


def test_every_function_is_visited():
    assert set(VISITS) == set(RIGHTS)


@pytest.mark.parametrize("name", VISITS)
def test_a_function_may_do_what_it_does(needed, name):
    assert_allowed(name, needed(name))


@pytest.mark.parametrize("name", VISITS)
def test_a_function_may_find_out_what_it_has_done(needed, name):
    assert_allowed(name, needed(name, lossy=True))


@pytest.mark.parametrize("name", VISITS)
def test_a_function_does_what_it_may_do(needed, name):
    unused = {right for right in allowed(name) if not any(need.is_met_by(*right) for need in needed(name))}
    assert unused == set(UNSEEN.get(name, ())), f"{name}: rights that nothing uses, or a reason too many"
