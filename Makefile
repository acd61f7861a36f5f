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
FUZZ_SECONDS := 30

variant := $(notdir $(firstword $(CC)))$(OPT)$(if $(SAN),-$(SAN))
O := build/$(variant)
Q := $(if $(V),,@)

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wcast-qual -Wcast-align -Wwrite-strings -Wformat=2 -Wundef -Wvla -Werror
comma := ,
SANFLAGS := $(if $(filter address,$(SAN)),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all,$(if $(filter thread,$(SAN)),-fsanitize=thread))
CFLAGS += -std=c17 $(OPT) -g $(WARN) $(SANFLAGS) -I. -fno-common -ffp-contract=off -fno-omit-frame-pointer
LDFLAGS += $(SANFLAGS)

.DEFAULT_GOAL := all
.SECONDEXPANSION:
.DELETE_ON_ERROR:
.PHONY: all check check-all check-vm soak lint demo deps bench fuzz fingerprints format dist install uninstall \
	clean help unit tools programs tests

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
$(O)/unit/% $(O)/fuzz/% $(O)/tools/% $(O)/bench/%:
	$(if $(V),,@echo "  LD    $@")
	$(link)

-include $(patsubst %.c,$(O)/%.d,$(ALL_SRC))

programs: $(addprefix $(O)/bin/,$(PROGRAMS)) ## the programs only
unit: $(UNITS)
all: programs ## build everything (default)

clean: ## remove what was built
	$(Q)rm -rf build

help: ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile */build.mk */*/build.mk 2>/dev/null | sed -E 's/^([a-z-]+):.*## /\1\t/' | sort -u | column -t -s "$$(printf '\t')"

format: ## lay out all C files
	$(Q)git ls-files '*.c' '*.h' | xargs clang-format -i
