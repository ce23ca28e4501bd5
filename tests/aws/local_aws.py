"""`scripts/emulators start [NAME...]` and `stop`: emulators that stay. Their state: .emulators/run.

Standard output is lines for a shell to evaluate; what is for people goes to standard error.
"""

import json
import os
import shutil
import signal
import sys
import time

import emulators
from emulator import INSTALLED, STOP_TIMEOUT, signal_group

RUN = INSTALLED / "run"


def start_ticks(pid):
    """When the process started, as the kernel counts; None when it has ended.

    With that a process is told from a later one of the same number.
    """
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return None if fields[0] == "Z" else int(fields[19])
    except (FileNotFoundError, ProcessLookupError):
        return None


def state_file(name):
    return RUN / f"{name}.json"


def is_running(state):
    return all(start_ticks(pid) == ticks for pid, ticks in state["processes"])


def read_state(name):
    file = state_file(name)
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def start_one(name):
    """Starts the emulator, or finds the running one; gives its state."""
    state = read_state(name)
    if state and is_running(state):
        return state
    stop_one(name)
    kind = emulators.ALL[name]
    if reason := kind.missing():
        sys.exit(f"FAILED: {reason}")
    folder = RUN / name
    folder.mkdir(parents=True)
    try:
        emulator = kind(folder, lasting=True).start()
    except RuntimeError as error:
        sys.exit(f"FAILED: {error}")
    processes = [(process.pid, start_ticks(process.pid)) for process in emulator.processes]
    state = {"endpoint": emulator.endpoint, "processes": processes}
    state_file(name).write_text(json.dumps(state), encoding="utf-8")
    return state


def stop_one(name):
    """Ends the processes of a state file that are still those that were started."""
    state = read_state(name) or {"processes": []}
    for pid, ticks in reversed(state["processes"]):
        if start_ticks(pid) == ticks:
            end_by_pid(pid, ticks)
    state_file(name).unlink(missing_ok=True)
    shutil.rmtree(RUN / name, ignore_errors=True)


def end_by_pid(pid, ticks):
    signal_group(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT
    while start_ticks(pid) == ticks and time.monotonic() < deadline:
        time.sleep(0.05)
    signal_group(pid, signal.SIGKILL)


def first_with(api, states):
    """The endpoint of the first started emulator that has the API."""
    return next((s["endpoint"] for n, s in states.items() if api in emulators.ALL[n].apis), None)


def exports(states):
    """The variables under which AWS tools and Tintype find what was started."""
    s3, dynamodb = first_with("s3", states), first_with("dynamodb", states)
    values = {
        "AWS_ACCESS_KEY_ID": emulators.Emulator.access_key,
        "AWS_SECRET_ACCESS_KEY": emulators.Emulator.secret_key,
        "AWS_REGION": emulators.Emulator.region,
        "AWS_DEFAULT_REGION": emulators.Emulator.region,
        "AWS_ENDPOINT_URL": first_with("lambda", states),
        "TINTYPE_S3_ENDPOINT": s3,
        "TINTYPE_S3_PATH_STYLE": "true" if s3 else None,
        "TINTYPE_DYNAMODB_ENDPOINT": dynamodb,
    }
    return [f"export {name}={value}" for name, value in values.items() if value]


def start(names):
    if unknown := [name for name in names if name not in emulators.ALL]:
        known = ", ".join(emulators.ALL)
        sys.exit(f"FAILED: no emulator is called {unknown[0]}; there are {known}")
    states = {name: start_one(name) for name in names}
    for name, state in states.items():
        print(f"{name} answers at {state['endpoint']}", file=sys.stderr)
    print("\n".join(exports(states)))


def stop():
    names = sorted(file.stem for file in RUN.glob("*.json"))
    for name in names:
        stop_one(name)
    print(f"Stopped: {', '.join(names) or 'nothing was running'}", file=sys.stderr)


def main():
    os.umask(0o077)
    command, *names = sys.argv[1:]
    start(names or ["ministack"]) if command == "start" else stop()


if __name__ == "__main__":
    main()
