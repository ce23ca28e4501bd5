"""What each function asks of S3 and DynamoDB, seen on the wire, against the table of what it may do.

The templates and docs/DEPLOYMENT.md are held against that table elsewhere (test_template_rights.py,
test_terraform.py, test_deployment_docs.py): here the table is held against the code.
"""

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
    """Function -> what it was seen to need; each is visited once."""
    seen = {}

    def visited(name):
        if name not in seen:
            visitor = Visitor(world, name, tmp_path_factory.mktemp(name))
            try:
                VISITS[name](visitor)
                seen[name] = visitor.needs()
            finally:
                visitor.end()
        return seen[name]

    return visited


def allowed_by(rights):
    """(action, right) of the table's entry for a function."""
    return {(action, right) for right, actions in rights.items() for action in actions}


def test_every_function_is_visited():
    assert set(VISITS) == set(RIGHTS)


@pytest.mark.parametrize("name", VISITS)
def test_a_function_may_do_what_it_does(needed, name):
    rights = allowed_by(RIGHTS[name])
    missing = sorted(str(need) for need in needed(name) if not any(need.is_met_by(*right) for right in rights))
    assert not missing, f"{name} lacks {missing}"


@pytest.mark.parametrize("name", VISITS)
def test_a_function_does_what_it_may_do(needed, name):
    unused = {right for right in allowed_by(RIGHTS[name]) if not any(need.is_met_by(*right) for need in needed(name))}
    assert unused == set(UNSEEN.get(name, ())), f"{name}: rights that nothing uses, or a reason too many"
