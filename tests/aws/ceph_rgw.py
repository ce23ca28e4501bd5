"""Ceph's S3 gateway and the smallest cluster below it: one monitor, one OSD that is all memory."""

import shutil
import subprocess
import uuid

from emulator import Emulator, clean_environment, free_port

CONFIGURATION = """
[global]
fsid = {fsid}
mon host = {monitor}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr1 = false
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
run dir = {folder}
admin socket = {folder}/$name.sock
log file = {folder}/$name.log
log to stderr = false
err to stderr = true
log flush on exit = false
crash dir = {folder}
keyring = {folder}/keyring
mon data = {folder}/mon
mon data avail warn = 1
mon data avail crit = 0
mon allow pool size one = true
paxos propose interval = 0.02
paxos min wait = 0.01
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
osd class update on start = false
rgw frontends = beast endpoint=127.0.0.1:{port} tcp_nodelay=1
rgw ops log rados = false
rgw enable usage log = false
rgw thread pool size = 32
"""
PROGRAMS = ("ceph-mon", "ceph-osd", "ceph", "monmaptool", "radosgw", "radosgw-admin")


class CephRgw(Emulator):
    """Strict about signatures, expiry, POST policies and types: the judge of the S3 adapter."""

    name = "ceph"
    apis = ("s3",)
    usual_port = 7480
    start_timeout = 60

    @classmethod
    def missing(cls):
        absent = [name for name in PROGRAMS if shutil.which(name) is None]
        if not absent:
            return None
        return f"{', '.join(absent)} not installed: scripts/emulators install ceph"

    def launch(self):
        self._configure()
        self._make_monitor()
        self.spawn(["ceph-mon", "-f", "-i", "a", *self._conf()], "mon.out.log")
        osd_uuid = str(uuid.uuid4())
        osd = self._run("ceph", "osd", "new", osd_uuid).strip()
        self._run("ceph-osd", "--mkfs", "-i", osd, "--osd-uuid", osd_uuid)
        self.spawn(["ceph-osd", "-f", "-i", osd, *self._conf()], "osd.out.log")
        self._create_user()
        self.spawn(["radosgw", "-f", "-n", "client.rgw", *self._conf()], "rgw.out.log")

    def _configure(self):
        (self.folder / "mon").mkdir()
        (self.folder / "osd").mkdir()
        self._fsid = uuid.uuid4()
        self._monitor = f"[v2:127.0.0.1:{free_port()}]"
        text = CONFIGURATION.format(
            fsid=self._fsid, folder=self.folder, port=self.port, monitor=self._monitor
        )
        (self.folder / "ceph.conf").write_text(text, encoding="utf-8")

    def _conf(self):
        return "-c", str(self.folder / "ceph.conf")

    def _make_monitor(self):
        """A monitor takes its address from the map it is made with, else a port that all share."""
        monitors = self.folder / "monmap"
        named = ("--addv", "a", self._monitor, "--fsid", str(self._fsid))
        self._run("monmaptool", "--create", *named, str(monitors))
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", str(monitors))

    def _run(self, program, *arguments):
        """Runs one of Ceph's tools to its end and gives what it printed."""
        done = subprocess.run(
            [program, *self._conf(), *arguments],
            env=clean_environment(self.folder),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=self.start_timeout,
            check=False,
        )
        if done.returncode != 0:
            words = " ".join((program, *arguments))
            raise RuntimeError(f"{words} failed:\n{done.stderr}{self.logs()}")
        return done.stdout

    def _create_user(self):
        keys = ("--access-key", self.access_key, "--secret-key", self.secret_key)
        user = ("--uid", "tintype", "--display-name", "tintype")
        self._run("radosgw-admin", "user", "create", *user, *keys)
