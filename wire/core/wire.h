/* SPDX-License-Identifier: MIT */
/* wire.h - the wire core: a pure machine that joins two ends, a and b, and impairs what crosses.
 * Per direction: filter, mtu, loss, duplicate, corrupt, queue, rate, delay and jitter, hold,
 * deliver. Chance is draw(stream "<name>/<ab|ba>/<stage>", ordinal at the entry of the direction):
 * the same frames in the same order meet the same fate on every backend. Departures are stamped
 * (frame.rx_ns) with their due time. `now` is ns and never goes back; ask wire_next() after every
 * call that took it. */
#ifndef DW_WIRE_CORE_WIRE_H
#define DW_WIRE_CORE_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/bpf.h"
#include "lib/base/drop.h"
#include "lib/base/err.h"
#include "lib/base/event.h"
#include "lib/base/frame.h"
#include "lib/base/pieces.h"
#include "lib/base/units.h"
#include "lib/proto/cmd.h"
#include "lib/proto/out.h"

enum wire_dir {
	WIRE_AB,
	WIRE_BA,
	WIRE_DIRS
}; /* also the end a direction starts from: 0 is a, 1 is b */

enum wire_dist {
	WIRE_UNIFORM,
	WIRE_NORMAL,
	WIRE_PARETO,
	WIRE_PARETONORMAL,
	WIRE_EXPONENTIAL,
	WIRE_DIST_FILE,
};

enum wire_queue { WIRE_DROPTAIL, WIRE_DROPHEAD, WIRE_RED, WIRE_CODEL };

enum wire_compat {
	WIRE_OWN,
	WIRE_NETEM,
	WIRE_WIREFILTER
}; /* which order of stages, whose arithmetic */

enum { GE_P, GE_R, GE_BAD, GE_GOOD, GE_PARTS };            /* "p,r,1-h,1-k" */
enum { LS_P13, LS_P31, LS_P32, LS_P23, LS_P14, LS_PARTS }; /* netem's four states, counted from 1 */

struct wire_use; /* files.c: how many wires use a table */

struct wire_samples { /* a table of deviations, 8192 = one jitter */
	const char *path;
	size_t count;
	const int32_t *v;
	struct wire_use *use;
};

struct wire_trace { /* Mahimahi: instants at which 1504 bytes may leave, again and again */
	const char *path;
	size_t count;
	const int64_t *at_ns; /* from the start of a round, rising */
	int64_t round_ns;
	struct wire_use *use;
};

struct wire_filter { /* which frames are impaired */
	const char *text;
	struct bpf *program;
	struct wire_use *use;
};

struct wire_markov; /* markov.h */

struct wire_law { /* one direction; see keys.c for units, defaults and meaning */
	int64_t delay_ns, jitter_ns;
	enum wire_dist dist;
	const struct wire_samples *dist_file;
	uint64_t delay_corr; /* probabilities and correlations are 0.64 */
	bool fifo;           /* jitter does not reorder */
	uint64_t loss, loss_corr;
	uint64_t loss_burst_milli;        /* mean length of a burst, in thousandths; 0: no bursts */
	const struct wire_markov *markov; /* the same in both directions; NULL: none */
	struct {
		bool on;
		uint64_t p[GE_PARTS];
	} ge;
	struct {
		bool on;
		uint64_t p[LS_PARTS];
	} loss_state;
	char loss_pattern[256]; /* of '0' and '1'; "": none */
	uint64_t dup, dup_corr;
	uint64_t corrupt, ber;
	uint64_t reorder, gap;
	uint64_t rate_bps;              /* 0: unlimited */
	const struct wire_trace *trace; /* in its place; NULL: none */
	uint64_t rate_burst;            /* bytes that an idle line may send at once */
	int64_t overhead;               /* bytes on each frame */
	uint64_t cell;                  /* bytes of payload in a cell; 0: no cells */
	int64_t cell_overhead;
	struct amount limit; /* of what waits for the rate; default 1000 packets */
	struct {
		enum wire_queue kind;
		struct amount min, max;         /* RED; 0p: from the limit */
		uint64_t p;                     /* RED: mark probability at max */
		int64_t target_ns, interval_ns; /* CoDel */
	} queue;
	struct {
		int64_t min_ns, max_ns;  /* between slots; max 0: no slots */
		uint64_t packets, bytes; /* at most, in one slot; 0: any number */
	} slot;
	const struct wire_filter *filter; /* NULL: all frames */
	uint64_t mtu;                     /* longest frame that fits, bytes; 0: any */
	enum wire_compat compat;
};

struct wire_config { /* one value; keys.c says how people write it */
	char name[96];
	uint64_t seed;
	struct wire_files *files; /* where "file:PATH" values come from; NULL: they are refused */
	int64_t tolerance_ns; /* a wire of which over 1 % of the frames leave later is unfaithful */
	struct wire_law law[WIRE_DIRS];
};

struct wire_stats { /* one direction */
	uint64_t rx_frames, rx_bytes, tx_frames, tx_bytes, drops[DROP_REASONS];
	uint64_t duplicates; /* frames the wire made; rx + duplicates = tx + drops + held */
	uint64_t corrupted, overtaking;
	uint64_t held, held_bytes;                        /* inside the wire now */
	int64_t delay_min_ns, delay_max_ns, delay_sum_ns; /* realized, of frames delivered */
	/* How late departures were after their due times (a hold moves those); quantiles to a
	 * fifth. */
	int64_t late_p50_ns, late_p99_ns, late_max_ns;
	bool unfaithful; /* it could not keep its word, see tolerance_ns */
	uint64_t tx_bps; /* over about the last second with traffic; 0: unknown */
};

struct wire_tapped { /* the end of a frame's way through a direction */
	enum wire_dir dir;
	enum drop_reason why; /* it was lost; DROP_REASONS: delivered */
	int64_t in_ns;        /* when it came in */
	uint64_t id, ordinal; /* of its buffer, 0: it has none; at the entry of its direction */
	unsigned copy;        /* 0: the frame itself; else which duplicate of it */
	bool corrupted;       /* bits were flipped in it */
	bool overtook;        /* `reorder` struck: it skipped the delay */
	struct pieces frame;  /* as it left, or was when it was lost */
};

/* "delayed 5ms, duplicate 1, corrupted, overtook"; NULL: nothing befell it. */
const char *wire_tapped_words(const struct wire_tapped *t, int64_t now, char *out, size_t room);

struct wire;

struct wire_host { /* notices: never call the wire that gave them */
	/* Departures out of the end that `dir` leads to; the number taken, in order. */
	unsigned (*tx)(void *ctx, enum wire_dir dir, const struct txv *v, unsigned n);
	void (*carrier)(void *ctx, unsigned end,
			bool on); /* cut/mend: the link state at that end */
	void (*event)(void *ctx, const struct event *ev);
	void (*tap)(void *ctx, const struct wire_tapped *t,
		    int64_t now); /* each frame and copy, once */
};

/* Tables read from files and chains. To be freed after the last wire that uses them; of those that
 * no wire uses the latest are kept, so a configuration should be applied soon after its keys are
 * set. `read` (NULL: no files, only chains written in full) gives the bytes of `path` in memory
 * from malloc(), or a negative errno with words. */
struct wire_files;
struct wire_files *wire_files_new(int (*read)(void *ctx, const char *path, char **text, size_t *len,
					      struct err *e),
				  void *ctx); /* NULL: out of memory */
void wire_files_free(struct wire_files *f);   /* NULL is fine */
/* How filter expressions become programs; without it they are refused. */
typedef int wire_compile_fn(struct bpf **out, const char *text, struct err *e);
void wire_files_filters(struct wire_files *f, wire_compile_fn *compile);
wire_compile_fn *wire_files_compiler(const struct wire_files *f); /* NULL: none */

void wire_config_default(struct wire_config *c);
struct wire *wire_new(const struct wire_config *c, const struct wire_host *host, void *ctx,
		      struct pool *pool, int64_t now); /* NULL: out of memory */
void wire_free(struct wire *w);
/* Frames inside keep their due times; the ordinals go on. 0 or -ENOMEM, nothing changed. */
int wire_apply(struct wire *w, const struct wire_config *c, int64_t now);
const struct wire_config *wire_config(const struct wire *w);

/* Frames come in at the end that `dir` starts from: data, len and buf are set, the rest is read
 * here. */
void wire_rx(struct wire *w, enum wire_dir dir, struct frame *f, unsigned n, int64_t now);
/* After a tx that took fewer: the far end of `dir` has room again. Until then the rest waits in
 * order, and of new frames only so many: stop reading that end while wire_blocked() says so. */
void wire_writable(struct wire *w, enum wire_dir dir, int64_t now);
bool wire_blocked(const struct wire *w, enum wire_dir dir);
int64_t wire_next(const struct wire *w);
void wire_tick(struct wire *w, int64_t now);

/* Cut: frames inside and new ones are lost; `silent`: the ends do not learn of it. */
void wire_cut(struct wire *w, bool silent, int64_t now);
void wire_mend(struct wire *w, int64_t now);
void wire_hold(struct wire *w, bool on,
	       int64_t now); /* on: nothing leaves; off: all of it in order */
bool wire_is_cut(const struct wire *w);
bool wire_is_held(const struct wire *w);
/* The node that the law is in, and its name; NULL where there is no chain. */
const char *wire_node(const struct wire *w, unsigned *node);
int wire_set_node(struct wire *w, unsigned node,
		  int64_t now); /* moves there; -EINVAL: no such node */
bool wire_has_carrier(const struct wire *w,
		      unsigned end); /* as last told: both ends are born with it */
/* Is there an endpoint at that end? Born present; the other end's carrier follows. Frames for an
 * end that is absent at their due time are lost (`peer`). */
void wire_link(struct wire *w, unsigned end, bool present, int64_t now);

void wire_stats(const struct wire *w, enum wire_dir dir, struct wire_stats *s);
uint64_t wire_generation(const struct wire *w); /* moves when config or link changes */
void wire_want_events(struct wire *w, uint64_t mask);
void wire_want_tap(struct wire *w, bool on); /* costs a branch while off */

/* "delay" "20ms", "ab.loss" "1%", "delay_corr" ...: one table for command line, set and Lua.
 * Edits `c` only. -EINVAL/-ERANGE with words (nearest key); `c` untouched then. */
int wire_set_key(struct wire_config *c, const char *key, const char *value, struct err *e);
/* Do the keys go together? 0 or -EINVAL with words. For after the last wire_set_key(). */
int wire_check(const struct wire_config *c, struct err *e);
const char *wire_key_at(const void *unused,
			size_t i); /* the keys, for help and completion; NULL ends */
const char *wire_key_help(size_t i);
const char *wire_key_arg(size_t i);

/* One direction in words or JSON: its stages in order, and what to expect of them. */
void wire_explain(const struct wire_config *c, enum wire_dir dir, struct out *o);

extern const struct cmd_row
	wire_commands[]; /* set showinfo stats cut mend hold release config/show; ctx is the wire */

#endif
