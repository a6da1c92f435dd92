# The two commands: `make run` starts the trainer, `make test` runs the tests. Both create .venv the first time
# and start at once afterwards. Windows has no make: the README gives the plain commands.

VENV := .venv
BIN := $(VENV)/bin
# The first Python that is new enough; PYTHON=/path/to/python make run chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
# Streamlit and streamlit-webrtc are big: say what takes so long.
SAY := @echo

.PHONY: run test check format clips clean help
.DEFAULT_GOAL := help

run: $(VENV)/run.stamp  ## start the trainer and open its page
	@$(BIN)/posecheck

test: $(VENV)/dev.stamp  ## run all tests
	@$(BIN)/posecheck model || echo "Without the pose model, the tests that need it are skipped."
	$(BIN)/python -m pytest

check: $(VENV)/dev.stamp  ## formatting, lint, types, rooms and definitions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/posecheck check

format: $(VENV)/dev.stamp  ## put the sources into the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clips: $(VENV)/render.stamp  ## render the sample videos again (about an hour)
	$(BIN)/python -m posecheck_render samples --out sample_videos
	$(BIN)/python -m posecheck_render sheet sample_videos/*.mp4 --out sample_videos/contact_sheet.jpg --frames 6 --height 84 --columns 2

clean:  ## remove the environment and the tools' caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

help:
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

# An environment that broke half-way has no stamp and is completed the next time.
$(VENV)/venv.stamp:
	@test -n "$(PYTHON)" || { echo "posecheck needs Python 3.11 or later, and none was found. Install one, then run make again." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python could not make an environment. On Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }
	@touch $@

$(VENV)/run.stamp: $(VENV)/venv.stamp pyproject.toml constraints.txt
	$(SAY) "Installing posecheck into $(VENV) (only this once; about 1 GB on disk)"
	@$(PIP_INSTALL) -e . || { echo "The installation did not finish. posecheck runs on Linux and Windows (x86-64) and on macOS (Apple silicon); otherwise check the connection and run make again." >&2; exit 2; }
	@touch $@

$(VENV)/dev.stamp: $(VENV)/venv.stamp pyproject.toml constraints.txt
	$(SAY) "Installing posecheck and its development tools into $(VENV) (only this once)"
	@$(PIP_INSTALL) -e ".[dev]" || { echo "The installation did not finish: check the connection and run make again." >&2; exit 2; }
	@touch $@ $(VENV)/run.stamp

$(VENV)/render.stamp: $(VENV)/dev.stamp
	@$(PIP_INSTALL) -e ".[dev,render]" || { echo "The installation did not finish: check the connection and run make again." >&2; exit 2; }
	@touch $@
