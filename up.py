#!/usr/bin/env python3
"""Start Mentorfolio from a fresh clone: `python3 up.py` (or `make up`), and its tests: `python3 up.py test`.

Needs only Python 3.11 or newer with venv. Keep the syntax valid for Python 3.6, so that an old version can print an
error that it is too old.
"""

import contextlib
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import typing

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
RUNTIME, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"
LEAST = (3, 11)
MODULES = {
    "test": "tests.run",
    "bench": "bench",
    "chaos": "chaos",
    "mutants": "tests.mutants",
    "fuzz": "tests.fuzz_contacts",
}
TEMPLATES = "templates"
SBOM = "sbom.cdx.json"
# Run by uv in an environment of their own, and never installed with the project.
CYCLONEDX, PIP_AUDIT = "cyclonedx-bom==7.5.0", "pip-audit==2.10.1"
UNREACHABLE = (
    "NewConnectionError|Name or service not known|name resolution|unreachable|timed out|Max retries|Proxy"
    "|error sending request|network was disabled"
)

HELP = """make up       start Mentorfolio here; PORT=8001 make up for another port
make test     run the whole suite; make test ARGS="-k coach" for a part of it
make check    make lint, then the tests of what changed since main: a quick answer while you work
make bench    measure how fast the pages are, against the barest of Django (needs PostgreSQL)
make chaos    kill workers, beat and broker a hundred times, and see that no reminder is lost (some minutes)
make mutants  break the engine and the pure rules in small ways, and see that a test notices each (a long time)
make fuzz     look for bytes that break the reader of contact files; make fuzz ARGS=30 for half an hour
make lint     look at style, formatting and types
make install  install what all of these need, and start nothing
make sbom     write a bill of materials (CycloneDX) of what is installed to run the site
make audit    look up whether any of it has a known weakness
make lock     choose the newest allowed packages again and write both lock files
make clean    remove what was installed and cached (your data in var/ stays)

Without make: python3 up.py, python3 up.py test, and so on."""


class Stop(Exception):
    """Ends the program with a one-line message."""


def main(words: "list[str]") -> None:
    name, rest = (words[0], words[1:]) if words else ("up", [])
    if name in ("help", "-h", "--help"):
        print(HELP)
    elif name == "clean":
        clean()
    elif name == "up":
        prepare(RUNTIME)
        become(["manage.py", "up", *rest])
    elif name in MODULES:
        prepare(DEVELOPMENT)
        become(["-m", MODULES[name], *rest])
    elif name == "check":
        prepare(DEVELOPMENT)
        lint()
        become(["-m", "tests.changed", *rest])
    elif name == "install":
        prepare(DEVELOPMENT)
    elif name in ("lint", "lock", "sbom", "audit"):
        prepare(DEVELOPMENT)
        {"lint": lint, "lock": lock, "sbom": sbom, "audit": audit}[name]()
    else:
        raise Stop(f"There is no {name!r} here.\n\n{HELP}")


def check_this_python() -> None:
    if sys.version_info[:2] < LEAST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        raise Stop(
            "Mentorfolio needs Python 3.11 or newer; this is Python "
            + found
            + ". If a newer one is installed, name it: PYTHON=python3.12 make up"
        )
    if sys.platform == "win32":
        raise Stop("Mentorfolio runs on Linux and macOS. On Windows, use it inside WSL.")
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Stop("Python's venv module is missing. Install it first: apt install python3-venv") from None


# --- The virtual environment ---------------------------------------------------------------------


def prepare(lock_name: str) -> None:
    """Ensure that .venv contains what this lock file lists; fast if it already does."""
    if is_installed(lock_name):
        return
    check_this_python()
    with alone():
        if is_installed(lock_name):  # another process installed it while we waited
            return
        for leftover in glob.glob(glob.escape(VENV) + "-new-*") + glob.glob(glob.escape(VENV) + "-old-*"):
            remove(leftover)
        if lock_name == DEVELOPMENT and is_installed(RUNTIME):
            # The lock file has the same pins and more, so installing into the existing environment is safe.
            install(PYTHON, lock_name)
            stamp(VENV, lock_name)
        else:
            build(lock_name if not os.path.exists(stamp_path(VENV, DEVELOPMENT)) else DEVELOPMENT)


def build(lock_name: str) -> None:
    """Build a new environment next to the old one and rename it when complete, so that a failure leaves the old one."""
    fresh = f"{VENV}-new-{os.getpid()}"
    try:
        say("Making .venv (once; a minute or so).")
        made = subprocess.run([sys.executable, "-m", "venv", fresh], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if made.returncode:
            raise Stop("Python could not make a virtual environment:\n" + made.stdout.decode(errors="replace").strip())
        install(os.path.join(fresh, "bin", "python"), lock_name)
        stamp(fresh, lock_name)
        if lock_name == DEVELOPMENT:
            stamp(fresh, RUNTIME)
        settle(fresh)
        if os.path.lexists(VENV):
            retired = f"{VENV}-old-{os.getpid()}"
            os.rename(VENV, retired)
            os.rename(fresh, VENV)
            remove(retired)
        else:
            os.rename(fresh, VENV)
    finally:
        remove(fresh)


def settle(fresh: str) -> None:
    """Replace the build folder's path in the environment's scripts with the final path."""
    files = [os.path.join(fresh, "pyvenv.cfg"), *glob.glob(os.path.join(glob.escape(fresh), "bin", "*"))]
    for path in files:
        if os.path.islink(path) or not os.path.isfile(path):
            continue
        with open(path, "rb") as file:
            content = file.read()
        if b"\0" not in content and fresh.encode() in content:
            with open(path, "wb") as file:
                file.write(content.replace(fresh.encode(), VENV.encode()))


def install(python: str, lock_name: str) -> None:
    """Install the lock file and show the progress. Raises Stop with advice if it fails."""
    with open(os.path.join(ROOT, lock_name)) as file:
        wanted = len(re.findall(r"(?m)^[A-Za-z0-9][\w.\-\[\]]*==", file.read()))
    env = dict(os.environ, PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1", PYTHONUNBUFFERED="1")
    env.pop("PYTHONHOME", None)
    command = [python, "-m", "pip", "install", "--require-hashes", "--no-input", "--progress-bar", "off"]
    command += ["--retries", "2", "-r", lock_name]
    pip = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = []
    seen = 0
    try:
        for raw in pip.stdout or ():
            line = raw.decode(errors="replace").rstrip()
            said.append(line)
            package = re.match(r"(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9_.\-]+)", line)
            if package:
                seen += 1
                progress(f"Fetching {seen} of {wanted}: {package.group(1)}", seen)
            elif line.startswith("Installing collected"):
                progress(f"Installing {wanted} packages.")
    finally:
        if pip.poll() is None and sys.exc_info()[0]:
            pip.terminate()
        pip.wait()
    if pip.returncode:
        raise Stop(why_it_failed("\n".join(said)))
    progress(f"Installed what {lock_name} names.")
    if sys.stdout.isatty():
        print()


def why_it_failed(output: str) -> str:
    if "DO NOT MATCH THE HASHES" in output:
        return (
            "A downloaded package is not the one the lock file names, so nothing was installed. Details:\n"
            + output[-1500:]
        )
    if "No space left on device" in output:
        return "The disk is full, so nothing was installed. Make some room and start again."
    if re.search(UNREACHABLE, output):
        return "The packages could not be fetched. Is this machine online? Nothing is half done: start again then."
    return "The packages could not be installed. The last that pip said:\n" + last_lines(output)


def stamp_path(venv: str, lock_name: str) -> str:
    return os.path.join(venv, lock_name + ".sha256")


def checksum(lock_name: str) -> str:
    with open(os.path.join(ROOT, lock_name), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def stamp(venv: str, lock_name: str) -> None:
    with open(stamp_path(venv, lock_name), "w") as file:
        file.write(checksum(lock_name))


def is_installed(lock_name: str) -> bool:
    """Whether .venv matches the current lock files and its Python still starts."""
    try:
        for name in {RUNTIME, lock_name}:
            with open(stamp_path(VENV, name)) as file:
                if file.read().strip() != checksum(name):
                    return False
        return subprocess.call([PYTHON, "-c", ""], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


@contextlib.contextmanager
def alone() -> "typing.Iterator[None]":
    """A lock, so that of two concurrent starts the second waits until the first has installed."""
    import fcntl

    with open(VENV + "-lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Another start is installing; waiting for it.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def remove(path: str) -> None:
    if os.path.islink(path):
        os.unlink(path)
    else:
        shutil.rmtree(path, ignore_errors=True)


# --- For developers -------------------------------------------------------------------------------


def lint() -> None:
    djade = os.path.join(VENV, "bin", "djade")
    checks = [
        ("ruff check", [PYTHON, "-m", "ruff", "check", "."]),
        ("ruff format", [PYTHON, "-m", "ruff", "format", "--check", "."]),
        ("mypy", [PYTHON, "-m", "mypy", "."]),
        ("djade", [djade, "--target-version", "5.2", "--check", *templates()]),
        ("lengths of lines in templates", [PYTHON, "-m", "tests.test_template_lines"]),
    ]
    failed = []
    for title, command in checks:
        say("· " + title)
        if subprocess.call(command, cwd=ROOT):
            failed.append(title)
    if failed:
        raise Stop("Not clean: " + ", ".join(failed))


def templates() -> "list[str]":
    """The relative paths of all templates."""
    found = []
    for folder, _, names in os.walk(os.path.join(ROOT, TEMPLATES)):
        found += [os.path.relpath(os.path.join(folder, n), ROOT) for n in names if n.endswith((".html", ".txt"))]
    return sorted(found)


def lock() -> None:
    common = ["-m", "uv", "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11", "--upgrade"]
    common += ["--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--quiet"]
    for words in (["-o", RUNTIME], ["--group", "dev", "-c", RUNTIME, "-o", DEVELOPMENT]):
        if subprocess.call([PYTHON, *common, *words], cwd=ROOT):
            raise Stop("The lock file was not written.")


def sbom() -> None:
    """Write what the lock file pins as a bill of materials in CycloneDX."""
    words = ["requirements", RUNTIME, "--pyproject", "pyproject.toml", "--mc-type", "application"]
    done = run_tool(CYCLONEDX, "cyclonedx-py", *words, "--output-reproducible", "--of", "JSON", "-o", SBOM)
    if done.returncode:
        unreachable = re.search(UNREACHABLE, done.stderr)
        why = "its tool could not be fetched. Is this machine online?" if unreachable else last_lines(done.stderr)
        raise Stop(f"{SBOM} was not written: {why}")
    say(f"Wrote {SBOM}: what {RUNTIME} pins, in CycloneDX.")


def audit() -> None:
    """Look up the known weaknesses of what the lock file pins. Raises Stop if there are any.

    Where they can't be looked up, that is said, and is no failure: it says nothing about this project.
    """
    words = ["-r", RUNTIME, "--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json"]
    done = run_tool(PIP_AUDIT, "pip-audit", *words)
    say(audited(done.stdout, done.stderr))


def audited(output: str, trouble: str) -> str:
    """What pip-audit found, in a line; ``trouble`` is what it wrote to stderr. Raises Stop for a known weakness."""
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        if not re.search(UNREACHABLE, trouble):
            raise Stop("The audit did not work. The last that it said:\n" + last_lines(trouble)) from None
        packages = []
    found = [
        "{} {}: {}, mended in {}".format(
            package["name"], package["version"], weakness["id"], ", ".join(weakness["fix_versions"]) or "no version yet"
        )
        for package in packages
        for weakness in package.get("vulns", [])
    ]
    if found:
        raise Stop("\n".join(["Known weaknesses:", *found]))
    # An index that keeps no list of weaknesses answers as if it didn't know the package.
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    if len(unknown) == len(packages):
        return "The list of known weaknesses could not be reached, so nothing was checked."
    but = f" Not in the list, so not checked: {', '.join(unknown)}." if unknown else ""
    return f"No known weakness in {len(packages) - len(unknown)} packages.{but}"


def run_tool(package: str, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [PYTHON, "-m", "uv", "tool", "run", "--quiet", "--python", PYTHON, "--from", package, *words]
    env = dict(os.environ, PYTHONWARNINGS="ignore")
    return subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        encoding="utf-8",
        errors="replace",
        capture_output=True,
    )


def last_lines(output: str) -> str:
    return "\n".join(output.strip().splitlines()[-12:])


def clean() -> None:
    for pattern in (".venv", ".venv-*", ".*_cache", ".hypothesis", "staticfiles"):
        for path in glob.glob(os.path.join(glob.escape(ROOT), pattern)):
            if os.path.isfile(path):
                os.unlink(path)
            else:
                remove(path)
    say("Removed what was installed and cached. Your data in var/ is still there.")


# --- Output, and starting -------------------------------------------------------------------------


def say(line: str) -> None:
    print(line, flush=True)


def progress(line: str, count: int = 0) -> None:
    """A line that is overwritten on a terminal; elsewhere, print every tenth one."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 1
        print("\r" + line[:width].ljust(width), end="", flush=True)
    elif count % 10 == 0:
        print(line, flush=True)


def become(words: "list[str]") -> None:
    """Replace this process with the environment's Python, so that signals reach it directly."""
    os.chdir(ROOT)
    os.execv(PYTHON, [PYTHON, *words])


if __name__ == "__main__":
    try:
        if sys.version_info[:2] < LEAST:
            check_this_python()
        main(sys.argv[1:])
    except Stop as reason:
        sys.exit(str(reason))
    except KeyboardInterrupt:
        sys.exit("\nStopped. Nothing is half done.")
    except OSError as error:
        sys.exit(f"That did not work: {error}")
