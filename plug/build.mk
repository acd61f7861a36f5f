$(eval $(call program,dw-plug,$(wildcard plug/*.c),io ext cli proto base,-lvdeplug -lpcap))
COMPAT_LINKS += vde_plug:dw-plug
