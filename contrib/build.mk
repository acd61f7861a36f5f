# The unit goes where systemd looks for local ones; the ifupdown hook is linked into /etc by who wants it.
.PHONY: install-contrib uninstall-contrib
install: install-contrib
uninstall: uninstall-contrib
install-contrib:
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/share/drahtwerk/ifupdown
	install -m 644 contrib/systemd/dw-switch@.service $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -m 755 contrib/ifupdown/drahtwerk $(DESTDIR)$(PREFIX)/share/drahtwerk/ifupdown
uninstall-contrib:
	rm -f $(DESTDIR)$(PREFIX)/lib/systemd/system/dw-switch@.service
