CFLAGS_console := $(shell pkg-config --cflags libedit 2>/dev/null)
$(eval $(call program,dw-ctl,$(wildcard console/ctl*.c),io cli proto base,-lvdeplug $(shell pkg-config --libs libedit 2>/dev/null)))
