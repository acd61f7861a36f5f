$(eval $(call archive,load,$(wildcard plug/load/*.c)))
$(eval $(call program,dw-plug,$(wildcard plug/*.c),load io ext cli proto base,-lvdeplug -lpcap))
COMPAT_LINKS += vde_plug:dw-plug

# libvdeplug_dw.so, a module of libvdeplug: the few files it needs, compiled once more for sharing.
MODULE_SRC := plug/module/dw.c lib/io/memif_talk.c lib/io/memif_sock.c lib/io/rings.c lib/io/rings_memory.c \
	lib/proto/memif.c lib/base/frame.c lib/base/pool.c lib/base/err.c
MODULE := $(O)/lib/libvdeplug_dw.so
$(MODULE): $(patsubst %.c,$(O)/pic/%.o,$(MODULE_SRC))
	$(if $(V),,@echo "  LD    $@")
	$(Q)mkdir -p $(@D) && $(CC) -shared $(LDFLAGS) -o $@ $^ -lvdeplug -lvdeplug_mod
$(O)/pic/%.o: %.c
	$(Q)mkdir -p $(@D)
	$(if $(V),,@echo "  CC    $< (shared)")
	$(Q)$(CC) $(CFLAGS) -D_GNU_SOURCE -fPIC -fvisibility=hidden -MMD -MP -c -o $@ $<
-include $(patsubst %.c,$(O)/pic/%.d,$(MODULE_SRC))
ALL_SRC += plug/module/dw.c
programs: $(MODULE)

# Where libvdeplug looks: beside itself. With a PREFIX of one's own the module goes there, for VDEPLUGIN_PATH.
VDEPLUG_MODULES := $(if $(filter /usr /usr/local,$(PREFIX)),$(patsubst %/libvdeplug.so,%,$(shell $(CC) -print-file-name=libvdeplug.so)),$(PREFIX)/lib)/vdeplug
.PHONY: install-module uninstall-module
install: install-module
uninstall: uninstall-module
install-module: $(MODULE)
	install -d $(DESTDIR)$(VDEPLUG_MODULES)
	install -m 644 $(MODULE) $(DESTDIR)$(VDEPLUG_MODULES)
uninstall-module:
	rm -f $(DESTDIR)$(VDEPLUG_MODULES)/libvdeplug_dw.so
