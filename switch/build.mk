$(eval $(call archive,bridge,$(wildcard switch/core/*.c)))
$(eval $(call program,dw-switch,$(wildcard switch/*.c),bridge io cli proto base,-lvdeplug))
