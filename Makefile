# Go downloads the version that go.mod names if the installed one is older, even
# if go env or the shell says GOTOOLCHAIN=local. It keeps a newer one.
ifeq ($(filter-out local,$(GOTOOLCHAIN)),)
export GOTOOLCHAIN := auto
endif

# The events of `make demo`: the three of Azure's documentation, and a batch with
# one event of each kind.
DEMO := $(addprefix testdata/webhooks/,text.json image.json delivered.json failed.json) \
	$(wildcard testdata/events/documented/*.json) testdata/events/eg_batch_mixed.json

# The race detector needs a C compiler.
RACE := $(shell command -v "$$(GOTOOLCHAIN=$(GOTOOLCHAIN) go env CC)" >/dev/null 2>&1 && echo -race)

# Set for `make subscribe` in a workflow: otherwise it shows the changes and asks.
CONFIRM ?=

# Zips for `make deploy`; without ZIP, deploy builds them.
ZIP ?=
MEDIA_ZIP ?=

# Where events come from, as in infra/main.bicep: acs, meta or both.
SOURCES ?= acs

# Whether there is a media app: true, as infra/main.bicep prints it, or nothing.
MEDIA ?=
WITH_MEDIA := $(filter true 1,$(MEDIA))

# The variables that a target needs. All that are missing are named at once.
NEEDS_deploy := APP RG $(if $(ZIP),$(if $(WITH_MEDIA),MEDIA_ZIP))
NEEDS_subscribe := $(if $(filter meta,$(SOURCES)),,APP RG ACS)
NEEDS_smoke := APP RG
NEEDS_logs := APP RG
MISSING := $(strip $(foreach name,$(sort $(foreach goal,$(MAKECMDGOALS),$(NEEDS_$(goal)))),$(if $($(name)),,$(name))))
$(if $(MISSING),$(error not set: $(MISSING). Run: make $(MAKECMDGOALS) $(MISSING:%=%=...) (docs/deploy.md explains them)))

# How long `make fuzz` runs each fuzzer.
FUZZTIME ?= 20s

# The npm packages that tests need. Without them, those tests are skipped.
NODE_MODULES := $(addsuffix /node_modules,tools/azurite tools/bicep tools/kusto tools/page tools/schema examples/node)

# Runs go test, and lists each skipped test with the reason at the end.
GOTESTSUM := go tool -modfile=tools/go.mod gotestsum --format pkgname-and-test-fails --format-hide-empty-pkg -- $(RACE) -shuffle=on

.PHONY: help build run demo azurite test check bench fuzz prove mutate lint vuln package start deploy subscribe smoke logs bicep

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 11

build: ## build bin/handler and media/bin/media, which ship, and bin/devhost
	CGO_ENABLED=0 go build -trimpath -buildvcs=auto -o bin/ ./handler ./devhost
	CGO_ENABLED=0 go build -trimpath -buildvcs=auto -o media/bin/ ./media

run: build ## run both apps on 127.0.0.1:7071 until Ctrl-C
	bin/devhost run --with media

demo: build ## publish sample events and show the result of each
	bin/devhost demo $(DEMO)

azurite: build tools/azurite/node_modules ## run Azurite, the emulator of Azure Storage
	bin/devhost azurite

$(NODE_MODULES): %/node_modules: %/package-lock.json
	npm ci --prefix $* --ignore-scripts --no-audit --no-fund
	@touch $@

test: ## run the tests that every change needs (make check runs all)
	$(if $(RACE),,@echo "no C compiler: testing without the race detector")
	$(GOTESTSUM) -short -timeout 20m ./...

check: lint $(NODE_MODULES) ## run what CI runs: lint, all tests, fuzzing, the zips, the demo
	$(if $(RACE),,@echo "no C compiler: testing without the race detector")
	$(GOTESTSUM) -timeout 30m ./...
	$(MAKE) fuzz FUZZTIME=10s
	$(MAKE) package GOARCH=amd64
	$(MAKE) package GOARCH=arm64
	$(MAKE) demo

bench: ## measure the handler against a bare server (needs wrk)
	go run ./bench

fuzz: ## run every fuzzer, FUZZTIME (20s) each
	go run ./prove/fuzz --time $(FUZZTIME)

prove: tools/azurite/node_modules ## run the reliability tests at full length (two hours)
	go test -count=1 -timeout=2h -v -run 'TestSchedules$$|TestSoak|TestFaults' ./prove -schedules 10000 -attempts 5 -soak 10m
	$(MAKE) fuzz FUZZTIME=10m
	$(MAKE) mutate

mutate: ## break each promise in a copy, and check that a test fails
	go run ./prove/mutate

lint: ## check format, code and workflows
	@test -z "$$(gofmt -l .)" || { gofmt -d . ; exit 1; }
	go mod tidy -diff
	go vet ./...
	go -C examples/go mod tidy -diff
	go -C examples/go vet ./...
	go tool -modfile=tools/go.mod staticcheck ./...
	go tool -modfile=tools/go.mod actionlint

vuln: ## look up all modules in Go's vulnerability database (needs the network)
	go tool -modfile=tools/go.mod govulncheck -test ./...

package: ## write dist/*.zip, which is deployed (GOARCH=arm64 for Arm)
	@env -u GOOS -u GOARCH go run ./release --arch $(or $(GOARCH),amd64)
	@env -u GOOS -u GOARCH go run ./release --arch $(or $(GOARCH),amd64) --media

start: needs-func build ## run the app under the real Functions host (MEDIA=true: the media app, on port 7072)
	$(if $(WITH_MEDIA),cd media && func start --port 7072,func start)

deploy: needs-az $(if $(ZIP),,package) ## deploy the code: APP=... RG=... (MEDIA=true: both apps; ZIP=..., MEDIA_ZIP=...: existing zips)
	az functionapp deployment source config-zip --resource-group '$(RG)' --name '$(APP)' --src '$(or $(ZIP),dist/whatsapp-functions-linux-amd64.zip)' --output none
ifneq ($(WITH_MEDIA),)
	az functionapp deployment source config-zip --resource-group '$(RG)' --name '$(APP)-media' --src '$(or $(MEDIA_ZIP),dist/whatsapp-media-linux-amd64.zip)' --output none
endif

subscribe: needs-az ## create the event subscriptions: APP=... RG=... ACS=... (TOPIC=... if it has a topic)
ifeq ($(SOURCES),meta)
	@echo 'Meta is the only source: there is nothing to subscribe to'
else
	az deployment group create --resource-group '$(RG)' --template-file infra/events.bicep --output none \
		$(if $(CONFIRM),,--confirm-with-what-if) --parameters app='$(APP)' communicationServices='$(ACS)' \
		$(if $(TOPIC),systemTopic='$(TOPIC)') $(if $(TOPIC_RG),topicGroup='$(TOPIC_RG)')
endif

smoke: needs-az ## check that the deployed functions answer: APP=... RG=... (SOURCES=meta or both, MEDIA=true)
	@host=$$(az functionapp show --resource-group '$(RG)' --name '$(APP)' --query 'properties.defaultHostName || defaultHostName' --output tsv) && \
	EVENTGRID_KEY=$$(az functionapp keys list --resource-group '$(RG)' --name '$(APP)' --query systemKeys.eventgrid_extension --output tsv) && \
	export EVENTGRID_KEY && go run ./redeliver --check $(if $(filter meta both,$(SOURCES)),--check-webhook) --url "https://$$host"
ifneq ($(WITH_MEDIA),)
	az functionapp function show --resource-group '$(RG)' --name '$(APP)-media' --function-name MediaTrigger --query name --output tsv
endif

logs: needs-az ## show the last hour's log of both apps in Azure: APP=... RG=...
	az monitor app-insights query --resource-group '$(RG)' --apps '$(APP)' --offset 1h --output table \
		--analytics-query 'traces | order by timestamp desc | take 200 | project timestamp, cloud_RoleName, severityLevel, message'

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
