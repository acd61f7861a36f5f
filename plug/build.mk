$(eval $(call program,dw-plug,$(wildcard plug/*.c),io cli proto base,-lvdeplug))
