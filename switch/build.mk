$(eval $(call archive,bridge,$(wildcard switch/core/*.c)))
$(eval $(call archive,switch,$(filter-out switch/main.c,$(wildcard switch/*.c))))
$(eval $(call program,dw-switch,switch/main.c,switch bridge io ext cli proto base,-lvdeplug -lpcap))
COMPAT_LINKS += vde_switch:dw-switch
