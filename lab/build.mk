# The lab. Lua scenarios run on worlds: lab/sim (the cores in virtual time), lab/real (processes).
$(eval $(call archive,station,$(wildcard lab/station/*.c)))
lab_real := $(wildcard lab/real/*.c)
lab_src := $(wildcard lab/*.c lab/bind/*.c lab/sim/*.c) $(lab_real)
$(eval $(call archive,real,$(lab_real) lab/plan.c lab/match.c)) # for the unit tests
CFLAGS_lab_bind := $(shell pkg-config --cflags lua5.4 2>/dev/null)
CFLAGS_lab := $(if $(lab_real),-DDW_LAB_REAL)
$(eval $(call program,dw-lab,$(lab_src),bridge wire station io ext cli proto base,-lvdeplug -ljansson $(shell pkg-config --libs lua5.4 2>/dev/null)))

# lab/lua is part of the program: the assembler includes it.
$(O)/lab/bind/embedded.o: $(wildcard lab/lua/*.lua)
