# What to run, and nothing else: each target does all its own set-up.
#
#   make demo                 a whole call centre on this machine, with robot callers (CALLS=40 RATE=2 EXIT=1 LISTEN=host:port)
#   make test                 every test, unit and end to end, on a real Asterisk
#   make lint                 formatting, vet, staticcheck, go.mod
#   make check                lint, and every test with the race detector
#   make fuzz                 every fuzz target for FUZZTIME (30s)
#   make vuln                 known faults of what is built in (govulncheck); needs the Go vulnerability database, or VULNDB=file:///a/copy of it
#   make run                  the service on an Asterisk of your own, data in .lab/run; CONFIG=... takes a configuration with its own places
#   make build                the programs into bin/
#   make bench                what a survey costs, beside what one would run instead (RUN=parts ROUNDS=5 PROFILES=folder, the last with linux-perf); stores of 13 GB are made once and kept in .lab/bench; deploy/bench/RESULTS.md has figures
#   make faults               everything that can break, broken with callers on the phone, many times; the tests have a short form (RUN=name of one, SEED=n)
#   make chaos               events and answers of a stand-in for Asterisk in every disorder, and what 10,000 surveys leave behind
#   make dashboards           the Grafana dashboards in deploy/grafana, made anew
#   make setup                packages and the lab's Asterisk, as root or with sudo

CALLS  ?= 40
RATE   ?= 2
EXIT   ?=
LISTEN ?=
CONFIG ?= configs/aftercall.yaml
FUZZTIME ?= 30s
VULNDB   ?=
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# SQLite syncs its files without the times in their inodes only if it is told that
# fdatasync can be relied on, as Linux distributions tell theirs: on a journaled
# ext4 a commit takes half to three quarters of the time. What is built without make
# works, slower.
override export CGO_CFLAGS := $(or $(filter-out -DHAVE_FDATASYNC,$(or $(CGO_CFLAGS),$(shell go env CGO_CFLAGS))),-O2 -g) -DHAVE_FDATASYNC

.PHONY: build setup demo test check lint bench faults chaos dashboards fuzz vuln run clean

build:
	./deploy/lab/setup.sh packages
	go build -ldflags '-X main.version=$(VERSION)' -o bin/ ./cmd/...

setup:
	./deploy/lab/setup.sh

demo: setup build
	./bin/demo -calls $(CALLS) -rate $(RATE) $(if $(LISTEN),-listen $(LISTEN)) $(if $(filter-out 0 no false,$(EXIT)),-exit)

test: setup build
	go test -timeout 30m ./...

lint:
	@test -z "$$(gofmt -l .)" || { echo "not formatted (gofmt -w .):"; gofmt -l .; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	go mod tidy -diff

check: setup lint
	go test -race -timeout 40m ./...

# Every target that there is, by package; a test holds the list against the code.
FUZZ := \
	cmd/aftercall:FuzzReadScript \
	configs/i18n:FuzzMatch \
	configs:FuzzLoad \
	configs:FuzzRoster \
	ivr/asterisk:FuzzArguments \
	ivr/asterisk:FuzzDecode \
	ivr/asterisk:FuzzReadConf \
	ivr/prompt:FuzzWAV \
	ivr/survey:FuzzSurvey \
	scoring/spill:FuzzReplay

# What a target finds is kept under testdata/fuzz of its package: commit it with the mending.
fuzz:
	@failed=; for target in $(FUZZ); do \
		echo "== $$target"; \
		go test ./$${target%:*} -run '^$$' -fuzz "^$${target#*:}\$$" -fuzztime $(FUZZTIME) || failed="$$failed $$target"; \
	done; test -z "$$failed" || { echo "faults found by:$$failed"; exit 1; }

# Status 3 of govulncheck: something was found; 1: nothing could be looked at.
vuln:
	go mod verify
	@go tool govulncheck $(if $(VULNDB),-db $(VULNDB)) -test ./... || { s=$$?; \
		[ $$s = 3 ] || echo "make vuln: nothing was checked; where the database cannot be reached, name a copy of it: make vuln VULNDB=file:///..." >&2; exit $$s; }

bench: setup build
	mkdir -p .lab/bench
	./bin/bench $(if $(RUN),-run $(RUN)) $(if $(ROUNDS),-rounds $(ROUNDS)) $(if $(PROFILES),-profiles $(PROFILES))

faults: setup build
	go test ./deploy/faults $(if $(RUN),-run $(RUN)) -v -count=1 -timeout 120m -campaign $(if $(SEED),-seed $(SEED))

# The same without telephones: a stand-in for Asterisk, with every fault of its
# events and answers, and 10,000 surveys in a row.
chaos: build
	go test ./ivr/asterisk -run '^TestChaos$$' -count=1 -timeout 60m -chaos 20 $(if $(SEED),-seed $(SEED))
	go test ./cmd/aftercall -run '^(TestFlat|TestStorm|TestHostileDialplan)$$' -v -count=1 -timeout 30m -flat 10000 -program $(CURDIR)/bin/aftercall

dashboards:
	go test ./deploy/grafana -run '^TestTheDashboardsThatStandHereAreThoseThatAreMade$$' -count=1 -update

# The shipped configuration keeps its data where a service does; a run from the
# checkout keeps it in the checkout.
ifeq ($(CONFIG),configs/aftercall.yaml)
run: export AFTERCALL_STORE_PATH ?= .lab/run/aftercall.db
run: export AFTERCALL_STORE_SPILL ?= .lab/run/spill.jsonl
run: export AFTERCALL_PROMPTS_FOLDER ?= .lab/run/prompts
endif

run: build
	mkdir -p .lab/run
	./bin/aftercall --config $(CONFIG) check
	./bin/aftercall --config $(CONFIG) prompts build
	./bin/aftercall --config $(CONFIG) serve

clean:
	rm -rf bin .lab
