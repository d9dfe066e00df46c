# make demo: the app on the demo store, able to evaluate; make demo LIGHT=1: without torch.   make test: the tests.
# Each makes what it needs.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
ENGINE := $(VENV)/.engine

.PHONY: demo engine test test-slurm test-install load faults fuzz bench lint coverage pictures clean

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "intermezzo needs Python 3.11 or newer; $(PYTHON) is older. Say: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "making the environment in $(VENV) (once) ..." >&2
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(STAMP)

# Apart, since the app needs none of it: torch alone is larger than everything else together.
$(ENGINE): $(STAMP)
	@echo "adding what evaluates and trains to $(VENV) (once; torch is large)$(LEAVE_OUT) ..." >&2
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable '.[dev,engine,pocket,int8,slurm]'
	@touch $(ENGINE)

demo: LEAVE_OUT = ; make demo LIGHT=1 goes without
demo: $(if $(LIGHT),$(STAMP),$(ENGINE))
	@$(BIN)/intermezzo demo

engine: $(ENGINE)

test: $(ENGINE)
	@$(BIN)/python -m pytest -n 2

# On a real SLURM, brought up from Debian's packages and taken down again; left out, saying why, where that cannot be.
test-slurm: $(ENGINE)
	@bash tests/slurm/run.sh $(BIN)/python

# Writers, importers, apps and duckdb shells on one store: make load MINUTES=10.
load: $(STAMP)
	@$(BIN)/python tests/load --minutes $(or $(MINUTES),3)

# A kill, a full disk, an error at every call that changes a file: hours. make faults POINTS=10 takes some of them.
faults: $(ENGINE)
	@$(BIN)/python tests/faults $(if $(POINTS),--points $(POINTS))

# Coverage-guided, MINUTES of each target: make fuzz MINUTES=10.
fuzz: $(ENGINE)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable '.[dev,engine,fuzz]'
	@$(BIN)/python tests/fuzz --minutes $(or $(MINUTES),1)

# Wheel and sdist in environments of their own, core and extras apart, on every Python from 3.11 on that is found.
test-install: $(ENGINE)
	@$(BIN)/python tests/packaging/installs.py

# Beside peers, which nothing else needs. ARGS='--only mteb_tree' measures one part anew, ARGS=--render makes the page only.
bench: $(ENGINE)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable '.[dev,engine,pocket,int8,slurm,bench]'
	@$(BIN)/python tests/bench $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

coverage: $(STAMP)
	@OPENBLAS_NUM_THREADS=1 nice -n 15 $(BIN)/python tests/coverage/table.py --write

pictures: $(STAMP)
	@cd tests/terminal && ../../$(BIN)/python pictures.py

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
