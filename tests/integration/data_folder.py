"""Looks into a data folder: the objects in it, as docs/storage-format.md lays them out."""

import pathlib
import urllib.parse


def object_files(data):
    """Key -> path of every object; markers (`%sub-…`) and temporary files are not objects."""
    found = {}
    for bucket in (pathlib.Path(data) / "objects").iterdir():
        for path in bucket.glob("??/??/*"):
            if not path.name.startswith("%sub-"):
                found[urllib.parse.unquote(path.name)] = path
    return found


def temporary_files(data):
    return list((pathlib.Path(data) / "objects").glob("*/tmp/*"))


def image_id_of(key):
    """`incoming/<id>`, `renditions/<id>/…` or `originals/<user>/<id>/…`."""
    parts = key.split("/")
    return parts[2] if parts[0] == "originals" else parts[1]
