# `make` alone prints the targets. All of them keep to the virtual environment .venv in this folder.
PYTHON ?= python3
BIN := .venv/bin
CODE := src tests scripts docs train $(wildcard bench)

.DEFAULT_GOAL := help
.PHONY: train bench-intervals bench-assess bench-judge bench-status help setup setup-test setup-litellm run test check format bench bench-peers docs screenshots lock clean

define have_python
	@command -v $(PYTHON) >/dev/null || { echo "Error: no $(PYTHON) here" >&2; echo "Install Python 3.11 or newer, or name one: make $@ PYTHON=python3.12" >&2; exit 1; }
endef

## Use
setup: ## make .venv and install Kanhe with its embedded model
	$(have_python)
	@$(PYTHON) scripts/setup.py run

run: setup ## start Kanhe on http://127.0.0.1:8080 (ARGS="…" are handed to `kanhe serve`)
	$(BIN)/kanhe serve $(ARGS)

## Develop
test: setup-test setup-litellm ## run the tests (ARGS="…" are handed to pytest)
	$(BIN)/python -m pytest $(ARGS)

check: setup-test ## format, lint and types, as CI does
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy

format: setup-test ## put the code in shape
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

bench: setup bench-peers ## compare speed and leaks with other gateways; needs root
	$(BIN)/python bench/compare.py $(ARGS)

bench-status: setup ## measure the status and the search over a ledger of a million entries
	$(BIN)/python bench/status.py $(ARGS)

bench-judge: setup ## measure what the embedded judge costs
	$(BIN)/python bench/judge.py $(ARGS)

bench-intervals: setup-test ## our intervals beside those of Inspect and garak (--inspect, --garak: their Pythons)
	$(BIN)/python bench/intervals.py $(ARGS)

bench-assess: setup ## measure what an assessment costs beside the model
	$(BIN)/python bench/assessment.py $(ARGS)

bench-peers: ## install the other gateways outside the checkout, in BENCH_HOME
	$(have_python)
	@PYTHON=$(PYTHON) bash bench/setup_peers.sh

docs: setup-test ## write docs/reference.md from the code, docs/obligations.md from the regimes
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/obligations.py

screenshots: setup-test ## take docs/img/console/*.png in a browser (needs /usr/bin/chromium and fonts-noto-cjk)
	$(BIN)/python tests/screenshots.py $(ARGS)

## Maintain
train: setup-test ## train the embedded judge (ARGS="--data DIR --seeds train/seeds --out DIR"; --help for all)
	$(BIN)/python -m train $(or $(ARGS),--help)

lock: ## lock requirements/*.txt anew (ARGS=--upgrade takes newer versions)
	$(have_python)
	PYTHON=$(PYTHON) sh scripts/lock.sh $(ARGS)

clean: ## remove the environments and all that was generated; data and keys stay
	rm -rf .venv .venv-litellm .venv-lock .venv.lock .venv-litellm.lock \
	    .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage dist build
	find src tests bench docs scripts -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

setup-test:
	$(have_python)
	@$(PYTHON) scripts/setup.py test

setup-litellm:
	$(have_python)
	@$(PYTHON) scripts/setup.py litellm

help: ## print this
	@awk '/^## /{printf "\n%s\n", substr($$0, 4)} \
	    /^[a-z-]+:.*## /{split($$0, a, ":.*## "); printf "  make %-8s %s\n", a[1], a[2]}' $(MAKEFILE_LIST)
