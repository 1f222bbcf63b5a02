# Everything sets itself up: the first target that needs the virtual environment makes it from requirements/dev.lock.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Workers of the test run; 2 suits the smallest machine that runs this.
WORKERS ?= 2
# Photographs with a manifest.json, for bench-photos; pictures at each degree of the ladder, for bench-ladder.
POOL ?= ../shared/photos
COUNT ?= 275

.PHONY: help setup demo test check vectors reference translations diagrams docs interop example wheel bench bench-photos bench-ladder bench-bombs nightly survival lock clean

help:
	@echo "make demo     the whole story in demo/, on made-up residents"
	@echo "make test     all tests, with coverage"
	@echo "make test-oldest  the quick tests, with the lowest versions that pyproject.toml permits"
	@echo "make check    ruff, mypy, import-linter, vectors and reference byte for byte"
	@echo "make foreign  suites of others: Wycheproof, speccheck, CCTV's cases, dCBOR, RFC 8949, status lists, TUF's attacks"
	@echo "make interop  the proof by an independent implementation"
	@echo "make example  passes for a Parquet file, signed by Dask"
	@echo "make docs     the documentation as a site: build/site/index.html"
	@echo "make wheel    build the wheel, install it alone, and play the demo with it"
	@echo "make reproducible  build HEAD twice, elsewhere and at another time, and compare the bytes"
	@echo "make release KEY=FILE|pkcs11:...  wheel, sdist, bills of materials and digests, signed (RELEASE.md)"
	@echo "make bench    figures, as ratios against floors and peers (build/bench/*.json)"
	@echo "make bench-photos POOL=DIR   what is read of real photographs, and what each step adds (benchmarks/README.md)"
	@echo "make bench-ladder COUNT=N    how bad a picture may be; N pictures a degree, 20 minutes for 275; goes on where it stopped"
	@echo "make fuzz     every reader fed with altered input for FUZZ_SECONDS (60); findings in build/fuzz/findings"
	@echo "make bench-bombs             files made to take much memory or time, handed to the command (Linux)"
	@echo "make nightly  the properties with 10,000 examples each, ten minutes of fuzzing, the suites of others, the lowest versions"
	@echo "make survival 200 syncs killed; workers killed 50 times over 100,000 residents, on both databases"
	@echo "make scanner  10,000 passes through every keyboard layout, Caps Lock, AIM identifier and line ending"
	@echo "make vectors  write test_vectors/ anew;  make reference  write the reference in specs/cli.md anew"
	@echo "make diagrams  draw docs/diagrams/ anew from their descriptions"
	@echo "make translations  compile what click says in Russian"
	@echo "make lock     resolve requirements/*.lock anew"

setup: .venv/ready

.venv/ready: requirements/dev.lock pyproject.toml scripts/system-packages
	@$(PYTHON) scripts/check_python.py
	@sh scripts/system-packages
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: .venv/ready
	$(BIN)/socpass demo demo/

test: .venv/ready
	@rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -n $(WORKERS) --dist loadgroup
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --include='src/socpass_vc/format/*,src/socpass_vc/verifier/*' --fail-under=100
	$(BIN)/coverage report --sort=cover | tail -n 25

# The quick part of the tests, with the lowest versions of everything that pyproject.toml permits.
.PHONY: test-oldest
test-oldest: build/oldest-venv/ready
	build/oldest-venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	HYPOTHESIS_PROFILE=quick build/oldest-venv/bin/python -m pytest -n $(WORKERS) --dist loadgroup tests/unit tests/conformance tests/properties

# Suites of others (tests/foreign/README.md); with CCTV=FILE also C2SP's own file of Ed25519 signatures.
.PHONY: foreign
foreign: .venv/ready
	SOCPASS_FOREIGN=all SOCPASS_CCTV=$(CCTV) $(BIN)/python -m pytest tests/foreign tests/unit/verifier/test_tuf_attacks.py tests/unit/format/test_keys.py tests/unit/format/test_cbor.py

# Every reader, fed for FUZZ_SECONDS; by atheris where it can be had, otherwise by an engine of ours. FUZZ_SEED gives the same inputs again.
FUZZ_SECONDS ?= 60
.PHONY: fuzz
fuzz: .venv/ready build/atheris/tried
	PYTHONPATH=build/atheris $(BIN)/python -m fuzz --seconds $(FUZZ_SECONDS) $(if $(FUZZ_SEED),--seed $(FUZZ_SEED))

build/atheris/tried: requirements/fuzz.lock
	@mkdir -p $(@D)
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: --upgrade --target $(@D) -r $< || echo "no atheris for this Python: the fuzzer uses its own engine"
	@touch $@

nightly: .venv/ready
	HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest tests/properties -n $(WORKERS)
	$(MAKE) fuzz FUZZ_SECONDS=600
	$(MAKE) foreign
	$(MAKE) test-oldest

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python test_vectors/generate.py --check
	$(BIN)/python scripts/cli_reference.py --check
	$(BIN)/python scripts/translations.py --check
	$(BIN)/python scripts/unicode_table.py --check
	$(BIN)/python scripts/diagrams.py --check

vectors: .venv/ready
	$(BIN)/python test_vectors/generate.py

reference: .venv/ready
	$(BIN)/python scripts/cli_reference.py

translations: .venv/ready
	$(BIN)/python scripts/translations.py

diagrams: .venv/ready
	$(BIN)/python scripts/diagrams.py

# Syncs killed at random moments, 200 times; workers, 50 times over 100,000 residents, on SQLite and on PostgreSQL.
survival: .venv/ready
	SOCPASS_SURVIVAL_SYNCS=200 $(BIN)/python -m pytest tests/cli/till/test_sync_survives.py -s -q
	SOCPASS_SURVIVAL_RESIDENTS=100000 SOCPASS_SURVIVAL_KILLS=50 $(BIN)/python -m pytest tests/unit/issuer/issuance/test_issuing_survives.py -k killed_at_any_moment -s -q

# 10,000 passes, each as a scanner types it in every combination of layout, Caps Lock, AIM identifier and line ending: 2.4 million scans.
.PHONY: scanner
scanner: .venv/ready
	SOCPASS_SCANNED_PASSES=10000 $(BIN)/python -m pytest tests/unit/qr/test_keyboard.py -k each_pass_comes_back -v

# cwt and the benchmarks' peers want other versions of our dependencies, so each lives in an environment of its own.
build/%-venv/ready: requirements/%.lock
	$(PYTHON) -m venv build/$*-venv
	build/$*-venv/bin/python -m pip install --quiet --require-hashes -r requirements/$*.lock
	@touch $@

interop: .venv/ready build/interop-venv/ready
	SOCPASS_INTEROP_PYTHON=build/interop-venv/bin/python $(BIN)/python -m pytest interop

# The example over a Parquet file, by another engine than ours; its environment holds that engine beside what socpass needs.
example: build/example-venv/ready
	PYTHONPATH=src:cli build/example-venv/bin/python -m pytest examples

# Strict: a dead link, a page left out of mkdocs.yml or a name that cannot be found stops it.
docs: build/docs-venv/ready
	build/docs-venv/bin/python scripts/docs_tree.py
	NO_MKDOCS_2_WARNING=1 build/docs-venv/bin/mkdocs build --strict --quiet

bench: .venv/ready build/peers-venv/ready
	@$(BIN)/python -m compileall -q src cli
	SOCPASS_PEERS_PYTHON=build/peers-venv/bin/python $(BIN)/python -m benchmarks

bench-photos: .venv/ready
	$(BIN)/python -m benchmarks.photos $(POOL)

bench-ladder: .venv/ready
	$(BIN)/python -m benchmarks.ladder $(COUNT)

bench-bombs: .venv/ready
	$(BIN)/python -m benchmarks.bombs

wheel: .venv/ready build/run-venv/ready build/agency-venv/ready
	rm -rf build/dist
	$(BIN)/python scripts/translations.py
	$(BIN)/python -m hatchling build -t wheel -t sdist -d build/dist
	build/run-venv/bin/python -m pip install --quiet --no-deps --force-reinstall build/dist/*.whl
	build/agency-venv/bin/python -m pip install --quiet --no-deps --force-reinstall build/dist/*.whl
	sh scripts/try-wheel build/run-venv/bin build/agency-venv/bin

# The wheel and the source archive of HEAD, built twice under different circumstances: the same bytes, in build/reproducible.
.PHONY: reproducible release
reproducible: .venv/ready
	$(BIN)/python scripts/build_twice.py

# What RELEASE.md describes, in build/release/VERSION. KEY is a key file or a pkcs11: URI; SECRET_FILE holds its passphrase or PIN.
release: .venv/ready build/run-venv/ready build/agency-venv/ready build/sbom-venv/ready
	$(BIN)/python scripts/release.py --key "$(KEY)" $(if $(SECRET_FILE),--secret-file "$(SECRET_FILE)")

lock:
	$(PYTHON) -m venv build/lock-venv
	build/lock-venv/bin/python -m pip install --quiet uv
	build/lock-venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --all-extras --group dev -o requirements/dev.lock
	build/lock-venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --all-extras --group dev --resolution lowest-direct -o requirements/oldest.lock
	build/lock-venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements/run.lock
	build/lock-venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --extra agency -o requirements/agency.lock
	build/lock-venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements/interop.in -o requirements/interop.lock
	build/lock-venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements/docs.in -o requirements/docs.lock
	build/lock-venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements/peers.in -o requirements/peers.lock
	build/lock-venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements/example.in pyproject.toml --extra agency -o requirements/example.lock
	build/lock-venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements/sbom.in -o requirements/sbom.lock
	build/lock-venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements/fuzz.in -o requirements/fuzz.lock

clean:
	rm -rf .venv build demo .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
