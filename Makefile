# What to run, and nothing else: each target does all its own set-up.
#
#   make demo                 a whole call centre on this machine, with robot callers (CALLS=40 RATE=2 EXIT=1)
#   make test                 every test, unit and end to end, on a real Asterisk
#   make check                formatting, vet, staticcheck, go.mod, tests with the race detector
#   make run                  the service with configs/aftercall.yaml (CONFIG=...) on an Asterisk of your own
#   make build                the programs into bin/
#   make setup                packages and the lab's Asterisk, as root or with sudo

CALLS  ?= 40
RATE   ?= 2
EXIT   ?=
LISTEN ?= 127.0.0.1:9380
CONFIG ?= configs/aftercall.yaml
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: build setup demo test check lint run clean

build:
	./deploy/lab/setup.sh packages
	go build -ldflags '-X main.version=$(VERSION)' -o bin/ ./cmd/...

setup:
	./deploy/lab/setup.sh

demo: setup build
	./bin/demo -calls $(CALLS) -rate $(RATE) -listen $(LISTEN) $(if $(EXIT),-exit)

test: setup build
	go test -timeout 20m ./...

lint:
	@test -z "$$(gofmt -l .)" || { echo "not formatted (gofmt -w .):"; gofmt -l .; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	go mod tidy -diff

check: setup lint
	go test -race -timeout 30m ./...

run: build
	./bin/aftercall --config $(CONFIG) check
	./bin/aftercall --config $(CONFIG) prompts build
	./bin/aftercall --config $(CONFIG) serve

clean:
	rm -rf bin .lab
