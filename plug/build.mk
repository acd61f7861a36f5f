$(eval $(call program,dw-plug,$(wildcard plug/*.c),io cli proto base,-lvdeplug))
COMPAT_LINKS += vde_plug:dw-plug
