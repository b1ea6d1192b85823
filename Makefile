# SPDX-License-Identifier: GPL-3.0-or-later
# Two commands do everything on a fresh Debian 12 as root: `make demo` and `make test`.

SHELL      := /bin/bash
VENV       := .venv
BIN        := $(VENV)/bin
LAB        := tests/lab/lab
PREPARE    := tests/commands/prepare
STAGES     := $(BIN)/python tests/commands/stages.py
# How many processes of pytest the stages without hosts have; 0: pytest itself and no other.
PROCESSES  := 2
ON_MACHINE := lint unit publishable browser-test docs lab-itself
ON_HOSTS   := integration-22 integration-16 molecule integration-own integration-manual bench-quick
export PATH := $(CURDIR)/$(BIN):$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
# Where this is set, each of the hundreds of processes compiles all that it imports of this checkout.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test unit lint publishable docs browser-test screenshots lab-test lab-itself integration-22 integration-16 integration-own integration-manual molecule test-long source-proof source-release nfs-proof confirm-proof bench bench-quick bench-facts bench-saturation bench-idle bench-fleet machine environment clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: machine environment  ## roll out two sites on real hosts, register phones, place a call
	$(BIN)/python tests/commands/demo.py

# All of them, also after one that fails. Two by two, for half of these keep one processor busy; the longest are
# on hosts. A stage has one process then: with two, each collects all the tests, makes Ansible ready, and waits
# for a processor.
test: machine environment  ## every check: style, types, unit tests, and the real thing in the lab
	@$(STAGES) begin
	@status=0; \
	$(MAKE) --keep-going --jobs 2 --output-sync=target $(addprefix timed-,$(ON_MACHINE)) || status=$$?; \
	$(MAKE) --keep-going --jobs 3 --output-sync=target $(addprefix timed-,$(ON_HOSTS)) || status=$$?; \
	$(STAGES) tell; exit $$status

timed-%:
	@$(STAGES) run $* $(MAKE) --no-print-directory PROCESSES=0 $*

unit: environment  ## unit tests of the library and its coverage; role and playbooks without hosts: no root, no lab
	$(BIN)/pytest tests/unit --numprocesses $(PROCESSES) --dist loadfile --cov
	$(BIN)/python tests/commands/branch_coverage.py
	$(BIN)/pytest tests/playbooks --numprocesses $(PROCESSES) --dist loadfile

# Keeps what ansible-test makes for itself in ~/.cache/voiceops-asterisk: without it some six minutes, with it three.
publishable: environment  ## what Ansible, Galaxy and REUSE ask of a collection, on the oldest ansible-core and the newest
	$(BIN)/pytest tests/published --numprocesses $(PROCESSES) --dist loadgroup --durations=10

docs: machine environment  ## the site, in build/docs/html, looked at in a browser; a link that leads nowhere is an error
	docs/site/build build/docs
	$(BIN)/pytest tests/site

lint: environment  ## style, types, and the English of what people read
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --python-version 3.11 tests/lab/hostlab tests/phones
	$(BIN)/yamllint --strict .
	$(BIN)/ansible-lint --offline
	$(BIN)/antsibull-changelog lint
	$(BIN)/python tests/commands/prose.py

browser-test: machine environment  ## the status page in a real browser
	$(BIN)/pytest tests/browser

screenshots: machine environment  ## the pictures in docs/images, anew
	$(BIN)/python tests/browser/screenshots.py

# Each has a lab of its own; side by side they take a third of the time, for much of it is waiting for telephones.
lab-test: lab-itself  ## the tests on real hosts with real phones
	$(MAKE) --jobs 3 --output-sync=target $(ON_HOSTS)

lab-itself: machine environment
	$(BIN)/pytest tests/lab

integration-22: environment
	VOICEOPS_LAB_INSTANCE=1 $(BIN)/pytest tests/integration --hosts shared --durations=10 -k asterisk22

integration-16: environment
	VOICEOPS_LAB_INSTANCE=2 $(BIN)/pytest tests/integration --hosts shared --durations=10 -k asterisk16

# Beside the two above, which take longest.
integration-own: environment
	VOICEOPS_LAB_INSTANCE=7 $(BIN)/pytest tests/integration --hosts own --durations=10 -k "asterisk22 or asterisk16"

# What is not said of a release: the manual, followed on a host of its own.
integration-manual: environment
	VOICEOPS_LAB_INSTANCE=6 $(BIN)/pytest tests/integration --durations=10 -k "not asterisk22 and not asterisk16"

# Every scenario on a host of each release: check mode, run, run again, and a call.
molecule: environment  ## the role's scenarios in extensions/molecule
	VOICEOPS_LAB_INSTANCE=4 $(BIN)/python tests/commands/run_molecule.py test --all

# Both releases, one after the other: the load needs the machine for itself.
test-long: machine environment  ## calls under load, ten roll-outs in a row, a canary, and what make test shows on one release only on the other: an hour
	$(BIN)/pytest tests/long
	$(BIN)/pytest tests/integration --other-release

# Builds Asterisk several times; writes docs/measurements/source.md, or source-trixie.md.
source-proof: machine environment  ## Asterisk built from source on a host that has none, switched and switched back
	$(BIN)/pytest tests/source --exitfirst --write-report

# Fetches some 40 MB where there is a newer one, and nothing else.
source-release: environment  ## take upstream's newest Asterisk 22 as the default of pbx_install_method: source
	$(BIN)/python tests/commands/source_release.py

# Some 25 minutes, for the machines are emulated; writes docs/measurements/nfs.md.
nfs-proof: machine environment  ## recordings on an NFS server that goes away, on hosts with a kernel of their own
	@$(PREPARE) virtual
	$(BIN)/pytest tests/nfs --exitfirst --write-report

# Some 25 minutes, for the machine is emulated; writes docs/measurements/confirm.md.
confirm-proof: machine environment  ## a change that nobody confirms, on a host with a kernel of its own that is booted or loses its power
	@$(PREPARE) virtual
	$(BIN)/pytest tests/virtual --exitfirst --write-report

# An hour on two cores; let nothing else run meanwhile. QUICK=1: everything once and small, as a test; PART=sizes,
# calls, newcomers, facts or fleet: that part anew, and the others as they were.
bench: machine environment  ## what changes cost, beside hand-written roles: docs/performance.md
	cd tests && $(CURDIR)/$(BIN)/python -m bench $(if $(QUICK),--quick) $(if $(PART),--part $(PART))

bench-quick: environment  # part of lab-test: outcomes, not times
	cd tests && VOICEOPS_LAB_INSTANCE=8 $(CURDIR)/$(BIN)/python -m bench --quick

# Some 10 minutes on two cores; let nothing else run meanwhile.
bench-facts: machine environment  ## how long the facts of 1,000 and 10,000 registered phones take, on each release
	cd tests && $(CURDIR)/$(BIN)/python -m bench --facts-report

# Some 40 minutes on two cores; let nothing else run meanwhile.
bench-saturation: machine environment  ## how many calls and REGISTERs a second a host takes, beside a hand-written role
	cd tests && $(CURDIR)/$(BIN)/python -m bench --saturation

# Some 10 minutes on two cores; let nothing else run meanwhile.
bench-idle: machine environment  ## what a run with nothing to do costs on one host and on twelve, beside a ping
	cd tests && $(CURDIR)/$(BIN)/python -m bench --idle

# Some 40 minutes on two cores; let nothing else run meanwhile. QUICK=1: two and three hosts, as a test; SIZE=1000: that size alone.
bench-fleet: machine environment  ## what a rollout to 100 and 500 simulated hosts costs the controller
	cd tests && $(CURDIR)/$(BIN)/python -m bench --many $(if $(QUICK),--quick) $(if $(SIZE),--size $(SIZE))

machine:  # Debian packages for the lab; needs root
	@$(PREPARE) machine

environment: $(VENV)/.complete

$(VENV)/.complete: requirements-dev.txt tests/unit/requirements.txt $(PREPARE)
	@$(PREPARE) environment $(VENV)

clean:  ## leave nothing behind: hosts, base trees, virtual environment, caches
	@if [ "$$(id -u)" = 0 ]; then $(LAB) clean; fi
	rm -rf $(VENV) .ansible .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist *.egg-info *.tar.gz pbx-status.html $${XDG_CACHE_HOME:-$$HOME/.cache}/voiceops-asterisk
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
