# Two commands do all the set-up: `make demo` and `make test`. Each makes or reuses .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

TURTLE := ontology shapes data
# Cases by one engine, the shapes and the rules of the house: what a change to a criterion breaks first.
FAST := $(addprefix tests/test_,$(addsuffix .py,code_rules cases counter_cases definitions derived_shapes \
	house_rules lamsig_record record_check record_shapes ties verdict_rule))
PROOFS := $(shell grep -l 'from scale import' tests/test_*.py)

# Tests start hundreds of processes: each would compile the code and the definitions anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo dev test test-fast format lint types unit prove wheel docs bundles clean

# turtlefmt keeps comments and order, but puts blanks beside some comments; these are taken off.
format_turtle = $(BIN)/turtlefmt $(1) && find $(1) -name '*.ttl' -exec sed -i -e '1s/^ \#/\#/' -e 's/^\# $$/\#/' {} +

demo: $(VENV)/installed
	@$(BIN)/k20kg validate data/cases/lamsig

dev: $(VENV)/installed-dev

# What is quick runs side by side; the tests use all cores by themselves.
test: $(VENV)/installed-dev
	$(MAKE) -j2 lint types wheel
	$(MAKE) unit

# Within a minute: not the site, the reasoners, corpora, stores or the second engine.
test-fast: $(VENV)/installed-dev
	$(MAKE) -j2 lint types
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder $(FAST)

format: $(VENV)/installed-dev
	$(BIN)/ruff format .
	$(call format_turtle,$(TURTLE))

lint: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	rm -rf build/turtle && mkdir -p build/turtle && cp -r $(TURTLE) build/turtle/
	$(call format_turtle,$(TURTLE:%=build/turtle/%))
	for folder in $(TURTLE); do diff -r $$folder build/turtle/$$folder || exit 1; done
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: $(VENV)/installed-dev
	$(BIN)/mypy

unit: $(VENV)/installed-dev
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

# All that `make test` takes a sample of: every case and hundreds of mutants on both engines, ten
# thousand made-up cases, LAMSIG before both reasoners, the server under fire for longer.
prove: $(VENV)/installed-dev
	K20KG_PROVE=1 $(BIN)/pytest -n auto --dist worksteal $(PROOFS)

# The built wheel, not the checkout: run once in an environment of its own, from outside this folder.
wheel: $(VENV)/installed-dev
	rm -rf build/wheel && mkdir -p build/wheel
	$(BIN)/python -m build --wheel --no-isolation --outdir build/wheel . > build/wheel/log.txt
	$(PYTHON) -m venv --without-pip build/wheel/venv
	$(BIN)/pip --python build/wheel/venv/bin/python install -q --disable-pip-version-check build/wheel/*.whl
	cd / && "$(CURDIR)/build/wheel/venv/bin/k20kg" validate lamsig | grep "K-20 partnership"
	cd / && "$(CURDIR)/build/wheel/venv/bin/k20kg" validate one-cycle-open | grep "not established"

# The documentation as a site, in build/docs; what is generated is made anew first.
docs: $(VENV)/installed-docs
	$(BIN)/python docs/generate.py
	$(BIN)/sphinx-build -q -W -b html docs build/docs
	@echo "build/docs/index.html"

# What a stock SHACL engine is given: one shapes file a reading, the subclass slice, flat cases.
bundles: $(VENV)/installed
	$(BIN)/k20kg definitions --write build/bundles
	$(BIN)/k20kg cases --write build/bundles/cases

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "k20kg needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml $(VENV)/bin/python
	$(BIN)/pip install -q --disable-pip-version-check -e '.[office]'
	@touch $@

$(VENV)/installed-dev: pyproject.toml $(VENV)/bin/python
	$(BIN)/pip install -q --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/installed

$(VENV)/installed-docs: pyproject.toml $(VENV)/bin/python
	$(BIN)/pip install -q --disable-pip-version-check -e '.[docs]'
	@touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) build dist
