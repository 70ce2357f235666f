# Thin wrapping: what each target runs can be run by hand, see README.md.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

UV_VERSION := 0.13.9
PYTEST_ARGS ?= -n 2 --dist loadgroup
PYTHON = $(eval PYTHON := $$(shell .ci/python))$(PYTHON)
UV = UV_PYTHON="$(PYTHON)" UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv .uv/bin/uv
COMPOSE = $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
SAMPLE := fixtures/sample

.PHONY: help
help: ## Print this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name does; do \
	  printf '  make %-12s %s\n' "$$name" "$$does"; done

# Compiled once: where Python may not write bytecode, each start of praman and each of its children would compile
# every module anew. What is compiled already costs nothing.
.PHONY: setup
setup: setup-packages .venv/.setup ## Install Tesseract (eng, ben) and the locked environment; leaves .venv/bin/praman
	@.venv/bin/python -m compileall -q pipeline actors

.PHONY: demo
demo: setup ## Verify the sample proofs of fixtures/ and print the verdicts
	@rm -rf demo && mkdir demo
	.venv/bin/praman verify $(SAMPLE)/manifest.jsonl --jobs $(SAMPLE)/jobs.yaml --out demo/verdicts.jsonl \
	  --db demo/ledger.db --show
	@echo
	@echo "The verdict lines are in demo/verdicts.jsonl, the ledger in demo/ledger.db. What to try next:"
	@echo "  .venv/bin/praman export --db demo/ledger.db --format csv     # with the sentences for the submitters"
	@echo "  .venv/bin/praman moderator add you@example.com --db demo/ledger.db    # prints your password for the review console"
	@echo "  PRAMAN_DATABASE_URL=sqlite:///demo/ledger.db PRAMAN_STORE_URL=demo/ledger.db.evidence .venv/bin/praman serve"
	@echo "      then sign in at http://127.0.0.1:8000/review: the manual cases wait there"
	@echo "  make console    # the same console with every reject left to you: more than thirty cases"
	@echo "  .venv/bin/praman check $(SAMPLE)/images/p0005.webp --jobs $(SAMPLE)/jobs.yaml --job job-001-youtube-subscribe --annotate demo/seen.png"

.PHONY: console
console: setup ## Open the review console on the sample proofs, every reject left to a person
	@rm -rf demo/console* && mkdir -p demo
	@sed 's/^- id:/- decide: {auto_reject: false}\n  id:/' $(SAMPLE)/jobs.yaml > demo/console-jobs.yaml
	.venv/bin/praman verify $(SAMPLE)/manifest.jsonl --jobs demo/console-jobs.yaml --out demo/console.jsonl --db demo/console.db
	@echo && echo "Sign in at http://127.0.0.1:8000/review as:"
	@.venv/bin/praman moderator add you@example.com --admin --db demo/console.db
	PRAMAN_DATABASE_URL=sqlite:///demo/console.db PRAMAN_STORE_URL=demo/console.db.evidence PRAMAN_AUDIT_SHARE=0.2 .venv/bin/praman serve

.PHONY: screenshots
screenshots: test-setup ## Draw the console's pages anew from the sample proofs, for docs/console/
	.venv/bin/python -m fixtures.console_shots

.PHONY: test
test: test-setup lint ## Install what the tests need, then lint and run the whole suite
	.venv/bin/python -m pytest $(PYTEST_ARGS)

.PHONY: test-setup
test-setup: setup test-packages .venv/.test ## Install Redis, PostgreSQL, Chromium, fonts and the test tools

.PHONY: lint
lint: .venv/.test ## Style, types, and which room may reach into which
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

.PHONY: format
format: .venv/.test ## Put every file into shape
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

.PHONY: faults
faults: test-setup ## Kill, stop, fill and cut everything in the middle of the work; sizes scale with FAULTS_SCALE
	timeout 1200 .venv/bin/python -m pytest tests/faults -p no:xdist --durations=0 $(FAULTS_ARGS)

.PHONY: watch-test
watch-test: test-setup ## Prometheus on our scrape rules, alerts and dashboard, against real parts; needs `prometheus`
	.venv/bin/python -m tests.watch.run

.PHONY: audit
audit: setup ## Ask PyPI's advisories about every locked dependency, where they can be asked
	@UV_PYTHON="$(PYTHON)" .ci/audit

.PHONY: compose-up
compose-up: ## Build the image and start API, Redis, PostgreSQL, a worker and the sweep
	$(COMPOSE) up --build --detach

.PHONY: compose-down
compose-down: ## Stop what compose-up started; the volumes stay
	$(COMPOSE) down

.PHONY: compose-test
compose-test: test-setup ## The compose file on a bad day: three workers, kills, a wiped Redis (needs a Docker engine)
	.venv/bin/python -m tests.compose.run

.PHONY: clean
clean: ## Remove the environment, caches and the demo's output
	rm -rf .venv .uv demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: setup-packages test-packages
setup-packages test-packages: %-packages:
	@test -n "$(PYTHON)"
	@PYTHON="$(PYTHON)" .ci/packages $*

# uv lives in an environment of its own, so that nothing outside this folder changes.
.uv/.$(UV_VERSION): | setup-packages
	rm -rf .uv
	"$(PYTHON)" -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.setup: uv.lock pyproject.toml .uv/.$(UV_VERSION)
	$(UV) sync --frozen --quiet --compile-bytecode
	@touch $@

.venv/.test: .venv/.setup
	$(UV) sync --frozen --quiet --compile-bytecode --group test --group lint --group draw
	@touch $@

BENCH_ARGS ?=

.PHONY: bench
bench: test-setup bench/drawn/labels.jsonl ## Praman beside its peers on a drawn corpus; writes bench/results.md
	$(UV) sync --frozen --quiet --all-groups
	.venv/bin/python bench/run.py --corpus bench/drawn $(BENCH_ARGS)

# The seed of the figures in bench/results.md; a folder left half drawn is drawn anew.
bench/drawn/labels.jsonl: | test-setup
	rm -rf bench/drawn
	.venv/bin/python fixtures/draw.py --out bench/drawn --seed 592 --jobs 42 --people 4 --copies 2 --fakes 2
