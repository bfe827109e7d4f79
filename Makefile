# Everything that a clone needs: `make demo`, then `make test`.

PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
# Where pip finds torch; empty for its usual places. README.md says when to set it.
TORCH_OPTIONS ?=

.PHONY: setup demo test format lint types check bench lock clean

setup: $(VENV)/ready

# The lock holds every package with its hashes; torch stands apart, since its CPU build is a
# different file on different systems.
$(VENV)/ready: requirements.lock requirements-torch.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH_OPTIONS) -r requirements-torch.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@echo ready > $@

demo: setup
	$(BIN)/assistant build
	$(BIN)/assistant ask "how do I free GPU memory"

test: setup lint types check

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy

check: setup
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest

bench: setup
	HF_HUB_OFFLINE=1 $(BIN)/python benchmarks/run.py $(NOTES)

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
lock: setup
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-header --no-annotate $(addprefix --no-emit-package ,$(NOT_LOCKED)) \
		--output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) build dist *.egg-info
