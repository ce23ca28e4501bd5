"""The documents' examples work as written. Their links are the matter of scripts/check-docs."""

import pathlib
import re
import subprocess
import sys

import pytest
from pictures import png
from tintype_server import clean_environment

ROOT = pathlib.Path(__file__).resolve().parents[2]
ADDRESS = "http://127.0.0.1:8080"  # of the examples


def blocks(document, language, url):
    """The code blocks of a language, speaking with our server."""
    text = (ROOT / document).read_text(encoding="utf-8")
    found = re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.M | re.S)
    assert found and any(ADDRESS in block for block in found)
    return [block.replace(ADDRESS, url) for block in found]


def run(command, script, folder):
    done = subprocess.run(
        command, input=script, cwd=folder, env=clean_environment(), text=True, timeout=120,
        capture_output=True)  # fmt: skip
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def folder(tmp_path):
    """A folder with the picture that the examples send. Its true type is found by its bytes."""
    (tmp_path / "photo.jpg").write_bytes(png(seed="docs"))
    return tmp_path


def test_readme_commands_work_in_order(server, folder):
    commands = [b for b in blocks("README.md", "sh", server.url) if "curl" in b]
    output = run(["bash", "-e", "-o", "pipefail"], commands[0].replace("curl ", "curl -f "), folder)
    assert '"status":"active"' in output and '"count":' in output
    assert (folder / "copy.jpg").read_bytes() == (folder / "photo.jpg").read_bytes()
    assert (folder / "small.webp").read_bytes()[8:12] == b"WEBP"


def test_api_guide_commands_work(server, folder):
    """Each block by itself, with an image of its own."""
    for block in blocks("docs/API.md", "sh", server.url):
        create = f"""
          ID=$(curl -sf {server.url}/images -F file=@photo.jpg | sed 's/.*"image_id":"//; s/".*//')
        """
        if "/restore" in block:
            create += f"curl -sf -X DELETE {server.url}/images/$ID\n"
        run(["bash", "-e"], create + block.replace("curl ", "curl -sf "), folder)


def test_api_guide_python_works(server, folder):
    script = "image_id, ids = None, []\n"
    for block in blocks("docs/API.md", "python", server.url):
        script += block
        if "ticket['image_id']" in block:
            script += "image_id = image['image_id']; ids = [image_id]\n"
            script += "assert image['status'] == 'active', image\n"
    run([sys.executable, "-"], script, folder)
