$(eval $(call archive,ext,$(wildcard lib/ext/*.c)))
