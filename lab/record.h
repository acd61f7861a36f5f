/* SPDX-License-Identifier: MIT */
/* record.h - a run written down: a head of words, then an event a line in the order in which they
 * happened, each with the number of the event that caused it. Who writes, only reads the run: with
 *and without a record it is the same.
 *
 *	lab 1
 *	version 0.1.0
 *	scenario ring.lua 0123456789abcdef	(SipHash of its text)
 *	test it heals
 *	backend sim
 *	seed 7
 *	fault { at = "3s", lasting = "1s", cut = "s1--s2" }	(one a line; then the events:)
 *	1 0 test begins <0
 *	812 4000001000 s3.2 in <811 60 1a2b3c4d	(number, ns, who, what, cause, length and hash)
 *	813 4000001000 s3--s4.ab lost <812,640 60 1a2b3c4d loss, draw 4	(640: what changed the
 *cable) end passed fp1:0123456789abcdef 5000000000
 */
#ifndef DW_LAB_RECORD_H
#define DW_LAB_RECORD_H

#include <stdint.h>
#include <stdio.h>

struct record {
	FILE *to;
	uint64_t count;   /* of events so far: the number of the last one */
	uint64_t cause;   /* of what happens now; 0: nothing that is known */
	uint64_t asked;   /* what the script asks now; 0: it only looks */
	uint64_t noticed; /* the last event that a switch or a cable told of */
};

/* Its number. `because`: a second cause, or 0. Line ends in the words become blanks. */
__attribute__((format(printf, 7, 8))) uint64_t record_event(struct record *r, int64_t at,
							    const char *who, const char *what,
							    uint64_t cause, uint64_t because,
							    const char *fmt, ...);
/* A line of the head: "seed 7". */
void record_head(struct record *r, const char *key, const char *value);

#endif
