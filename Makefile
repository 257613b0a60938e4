# The commands of daily work. The gate is .ci/run.
export GOFLAGS ?= -trimpath

# Packages that need no Milvus, PostgreSQL or browser: quick to test.
slow = /cmd/citewell$$|/internal/crashtest$$|/internal/milvustest$$|/internal/state$$|/retrieve/milvus|/server/web$$
# Packages with golden files.
golden = ./answer/llm ./answer/prompt ./cmd/citewell ./embed/provider ./ingest/extract ./ingest/openapi ./internal/release ./server

.PHONY: help build quick test race fuzz bench fmt lint golden demo ci

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile

build: ## build the binary ./citewell
	go build ./cmd/citewell

quick: ## test the packages that need no server
	go test $$(go list ./... | grep -vE '$(slow)')

test: ## test all packages; tests that need a missing server are skipped
	go test ./...

race: ## the same with the race detector
	go test -race -shuffle=on ./...

fuzz: ## run every fuzz target, 20 seconds each; SECONDS=60 sets another time
	.ci/fuzz $(or $(SECONDS),20)

bench: ## measure Citewell beside its peers; FLAGS='-run search' are those of internal/bench
	go run ./internal/bench $(FLAGS)

fmt: ## format the Go files and go.mod
	gofmt -w $$(git ls-files '*.go')
	go mod tidy

lint: ## check the form of the source
	.ci/run format vet lint

golden: ## rewrite the golden files; review them with git diff
	go test $(golden) -run 'Test(CLITables|Generators|Golden|Licences|MainContent|Requests|Table)$$' -update

demo: ## ingest the user's guide and answer questions about it
	go run ./cmd/citewell demo

ci: ## everything that must pass
	.ci/run
