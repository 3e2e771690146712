# Fetches the Go that go.mod names where the installed one is older, and
# leaves a newer one alone.
export GOTOOLCHAIN ?= auto

# What `make demo` publishes: the three events of Azure's documentation, and a
# batch in which every event is of another kind.
DEMO := $(wildcard testdata/events/documented/*.json) testdata/events/eg_batch_mixed.json

# The race detector needs a C compiler.
RACE := $(shell command -v $$(go env CC) >/dev/null 2>&1 && echo -race)

# The first browser that the page can be tested in.
BROWSER := $(firstword $(foreach name,chromium chromium-browser google-chrome google-chrome-stable chrome,$(shell command -v $(name))))

# What `make deploy` deploys; another file, and it does not build it first.
ZIP ?=

# The variables that a target needs. All that are missing are named at once.
NEEDS_deploy := APP RG
NEEDS_subscribe := APP RG ACS
NEEDS_smoke := APP RG
NEEDS_logs := APP RG
MISSING := $(strip $(foreach name,$(sort $(foreach goal,$(MAKECMDGOALS),$(NEEDS_$(goal)))),$(if $($(name)),,$(name))))
$(if $(MISSING),$(error not set: $(MISSING). Run: make $(MAKECMDGOALS) $(MISSING:%=%=...) (docs/deploy.md explains them)))

# For how long `make fuzz` runs each fuzzer.
FUZZTIME ?= 20s

.PHONY: help build run demo azurite test bench fuzz prove mutate lint vuln package start deploy subscribe smoke logs bicep

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

build: ## build bin/handler, which ships, and bin/devhost
	CGO_ENABLED=0 go build -trimpath -buildvcs=auto -o bin/ ./handler ./devhost

run: build ## run the app on 127.0.0.1:7071 until Ctrl-C
	bin/devhost run

demo: build ## publish real events and show what became of each
	bin/devhost demo $(DEMO)

azurite: build tools/azurite/node_modules ## run Azurite, the emulator of Azure Storage
	bin/devhost azurite

tools/azurite/node_modules: tools/azurite/package-lock.json
	npm ci --prefix tools/azurite --ignore-scripts --no-audit --no-fund
	@touch $@

examples/node/node_modules tools/bicep/node_modules tools/schema/node_modules: %/node_modules: %/package-lock.json
	npm ci --prefix $* --ignore-scripts --no-audit --no-fund
	@touch $@

test: ## run all tests
	@test -d tools/azurite/node_modules || echo "Azurite is not installed (make azurite): testing without it"
	@for d in examples/node tools/bicep tools/schema; do test -d $$d/node_modules || echo "the packages of $$d are not installed (make $$d/node_modules): testing without them"; done
	$(if $(BROWSER),,@echo "there is no Chromium or Chrome: the simulator page is not tested in a browser")
	$(if $(RACE),,@echo "no C compiler: testing without the race detector")
	go test $(RACE) -shuffle=on -timeout 20m ./...
	$(MAKE) fuzz

bench: ## measure the handler against a bare server (needs wrk and zip)
	go run ./bench $(if $(SOAK),--soak $(SOAK))

fuzz: ## run every fuzzer, FUZZTIME (20s) each
	go run ./prove/fuzz -time $(FUZZTIME) -parallel 1 -together 2

# Where the tests of `make prove` keep what they find.
prove mutate: export PROVE_FIGURES ?= $(CURDIR)/.prove

prove: export PROVE_SCHEDULES ?= 10000
prove: export PROVE_TRIES ?= 5
prove: export PROVE_SOAK ?= 10m
prove: tools/azurite/node_modules ## try for two hours to break what is promised, and publish docs/reliability.md
	go test -count=1 -timeout=2h -v -run 'TestSchedules$$|TestSoak|TestFaults' ./prove
	$(MAKE) fuzz FUZZTIME=10m
	$(MAKE) mutate
	go run ./prove/publish

mutate: ## break each promise in a copy, and demand that a test notices
	go run ./prove/mutate

lint: ## check format, code and workflows
	@test -z "$$(gofmt -l .)" || { gofmt -d . ; exit 1; }
	go mod tidy -diff
	go vet ./...
	go -C examples/go mod tidy -diff
	go -C examples/go vet ./...
	go tool -modfile=tools/go.mod staticcheck ./...
	go tool -modfile=tools/go.mod actionlint

vuln: ## look all modules up in Go's database of vulnerabilities (needs the network)
	go tool -modfile=tools/go.mod govulncheck -test ./...

package: ## write dist/*.zip, which is deployed (GOARCH=arm64 for Arm)
	@env -u GOOS -u GOARCH go run ./release --arch $(or $(GOARCH),amd64)

start: needs-func build ## run the app under the real Functions host: func start
	func start

deploy: needs-az $(if $(ZIP),,package) ## deploy the code: APP=... RG=... (ZIP=... for one that is built)
	az functionapp deployment source config-zip --resource-group '$(RG)' --name '$(APP)' --src '$(or $(ZIP),dist/whatsapp-functions-linux-amd64.zip)' --output none

subscribe: needs-az ## have events delivered: APP=... RG=... ACS=... (TOPIC=... if it has a topic)
	az deployment group create --resource-group '$(RG)' --template-file infra/events.bicep --output none \
		--parameters app='$(APP)' communicationServices='$(ACS)' $(if $(TOPIC),systemTopic='$(TOPIC)')

smoke: needs-az ## ask the deployed functions whether they are there: APP=... RG=...
	@host=$$(az functionapp show --resource-group '$(RG)' --name '$(APP)' --query 'properties.defaultHostName || defaultHostName' --output tsv) && \
	EVENTGRID_KEY=$$(az functionapp keys list --resource-group '$(RG)' --name '$(APP)' --query systemKeys.eventgrid_extension --output tsv) && \
	export EVENTGRID_KEY && go run ./redeliver --check --url "https://$$host"

logs: needs-az ## show the last hour's log of the app in Azure: APP=... RG=...
	az monitor app-insights query --resource-group '$(RG)' --apps '$(APP)' --offset 1h --output table \
		--analytics-query 'traces | order by timestamp desc | take 200 | project timestamp, severityLevel, message'

bicep: needs-az ## compile infra/ and fail on any warning
	@for file in main events; do \
		output=$$(az bicep build --file infra/$$file.bicep --stdout 2>&1 >/dev/null) || failed=1; \
		test -z "$$output" || printf '%s\n' "$$output" >&2; \
		case "$$output" in *') : Warning '*) failed=1 ;; esac; \
	done; test -z "$$failed"

HINT_az := https://aka.ms/azure-cli
HINT_func := Azure Functions Core Tools, https://aka.ms/func-core-tools; without it, make run does nearly the same

needs-%:
	@command -v $* >/dev/null || { echo '$* is not installed: $(HINT_$*)' >&2; exit 1; }
