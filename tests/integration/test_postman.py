"""The Postman collection, run by newman against a live server."""

import json
import pathlib
import shutil
import subprocess

import pytest
from pictures import png
from tintype_server import clean_environment

ROOT = pathlib.Path(__file__).resolve().parents[2]
COLLECTION = ROOT / "postman_collection.json"
NEWMAN = ROOT / "node_modules/.bin/newman"


def run_newman(url, folder, collection=COLLECTION):
    """Runs the collection; returns newman's exit code and its report."""
    photo = png(seed=4711)
    (folder / "photo.png").write_bytes(photo)
    report = folder / "report.json"
    command = [NEWMAN, "run", collection, "--working-dir", folder, "--no-insecure-file-read"]
    command += ["--env-var", f"base_url={url}", "--env-var", f"photo_size={len(photo)}"]
    command += ["--reporters", "json", "--reporter-json-export", report, "--timeout", "240000"]
    done = subprocess.run(
        command, env=clean_environment(), capture_output=True, text=True, timeout=300
    )
    assert report.exists(), done.stdout + done.stderr
    return done.returncode, json.loads(report.read_text())["run"]


@pytest.fixture
def newman():
    assert shutil.which("node") and NEWMAN.exists(), "newman is missing: run npm ci"


def test_every_request_of_the_collection_passes(server, newman, tmp_path):
    code, run = run_newman(server.url, tmp_path)
    failures = [
        f"{failure['source'].get('name')}: {failure['error']['message']}"
        for failure in run["failures"]
    ]
    assert not failures
    assert code == 0
    folders = json.loads(COLLECTION.read_text())["item"]
    assert run["stats"]["requests"]["total"] == sum(len(folder["item"]) for folder in folders)
    assert run["stats"]["assertions"]["total"] >= run["stats"]["requests"]["total"]


def test_a_wrong_answer_fails_the_run(server, newman, tmp_path):
    collection = json.loads(COLLECTION.read_text())
    collection["item"] = collection["item"][:1]
    script = collection["item"][0]["item"][0]["event"][-1]["script"]["exec"]
    script[0] = script[0].replace("200", "201")
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(collection))
    code, run = run_newman(server.url, tmp_path, changed)
    assert code == 1 and len(run["failures"]) == 1
