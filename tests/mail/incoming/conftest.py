"""The corpus of mails is beside some clones only; without it, its test is not collected."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = (above / "shared" / "corpus" / "mails" for above in ROOT.parents)
CORPUS = next((folder for folder in FOLDERS if folder.is_dir()), None)
collect_ignore = [] if CORPUS else ["test_corpus.py"]
