# The lab. Lua scenarios run on worlds: lab/sim (the cores in virtual time), lab/real (processes).
$(eval $(call archive,station,$(wildcard lab/station/*.c)))
lab_plan := lab/plan.c lab/match.c lab/record.c lab/recorded.c lab/jsontree.c
$(eval $(call archive,plan,$(lab_plan)))
$(eval $(call archive,import,$(wildcard lab/import/*.c)))
$(eval $(call archive,sim,$(wildcard lab/sim/*.c)))
$(eval $(call archive,real,$(wildcard lab/real/*.c)))
$(eval $(call archive,travel,$(wildcard lab/travel/*.c)))
CFLAGS_lab_bind := $(shell pkg-config --cflags lua5.4 2>/dev/null)
lab_sources := $(filter-out $(lab_plan),$(wildcard lab/*.c lab/bind/*.c))
lab_archives := travel sim real import plan bridge wire station io ext cli proto base
lab_libraries := -lvdeplug -ljansson -lexpat -lyaml -lpcap -lm $(shell pkg-config --libs lua5.4 2>/dev/null)
$(eval $(call program,dw-lab,$(lab_sources),$(lab_archives),$(lab_libraries)))

# lab/lua is part of the program: the assembler includes it.
$(O)/lab/bind/embedded.o: $(wildcard lab/lua/*.lua)
