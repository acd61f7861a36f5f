$(eval $(call archive,wire,$(wildcard wire/core/*.c)))
wire_common := $(addprefix wire/,cable.c capture.c manage.c settings.c spin.c)
$(eval $(call program,dw-wire,$(filter-out wire/dw_cable.c,$(wildcard wire/*.c)),wire io ext cli proto base,-lvdeplug -lpcap -lm))
$(eval $(call program,dw-cable,wire/dw_cable.c $(wire_common),wire io ext cli proto base,-lvdeplug -lpcap))
