"""The rules of the source tree that a compiler does not check. Each rule yields sentences that name
the file and what is wrong with it."""
import pathlib
import re

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)

BELOW_PORTS = {"base", "domain", "signing", "net"}
BELOW_ADAPTERS = BELOW_PORTS | {"ports"}
BELOW_HANDLERS = BELOW_ADAPTERS | {"services", "telemetry"}
BELOW_APP = BELOW_HANDLERS | {"handlers"}
BELOW_FRONTS = BELOW_APP | {"app"}

# What each room may include beside its own headers.
ALLOWED = {
    "base": set(),
    "domain": {"base"},
    "signing": {"base"},
    "net": {"base"},
    "telemetry": {"base"},
    "ports": BELOW_PORTS,
    "adapters": BELOW_ADAPTERS,
    "imaging": BELOW_ADAPTERS,
    "services": BELOW_ADAPTERS,
    "handlers": BELOW_HANDLERS,
    "app": BELOW_APP | {"adapters", "imaging"},
    "fronts": BELOW_FRONTS,
    "ui": {"base"},
}
# main() hands over to the imaging worker before anything of the service is set up.
EXCEPTIONS = {("fronts/main.cc", "imaging/worker_main.h")}

TYPE = re.compile(r"^(?:template .*\n)?(?:struct|class|enum class) (\w+)\b(?!::)[^;{]*\{", re.MULTILINE)
UNNAMED = re.compile(r"^namespace \{.*?^\}  // namespace$", re.MULTILINE | re.DOTALL)
NAMESPACE = re.compile(r"^namespace ([\w:]+) \{", re.MULTILINE)

HEAVY_IN_HEADERS = re.compile(r"(regex|iostream|boost/json.*|vips/.*)$")
ASIO = re.compile(r"boost/(asio|beast)\b")
MAX_ASIO_FILES = 3
MAX_FILE_LINES = 600
MAX_README_LINES = 40


def sources(root, folder="src"):
    """Pairs of a path relative to `folder` and the file's text."""
    base = pathlib.Path(root) / folder
    for path in sorted(base.rglob("*")):
        if path.suffix in (".h", ".cc", ".inc"):
            yield path.relative_to(base).as_posix(), path.read_text(encoding="utf-8")


def own_folder(path):
    """`adapters/memory` and `fronts/server` are modules of their own; elsewhere the room is one."""
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] in ("adapters", "fronts") else parts[0]


def wrong_direction(root):
    for path, text in sources(root):
        room = path.split("/")[0]
        if room not in ALLOWED:
            yield f"src/{path}: the folder {room} has no rule in {pathlib.Path(__file__).name}"
            continue
        for kind, header in INCLUDE.findall(text):
            other = header.split("/")[0]
            if kind == "<" or other not in ALLOWED or (path, header) in EXCEPTIONS:
                continue
            same_module = own_folder(path) == own_folder(header)
            cli_uses_fronts = path.startswith(
                ("fronts/cli/", "fronts/main.cc", "fronts/lambda_main.cc")) and other == "fronts"
            if not (same_module or cli_uses_fronts or other in ALLOWED[room]):
                yield f"src/{path} may not include {header}"


def heavy_headers(root):
    for path, text in sources(root):
        for _, header in INCLUDE.findall(text):
            if path.endswith(".h") and HEAVY_IN_HEADERS.match(header):
                yield f"src/{path}: <{header}> belongs in a .cc file"


def reaches(path, texts, wanted, seen):
    """True when `path` includes a header that `wanted` matches, itself or through others."""
    if path in seen or path not in texts:
        return False
    seen.add(path)
    headers = [header for _, header in INCLUDE.findall(texts[path])]
    return (any(wanted.match(header) for header in headers)
            or any(reaches(header, texts, wanted, seen) for header in headers))


def asio_spread(root):
    """Parsing Asio and Beast takes longer than all the rest of a file: few .cc files may see them."""
    texts = dict(sources(root))
    users = [path for path in texts if reaches(path, texts, ASIO, set())]
    for path in users:
        if not path.startswith("fronts/server/"):
            yield f"src/{path}: Asio and Beast belong in src/fronts/server"
    compiled = [path for path in users if path.endswith(".cc")]
    if len(compiled) > MAX_ASIO_FILES:
        yield f"more than {MAX_ASIO_FILES} files compile Asio or Beast: {', '.join(compiled)}"


def long_files(root):
    for folder in ("src", "tests", "bench"):
        for path, text in sources(root, folder):
            lines = text.count("\n")
            if lines > MAX_FILE_LINES:
                yield f"{folder}/{path} has {lines} lines; {MAX_FILE_LINES} are the most"


def readmes(root):
    """Each folder directly below src/, and each adapter and front, says what it is for."""
    for module in sorted({own_folder(path) for path, _ in sources(root) if "/" in path}):
        folder = pathlib.Path(root) / "src" / module
        if not folder.is_dir():
            continue
        readme = folder / "README.md"
        if not readme.is_file():
            yield f"src/{module} has no README.md"
        elif len(readme.read_text(encoding="utf-8").splitlines()) > MAX_README_LINES:
            yield f"src/{module}/README.md has more than {MAX_README_LINES} lines"


def shared_type_names(root):
    """Two types of one name are one type to the linker, which keeps the functions of either: the
    program then writes one through the other's layout, and no compiler says so."""
    seen = {}
    for path, text in sources(root):
        namespace = "/".join(NAMESPACE.findall(text))
        for name in TYPE.findall(UNNAMED.sub("", text)):
            first = seen.setdefault((namespace, name), path)
            if first != path:
                yield f"src/{path}: {name} is already the name of a type in src/{first}"


RULES = [wrong_direction, shared_type_names, heavy_headers, asio_spread, long_files, readmes]
