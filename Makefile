# The commands of everyday work. Each is a script in scripts/, which can be called by itself too.
.PHONY: help run test bench fuzz lambda setup format lint clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

run: ## install what is missing, build, and serve on http://127.0.0.1:8080 (ARGS="--listen=...")
	@scripts/run $(ARGS)

test: ## install what is missing and run every test
	@scripts/test

bench: ## build the benchmarks and run them
	@scripts/bench

fuzz: ## build the fuzzers and run them for ten minutes (scripts/fuzz [SECONDS] [NAME...])
	@scripts/fuzz

lambda: ## make build/lambda/tintype.zip, the package for AWS Lambda
	@scripts/lambda

setup: ## install what building and testing need
	@scripts/setup test

format: ## lay out the C++ code
	@scripts/setup lint
	@git ls-files -z '*.h' '*.cc' | xargs -0 -r clang-format -i

lint: ## check layout, and run clang-tidy and shellcheck
	@scripts/lint

clean: ## remove everything that was built (not ./data)
	@rm -rf build
