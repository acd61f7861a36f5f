/* SPDX-License-Identifier: MIT */
/* inet.h - "HOST:PORT" of the schemes that speak over the Internet protocols. */
#ifndef DW_IO_EP_INET_H
#define DW_IO_EP_INET_H

#include <stdbool.h>
#include <sys/socket.h>

#include "lib/base/err.h"

enum { INET_HOST_LEN = 256, INET_PORT_LEN = 32 };

struct inet { /* one address */
	union {
		struct sockaddr any;
		struct sockaddr_storage room;
	};
	socklen_t len;
};

/* HOST may be empty, or stand in brackets (then it may have colons). 0; -EINVAL: no ":PORT". */
int inet_split(const char *text, char host[static INET_HOST_LEN], char port[static INET_PORT_LEN]);
/* Resolves for datagrams; a name may wait for its server. `host` "": any address of ours. `family`
 * 0: either. 0 or -EINVAL with words. */
int inet_find(struct inet *a, const char *host, const char *port, int family, struct err *err);
bool inet_is_group(const struct inet *a);
bool inet_same_host(const struct inet *a, const struct inet *b); /* whatever the ports */
unsigned inet_port(const struct inet *a);
void inet_set_port(struct inet *a, unsigned port);

#endif
