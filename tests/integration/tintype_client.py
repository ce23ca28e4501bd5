"""A small client of the wire contract, as an application would write it with requests."""

import base64
import hashlib
import threading

import requests


def sha256_hex(data):
    return hashlib.sha256(data).hexdigest()


def sha256_base64(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


class Client:
    """Calls a server. Every method that names no expected status returns the plain response;
    `upload` and the others that return JSON check theirs. May be shared by threads."""

    def __init__(self, url, timeout=60):
        self.url = url.rstrip("/")
        self.timeout = timeout
        self._local = threading.local()

    @property
    def session(self):
        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.trust_env = False  # no proxies, no .netrc
            self._local.session = session
        return self._local.session

    def request(self, method, path, **options):
        url = path if path.startswith("http") else self.url + path
        options.setdefault("timeout", self.timeout)
        options.setdefault("allow_redirects", False)
        return self.session.request(method, url, **options)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, **options):
        return self.request("POST", path, **options)

    def patch(self, path, **options):
        return self.request("PATCH", path, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)

    # The steps of an upload.

    @staticmethod
    def wish(data, **fields):
        """The body of POST /images for these bytes; `sha256=True` adds their hash."""
        wish = {"filename": "picture.png", "content_type": "image/png", "size": len(data)}
        wish.update(fields)
        if wish.get("sha256") is True:
            wish["sha256"] = sha256_hex(data)
        elif wish.get("sha256") is False:
            del wish["sha256"]
        return wish

    def create(self, data, params=None, headers=None, **fields):
        """201 and the ticket, or 200 and the duplicate."""
        response = self.post(
            "/images", json=self.wish(data, **fields), params=params, headers=headers
        )
        assert response.status_code in (200, 201), response.text
        return response.json()

    def put(self, ticket, data, headers=None):
        """Sends the bytes exactly as the ticket says."""
        sent = dict(ticket["upload_headers"], **(headers or {}))
        return self.request("PUT", ticket["upload_url"], data=data, headers=sent)

    def complete(self, image_id, **params):
        return self.post(f"/images/{image_id}/complete", params=params)

    def upload(self, data, **fields):
        """Create, PUT, complete; returns the image, active or failed."""
        ticket = self.create(data, **fields)
        if ticket.get("duplicate"):
            return ticket["image"]
        stored = self.put(ticket, data)
        assert stored.status_code == 200, stored.text
        done = self.complete(ticket["image_id"])
        assert done.status_code == 200, done.text
        return done.json()

    def upload_form(self, data, params=None, headers=None, **fields):
        """multipart/form-data: the bytes come with the request; returns the response."""
        name = fields.pop("filename", "picture.png")
        kind = fields.pop("content_type", "image/png")
        form = []
        for key, value in fields.items():
            form += [(key, item) for item in (value if isinstance(value, list) else [value])]
        return self.post(
            "/images", data=form, files={"file": (name, data, kind)}, params=params, headers=headers
        )

    # Reading.

    def image(self, image_id, **params):
        response = self.get(f"/images/{image_id}", params=params)
        assert response.status_code == 200, response.text
        return response.json()

    def link(self, image_id, **params):
        response = self.get(f"/images/{image_id}/download", params=params)
        assert response.status_code == 200, response.text
        return response.json()["download_url"]

    def download(self, image_id, **params):
        response = self.get(self.link(image_id, **params))
        assert response.status_code == 200, response.text
        return response.content

    def followed(self, response):
        """The answer, or what it redirects to."""
        moved = response.status_code == 302
        return self.get(response.headers["Location"]) if moved else response

    def page(self, **params):
        response = self.get("/images", params=params)
        assert response.status_code == 200, response.text
        return response.json()

    def pages(self, **params):
        """Every page of a list."""
        params = dict(params)
        while True:
            page = self.page(**params)
            assert page["count"] == len(page["images"])
            yield page
            if page["last_key"] is None:
                return
            params["last_key"] = page["last_key"]

    def images(self, **params):
        return [image for page in self.pages(**params) for image in page["images"]]

    def ids(self, **params):
        return [image["image_id"] for image in self.images(**params)]

    def usage(self, user):
        response = self.get(f"/users/{user}/usage")
        assert response.status_code == 200, response.text
        return response.json()


def assert_problem(response, status, code, field=None):
    """A problem+json answer as the contract has it; returns its body."""
    assert response.status_code == status, f"{response.status_code}: {response.text}"
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["code"] == code, problem
    assert problem["type"] and problem["title"] and problem["detail"]
    assert problem["request_id"] == response.headers["X-Request-Id"]
    if field:
        assert field in [error["field"] for error in problem["errors"]], problem
        assert all(error["code"] and error["detail"] for error in problem["errors"])
    return problem
