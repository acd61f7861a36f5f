$(eval $(call archive,cli,$(wildcard lib/cli/*.c)))
