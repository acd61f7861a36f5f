/* SPDX-License-Identifier: MIT */
/* vepa.h - the edge relay of IEEE 802.1Qbg: stations behind ports, one uplink to the adjacent
 * bridge. As a VEPA nothing is switched here: what a station sends goes to the uplink, and comes
 * back if the adjacent bridge reflects it. As a VEB stations reach each other here and all else
 * over the uplink. Both rest on who owns an address: in the table, at a port that is not the
 * uplink; nothing is learned from there. Deciding only. */
#ifndef DW_SWITCH_CORE_VEPA_H
#define DW_SWITCH_CORE_VEPA_H

#include "switch/core/vidset.h"

enum vepa_mode { VEPA_OFF, VEPA_VEB, VEPA_VEPA, VEPA_MODES };
enum reflect {
	REFLECT_OFF,
	REFLECT_ON,
	REFLECT_AUTO
}; /* auto: off until the neighbour asks for it */

struct vepa_config {     /* of the bridge; zero: an ordinary one */
	uint8_t mode;    /* enum vepa_mode, of VLANs without a mode of their own */
	unsigned uplink; /* port; 0: none, then every mode is as good as off */
	struct vidset
		own[VEPA_MODES]; /* VLANs that have this mode instead; each in one set at most */
};

extern const char *const vepa_mode_words[]; /* off, veb, vepa; ended by NULL */
enum vepa_mode vepa_mode_wanted(const struct vepa_config *c, unsigned vid);
bool vepa_config_same(const struct vepa_config *a, const struct vepa_config *b);
bool vepa_config_plain(const struct vepa_config *c);         /* off in every VLAN */
void vepa_set_mode(struct vepa_config *c, enum vepa_mode m); /* of all VLANs */
void vepa_set_vlan(struct vepa_config *c, enum vepa_mode m, unsigned vid);

/* The one that rules: off without an uplink. */
static inline enum vepa_mode vepa_mode(const struct vepa_config *c, unsigned vid)
{
	return c->uplink ? vepa_mode_wanted(c, vid) : VEPA_OFF;
}

#endif
