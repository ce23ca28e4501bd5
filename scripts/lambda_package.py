"""Packs the built program for AWS Lambda: lambda_package.py BUILD_FOLDER OUTPUT_FOLDER.

Writes OUTPUT_FOLDER/tintype.zip:

    bootstrap            starts the program with the loader below (src/fronts/bootstrap.cc)
    tintype-lambda       the function
    tintype              the whole program, from which the function starts its imaging workers
    lib/                 the loader, and every library that the program needs
    licenses/            the copyright notes of the Debian packages and of libvips's package

Nothing in it depends on when or where it was packed.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ("bootstrap", "tintype", "tintype-lambda")
HEIF = "libheif.so.1"  # loaded at run time
# What Lambda takes: 250 MB unpacked; 50 MB as a zip that is uploaded directly.
MAX_ZIP = 50 * 1024 * 1024
EPOCH = (1980, 1, 1, 0, 0, 0)


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def libraries_of(file):
    """Names and paths of the shared libraries that a file needs, the loader among them."""
    found = {}
    for line in run("ldd", str(file)).splitlines():
        if "not found" in line:
            sys.exit(f"FAILED: {file}: {line.strip()}")
        match = re.match(r"\s*(\S+) => (/\S+)", line) or re.match(r"\s*(/\S*/(\S+)) \(", line)
        if match and "=>" in line:
            found[match[1]] = match[2]
        elif match:
            found[match[2]] = match[1]
    return found


def heif_library():
    """Its path, or None where it is not installed or not wanted."""
    if os.environ.get("TINTYPE_LAMBDA_HEIC", "1") == "0":
        return None
    for line in run("/sbin/ldconfig", "-p").splitlines():
        if line.strip().startswith(HEIF + " "):
            return line.rsplit(" ", 1)[1]
    return None


def carried_libraries(build):
    libraries = libraries_of(build / "tintype") | libraries_of(build / "tintype-lambda")
    heif = heif_library()
    if heif:
        libraries |= {HEIF: heif, **libraries_of(heif)}
    return libraries


def debian_package(path):
    """The package that a file belongs to; the linker's folder may be a link to /usr."""
    real = os.path.realpath(path)
    for name in (path, real, real.removeprefix("/usr")):
        owner = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True)
        if owner.returncode == 0:
            return owner.stdout.split(":")[0]
    return None


def copy_licenses(libraries, folder):
    """One note for each package; fails when a library has none."""
    folder.mkdir()
    shutil.copy(ROOT / "LICENSE", folder / "tintype.txt")
    for path in libraries.values():
        bundled = re.search(r"node_modules/(@img/[^/]+)/", path)
        if bundled:
            package = ROOT / "node_modules" / bundled[1]
            note = "".join((package / name).read_text() for name in ("README.md", "versions.json")
                           if (package / name).exists())
            (folder / "libvips.txt").write_text(note)
            continue
        package = debian_package(path)
        note = pathlib.Path(f"/usr/share/doc/{package}/copyright")
        if not note.exists():
            sys.exit(f"FAILED: there is no copyright note for {path}")
        shutil.copy(note, folder / f"{package}.txt")


def lay_out(build, folder):
    """The package as files."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "lib").mkdir(parents=True)
    for name in PROGRAMS:
        shutil.copy(build / name, folder / name)
    libraries = carried_libraries(build)
    for name, path in libraries.items():
        shutil.copy(path, folder / "lib" / name)
    copy_licenses(libraries, folder / "licenses")
    run("strip", *(str(folder / name) for name in PROGRAMS))
    # Paths of the machine that built them.
    script = folder.parent / "remove_rpath.cmake"
    lines = [f'file(RPATH_REMOVE FILE "{folder / name}")\n' for name in PROGRAMS[1:]]
    script.write_text("".join(lines))
    run("cmake", "-P", str(script))
    script.unlink()


def is_executable(name):
    return name in PROGRAMS or "/ld-linux" in name


def pack(folder, target):
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder).as_posix()
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, which has modes
            entry.external_attr = (0o100755 if is_executable(name) else 0o100644) << 16
            archive.writestr(entry, path.read_bytes())


def main(build, output):
    build, output = pathlib.Path(build).resolve(), pathlib.Path(output).resolve()
    output.mkdir(parents=True, exist_ok=True)
    folder, target = output / "package", output / "tintype.zip"
    lay_out(build, folder)
    pack(folder, target)
    unpacked = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    size = target.stat().st_size
    print(f"{target.relative_to(ROOT)}: {size / 1e6:.1f} MB, {unpacked / 1e6:.1f} MB unpacked, "
          f"{len(list((folder / 'lib').iterdir()))} libraries")
    if size > MAX_ZIP:
        sys.exit("FAILED: it is larger than Lambda takes")


if __name__ == "__main__":
    main(*sys.argv[1:])
