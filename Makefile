# Finds Python and calls up.py, which does the work. All paths are relative, so that any folder works.
PYTHON ?= python3
ARGS ?=

.PHONY: help up test check bench chaos mutants fuzz lint sbom audit install lock clean

help up test check bench chaos mutants fuzz lint sbom audit install lock clean:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { echo "Mentorfolio needs Python 3.11 or newer, and $(PYTHON) was not found."; exit 1; }
	@exec "$(PYTHON)" up.py $@ $(ARGS)
