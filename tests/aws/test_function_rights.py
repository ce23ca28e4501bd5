"""What each function asks of S3 and DynamoDB, seen on the wire, against the table of what it may do.

The templates and docs/DEPLOYMENT.md are held against that table elsewhere (test_template_rights.py,
test_terraform.py, test_deployment_docs.py): here the table is held against the code.
"""

import functools

import pytest
from deployment import Deployment
from function_rights import BUCKET, IMAGES, LEDGER, RIGHTS, TAGS, of
from function_visits import VISITS
from rights_recorder import Need, Names, needs_of
from rights_world import Visitor, World

# Rights that no visit uses, and why a function has them all the same.
UNSEEN = {}


@pytest.fixture(scope="module")
def world(ceph, ministack, tmp_path_factory):
    deployment = Deployment(tmp_path_factory.mktemp("rights"), "t-function-rights", ceph, ministack)
    made = World(deployment.init(), ceph, ministack)
    yield made
    made.end()


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


def lacking(name, needs):
    return sorted(str(need) for need in needs if not any(need.is_met_by(*right) for right in allowed(name)))


def test_every_function_is_visited():
    assert set(VISITS) == set(RIGHTS)


@pytest.mark.parametrize("name", VISITS)
def test_a_function_may_do_what_it_does(needed, name):
    assert not lacking(name, needed(name)), name


@pytest.mark.parametrize("name", VISITS)
def test_a_function_may_find_out_what_it_has_done(needed, name):
    assert not lacking(name, needed(name, lossy=True)), name


@pytest.mark.parametrize("name", VISITS)
def test_a_function_does_what_it_may_do(needed, name):
    unused = {right for right in allowed(name) if not any(need.is_met_by(*right) for need in needed(name))}
    assert unused == set(UNSEEN.get(name, ())), f"{name}: rights that nothing uses, or a reason too many"
