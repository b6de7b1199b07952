# Two words do everything on a fresh machine: `make run` and `make test`. The others are parts of them.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --quiet
# A registry that does not answer is asked again soon, not after five minutes.
NPM_CI := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-timeout=30000 --fetch-retries=5
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header

.PHONY: run test lint check fmt docs pictures lock sbom advisories dist base bench soak mutants site prerequisites test-prerequisites
.DEFAULT_GOAL := run

run: .venv/.for-running  ## install what is locked and start the service in development mode on 127.0.0.1:8000
	@KETAMINE_CDS_MODE=$${KETAMINE_CDS_MODE:-development} exec $(BIN)/ketamine-cds serve

# The suite runs in an emptied environment: a variable of this machine must not hide a fault.
test: test-prerequisites lint .venv/.for-fhir-server .venv/.for-axe .venv/.for-forms .venv/.for-site  ## install and run everything that continuous integration runs, in under twenty minutes
	env -i HOME="$$HOME" PATH="$$PATH" CI="$$CI" $(BIN)/pytest --numprocesses auto --dist loadfile

lint: .venv/.for-developing  ## format, style, types, import directions, tables
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m mappings

# What a commit must not break, in under a minute: for each stage the tests that start no server. The rest is `make test`.
UNITS := $(addprefix tests/,cds_hooks fhir normalise assess render house/test_names.py house/test_ids.py house/test_sentences.py house/test_docstrings.py house/test_start.py)
check: lint  ## lint and the unit tests, in under a minute: what a commit must not break
	env -i HOME="$$HOME" PATH="$$PATH" $(BIN)/pytest --quiet --numprocesses auto $(UNITS)

fmt: .venv/.for-developing  ## rewrite the code as ruff formats it
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

pictures: .venv/.for-developing  ## take the pictures of README anew, in a real browser
	$(BIN)/python -m tests.browser.pictures

docs: .venv/.for-developing  ## write what the documentation takes from tables and tests
	$(BIN)/python -m tests.documents

# Warnings are faults here: a link to a page or a place that is not there, a page that no reader is led to.
site: .venv/.for-site  ## make the documentation into a site, build/site, which needs no server
	$(BIN)/python -m sphinx --conf-dir docs/site --fail-on-warning --keep-going --quiet --doctree-dir build/doctrees . build/site
	@echo "build/site/index.html"

lock: .venv/.for-developing  ## write the dependency locks anew; `make lock UPGRADE=--upgrade` takes newer versions
	$(COMPILE) $(UPGRADE) pyproject.toml --output-file requirements.lock
	$(COMPILE) $(UPGRADE) pyproject.toml --extra mcp --constraint requirements.lock --output-file requirements-mcp.lock
	$(COMPILE) $(UPGRADE) pyproject.toml --extra populations --constraint requirements.lock --output-file requirements-populations.lock
	$(COMPILE) $(UPGRADE) pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock
	$(COMPILE) $(UPGRADE) --group build --constraint requirements-dev.lock --output-file requirements-build.lock
	$(COMPILE) $(UPGRADE) --group site --constraint requirements-dev.lock --output-file docs/site/requirements.lock
	for place in $(BENCH_LOCKS) tests/mutants; do $(COMPILE) $(UPGRADE) $$place/requirements.txt --output-file $$place/requirements.lock; done
	for place in bench/peers/cql tests/browser/axe docs/site; do (cd $$place && npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund) || exit 1; done
	$(MAKE) sbom

# An environment of its own tells what requirements.lock alone brings.
PARTS := .venv/parts
sbom: .venv/.for-developing  ## write sbom.cdx.json and docs/licences.md from what requirements.lock installs
	rm -rf $(PARTS)
	$(PYTHON) -m venv --without-pip $(PARTS)
	$(BIN)/python -m pip --python $(PARTS)/bin/python install --disable-pip-version-check --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m release.sbom $(PARTS)/bin/python
	rm -rf $(PARTS)

advisories: .venv/.for-developing  ## say what is known against the packages of the locks, or that it could not be asked
	$(BIN)/python -m release.advisories

# The date of all files in a wheel: with any one date, the same commit gives the same bytes.
dist: export SOURCE_DATE_EPOCH := 1580601600
dist: .venv/.for-running  ## build the wheel into dist/, with the list of its parts and the hashes beside it
	rm -rf dist
	$(BIN)/hatchling build --target wheel --directory dist
	cp sbom.cdx.json dist/
	cd dist && sha256sum *.whl sbom.cdx.json > SHA256SUMS

base:  ## pin the base image of the Dockerfile to the digest that its tag has today, or renew it; needs docker
	@set -e; tag=$$(sed -n 's/^ARG BASE=\([^@]*\).*/\1/p' Dockerfile); \
	digest=$$(docker buildx imagetools inspect "$$tag" --format '{{.Manifest.Digest}}'); \
	case $$digest in sha256:*) ;; *) echo "no digest of $$tag" >&2; exit 1;; esac; \
	sed -i "s|^ARG BASE=.*|ARG BASE=$$tag@$$digest|" Dockerfile; \
	echo "$$tag@$$digest"

bench: .venv/.for-bench  ## measure the service and its peers, and write docs/performance-figures.md; `make bench QUICK=1` only prints
	$(BIN)/python -m bench $(if $(QUICK),--quick)
	$(BIN)/python -m bench.large
	$(BIN)/python -m bench.hostile

soak: .venv/.for-bench  ## 100,000 mixed calls, with flat memory and no error; `make soak CALLS=5000` makes fewer
	$(BIN)/python -m bench.soak $(CALLS)

mutants: .venv/.for-mutants  ## change the code that judges in 300 small ways and see whether a test fails; writes docs/mutants.md
	$(BIN)/python -m tests.mutants --write $(if $(SAMPLE),--sample $(SAMPLE))

.venv/.for-mutants: .venv/.for-developing tests/mutants/requirements.lock
	$(INSTALL) --require-hashes --requirement tests/mutants/requirements.lock
	@touch $@

.venv/.for-running: .venv/.created requirements.lock requirements-build.lock pyproject.toml
	@echo "Installing what requirements.lock names into .venv: about half a minute the first time."
	$(INSTALL) --require-hashes --requirement requirements.lock
	$(INSTALL) --require-hashes --requirement requirements-build.lock
	$(INSTALL) --no-build-isolation --no-deps --editable .
	$(BIN)/python -m compileall -q cds_hooks mappings service
	$(BIN)/python -m mappings.prepared
	$(BIN)/python -c "import service.render.templates"
	@touch $@

.venv/.for-developing: .venv/.for-running requirements-dev.lock
	$(INSTALL) --require-hashes --requirement requirements-dev.lock
	@touch $@

# What makes the site: Sphinx, which reads the pages, and mermaid, which draws their diagrams in the browser.
.venv/.for-site: .venv/.for-developing docs/site/requirements.lock docs/site/package-lock.json
	$(INSTALL) --require-hashes --requirement docs/site/requirements.lock
	$(NPM_CI) --prefix docs/site
	@touch $@

# What the bench is measured against. `make test` needs none of it; each peer is installed when it is first run.
BENCH_LOCKS := bench bench/peers/flask_json bench/peers/healthchain
.venv/.for-bench: .venv/.for-running bench/requirements.lock
	$(INSTALL) --require-hashes --requirement bench/requirements.lock
	@touch $@

# A FHIR server of somebody else's, which tests let the service read.
FHIR_SERVER := tests/fetch/fhir_server
.venv/.for-fhir-server: .venv/.created $(FHIR_SERVER)/package-lock.json
	$(NPM_CI) --prefix $(FHIR_SERVER)
	@touch $@

# What looks for faults of the pages that keep people from using them.
AXE := tests/browser/axe
.venv/.for-axe: .venv/.created $(AXE)/package-lock.json
	$(NPM_CI) --prefix $(AXE)
	@touch $@

# A form filler of somebody else's, into which tests load the forms that we fill.
FORMS := tests/criteria/lforms
.venv/.for-forms: .venv/.created $(FORMS)/package-lock.json
	$(NPM_CI) --prefix $(FORMS)
	@touch $@

.venv/.created: | prerequisites
	$(PYTHON) -m venv .venv
	@touch $@

# Both name the Debian packages that are missing; .ci/run installs those that `test-prerequisites` names.
prerequisites:
	@missing=; $(FOR_RUNNING); $(REPORT)

test-prerequisites:
	@missing=; $(FOR_RUNNING); $(FOR_TESTING); $(REPORT)

define FOR_RUNNING
if ! command -v $(PYTHON) >/dev/null; then missing="python3 python3-venv"; \
elif ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then missing=python3-venv; \
elif ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
  echo "Python 3.11 or newer is needed; $(PYTHON) is older (choose another: make PYTHON=python3.12)" >&2; exit 1; \
fi
endef

define FOR_TESTING
command -v npm >/dev/null || missing="$$missing nodejs npm"; \
command -v chromium >/dev/null || missing="$$missing chromium"; \
command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"
endef

define REPORT
if [ -n "$$missing" ]; then echo "missing Debian packages:" $$missing >&2; exit 1; fi
endef
