$(eval $(call archive,station,$(wildcard lab/station/*.c)))
lab_src := $(wildcard lab/*.c lab/bind/*.c lab/sim/*.c lab/real/*.c)
CFLAGS_lab_bind := $(shell pkg-config --cflags lua5.4 2>/dev/null)
$(eval $(call program,dw-lab,$(lab_src),bridge wire station io cli proto base,-lvdeplug $(shell pkg-config --libs lua5.4 2>/dev/null)))
