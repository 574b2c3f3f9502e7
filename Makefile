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
OPTIONS = -Db_sanitize=$(SANITIZE) $(if $(filter-out none,$(SANITIZE)),-Db_lundef=false) \
          $(if $(FOLDERS),-Dfolders=$(FOLDERS))
# Where and with what data `make run` serves.
LISTEN ?= 127.0.0.1:8080
DATA ?= visavis-data
# tools/need puts a newer Node there when the machine's is too old.
export PATH := $(CURDIR)/.tools/node_modules/node/bin:$(PATH)

# -- the two commands that do everything --------------------------------------------------------------------------
.PHONY: run
run: build ## install what is missing, build, serve a demo shop on 127.0.0.1:8080 (LISTEN= DATA=)
	@exec $(BUILD)/visavis demo --data $(DATA) --listen $(LISTEN)

.PHONY: test
test: all ## install what is missing, build, run all tests; ends with "N passed, N failed"
	@tools/need test
	@tools/test --build $(BUILD)

# -- building -------------------------------------------------------------------------------------------------------
.PHONY: build
build: configure ## the release binary, at build/visavis
	@ninja -C $(BUILD) -j $(JOBS) visavis

.PHONY: all
all: configure # and the test programs
	@ninja -C $(BUILD) -j $(JOBS)

.PHONY: configure
configure:
	@tools/need build
	@tools/configure $(BUILD) $(OPTIONS)

.PHONY: deb
deb: build ## a Debian package, in build/
	@packaging/make-deb $(BUILD)

# -- tests and checks ---------------------------------------------------------------------------------------------------
.PHONY: unit
unit: all ## unit tests and fuzz corpora alone (BUILD= SANITIZE= FOLDERS= narrow it)
	@meson test -C $(BUILD) --no-rebuild --num-processes $(JOBS) --print-errorlogs

.PHONY: http
http: all ## the tests against a running server alone
	@tools/need test
	@tools/test --build $(BUILD) --only http

.PHONY: pictures
pictures: build ## take the pictures of docs/guides anew, of the demo shop
	@tools/need test
	@TEST_BINARY=$(abspath $(BUILD)/visavis) node tests/e2e/pictures.mjs

.PHONY: fuzz-replay
fuzz-replay: all ## the kept fuzz inputs alone
	@meson test -C $(BUILD) --no-rebuild --suite fuzz --print-errorlogs

.PHONY: fuzz
fuzz: ## fuzz every surface with libFuzzer (SECONDS_EACH=60 SURFACE=name)
	@tools/need build check
	@tools/fuzz "$(or $(SECONDS_EACH),60)" "$(SURFACE)"

.PHONY: check
check: lint ## lint, then unit and HTTP tests under ASan+UBSan and TSan
	@tools/need build test check
	@tools/check-sanitized

.PHONY: lint
lint: ## layers, style, format, clang-tidy
	@tools/need build check
	@tools/lint

.PHONY: format
format: ## lay out the C files as .clang-format says, comments within 100 columns (FILES=)
	@files="$(or $(FILES),$(shell git ls-files 'src/*.[ch]' 'src/*.cpp' 'tests/*.[ch]'))"; \
	[ -z "$$files" ] || { clang-format -i $$files && tools/wrap-comments $$files && clang-format -i $$files; }

.PHONY: crash
crash: all ## the long suite: kill -9, power cuts, failing syncs, damaged bytes, small disks (root)
	@tools/need test crash
	@BINARY=$(abspath $(BUILD)/visavis) DRIVER=$(abspath $(BUILD)/tests/ledger_driver) tests/crash/run

.PHONY: overload
overload: build ## four times what can be served, and a crowd where there are 64 file descriptors (SECONDS_EACH=60)
	@tools/need test
	@TEST_BINARY=$(abspath $(BUILD)/visavis) node tests/overload/load.mjs $(or $(SECONDS_EACH),60)
	@TEST_BINARY=$(abspath $(BUILD)/visavis) node tests/overload/descriptors.mjs $(or $(SECONDS_EACH),60)

.PHONY: bench
bench: build ## figures as JSON lines (FULL=1: up to a million people; PEOPLE= ITEMS=)
	@tools/need test bench
	@ninja -C $(BUILD) -j $(JOBS) bench-programs
	@BINARY=$(abspath $(BUILD)/visavis) FULL=$(FULL) PEOPLE=$(PEOPLE) ITEMS=$(ITEMS) bench/run

.PHONY: pages
pages: build ## what the tag costs the demo shop (LCP, CLS), and Lighthouse for shop and console, as JSON lines (ROUNDS=7 ONLY=tag|lighthouse)
	@tools/need test
	@[ -d tests/node_modules ] || (cd tests && npm ci --no-audit --no-fund --loglevel=error)
	@[ -d bench/node_modules ] || (cd bench && npm ci --no-audit --no-fund --loglevel=error)
	@TEST_BINARY=$(abspath $(BUILD)/visavis) node bench/pages.mjs "$(or $(ROUNDS),7)" $(ONLY)

.PHONY: simulate-report
simulate-report: build ## what a blend earns over best sellers with simulated shoppers, on five seeds, and an A/A run (SEEDS=1,2 PEOPLE=)
	@tools/need test
	@TEST_BINARY=$(abspath $(BUILD)/visavis) node bench/simulate.mjs $(if $(SEEDS),SEEDS=$(SEEDS)) $(if $(PEOPLE),PEOPLE=$(PEOPLE))

.PHONY: clean-room
clean-room: ## prove `make test` and `make run` in a fresh Debian 12 (root)
	@tools/need clean-room
	@tools/clean-room

.PHONY: deb-test
deb-test: deb ## install, run and purge the package in a fresh Debian 12 (root)
	@tools/need clean-room
	@tools/deb-test $$(ls -t $(BUILD)/visavis_*.deb | head -n 1)

.PHONY: clean
clean: ## remove what was built
	@rm -rf build build-*

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
