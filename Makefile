# SPDX-License-Identifier: MIT
# One flat Makefile; each folder says in its build.mk what it makes. `make help` lists the targets.
# Variables: CC OPT SAN=address|thread V=1 PREFIX DESTDIR. Each combination has its own folder in build/.

ifeq ($(origin CC),default)
CC := gcc
endif
OPT := -O2
SAN :=
V :=
PREFIX := /usr/local
DESTDIR :=
FUZZING :=
FUZZ_SECONDS := 30
COMPAT_LINKS := # name:program, from the folders' build.mk

variant := $(notdir $(firstword $(CC)))$(OPT)$(if $(SAN),-$(SAN))$(if $(FUZZING),-fuzz)
O := build/$(variant)
Q := $(if $(V),,@)

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wcast-qual -Wcast-align -Wwrite-strings -Wformat=2 -Wundef -Wvla -Werror
comma := ,
SANFLAGS := $(if $(filter address,$(SAN)),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all,$(if $(filter thread,$(SAN)),-fsanitize=thread))
SANFLAGS += $(if $(FUZZING),-fsanitize=fuzzer-no-link)
CFLAGS += -std=c17 $(OPT) -g $(WARN) $(SANFLAGS) -I. -fno-common -ffp-contract=off -fno-omit-frame-pointer
LDFLAGS += $(SANFLAGS)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all check check-all check-vm soak lint demo deps bench fuzz fingerprints format dist install uninstall \
	clean help unit tools replays planted programs tests fuzzers

objects = $(patsubst %.c,$(O)/%.o,$(1))
archives = $(foreach a,$(1),$(O)/lib$(a).a)

# $(call archive,NAME,SOURCES): one layer as lib<NAME>.a
define archive
$(O)/lib$(1).a: $(call objects,$(2))
ALL_SRC += $(2)
ARCHIVES += $(1)
endef

# $(call program,NAME,SOURCES,ARCHIVES in link order,LIBRARIES)
define program
$(O)/bin/$(1): $(call objects,$(2)) $(call archives,$(3))
$(O)/bin/$(1): LDLIBS := $(4)
ALL_SRC += $(2)
PROGRAMS += $(1)
endef

# $(call unit_tests,FOLDER,ARCHIVES): every tests/unit/FOLDER/test_*.c, linked only with what its layer may use
define unit_tests
UNIT_$(1) := $(patsubst tests/unit/%.c,$(O)/unit/%,$(wildcard tests/unit/$(1)/test_*.c))
$$(UNIT_$(1)): $(O)/unit/%: $(O)/tests/unit/%.o $(call archives,$(2))
$$(UNIT_$(1)): LDLIBS := -lcmocka $(3)
ALL_SRC += $(wildcard tests/unit/$(1)/*.c)
UNITS += $$(UNIT_$(1))
endef

include $(sort $(wildcard lib/*/build.mk switch/build.mk plug/build.mk wire/build.mk lab/build.mk \
	console/build.mk tests/build.mk bench/build.mk contrib/build.mk man/build.mk))

# Folders that talk to the system see POSIX and GNU names; the pure ones see ISO C only.
SYSTEM := lib/io lib/ext lib/cli switch plug wire lab console tests bench
PURE := lib/base lib/proto switch/core wire/core lab/station
pure = $(filter $(addsuffix /%,$(PURE)),$(1))
feature = $(if $(call pure,$(1)),,-D_GNU_SOURCE)

$(O)/%.o: %.c
	$(Q)mkdir -p $(@D)
	$(if $(V),,@echo "  CC    $<")
	$(Q)$(CC) $(CFLAGS) $(call feature,$<) $(CFLAGS_$(subst /,_,$(patsubst %/,%,$(dir $<)))) -MMD -MP -c -o $@ $<

$(O)/lib%.a:
	$(if $(V),,@echo "  AR    $@")
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $^

link = $(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS)

$(O)/bin/%:
	$(if $(V),,@echo "  LD    $@")
	$(link)
$(O)/unit/% $(O)/fuzz/% $(O)/tools/% $(O)/benches/% $(O)/soak/% $(O)/planted/%:
	$(if $(V),,@echo "  LD    $@")
	$(link)

-include $(patsubst %.c,$(O)/%.d,$(ALL_SRC))

programs: $(addprefix $(O)/bin/,$(PROGRAMS)) ## the programs only
unit: $(UNITS)
tools: $(addprefix $(O)/tools/,$(TOOLS))
replays: $(addprefix $(O)/fuzz/replay_,$(FUZZERS))
planted: $(addprefix $(O)/planted/,$(PLANTED))
tests: programs unit tools replays planted
all: programs ## build the programs (default)

# ---- what people do ----
# `make deps check`: the goals after deps wait for it, with any -j.
ifneq ($(filter deps,$(MAKECMDGOALS)),)
$(filter-out deps,$(MAKECMDGOALS)): deps
endif
# Sub-makes look at the machine anew: deps may just have installed what this one did not find.
SUB = +$(Q)$(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

deps: ## install what building and testing need (apt; sudo when not root)
	$(Q)sh contrib/deps.sh

demo: ## build, then run the first scenario on real processes and in virtual time
	$(SUB) programs
	$(Q)sh contrib/demo.sh $(O)/bin

# ---- tests ----
A := build/gcc$(OPT)-address
C := build/clang$(OPT)
# Everything under gcc with ASan and UBSan; real peers and fingerprints once more under clang.
BOTH = $(sort $(wildcard tests/interop/*.sh))
ONCE = $(sort $(wildcard tests/lint/*.sh tests/scenarios/*.sh))

check: ## what must pass: unit tests, corpora, lint, scenarios, interop (ASan with gcc; clang)
	$(SUB) CC=gcc SAN=address tests
	$(SUB) CC=clang programs tools
	$(Q)tests/run -v $(A) $(patsubst $(O)/%,$(A)/%,$(UNITS) $(addprefix $(O)/fuzz/replay_,$(FUZZERS))) $(ONCE) $(BOTH) -v $(C) $(BOTH)

check-all: ## check, then -O0, ThreadSanitizer, tidy on every file, machines
	$(SUB) check
	$(SUB) CC=gcc OPT=-O0 tests
	$(SUB) CC=gcc SAN=thread tests
	$(Q)TIDY=all tests/run -v build/gcc-O0 $(patsubst $(O)/%,build/gcc-O0/%,$(UNITS)) $(BOTH) \
		-v build/gcc$(OPT)-thread $(patsubst $(O)/%,build/gcc$(OPT)-thread/%,$(UNITS)) tests/lint/tidy.sh \
		-v $(C) $(sort tests/interop/qemu.sh $(wildcard tests/vm/test_*.sh tests/tui/*.sh))

check-vm: ## tests that boot machines under QEMU
	$(SUB) CC=clang programs tools
	$(Q)tests/run -v $(C) $(sort tests/interop/qemu.sh $(wildcard tests/vm/test_*.sh))

lint: ## layers, headers, layout, manual pages, tidy on what changed
	$(SUB) CC=gcc SAN=address programs
	$(Q)tests/run -v $(A) $(sort $(wildcard tests/lint/*.sh))

soak: ## spanning trees under random faults, real rings, the scenarios over many seeds (SEEDS=1..1000)
	$(SUB) programs tools soaks planted
	$(Q)O=$(O) SEEDS=$(or $(SEEDS),1..1000) sh tests/soak.sh

fingerprints: ## rewrite scenarios/FINGERPRINTS; the commit says which behaviour changed
	$(SUB) programs
	$(Q)BIN=$(O)/bin bash tests/scenarios/fingerprints.sh --write

fuzz: ## run each fuzz target for FUZZ_SECONDS (clang); new inputs stay in build/fuzz-corpus
	$(SUB) CC=clang SAN=address FUZZING=1 fuzzers
	$(Q)for f in $(FUZZERS); do mkdir -p build/fuzz-corpus/$$f; \
		echo "fuzz: $$f for $(FUZZ_SECONDS) s"; \
		build/clang$(OPT)-address-fuzz/fuzz/fuzz_$$f -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -verbosity=0 \
			build/fuzz-corpus/$$f tests/fuzz/corpus/$$f || exit 1; done
fuzzers: $(addprefix $(O)/fuzz/fuzz_,$(FUZZERS))

bench: ## figures beside peers in the same run: table, CSV, plots (ROWS="vde tcp" ROUNDS=3 TIME=400ms)
	$(SUB) programs tools benches
	$(Q)BIN=$(O)/bin TOOLS=$(O)/tools BENCH=$(O)/benches bash bench/run.sh

# ---- putting it in place ----
VERSION := $(shell sed -n 's/.*DW_VERSION "\(.*\)".*/\1/p' lib/cli/*.h)
COMPAT := $(PREFIX)/lib/drahtwerk/compat

install: programs ## into $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man7 \
		$(DESTDIR)$(PREFIX)/share/drahtwerk/scenarios $(DESTDIR)$(PREFIX)/share/doc/drahtwerk
	install -m 755 $(addprefix $(O)/bin/,$(PROGRAMS)) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(wildcard man/*.1) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(wildcard man/*.7) $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 644 $(wildcard scenarios/*.lua) $(DESTDIR)$(PREFIX)/share/drahtwerk/scenarios
	install -m 644 switch/dw-switch.json $(DESTDIR)$(PREFIX)/share/drahtwerk
	install -m 644 README.md LICENSE $(DESTDIR)$(PREFIX)/share/doc/drahtwerk
	$(foreach c,$(COMPAT_LINKS),install -d $(DESTDIR)$(COMPAT) && \
		ln -sf ../../../bin/$(lastword $(subst :, ,$(c))) $(DESTDIR)$(COMPAT)/$(firstword $(subst :, ,$(c))) &&) true

uninstall: ## what install put there
	rm -f $(foreach p,$(PROGRAMS),$(DESTDIR)$(PREFIX)/bin/$(p)) \
		$(foreach m,$(notdir $(wildcard man/*.1)),$(DESTDIR)$(PREFIX)/share/man/man1/$(m)) \
		$(foreach m,$(notdir $(wildcard man/*.7)),$(DESTDIR)$(PREFIX)/share/man/man7/$(m))
	rm -rf $(DESTDIR)$(PREFIX)/share/drahtwerk $(DESTDIR)$(PREFIX)/share/doc/drahtwerk $(DESTDIR)$(PREFIX)/lib/drahtwerk

dist: ## a source archive of HEAD
	$(Q)mkdir -p build && git archive --prefix=drahtwerk-$(VERSION)/ -o build/drahtwerk-$(VERSION).tar.gz HEAD && \
		echo build/drahtwerk-$(VERSION).tar.gz

clean: ## remove what was built
	$(Q)rm -rf build

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | sort | \
		awk -F'|' '{ printf "%-13s %s\n", $$1, $$2 }'

format: ## lay out all C files
	$(Q)git ls-files '*.c' '*.h' | xargs clang-format -i
