# Everything that a clone needs: `make demo`, then `make test`.

PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Where pip finds torch; empty for its usual places. README.md says when to set it.
TORCH_OPTIONS ?=

.PHONY: setup slim demo test format lint types check soak fuzz cluster bench audit lock clean

setup: $(VENV)/ready

# Locks hold every package with its hashes; torch stands apart, since its CPU build is a different
# file on different systems. What was installed before is left as it is, so that each of these
# installations grows out of the one before: slim, with the page, whole. The small ones compile what
# they use when they first use it, a fifth of it all.
$(VENV)/ready-slim: requirements-slim.lock pyproject.toml
	@echo "Installing what asks and builds into $(VENV) (350 MB) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --no-compile --require-hashes --no-deps -r requirements-slim.lock
	@$(PIP) --no-compile --no-deps --no-build-isolation --editable .
	@echo ready > $@

$(VENV)/ready-page: $(VENV)/ready-slim requirements-page.lock
	@echo "Installing the page (50 MB) ..."
	@$(PIP) --no-compile --require-hashes --no-deps -r requirements-page.lock
	@echo ready > $@

$(VENV)/ready: $(VENV)/ready-slim requirements.lock requirements-torch.txt
	$(PIP) --require-hashes --no-deps -r requirements.lock
	$(PIP) $(TORCH_OPTIONS) -r requirements-torch.txt
	@echo ready > $@

slim: $(VENV)/ready-slim

demo: $(VENV)/ready-page
	@echo "Indexing the notes in content/ ..."
	@$(BIN)/assistant build
	@echo 'assistant ask "how do I free GPU memory"'
	@$(BIN)/assistant ask "how do I free GPU memory"
	@echo "Now ask yourself: $(BIN)/assistant ask; or in the browser: $(BIN)/assistant web" >&2

test: lint types check

# The notes that ship show code of many libraries, and the tests run it.
$(VENV)/ready-to-test: $(VENV)/ready requirements-content.lock
	$(PIP) --require-hashes --no-deps -r requirements-content.lock
	@echo ready > $@

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy

check: $(VENV)/ready-to-test
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest

# Seconds that each long test takes.
SOAK ?= 60
soak: setup
	HF_HUB_OFFLINE=1 SOAK=$(SOAK) $(BIN)/python -m pytest -m soak -rP

# Seconds for each of the targets in fuzz/; what it finds becomes a named case in the tests.
FUZZ_SECONDS ?= 300
fuzz: $(VENV)/ready-to-test
	$(PIP) "atheris>=3.0"
	for target in fuzz/fuzz_*.py; do \
		$(BIN)/python $$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 -max_len=2000 || exit 1; \
	done

# What takes a cluster of Ray, or Milvus' own server in C++, which is installed for it alone.
cluster: $(VENV)/ready-to-test
	$(PIP) milvus==2.3.5
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest -m cluster

bench: setup
	HF_HUB_OFFLINE=1 $(BIN)/python benchmarks/run.py $(NOTES)

# First what needs no network: is what is installed what the lock says? Then known vulnerabilities,
# by a tool in an environment of its own. A package that its database could not tell of counts as a
# failure (--strict), so that nothing passes because nobody looked.
PIP_AUDIT := pip-audit==2.10.1
LOCKS := requirements.lock requirements-slim.lock requirements-page.lock requirements-content.lock
audit: setup
	$(BIN)/python scripts/audit.py $(LOCKS)
	$(PYTHON) -m venv $(VENV)/audit
	$(subst $(VENV),$(VENV)/audit,$(PIP)) $(PIP_AUDIT)
	$(subst $(VENV),$(VENV)/audit,$(BIN))/pip-audit --strict --disable-pip --require-hashes \
		--progress-spinner off $(addprefix --requirement ,$(LOCKS)) \
		|| { echo "not audited, or not sound: see above; without a network only the check of the" \
			"lock holds" >&2; exit 1; }

# What torch brings with it where it is built for a GPU.
NOT_LOCKED := cuda-bindings \
	cuda-pathfinder \
	cuda-toolkit \
	nvidia-cublas \
	nvidia-cuda-cupti \
	nvidia-cuda-nvrtc \
	nvidia-cuda-runtime \
	nvidia-cudnn-cu13 \
	nvidia-cufft \
	nvidia-cufile \
	nvidia-curand \
	nvidia-cusolver \
	nvidia-cusparse \
	nvidia-cusparselt-cu13 \
	nvidia-nccl-cu13 \
	nvidia-nvjitlink \
	nvidia-nvshmem-cu13 \
	nvidia-nvtx \
	torch \
	triton

# Solved for every Python from 3.11 and every system at once, which pip alone cannot do.
SOLVE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate
LOCK := $(SOLVE) $(addprefix --no-emit-package ,$(NOT_LOCKED)) pyproject.toml
SLIM := $(SOLVE) --constraint requirements.lock --override $(VENV)/overrides.txt
lock: setup
	$(PIP) uv
	$(BIN)/$(LOCK) --extra dev --extra mcp --extra multilingual --extra cluster --extra cluster-test \
		--output-file requirements.lock
	$(BIN)/$(LOCK) --extra content --constraint requirements.lock --output-file requirements-content.lock
	$(BIN)/python scripts/slim.py overrides > $(VENV)/overrides.txt
	$(BIN)/python scripts/slim.py base | $(BIN)/$(SLIM) - --output-file requirements-slim.lock
	$(BIN)/python scripts/slim.py page | $(BIN)/$(SLIM) - --output-file requirements-page.lock

clean:
	rm -rf $(VENV) build dist *.egg-info
