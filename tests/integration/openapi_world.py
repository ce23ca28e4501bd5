"""What the cases of openapi_cases.py work with."""

import http.client
import json
import types

from pictures import png


class World:
    """What the cases work with: a client, a user of their own, and images in each state."""

    pictures = 0

    def __init__(self, client, document, user):
        self.client = client
        self.document = document
        self.user = user

    def picture(self):
        World.pictures += 1
        return png(seed=f"openapi {World.pictures}")

    def ticket(self, **fields):
        return self.client.create(self.picture(), user_id=self.user, **fields)

    def active(self, **fields):
        image = self.client.upload(self.picture(), user_id=self.user, **fields)
        assert image["status"] == "active", image
        return image

    def deleted(self):
        image = self.active()
        assert self.client.delete(f"/images/{image['image_id']}").status_code == 200
        return image

    def at(self, image, rest=""):
        return f"/images/{image['image_id']}{rest}"

    def picture_at(self, link):
        """The picture behind a link to a rendition, whose answer is held against the document."""
        response = self.client.get(link)
        self.document.check("getRendition", response)
        picture = self.client.followed(response)
        assert picture.status_code == 200, picture.text
        return picture

    def announce(self, method, path, length, kind="application/json"):
        """The answer to a request whose body is announced but never sent."""
        host = self.client.url.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=30)
        try:
            connection.putrequest(method, path)
            connection.putheader("Content-Type", kind)
            connection.putheader("Content-Length", str(length))
            connection.endheaders()
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        return types.SimpleNamespace(
            status_code=answer.status,
            headers=answer.headers,
            content=body,
            text=body.decode(),
            json=lambda: json.loads(body),
        )
