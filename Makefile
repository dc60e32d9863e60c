# `make demo` and `make test` set up what they need by themselves, in .venv, and need Python 3.10 or newer.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TOOLS := .venv-tools
TOOLS_WANTED := files/examples/Collate/requirements.txt files/examples/OmeZarr/requirements.txt tests/tools.txt
DEMO := files/examples/CountObjects
RESULTS := demo-results

.PHONY: demo test bench chaos fuzz docs lint unit functional tools end-to-end promises security audit guide containers clean

$(VENV)/demo-ready: setup.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[demo]'
	touch $@

$(VENV)/test-ready: setup.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@

# The tools of the examples that are on PyPI, apart from what run.py needs, and readers to compare with.
$(TOOLS)/ready: $(TOOLS_WANTED)
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet $(TOOLS_WANTED:%=--requirement %)
	touch $@

demo: $(VENV)/demo-ready
	$(BIN)/python $(DEMO)/prepare_images.py $(RESULTS)
	$(BIN)/python run.py --config $(DEMO)/config.py local $(DEMO)/job.json --bucket $(RESULTS)

test: lint unit functional end-to-end promises security docs guide containers

lint: $(VENV)/test-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy distributed_something worker
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive distributed_something worker run.py

unit: $(VENV)/test-ready
	$(BIN)/python -m pytest -n 2 tests/unit

# Most of these wait, so more run at a time than there are processors.
functional: $(VENV)/test-ready
	$(BIN)/python -m pytest -n 4 tests/functional

tools: $(TOOLS)/ready

# Real CellProfiler, for its example: needs a Python 3.9, a JDK and a C compiler; without, its test is skipped.
$(VENV)/cellprofiler/ready: tests/install_cellprofiler.py | $(VENV)/test-ready
	$(BIN)/python -m tests.install_cellprofiler $(VENV)/cellprofiler

end-to-end: $(VENV)/test-ready $(TOOLS)/ready $(VENV)/cellprofiler/ready
	$(BIN)/python -m pytest -n 2 tests/end_to_end

# What is promised when things fail, in scenarios of a minute; one needs root.
promises: $(VENV)/test-ready
	$(BIN)/python -m pytest -n 4 tests/chaos

security: $(VENV)/test-ready
	$(BIN)/python -m pytest -n 2 tests/security

# Looks every installed library up among the known vulnerabilities. Needs pypi.org, not only a mirror of its
# packages; it fails where nothing could be looked up.
audit: $(VENV)/test-ready
	$(PYTHON) -m venv $(VENV)/audit
	$(VENV)/audit/bin/pip install --quiet pip-audit
	$(BIN)/pip freeze --exclude-editable > $(VENV)/audit/installed.txt
	$(VENV)/audit/bin/pip-audit --strict --no-deps --disable-pip --requirement $(VENV)/audit/installed.txt

# The guide as web pages, in build/guide; a warning, or a link that leads nowhere, is an error.
docs: $(VENV)/test-ready
	$(BIN)/sphinx-build -W --keep-going -n -E -q -c documentation . build/guide

# Types what stands on the guide's pages, from a fresh clone.
guide: $(VENV)/test-ready
	$(BIN)/python -m pytest tests/guide

# Needs a Docker engine, or root and Debian's docker.io, debootstrap, busybox-static and docker-registry; skipped without.
containers: $(VENV)/test-ready $(VENV)/cellprofiler/ready
	$(BIN)/python -m pytest tests/docker

# Measures what the toolkit itself costs, beside its peers (installed from PyPI and Debian), and writes
# documentation/performance.md. 25 minutes; keep the machine quiet meanwhile.
bench: $(VENV)/test-ready
	$(BIN)/python -m tests.benchmarks

# Plays the scenarios of tests/chaos at full size and writes the table of documentation/reliability.md.
chaos: $(VENV)/test-ready
	$(BIN)/python -m tests.chaos

# Fuzzes every parser with atheris, which is coverage-guided (Linux, Python 3.11 or newer): some minutes. What it finds
# is shown and kept in fuzz-findings/. FUZZ='--runs 1000000 --seed 2 message' for one of them.
fuzz: $(VENV)/test-ready
	$(BIN)/python -m tests.fuzz $(FUZZ)

clean:
	rm -rf $(VENV) $(TOOLS) $(RESULTS) local-bucket build *.egg-info
