"""The reader of AWS profiles against botocore's and Python's: what they take, ours takes and reads
the same. Driven through tests/probes/ini_probe, one JSON object per line."""

import configparser
import json
import os
import pathlib
import random
import shlex
import subprocess

import botocore.configloader
import botocore.exceptions
import botocore.session
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("TINTYPE_BUILD", "build/dev")
ROUNDS = 1500

# Pieces of which lines are made; together they meet every rule of the dialect.
HEADERS = ["default", "profile a", "profile b", "a", "b", "profile \"c d\"", "profile 'e'", " f ",
           "profile  a ", "sso-session s", "profile", "services x", "g]h", "profile i j", "#k"]
NAMES = ["region", "Region", "aws_access_key_id", "aws_secret_access_key", "source_profile",
         "credential_process", "s3", "x y", "[z", "é"]
VALUES = ["", "1", "eu-central-1", "a = b", "a:b", "\"q u\"", "1 # c", "1 ; c", "#", "[v]", "=", ":",
          "arn:aws:iam::1:role/r", "wörter", "a\tb", "x  "]
BLANKS = ["", "", "", " ", "  ", "\t", "   \t"]
ENDS = ["\n", "\n", "\n", "\r\n", "\r"]


# What comes twice is no error with us.
TWICE = (configparser.DuplicateSectionError, configparser.DuplicateOptionError)


class Probe:
    """The probe process; asks one question at a time."""

    def __init__(self):
        self.process = subprocess.Popen(
            [BUILD / "tests/probes/ini_probe"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def ask(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the probe ended"
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(10) == 0
        self.process.stdout.close()


@pytest.fixture(scope="module")
def probe():
    probe = Probe()
    yield probe
    probe.close()


def random_line(rng):
    kind = rng.randrange(12)
    blank = rng.choice(BLANKS) if rng.randrange(3) == 0 else ""
    if kind < 3:
        return blank + "[" + rng.choice(HEADERS) + "]" + rng.choice(["", "", " ", " # c", " ; ]"])
    if kind < 8:
        delimiter = rng.choice(["=", " = ", "= ", ":", " : ", "\t=\t"])
        return blank + rng.choice(NAMES) + delimiter + rng.choice(VALUES)
    if kind == 8:
        return rng.choice([" ", "  ", "\t"]) + rng.choice(VALUES)
    if kind == 9:
        return blank + rng.choice("#;") + rng.choice(VALUES)
    if kind == 10:
        return rng.choice(BLANKS)
    return rng.choice(["word", "= v", "[]", "[open", ": v"]) if rng.randrange(4) == 0 else ""


def random_file(rng):
    lines = [random_line(rng) for _ in range(rng.randrange(1, 14))]
    if rng.randrange(8):
        lines.insert(0, "[" + rng.choice(HEADERS) + "]")
    text = "".join(line + rng.choice(ENDS) for line in lines)
    return text.rstrip("\r\n") if rng.randrange(4) == 0 else text


def read_with_botocore(path):
    """The sections, or why botocore refuses the file."""
    try:
        return botocore.configloader.raw_config_parse(str(path), parse_subsections=False), None
    except botocore.exceptions.ConfigParseError as error:
        return None, error.kwargs["error"]


def test_files_are_read_as_botocore_reads_them(probe, tmp_path):
    rng = random.Random(4)
    read, refused = 0, 0
    for number in range(ROUNDS):
        text = random_file(rng)
        path = tmp_path / f"{number}"
        path.write_bytes(text.encode())
        theirs, why = read_with_botocore(path)
        ours = probe.ask(op="ini", text=text)
        if theirs is not None:
            assert ours.get("sections") == theirs, text
            read += 1
        elif not isinstance(why, TWICE):
            assert "error" in ours, (text, why)
            refused += 1
    assert read > ROUNDS / 10 and refused > ROUNDS / 20, (read, refused)


def test_profiles_are_those_of_botocore(probe, tmp_path, monkeypatch):
    rng = random.Random(5)
    config, credentials = tmp_path / "config", tmp_path / "credentials"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    compared = 0
    for _ in range(ROUNDS):
        texts = {config: random_file(rng), credentials: random_file(rng)}
        for path, text in texts.items():
            path.write_bytes(text.encode())
        try:
            theirs = botocore.session.Session().full_config["profiles"]
        except botocore.exceptions.ConfigParseError:
            continue
        if "[profile a]" in texts[config] and "[profile  a ]" in texts[config]:
            continue  # one profile under two headers: botocore takes the last, we take both
        if "[profile] ; ]" in texts[config]:
            continue  # `profile]` is not the word `profile`, except for botocore
        ours = probe.ask(op="profiles", config=texts[config], credentials=texts[credentials])
        assert {name: flat(profile) for name, profile in ours["profiles"].items()} == {
            name: flat(profile) for name, profile in merged_names(theirs).items()}, texts
        compared += 1
    assert compared > ROUNDS / 20, compared


def flat(profile):
    """Without blocks of settings, which we do not look into."""
    return {name: value for name, value in profile.items()
            if isinstance(value, str) and not value.startswith("\n")}


def merged_names(profiles):
    """With us, blanks around a name in the credentials file are not part of it."""
    out = {}
    for name, profile in profiles.items():
        out.setdefault(name.strip(), {}).update(profile)
    return out


def test_commands_are_cut_as_shlex_cuts_them(probe):
    rng = random.Random(6)
    cut, refused = 0, 0
    for _ in range(ROUNDS * 2):
        text = "".join(rng.choice("ab \t\n\r'\"\\\\#$*;ü") for _ in range(rng.randrange(12)))
        try:
            theirs = shlex.split(text)
        except ValueError:
            theirs = None
        ours = probe.ask(op="words", text=text)
        assert ours.get("words") == theirs, text
        cut, refused = cut + (theirs is not None), refused + (theirs is None)
    assert cut > ROUNDS / 4 and refused > ROUNDS / 4, (cut, refused)
