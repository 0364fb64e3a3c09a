# The whole interface: setup report lab app test golden lint bench hostile outside-tests. Needs Python 3.11 or newer and make.
PYTHON ?= python3
RUN := .venv/bin/python
READY := .venv/.ready
# processes run side by side; threads inside each only get in the way
export OMP_NUM_THREADS ?= 1
ARGS ?=
# pip, for it reads the index settings that the user has made; into .venv, also where pip is set to --user
INSTALL := $(RUN) -m pip install --quiet --disable-pip-version-check --no-user

.PHONY: setup report lab app test golden lint bench hostile outside-tests pins

setup: $(READY)

$(READY): pyproject.toml .ci/requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv --clear .venv
	$(INSTALL) --require-hashes -r .ci/requirements.txt
	$(INSTALL) --no-deps --no-build-isolation -e .
	touch $@

report: setup
	$(RUN) -m analysis report $(ARGS)

lab: setup # Voilà, a part of it, would give pictures to who has no token
	$(if $(findstring --allow-root,$(ARGS)),,@if [ "$$(id -u)" = 0 ]; then echo "JupyterLab does not run as root. \
	Run this as another user or, in a container of your own: make lab ARGS=--allow-root" >&2; exit 2; fi)
	$(RUN) -m jupyter lab --notebook-dir=notebooks --LabApp.news_url=None \
		--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate \
		--LabApp.app_settings_dir="$(CURDIR)/.jupyter/lab" \
		--VoilaConfiguration.file_allowlist="[]" $(ARGS)

app: setup # what it may do: .jupyter/voila.py
	env JUPYTER_PATH="$(CURDIR)/.jupyter" JUPYTER_CONFIG_PATH="$(CURDIR)/.jupyter" \
		$(RUN) -m voila notebooks --token $(ARGS)

test: lint
	$(RUN) -m pytest $(ARGS)

golden: setup # after a decision that moves figures: writes tests/golden
	$(RUN) tests/test_golden.py $(ARGS)

lint: setup
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) -m mypy

bench: setup # BASE=COMMIT compares with it
	$(RUN) tests/bench.py $(ARGS)

hostile: setup # a quarter of an hour: writes tests/hostile/README.md
	$(RUN) -m tests.hostile

outside-tests: setup # FILE: tests/actus-tests-pam.json of actusfrf/actus-tests, fetched by you
	$(RUN) -m tests.outside_actus $(if $(FILE),"$(FILE)",$(error FILE=... is needed: a copy of actus-tests-pam.json))

PINS = $(RUN) -m uv pip compile --quiet --generate-hashes --no-header --no-annotate
pins: setup # after a change of dependencies in pyproject.toml; uv, pinned too, is told pip's index
	$(INSTALL) --require-hashes -r .ci/uv.txt
	index="$${PIP_INDEX_URL:-$$($(RUN) -m pip config get global.index-url 2>/dev/null)}"; \
	set -- env $${index:+UV_DEFAULT_INDEX="$$index"} $(PINS) -o; \
	"$$@" .ci/requirements.txt --universal --python-version 3.11 --extra test pyproject.toml && \
	echo uv | "$$@" .ci/uv.txt -
