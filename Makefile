# Agora's machinery. Needs make and a Python of at least 3.11 with venv; everything else goes into .venv.
# Paths are relative, so that the project may lie in a folder with spaces in its name.

SHELL := /bin/sh
.DEFAULT_GOAL := help
PY := .venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test peers teams-package check bench messages screenshots clean venv runtime dev

help: ## List what there is (this)
	@echo "make TARGET, where TARGET is one of:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile
	@echo "PYTHON=/path/to/python3 chooses the Python; PORT=8081 the port of make run."

run: export AGORA_DEMO := $(or $(AGORA_DEMO),1)
run: export AGORA_PLAYGROUND := $(or $(AGORA_PLAYGROUND),1)
run: runtime ## Start Agora with a demo company and print the address to open; Ctrl-C stops it
	@exec $(PY) app.py run

test: dev ## Run the tests; what needs Node, Chromium or AGORA_DATA and cannot run is named at the end
	@$(PY) -m pytest $(ARGS)

peers: dev ## Let Agora talk to programs that are not ours: Microsoft's and Slack's stand-ins; needs Node.js
	@npm install --prefix tests/peers --no-audit --no-fund --silent
	@$(PY) -m pytest tests/peers $(ARGS)

teams-package: runtime ## Write agora-teams.zip, the app for Microsoft Teams, as the settings say
	@$(PY) app.py teams-package

check: dev ## Check style, types, layers and translations
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m pytest -q tests/test_architecture.py tests/test_declarations.py tests/test_translations.py

bench: dev ## Run the benchmarks, each against a bare baseline
	@$(PY) -m benchmarks $(ARGS)

messages: runtime ## Bring the catalogues of words up to what the code says; then translate what is empty
	@$(PY) -m bot.locale.extract

screenshots: dev ## Make the pictures of the documentation anew; needs Chromium
	@$(PY) docs/screenshots.py

clean: ## Remove what was installed and cached; the data in .agora stay
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is a copy of the requirements that were installed: what counts is what they say, not when they were written.
runtime: venv
	@cmp -s requirements.txt .venv/runtime.stamp || $(call install,requirements.txt,runtime)

dev: runtime
	@cmp -s requirements-dev.txt .venv/dev.stamp || $(call install,requirements-dev.txt,dev)

define install
{ echo "Installing $(1); the first time takes a minute or two." && \
  { $(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip >/dev/null; } && \
  $(PY) -m pip install --quiet -r $(1) && cp $(1) .venv/$(2).stamp; }
endef

ENOUGH := -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'

venv:
	@$(PY) $(ENOUGH) 2>/dev/null || { \
	  for python in $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3); do \
	    "$$python" $(ENOUGH) 2>/dev/null && break; python=; \
	  done; \
	  if [ -z "$$python" ]; then \
	    echo "Agora needs Python 3.11 or newer with its venv module, and found none here." >&2; \
	    echo "Install it (on Debian and Ubuntu: python3 and python3-venv), or name one: make PYTHON=/path/to/python3 ..." >&2; \
	    exit 1; \
	  fi; \
	  echo "Making .venv with $$python."; \
	  "$$python" -m venv --clear .venv; }
