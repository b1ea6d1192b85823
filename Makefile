# SPDX-License-Identifier: GPL-3.0-or-later
# Two commands do everything on a fresh Debian 12 as root: `make demo` and `make test`.

SHELL      := /bin/bash
VENV       := .venv
BIN        := $(VENV)/bin
LAB        := tests/lab/lab
PREPARE    := tests/prepare
export PATH := $(CURDIR)/$(BIN):$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg

.PHONY: help demo test unit lint browser-test screenshots lab-test integration-22 integration-16 molecule test-long source-proof bench-facts machine environment clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: machine environment  ## roll out two sites on real hosts, register phones, place a call
	$(BIN)/python tests/demo

test: lint unit browser-test lab-test  ## every check: style, types, unit tests, and the real thing in the lab

unit: environment  ## unit tests of the library: no root, no lab, seconds
	$(BIN)/pytest tests/unit

lint: environment  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --python-version 3.11 tests/lab/hostlab tests/phones
	$(BIN)/yamllint --strict .
	$(BIN)/ansible-lint --offline
	$(BIN)/antsibull-changelog lint

browser-test: machine environment  ## the status page in a real browser
	$(BIN)/pytest tests/browser

screenshots: machine environment  ## the pictures in docs/images, anew
	$(BIN)/python tests/browser/screenshots

# A host of each release has its own lab; side by side they take half the time.
lab-test: machine environment  ## the tests on real hosts with real phones
	$(BIN)/pytest tests/lab
	$(MAKE) --jobs 2 --output-sync=target integration-22 integration-16 molecule

integration-22: environment
	VOICEOPS_LAB_INSTANCE=1 $(BIN)/pytest tests/integration --durations=10 -k asterisk22

integration-16: environment
	VOICEOPS_LAB_INSTANCE=2 $(BIN)/pytest tests/integration --durations=10 -k "not asterisk22"

# Every scenario on a host of each release: check mode, run, run again, and a call.
molecule: environment  ## the role's scenarios in extensions/molecule
	VOICEOPS_LAB_INSTANCE=4 $(BIN)/molecule -c extensions/molecule/config.yml test --all

# Both releases, one after the other: the load needs the machine for itself.
test-long: machine environment  ## calls under load while the directory changes, on both releases: ten minutes
	$(BIN)/pytest tests/long

# Builds Asterisk several times; writes docs/measurements/source.md.
source-proof: machine environment  ## Asterisk built from source on a host that has none, switched and switched back
	$(BIN)/pytest tests/source --exitfirst

# Some 10 minutes on two cores; let nothing else run meanwhile.
bench-facts: machine environment  ## how long the facts of 1,000 and 10,000 registered phones take
	cd tests && $(CURDIR)/$(BIN)/python -m bench

machine:  # Debian packages for the lab; needs root
	@$(PREPARE) machine

environment: $(VENV)/.complete

$(VENV)/.complete: requirements-dev.txt $(PREPARE)
	@$(PREPARE) environment $(VENV)

clean:  ## leave nothing behind: hosts, base trees, virtual environment, caches
	@if [ "$$(id -u)" = 0 ]; then $(LAB) clean; fi
	rm -rf $(VENV) .ansible .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist *.egg-info *.tar.gz pbx-status.html
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
