# make run, make test, make eval, make bench: each sets itself up in .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: compiled run test eval bench check clean

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,bench]'
	touch $(STAMP)

# What is compiled already takes no time; of a newer version, the first question would wait for it.
compiled: $(STAMP)
	$(BIN)/shangan knowledge compile

run: compiled
	$(BIN)/shangan serve

check: compiled
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/shangan knowledge check

# Tests start the program many times: it is compiled once, whatever the machine is set to. Files go in their order,
# not those of few tests last: they are the ones that take long, and one of the two would wait for the other's end.
test: check
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

eval: compiled
	$(BIN)/python -m bench.evaluate

bench: compiled
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
