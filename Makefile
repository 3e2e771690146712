# Fetches the Go that go.mod names where the installed one is older, and
# leaves a newer one alone.
export GOTOOLCHAIN ?= auto

# What `make demo` publishes: the three events of Azure's documentation, and a
# batch in which every event is of another kind.
DEMO := $(wildcard testdata/events/documented/*.json) testdata/events/eg_batch_mixed.json

# The race detector needs a C compiler.
RACE := $(shell command -v $$(go env CC) >/dev/null 2>&1 && echo -race)

.PHONY: help build run demo azurite test bench lint

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

build: ## build bin/handler, which ships, and bin/devhost
	CGO_ENABLED=0 go build -trimpath -o bin/ ./handler ./devhost

run: build ## run the app on 127.0.0.1:7071 until Ctrl-C
	bin/devhost run

demo: build ## publish real events and show what became of each
	bin/devhost demo $(DEMO)

azurite: build tools/azurite/node_modules ## run Azurite, the emulator of Azure Storage
	bin/devhost azurite

tools/azurite/node_modules: tools/azurite/package-lock.json
	npm ci --prefix tools/azurite --ignore-scripts --no-audit --no-fund
	@touch $@

test: ## run all tests
	@test -d tools/azurite/node_modules || echo "Azurite is not installed (make azurite): testing without it"
	$(if $(RACE),,@echo "no C compiler: testing without the race detector")
	go test $(RACE) -shuffle=on ./...

bench: ## measure the handler against a bare server (needs wrk and zip)
	go run ./bench $(if $(SOAK),--soak $(SOAK))

lint: ## check format and code
	@test -z "$$(gofmt -l .)" || { gofmt -d . ; exit 1; }
	go mod tidy -diff
	go vet ./...
	go tool -modfile=tools/go.mod staticcheck ./...
