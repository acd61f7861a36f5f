/* SPDX-License-Identifier: MIT */
/* inet.c - "HOST:PORT" of the schemes that speak over the Internet protocols. */
#include "lib/io/ep/inet.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

int inet_split(const char *text, char host[static INET_HOST_LEN], char port[static INET_PORT_LEN])
{
	const char *colon = strrchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : 0;
	if (!colon || n >= INET_HOST_LEN || strlen(colon + 1) >= INET_PORT_LEN || !colon[1])
		return -EINVAL;
	if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	memcpy(host, text, n);
	host[n] = '\0';
	snprintf(port, INET_PORT_LEN, "%s", colon + 1);
	return 0;
}

int inet_find(struct inet *a, const char *host, const char *port, int family, struct err *err)
{
	struct addrinfo hint = { .ai_family = family,
				 .ai_socktype = SOCK_DGRAM,
				 .ai_flags = *host ? 0 : AI_PASSIVE },
			*list = NULL;
	int g = getaddrinfo(*host ? host : NULL, port, &hint, &list);
	if (g)
		return err_set(err, -EINVAL, "%s:%s: %s", host, port, gai_strerror(g));
	memcpy(&a->room, list->ai_addr, list->ai_addrlen);
	a->len = list->ai_addrlen;
	freeaddrinfo(list);
	return 0;
}

static const struct sockaddr_in *v4(const struct inet *a)
{
	return a->any.sa_family == AF_INET ? (const struct sockaddr_in *)&a->room : NULL;
}

static const struct sockaddr_in6 *v6(const struct inet *a)
{
	return (const struct sockaddr_in6 *)&a->room;
}

bool inet_is_group(const struct inet *a)
{
	return v4(a) ? IN_MULTICAST(ntohl(v4(a)->sin_addr.s_addr))
		     : IN6_IS_ADDR_MULTICAST(&v6(a)->sin6_addr);
}

bool inet_same_host(const struct inet *a, const struct inet *b)
{
	if (a->any.sa_family != b->any.sa_family)
		return false;
	return v4(a) ? v4(a)->sin_addr.s_addr == v4(b)->sin_addr.s_addr
		     : IN6_ARE_ADDR_EQUAL(&v6(a)->sin6_addr, &v6(b)->sin6_addr);
}

/* The port stands at the same place in both families. */
static_assert(offsetof(struct sockaddr_in, sin_port) == offsetof(struct sockaddr_in6, sin6_port),
	      "");

unsigned inet_port(const struct inet *a)
{
	return ntohs(v6(a)->sin6_port);
}

void inet_set_port(struct inet *a, unsigned port)
{
	((struct sockaddr_in6 *)&a->room)->sin6_port = htons((uint16_t)port);
}
