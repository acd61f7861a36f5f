$(eval $(call archive,load,$(wildcard plug/load/*.c)))
$(eval $(call program,dw-plug,$(wildcard plug/*.c),load io ext cli proto base,-lvdeplug -lpcap))
COMPAT_LINKS += vde_plug:dw-plug
