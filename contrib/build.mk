# Completion is one file under the name of each program: bash loads it by that. The unit goes where systemd looks for local ones; the ifupdown hook is linked into /etc by who wants it.
.PHONY: install-contrib uninstall-contrib
install: install-contrib
uninstall: uninstall-contrib
install-contrib:
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/share/drahtwerk/ifupdown
	install -m 644 contrib/systemd/dw-switch@.service $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 644 contrib/completion/drahtwerk.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/dw-switch
	$(foreach p,$(filter-out dw-switch,$(PROGRAMS)),ln -sf dw-switch $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$(p) &&) true
	install -m 755 contrib/ifupdown/drahtwerk $(DESTDIR)$(PREFIX)/share/drahtwerk/ifupdown
uninstall-contrib:
	rm -f $(DESTDIR)$(PREFIX)/lib/systemd/system/dw-switch@.service \
		$(foreach p,$(PROGRAMS),$(DESTDIR)$(PREFIX)/share/bash-completion/completions/$(p))
