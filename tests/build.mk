# Unit tests by layer: a test links only what its layer may use, so the linker proves the layering.
$(eval $(call unit_tests,base,base))
$(eval $(call unit_tests,proto,proto base))
$(eval $(call unit_tests,io,io cli proto base,-lvdeplug -lpcap))
$(eval $(call unit_tests,cli,cli base))
$(eval $(call unit_tests,ext,ext base,-lpcap -ljansson -lexpat -lyaml))
$(eval $(call unit_tests,import,import plan ext base,-lexpat -lyaml))
$(eval $(call unit_tests,bridge,bridge proto base))
$(eval $(call unit_tests,plug,load io cli proto base,-lvdeplug))
$(eval $(call unit_tests,switch,switch bridge io ext cli proto base,-lvdeplug -lpcap))
$(eval $(call unit_tests,wire,wire proto base,-lm))
$(eval $(call unit_tests,station,station proto base))
$(eval $(call unit_tests,console,console proto base))
$(eval $(call unit_tests,real,real plan station io cli proto base,-lvdeplug -lpcap))
$(eval $(call unit_tests,lab,sim plan bridge wire station proto base))

# Fuzz targets: with clang a libFuzzer program (make fuzz), with any compiler a replayer of the corpus.
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
ALL_SRC += $(wildcard tests/fuzz/*.c)
fuzz_archives := $(call archives,import plan ext bridge wire station proto base)
$(addprefix $(O)/fuzz/replay_,$(FUZZERS)) $(addprefix $(O)/fuzz/fuzz_,$(FUZZERS)): LDLIBS := -lexpat -lyaml -ljansson
$(addprefix $(O)/fuzz/replay_,$(FUZZERS)): $(O)/fuzz/replay_%: $(O)/tests/fuzz/fuzz_%.o $(O)/tests/fuzz/replay.o $(fuzz_archives)
$(addprefix $(O)/fuzz/fuzz_,$(FUZZERS)): $(O)/fuzz/fuzz_%: $(O)/tests/fuzz/fuzz_%.o $(fuzz_archives)
$(addprefix $(O)/fuzz/fuzz_,$(FUZZERS)): LDLIBS += -fsanitize=fuzzer

# Small helpers that tests run: one file each.
TOOLS := $(patsubst tests/tools/%.c,%,$(wildcard tests/tools/*.c))
ALL_SRC += $(wildcard tests/tools/*.c)
$(addprefix $(O)/tools/,$(TOOLS)): $(O)/tools/%: $(O)/tests/tools/%.o $(call archives,wire io cli proto base)
$(addprefix $(O)/tools/,$(TOOLS)): LDLIBS := -lvdeplug -lpcap

# Long runs of `make soak` that are programs: one file each.
SOAKS := $(patsubst tests/soak/%.c,%,$(wildcard tests/soak/*.c))
ALL_SRC += $(wildcard tests/soak/*.c)
$(addprefix $(O)/soak/,$(SOAKS)): $(O)/soak/%: $(O)/tests/soak/%.o $(call archives,bridge proto base)
soaks: $(addprefix $(O)/soak/,$(SOAKS))
.PHONY: soaks

# Planted bugs: dw-lab with one function of a core replaced; seeds must find them.
PLANTED := $(patsubst tests/planted/%.c,%,$(wildcard tests/planted/*.c))
ALL_SRC += $(wildcard tests/planted/*.c)
replaced_learn_discarding := learn_wanted
replaced_no_flush := fdb_flush_port
replaced_vlan_egress := vlan_egress
replaced_dies := learn_act
replaced_differs := draw
$(addprefix $(O)/planted/,$(PLANTED)): $(O)/planted/%: $(O)/tests/planted/%.o $(call objects,$(lab_sources)) $(call archives,$(lab_archives))
$(addprefix $(O)/planted/,$(PLANTED)): LDLIBS = -Wl,--wrap=$(replaced_$(@F)) $(lab_libraries)
