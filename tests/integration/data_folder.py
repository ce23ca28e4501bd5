"""Looks into a data folder: the objects in it, as docs/storage-format.md lays them out."""

import pathlib
import urllib.parse

TEMPORARY = "tmp"


def object_files(data):
    """Key -> path of every object: each file's name is its key. Markers (`%sub-…`), whose names no
    key has, and temporary files are not objects."""
    found = {}
    for bucket in (pathlib.Path(data) / "objects").iterdir():
        for path in bucket.rglob("*"):
            relative = path.relative_to(bucket)
            if relative.parts[0] == TEMPORARY or path.name.startswith("%sub-") or path.is_dir():
                continue
            found[urllib.parse.unquote(path.name)] = path
    return found


def temporary_files(data):
    return list((pathlib.Path(data) / "objects").glob(f"*/{TEMPORARY}/*"))


def image_id_of(key):
    """`incoming/<id>`, `renditions/<id>/…` or `originals/<user>/<id>/…`."""
    parts = key.split("/")
    assert parts[0] in ("incoming", "renditions", "originals"), f"what is {key}?"
    return parts[2] if parts[0] == "originals" else parts[1]
