"""`make fuzz`: bytes that lead the reader of contact files down paths it has not taken yet, for as long as you like.

``make fuzz ARGS=30`` for half an hour. Guided by coverage: atheris sees which branches an input takes and keeps what
takes a new one. It is fetched into ``var/fuzz``, beside the inputs, from which the next round goes on. What breaks the
reader, takes more than ten seconds or 700 MB is written to ``var/fuzz/found``; it becomes a case of
``tests/portfolio/contact_files/test_nasty.py``.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from importlib import import_module, util
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "fuzz"
TOOLS, INPUTS, FOUND = FOLDER / "tools", FOLDER / "inputs", FOLDER / "found"
ATHERIS = "atheris==3.0.0"  # for this only, and not for every machine: so it is no dependency of the project
MINUTES = 10


def main(words: list[str]) -> int:
    if words[:1] == ["--inside"]:
        return fuzz(words[1:])
    if not all(word.isdigit() for word in words[:1]):
        print('How many minutes? For example: make fuzz ARGS="30"')
        return 2
    for folder in (TOOLS, INPUTS, FOUND):
        folder.mkdir(parents=True, exist_ok=True)
    if not (TOOLS / "atheris").is_dir():
        fetched = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(TOOLS), ATHERIS]
        if subprocess.run(fetched, check=False).returncode:
            print("Nothing was fuzzed: atheris can’t be fetched, or not be installed on this machine.")
            return 1
    before = set(FOUND.iterdir())
    minutes = int(words[0]) if words else MINUTES
    options = [f"-max_total_time={minutes * 60}", "-timeout=10", "-rss_limit_mb=700", "-max_len=4096"]
    options += [f"-artifact_prefix={FOUND}/", f"-dict={FOLDER / 'words'}", "-print_final_stats=1", str(INPUTS)]
    env = {**os.environ, "PYTHONPATH": str(TOOLS), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    inside = [sys.executable, "-m", "tests.fuzz_contacts", "--inside", *options]
    code = subprocess.run(inside, cwd=ROOT, env=env, check=False).returncode
    for file in sorted(set(FOUND.iterdir()) - before):
        print(f"Found: {file.relative_to(ROOT)}")
    return code


def fuzz(options: list[str]) -> int:
    """In a process of its own, which atheris ends."""
    if not util.find_spec("atheris"):
        return 1
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=["portfolio.contact_files"]):
        fuzzing = import_module("tests.portfolio.contact_files.fuzzing")
    for data in fuzzing.VALID:
        (INPUTS / hashlib.sha256(data).hexdigest()).write_bytes(data)
    pieces = ["".join(f"\\x{byte:02x}" for byte in piece) for piece in fuzzing.PIECES if piece]
    (FOLDER / "words").write_text("".join(f'"{piece}"\n' for piece in pieces))
    atheris.Setup([sys.argv[0], *options], fuzzing.holds)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
