$(eval $(call archive,wire,$(wildcard wire/core/*.c)))
wire_common := $(filter-out wire/dw_wire.c wire/dw_cable.c,$(wildcard wire/*.c))
$(eval $(call program,dw-wire,wire/dw_wire.c $(wire_common),wire io cli proto base,-lvdeplug))
$(eval $(call program,dw-cable,wire/dw_cable.c $(wire_common),wire io cli proto base,-lvdeplug))
