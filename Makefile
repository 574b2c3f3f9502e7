# The front door; Meson does the work behind it. `make help` says what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# Where to build, how, and what of it. Examples:
#   make unit SANITIZE=address,undefined BUILD=build-asan
#   make unit FOLDERS=base,store BUILD=/tmp/mine      only these folders of src/ and their tests
BUILD ?= build
SANITIZE ?= none
FOLDERS ?=
JOBS ?= $(shell nproc)
OPTIONS = -Db_sanitize=$(SANITIZE) $(if $(filter-out none,$(SANITIZE)),-Db_lundef=false) $(if $(FOLDERS),-Dfolders=$(FOLDERS))

.PHONY: build
build: ## the release binary, at build/visavis
	@tools/need build
	@tools/configure $(BUILD) $(OPTIONS)
	@ninja -C $(BUILD) -j $(JOBS) visavis

.PHONY: unit
unit: ## unit tests and fuzz corpora alone (BUILD= SANITIZE= FOLDERS= narrow it)
	@tools/need build
	@tools/configure $(BUILD) $(OPTIONS)
	@ninja -C $(BUILD) -j $(JOBS)
	@meson test -C $(BUILD) --no-rebuild --num-processes $(JOBS) --print-errorlogs

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
