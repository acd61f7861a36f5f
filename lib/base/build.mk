$(eval $(call archive,base,$(wildcard lib/base/*.c)))
