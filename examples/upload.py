#!/usr/bin/env python3
"""Uploads one picture to Tintype and prints a link to it.

    python3 examples/upload.py picture.jpg [http://127.0.0.1:8080]
"""
import hashlib
import mimetypes
import pathlib
import sys

import requests


def upload(server: str, path: pathlib.Path, user_id: str = "demo") -> dict:
    data = path.read_bytes()
    created = requests.post(
        f"{server}/images",
        json={
            "filename": path.name,
            "content_type": mimetypes.guess_type(path.name)[0] or "image/jpeg",
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "user_id": user_id,
            "tags": ["example"],
        },
        timeout=30,
    )
    created.raise_for_status()
    ticket = created.json()
    if ticket.get("duplicate"):  # this user has the same bytes already
        return ticket.get("image", ticket)

    # The URL is signed for exactly these headers.
    stored = requests.put(
        ticket["upload_url"], data=data, headers=ticket["upload_headers"], timeout=300
    )
    stored.raise_for_status()

    completed = requests.post(f"{server}/images/{ticket['image_id']}/complete", timeout=120)
    completed.raise_for_status()
    return completed.json()


def main() -> int:
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    server = sys.argv[2] if len(sys.argv) == 3 else "http://127.0.0.1:8080"
    image = upload(server, pathlib.Path(sys.argv[1]))
    if image["status"] != "active":
        print(f"failed: {image['failure']['detail']}", file=sys.stderr)
        return 1
    link = requests.get(f"{server}/images/{image['image_id']}/download", timeout=30)
    link.raise_for_status()
    print(f"{image['filename']}: {image['width']}x{image['height']}, {image['size']} bytes")
    print(link.json()["download_url"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
