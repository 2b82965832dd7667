# The commands that people type; meson and ninja do the work.
#
#   make run ARGUMENTS='--listen 127.0.0.1:9000'    make install DESTDIR=/tmp/stage

ARGUMENTS =
DESTDIR =

.PHONY: build run test bench lint format docs install package clean

build: build/build.ninja
	ninja -C build

build/build.ninja:
	meson setup build -Dtests=disabled

run:
	scripts/install-deps run
	$(MAKE) build
	exec build/orgkeys serve $(ARGUMENTS)

test:
	scripts/install-deps test
	scripts/test

bench:
	scripts/install-deps bench
	$(MAKE) build
	scripts/bench $(ARGUMENTS)

lint:
	scripts/install-deps lint
	scripts/lint

format:
	git ls-files -z -- '*.[ch]' | xargs -0 clang-format -i

# The pages that are made from tables in the code; `make lint` says when they are out of date.
docs: build
	build/print-docs configuration > docs/configuration.md
	build/print-docs errors > docs/errors.md
	build/print-docs metrics > docs/metrics.md

install: build
	DESTDIR='$(DESTDIR)' meson install -C build --no-rebuild

package:
	scripts/install-deps package
	scripts/package

clean:
	rm -rf build build-fuzz build-lint build-package build-sanitize build-thread
