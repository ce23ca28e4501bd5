"""The HTTP server and the program around it: connections, draining, settings, the command line."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

import pytest
import tintype_server
from pictures import TEXT, gif, jpeg, png, png_of_size
from raw_http import RawConnection
from tintype_client import Client, assert_problem

MIB = 1024 * 1024


# Connections.


def test_keep_alive(server):
    with RawConnection(server) as connection:
        for _ in range(50):
            status, headers, body = connection.request("GET", "/healthz").answer()
            assert status == 200 and body
            assert "Connection" not in headers
            assert headers["Date"].endswith(" GMT")
        status, headers, _ = connection.request("GET", "/nowhere").answer()
        assert status == 404  # an error does not end the connection
        assert connection.still_open()
        connection.request("GET", "/healthz", {"Connection": "close"})
        assert connection.answer()[1]["Connection"] == "close"
        assert connection.closed()


def test_http_1_0(server):
    with RawConnection(server) as connection:
        status, headers, _ = connection.request("GET", "/healthz", version="HTTP/1.0").answer()
        assert status == 200 and headers["Connection"] == "close"
        assert connection.closed()
    with RawConnection(server) as connection:
        keep = {"Connection": "keep-alive"}
        connection.request("GET", "/healthz", keep, version="HTTP/1.0")
        assert connection.answer()[1]["Connection"] == "keep-alive"
        assert connection.still_open()


def test_pipelining(server, client, user):
    image = client.upload(png(seed=user), user_id=user)
    wish = json.dumps(client.wish(png(seed=user + "2"), user_id=user)).encode()
    with RawConnection(server) as connection:
        sent = b""
        for i in range(20):
            sent += f"GET /images/{image['image_id']} HTTP/1.1\r\nHost: a\r\n".encode()
            sent += f"X-Request-Id: get-{i}\r\n\r\n".encode()
            sent += b"POST /images HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            sent += f"X-Request-Id: post-{i}\r\nContent-Length: {len(wish)}\r\n\r\n".encode() + wish
        connection.send(sent)
        for i in range(20):
            status, headers, _ = connection.answer()
            assert (status, headers["X-Request-Id"]) == (200, f"get-{i}")
            status, headers, _ = connection.answer()
            assert (status, headers["X-Request-Id"]) == (201, f"post-{i}")
        assert connection.still_open()


def test_request_in_tiny_pieces(server, client, user):
    body = json.dumps(client.wish(b"x", user_id=user)).encode()
    head = "POST /images HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    for framing, payload in (
        (f"Content-Length: {len(body)}\r\n\r\n", body),
        (
            "Transfer-Encoding: chunked\r\n\r\n",
            b"".join(b"1\r\n" + bytes([c]) + b"\r\n" for c in body) + b"0\r\nTrailer: x\r\n\r\n",
        ),
    ):
        with RawConnection(server) as connection:
            for byte in (head + framing).encode() + payload:
                connection.send(bytes([byte]))
            assert connection.answer()[0] == 201
            assert connection.still_open()


def test_expect_continue(server, client, user):
    data = png_of_size(200_000, seed=user)
    ticket = client.create(data, user_id=user)
    target = ticket["upload_url"].removeprefix(server.url)
    headers = dict(ticket["upload_headers"], **{"Content-Length": len(data)})
    with RawConnection(server) as connection:
        connection.request("PUT", target, dict(headers, Expect="100-continue"))
        assert connection.answer()[0] == 100
        connection.send(data)
        assert connection.answer()[0] == 200
    assert client.complete(ticket["image_id"]).json()["status"] == "active"

    with RawConnection(server) as connection:  # refused before a byte was sent
        tampered = target[:-1] + ("0" if target[-1] != "0" else "1")
        connection.request("PUT", tampered, dict(headers, Expect="100-continue"))
        status, answered, _ = connection.answer()
        assert status == 403 and answered["Connection"] == "close"
        assert connection.closed()
    with RawConnection(server) as connection:
        connection.request("GET", "/healthz", {"Expect": "a-miracle"})
        assert connection.answer()[0] == 417


def test_small_refused_body_keeps_the_connection(server, user):
    with RawConnection(server) as connection:
        connection.request(
            "POST", "/images", {"Content-Type": "application/json", "Content-Length": "2"}, b"{}"
        )
        assert connection.answer()[0] == 400
        assert connection.still_open()


def test_absolute_target(server):
    with RawConnection(server) as connection:
        status, _, _ = connection.request("GET", f"http://{connection.host}/healthz").answer()
        assert status == 200


# Ending.


def begin_upload(client, server, data, part):
    """An upload of which `part` bytes are sent; returns the connection."""
    ticket = client.create(data, user_id="drain")
    connection = RawConnection(server)
    headers = dict(ticket["upload_headers"], **{"Content-Length": len(data)})
    connection.request("PUT", ticket["upload_url"].removeprefix(server.url), headers, data[:part])
    return connection, ticket


def test_sigterm_lets_an_upload_finish(start_server):
    server = start_server()
    client = Client(server.url)
    data = png_of_size(2 * MIB, seed="drain")
    connection, ticket = begin_upload(client, server, data, MIB)
    idle = RawConnection(server)
    assert idle.still_open()
    time.sleep(0.2)
    server.terminate()
    assert idle.closed()
    with pytest.raises(OSError):
        for _ in range(100):
            socket.create_connection(server.address, timeout=1).close()
            time.sleep(0.02)
    assert server.alive()
    connection.send(data[MIB:])
    status, headers, _ = connection.answer()
    assert status == 200 and headers["Connection"] == "close"
    assert server.wait(20) == 0
    again = Client(start_server(data=server.data).url)
    assert again.complete(ticket["image_id"]).json()["status"] == "active"
    assert again.download(ticket["image_id"]) == data


def test_sigterm_does_not_wait_for_ever(start_server):
    server = start_server(server__drain_timeout="300ms")
    connection, _ = begin_upload(Client(server.url), server, png_of_size(MIB), 1000)
    time.sleep(0.1)
    started = time.monotonic()
    server.terminate()
    assert server.wait(20) == 0
    assert time.monotonic() - started < 5
    connection.close()


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_with_zero(start_server, signal_number):
    server = start_server()
    server.process.send_signal(signal_number)
    assert server.wait(20) == 0


def test_sigterm_in_the_middle_of_everything(start_server):
    server = start_server()
    client = Client(server.url, timeout=10)
    stop, created, trouble = threading.Event(), [], []

    def work(n):
        try:
            for i in range(10_000):
                if stop.is_set():
                    return
                created.append(client.upload(png(seed=f"{n} {i}"), user_id="busy")["image_id"])
        except (OSError, AssertionError) as error:  # the end of the server
            if server.alive() and not stop.is_set():
                trouble.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(0.7)
    stop.set()
    server.stop()
    for thread in threads:
        thread.join()
    assert not trouble and len(created) > 5
    again = Client(start_server(data=server.data).url)
    assert set(created) <= set(again.ids(user_id="busy", limit=100))


# Settings.


def refused(*arguments, code=2, env=None, cwd=None):
    """The one sentence with which `tintype` refuses these arguments."""
    done = tintype_server.run(*arguments, timeout=20, env=env, cwd=cwd)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == ""
    assert done.stderr.startswith("tintype: "), done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


def test_only_loopback_without_authentication(start_server, tmp_path):
    for address in ("0.0.0.0:0", "[::]:0", "192.0.2.1:0"):
        sentence = refused("serve", f"--listen={address}", f"--data={tmp_path / 'x'}")
        assert "--allow-anonymous" in sentence
    assert not (tmp_path / "x").exists()
    server = start_server(arguments=["--listen=0.0.0.0:0", "--allow-anonymous"])
    port = server.url.rsplit(":", 1)[1]
    assert Client(f"http://127.0.0.1:{port}").get("/healthz").status_code == 200


def test_ipv6_loopback(start_server):
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return  # a machine without IPv6 has nothing to serve on
    server = start_server(arguments=["--listen=[::1]:0"])
    assert server.url.startswith("http://[::1]:")
    client = Client(server.url)
    data = png(seed="v6")
    assert client.download(client.upload(data, user_id="v6")["image_id"]) == data


def test_address_in_use(start_server, tmp_path):
    server = start_server()
    address = server.url.removeprefix("http://")
    sentence = refused("serve", f"--listen={address}", f"--data={tmp_path / 'x'}", code=1)
    assert address in sentence or "in use" in sentence


def limit_of(client):
    """The greatest upload that the server takes, found by its refusals."""
    refusal = client.post("/images", json=client.wish(b"", size=2**40))
    assert refusal.status_code == 413
    return int(re.search(r"at most (\d+) bytes", json.dumps(refusal.json())).group(1))


def test_flag_over_environment_over_file(start_server, tmp_path):
    config = tmp_path / "my.toml"
    config.write_text("[limits]\nmax_upload_bytes = '1KiB'\nmax_user_images = 7\n")
    environment = tintype_server.clean_environment(TINTYPE_LIMITS_MAX_UPLOAD_BYTES="2KiB")
    client = Client(start_server(arguments=[f"--config={config}"]).url)
    assert limit_of(client) == 1024
    client = Client(start_server(arguments=[f"--config={config}"], env=environment).url)
    assert limit_of(client) == 2048
    client = Client(
        start_server(
            arguments=[f"--config={config}"], env=environment, limits__max_upload_bytes="3KiB"
        ).url
    )
    assert limit_of(client) == 3072
    assert client.usage("x")["limits"]["images"] == 7

    (tmp_path / "tintype.toml").write_text("limits.max_upload_bytes = 4096\n")
    assert limit_of(Client(start_server(cwd=tmp_path).url)) == 4096


def test_wrong_settings(tmp_path):
    data = f"--data={tmp_path / 'x'}"
    assert "max_upload_bytes" in refused("serve", data, "--limits.max_upload_byte=1")
    assert "limits.max_upload_bytes" in refused("serve", data, "--limits.max_upload_bytes=many")
    assert "limits.max_side" in refused("serve", data, "--limits.max_side=0")
    assert "auth.mode" in refused("serve", data, "--auth.mode=magic")
    env = tintype_server.clean_environment(TINTYPE_LIMITS_MAX_SIDES="5")
    assert "TINTYPE_LIMITS_MAX_SIDE" in refused("serve", data, env=env)
    config = tmp_path / "bad.toml"
    config.write_text("[limits]\nmax_side = 5\nmax_sides = 5\n")
    assert "line 3" in refused("serve", data, f"--config={config}")
    config.write_text("[limits\n")
    assert str(config) in refused("serve", data, f"--config={config}")
    assert "missing.toml" in refused("serve", data, "--config=missing.toml", cwd=tmp_path)
    refused("serve", "surplus", data)
    refused("dance")
    refused()
    assert not (tmp_path / "x").exists()


def test_help():
    for arguments in (["--help"], ["help"], ["serve", "--help"], ["help", "upload"]):
        done = tintype_server.run(*arguments)
        assert done.returncode == 0 and done.stderr == ""
        assert "Usage" in done.stdout
    assert "serve" in tintype_server.run("--help").stdout
    settings = tintype_server.run("help", "settings")
    assert settings.returncode == 0
    for name in ("listen", "data", "limits.max_upload_bytes", "trash.retention", "imaging.sandbox"):
        assert re.search(rf"^{re.escape(name)} ", settings.stdout, re.M), name
    assert re.fullmatch(r"tintype \d+\.\d+\.\d+\n", tintype_server.run("--version").stdout)


def test_secrets_stay_private(start_server):
    server = start_server()
    secret = server.data / "secrets.json"
    assert secret.stat().st_mode & 0o077 == 0
    for value in json.loads(secret.read_text()).values():
        assert not (isinstance(value, str) and len(value) > 12 and value in server.errors())


# `tintype upload`.


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    made = {
        "one.png": png(12, 10, seed="cli"),
        "two two.jpg": jpeg(20, 30, seed="cli"),
        "drei-ü.gif": gif(5, 5, frames=3, seed="cli"),
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return folder, made


def upload(server, *arguments, **options):
    return tintype_server.run("upload", f"--server={server.url}", *arguments, **options)


def test_upload_command(server, client, user, files):
    folder, made = files
    paths = [folder / name for name in made]
    done = upload(server, *paths, f"--user={user}", "--tag=Holiday", "--tag=#sea", "--public")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # no progress bar unless on a terminal
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    images = {image["filename"]: image for image in client.images(user_id=user)}
    assert set(images) == set(made)
    for line, (name, data) in zip(lines, made.items()):
        image = images[name]
        assert line.startswith(image["image_id"]) and name in line and "active" in line
        assert image["tags"] == ["holiday", "sea"]
        assert image["visibility"] == "public"
        assert client.download(image["image_id"]) == data

    again = upload(server, *paths, f"--user={user}")
    assert again.returncode == 0
    assert again.stdout.count("(duplicate)") == 3
    assert len(client.ids(user_id=user)) == 3


def test_upload_command_when_some_fail(server, client, user, files):
    folder, made = files
    (folder / "text.jpg").write_bytes(TEXT)
    (folder / "empty.png").write_bytes(b"")
    (folder / "broken.png").write_bytes(png(50, 50)[:2000])
    (folder / "big.png").write_bytes(png_of_size(11 * MIB))
    bad = ["text.jpg", "empty.png", "broken.png", "big.png", "missing.png", "."]
    done = upload(server, *[folder / n for n in bad], folder / "one.png", f"--user={user}")
    assert done.returncode == 1
    assert client.images(user_id=user)[0]["filename"] == "one.png"
    assert len(done.stdout.splitlines()) == 1
    for name in bad:
        assert f"tintype: {folder / name}: " in done.stderr, name
    assert len(done.stderr.splitlines()) == len(bad)


def test_upload_command_in_json(server, client, user, files):
    folder, made = files
    (folder / "text.jpg").write_bytes(TEXT)
    done = upload(server, folder / "one.png", folder / "text.jpg", f"--user={user}", "--json")
    assert done.returncode == 1
    good, bad = map(json.loads, done.stdout.splitlines())
    assert good["ok"] is True and good["image"]["status"] == "active"
    assert good["file"] == str(folder / "one.png")
    assert bad["ok"] is False and bad["error"]


def test_upload_command_without_a_server(files, tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        port = unused.getsockname()[1]
        done = tintype_server.run(
            "upload", f"--server=http://127.0.0.1:{port}", files[0] / "one.png", timeout=90
        )
    assert done.returncode == 1
    assert done.stderr.startswith("tintype: ") and len(done.stderr.splitlines()) == 1


def test_upload_command_used_wrongly():
    refused("upload")
    refused("upload", "--server=ftp://x", "a.png")
    refused("upload", "--colour=red", "a.png")


def test_upload_command_on_a_terminal(server, user, files):
    folder, _ = files
    (folder / "large.png").write_bytes(png_of_size(8 * MIB, seed=user))
    ours, theirs = os.openpty()
    # The bar is drawn when an upload takes a while: the server rests for that long.
    os.kill(server.pid, signal.SIGSTOP)
    threading.Timer(0.8, os.kill, (server.pid, signal.SIGCONT)).start()
    process = subprocess.Popen(
        [str(tintype_server.binary()), "upload", f"--server={server.url}", f"--user={user}",
         str(folder / "large.png")],
        stdout=subprocess.PIPE, stderr=theirs, env=tintype_server.clean_environment(),
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    out, _ = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 0, shown
    assert b"large.png" in out and b"\r" not in out
    assert b"%" in shown or b"MiB" in shown or b"MB" in shown, shown
