# Programs that `make bench` runs: one file each.
BENCHES := $(patsubst bench/%.c,%,$(wildcard bench/*.c))
ALL_SRC += $(wildcard bench/*.c)
$(addprefix $(O)/benches/,$(BENCHES)): $(O)/benches/%: $(O)/bench/%.o $(call archives,sim plan bridge wire station proto base)
benches: $(addprefix $(O)/benches/,$(BENCHES))
.PHONY: benches
$(addprefix $(O)/benches/,$(BENCHES)): LDLIBS := -lpthread
