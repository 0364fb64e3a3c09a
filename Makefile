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
	$(INSTALL) -r .ci/requirements.txt
	$(INSTALL) --no-deps -e .
	touch $@

report: setup
	$(RUN) -m analysis report $(ARGS)

lab: setup
	$(if $(findstring --allow-root,$(ARGS)),,@if [ "$$(id -u)" = 0 ]; then echo "JupyterLab does not run as root. \
	Run this as another user or, in a container of your own: make lab ARGS=--allow-root" >&2; exit 2; fi)
	$(RUN) -m jupyter lab --notebook-dir=notebooks --LabApp.news_url=None \
		--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate \
		--LabApp.app_settings_dir="$(CURDIR)/.jupyter/lab" $(ARGS)

# code hidden, for this machine and who holds the token only; no page may reach out to a network
POLICY := default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'self'
app: setup
	env JUPYTER_PATH="$(CURDIR)/.jupyter" $(RUN) -m voila notebooks --template=plain --Voila.ip=127.0.0.1 --token --classic-tree \
		--VoilaConfiguration.allow_template_override=NO \
		--Voila.tornado_settings="{'headers': {'Content-Security-Policy': \"$(POLICY)\"}}" $(ARGS)

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

pins: setup # after a change of dependencies in pyproject.toml; uv is told pip's index
	$(INSTALL) uv
	index="$${PIP_INDEX_URL:-$$($(RUN) -m pip config get global.index-url 2>/dev/null)}"; \
	env $${index:+UV_DEFAULT_INDEX="$$index"} $(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --extra test --no-header --no-annotate -o .ci/requirements.txt pyproject.toml
