CFLAGS_console := $(shell pkg-config --cflags libedit 2>/dev/null)
$(eval $(call program,dw-ctl,$(wildcard console/ctl*.c),io cli proto base,-lvdeplug $(shell pkg-config --libs libedit 2>/dev/null)))

# All of dw-console but sockets and terminal is pure, and tested as such.
CONSOLE_IO := console/main.c console/term.c console/feed.c console/discover.c console/watch.c
$(eval $(call archive,console,$(filter-out $(CONSOLE_IO) console/ctl%.c,$(wildcard console/*.c))))
$(eval $(call program,dw-console,$(CONSOLE_IO),console io cli proto base,-lvdeplug $(or $(shell pkg-config --libs ncursesw 2>/dev/null),-lncursesw -ltinfo)))
