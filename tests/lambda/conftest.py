"""Fixtures of the tests of build/lambda/tintype.zip, which scripts/lambda makes."""

import pathlib
import sys
import zipfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "integration"))

import lambda_runtime  # noqa: E402
from lambda_runtime import Function, RuntimeApi  # noqa: E402
from lambda_variables import SET_BY_LAMBDA  # noqa: E402


@pytest.fixture(scope="session")
def archive():
    """The package; `make lambda` makes it."""
    path = ROOT / "build/lambda/tintype.zip"
    if not path.exists():
        pytest.skip(f"{path} is not there; make lambda makes it")
    return path


@pytest.fixture(scope="session")
def package(archive, tmp_path_factory):
    """Unpacked as Lambda unpacks it: files with their modes."""
    folder = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            path = pathlib.Path(opened.extract(entry, folder))
            path.chmod(entry.external_attr >> 16 & 0o777)
    return folder


def variables_in_lambda(**own):
    """Nothing of the caller's environment: HOME, PATH, locale and loader's variables are Lambda's."""
    return {**SET_BY_LAMBDA, **own}


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Starts functions from a program, with Lambda's variables and no others; all end with the test."""
    monkeypatch.setattr(lambda_runtime, "clean_environment", variables_in_lambda)
    started = []

    def start_function(program, data=None, **options):
        number = len(started)
        log = tmp_path / f"function{number}.log"
        function = Function(RuntimeApi(), data or tmp_path / "data", log, program=program,
                            arguments=(), **options)
        started.append(function)
        return function

    yield start_function
    for function in started:
        function.end()
        function.runtime.close()
