$(eval $(call archive,io,$(wildcard lib/io/*.c lib/io/ep/*.c)))
