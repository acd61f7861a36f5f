$(eval $(call program,dw-ctl,console/ctl.c,io cli proto base,-lvdeplug))
