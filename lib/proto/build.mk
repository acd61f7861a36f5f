$(eval $(call archive,proto,$(wildcard lib/proto/*.c)))
