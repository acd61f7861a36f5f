/* SPDX-License-Identifier: MIT */
/* pcapof - framed frames from stdin become a classic pcap file on stdout, for tshark.
 *
 *   pcapof <FRAMES >FILE
 *
 * Two-byte framing in; a frame that the end of file cuts off is left out. 0; 3: cannot write. */
#include <stdint.h>
#include <stdio.h>

#define MAGIC 0xa1b2c3d4u
enum { LINKTYPE_ETHERNET = 1, FRAME_MAX = 65535 };

static void put(uint32_t v, unsigned bytes)
{
	for (unsigned i = bytes; i-- > 0;)
		putchar((int)(v >> 8 * i & 0xff));
}

static void put32(uint32_t v)
{
	put(v, 4);
}

int main(void)
{
	static uint8_t frame[FRAME_MAX];
	int hi, lo;
	put32(MAGIC);
	put(2, 2); /* version 2.4 */
	put(4, 2);
	put32(0);
	put32(0);
	put32(FRAME_MAX);
	put32(LINKTYPE_ETHERNET);
	for (uint32_t n = 0; (hi = getchar()) != EOF && (lo = getchar()) != EOF; n++) {
		uint32_t len = (uint32_t)hi << 8 | (uint32_t)lo;
		if (fread(frame, 1, len, stdin) != len)
			break;
		put32(n); /* no clock here: the number of the frame, as seconds */
		put32(0);
		put32(len);
		put32(len);
		fwrite(frame, 1, len, stdout);
	}
	return fflush(stdout) || ferror(stdout) ? 3 : 0;
}
