/* SPDX-License-Identifier: MIT */
/* bpf.c - the classic BPF machine: an accumulator, an index register, 16 words of memory. */
#include "lib/base/bpf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The fields of an instruction's code. */
enum { CLASS = 0x07, LD = 0, LDX, ST, STX, ALU, JMP, RET, MISC };
enum { SIZE = 0x18, W = 0x00, H = 0x08, B = 0x10 };
enum { MODE = 0xe0, IMM = 0x00, ABS = 0x20, IND = 0x40, MEM = 0x60, LEN = 0x80, MSH = 0xa0 };
enum { OP = 0xf0, FROM_X = 0x08 };
enum {
	ADD = 0x00,
	SUB = 0x10,
	MUL = 0x20,
	DIV = 0x30,
	OR = 0x40,
	AND = 0x50,
	LSH = 0x60,
	RSH = 0x70
};
enum { NEG = 0x80, MOD = 0x90, XOR = 0xa0 };
enum { JA = 0x00, JEQ = 0x10, JGT = 0x20, JGE = 0x30, JSET = 0x40 };
enum { RET_K = 0x00, RET_X = 0x08, RET_A = 0x10 };
enum { TAX = 0x00, TXA = 0x80 };

struct bpf {
	size_t count;
	struct bpf_op op[];
};

/* ---- the check ---- */

static bool known_load(unsigned code, bool index)
{
	unsigned size = code & SIZE, mode = code & MODE;
	if (mode == IMM || mode == MEM || mode == LEN)
		return size == W;
	if (index)
		return mode == MSH && size == B;
	return (mode == ABS || mode == IND) && (size == W || size == H || size == B);
}

static bool known(unsigned code)
{
	unsigned op = code & OP;
	if (code > 0xff)
		return false;
	switch (code & CLASS) {
	case LD:
		return known_load(code, false);
	case LDX:
		return known_load(code, true);
	case ST:
		return code == ST;
	case STX:
		return code == STX;
	case ALU:
		return op <= XOR && (op != NEG || !(code & FROM_X));
	case JMP:
		return op <= JSET && (op != JA || !(code & FROM_X));
	case RET:
		return (code & ~CLASS) == RET_K || (code & ~CLASS) == RET_X ||
		       (code & ~CLASS) == RET_A;
	default:
		return (code & ~CLASS) == TAX || (code & ~CLASS) == TXA;
	}
}

static bool uses_memory(unsigned code)
{
	unsigned class = code & CLASS;
	return class == ST || class == STX ||
	       ((class == LD || class == LDX) && (code & MODE) == MEM);
}

/* What is wrong with the instruction at `i`; NULL: nothing. */
static const char *fault(const struct bpf_op *op, size_t i, size_t count)
{
	const struct bpf_op *o = &op[i];
	size_t after = count - 1 - i; /* instructions behind this one */
	if (!known(o->code))
		return "is unknown";
	if (uses_memory(o->code) && o->k >= BPF_WORDS)
		return "names no word of memory";
	if ((o->code & CLASS) == ALU && !(o->code & FROM_X)) {
		if (((o->code & OP) == DIV || (o->code & OP) == MOD) && o->k == 0)
			return "divides by 0";
		if (((o->code & OP) == LSH || (o->code & OP) == RSH) && o->k >= 32)
			return "shifts by 32 or more";
	}
	if ((o->code & CLASS) == JMP && (o->code & OP) == JA && o->k >= after)
		return "jumps out of the program";
	if ((o->code & CLASS) == JMP && (o->code & OP) != JA && (o->jt >= after || o->jf >= after))
		return "jumps out of the program";
	if (!after && (o->code & CLASS) != RET)
		return "is the last and does not return";
	return NULL;
}

int bpf_new(struct bpf **out, const struct bpf_op *ops, size_t count, struct err *e)
{
	*out = NULL;
	if (!count || count > BPF_OPS_MAX)
		return err_set(e, -EINVAL, "a filter has 1 to %d instructions, not %zu",
			       BPF_OPS_MAX, count);
	for (size_t i = 0; i < count; i++) {
		const char *what = fault(ops, i, count);
		if (what)
			return err_set(e, -EINVAL, "instruction %zu of the filter %s", i, what);
	}
	struct bpf *b = malloc(sizeof *b + count * sizeof *ops);
	if (!b)
		return err_set(e, -ENOMEM, "out of memory");
	b->count = count;
	memcpy(b->op, ops, count * sizeof *ops);
	*out = b;
	return 0;
}

void bpf_free(struct bpf *b)
{
	free(b);
}

/* ---- the machine ---- */

struct machine {
	const struct pieces *frame;
	uint32_t a, x, word[BPF_WORDS];
};

/* `n` bytes at `at`, high byte first. false: not all of them are there. */
static bool fetch(const struct pieces *f, uint64_t at, unsigned n, uint32_t *v)
{
	if (at + n > (uint64_t)f->len[0] + f->len[1])
		return false;
	*v = 0;
	for (unsigned i = 0; i < n; i++, at++) {
		uint8_t byte = at < f->len[0] ? f->p[0][at] : f->p[1][at - f->len[0]];
		*v = *v << 8 | byte;
	}
	return true;
}

static bool load(struct machine *m, const struct bpf_op *o)
{
	unsigned size = (o->code & SIZE) == W ? 4 : (o->code & SIZE) == H ? 2 : 1;
	uint32_t v = 0;
	bool there = true;
	switch (o->code & MODE) {
	case IMM:
		v = o->k;
		break;
	case MEM:
		v = m->word[o->k];
		break;
	case LEN:
		v = pieces_len(m->frame);
		break;
	case ABS:
		there = fetch(m->frame, o->k, size, &v);
		break;
	case IND:
		there = fetch(m->frame, (uint64_t)m->x + o->k, size, &v);
		break;
	case MSH: /* the length of an IPv4 header in one instruction */
		there = fetch(m->frame, o->k, 1, &v);
		v = (v & 0x0f) * 4;
		break;
	}
	if (there && (o->code & CLASS) == LD)
		m->a = v;
	else if (there)
		m->x = v;
	return there;
}

static bool compute(struct machine *m, const struct bpf_op *o) /* false: division by 0 */
{
	uint32_t v = o->code & FROM_X ? m->x : o->k;
	unsigned op = o->code & OP;
	if ((op == DIV || op == MOD) && v == 0)
		return false;
	switch (op) {
	case ADD:
		m->a += v;
		break;
	case SUB:
		m->a -= v;
		break;
	case MUL:
		m->a *= v;
		break;
	case DIV:
		m->a /= v;
		break;
	case MOD:
		m->a %= v;
		break;
	case OR:
		m->a |= v;
		break;
	case AND:
		m->a &= v;
		break;
	case XOR:
		m->a ^= v;
		break;
	case LSH: /* by an X of 32 or more nothing is left */
		m->a = v < 32 ? m->a << v : 0;
		break;
	case RSH:
		m->a = v < 32 ? m->a >> v : 0;
		break;
	case NEG:
		m->a = 0u - m->a;
		break;
	}
	return true;
}

static uint32_t distance(const struct machine *m, const struct bpf_op *o) /* of a jump */
{
	uint32_t v = o->code & FROM_X ? m->x : o->k;
	bool yes = false;
	switch (o->code & OP) {
	case JA:
		return o->k;
	case JEQ:
		yes = m->a == v;
		break;
	case JGT:
		yes = m->a > v;
		break;
	case JGE:
		yes = m->a >= v;
		break;
	case JSET:
		yes = (m->a & v) != 0;
		break;
	}
	return yes ? o->jt : o->jf;
}

static uint32_t result(const struct machine *m, const struct bpf_op *o)
{
	switch (o->code & ~CLASS) {
	case RET_A:
		return m->a;
	case RET_X:
		return m->x;
	default:
		return o->k;
	}
}

uint32_t bpf_run(const struct bpf *b, const struct pieces *frame)
{
	struct machine m = { .frame = frame };
	for (const struct bpf_op *o = b->op;; o++) {
		switch (o->code & CLASS) {
		case LD:
		case LDX:
			if (!load(&m, o))
				return 0;
			break;
		case ST:
			m.word[o->k] = m.a;
			break;
		case STX:
			m.word[o->k] = m.x;
			break;
		case ALU:
			if (!compute(&m, o))
				return 0;
			break;
		case JMP:
			o += distance(&m, o);
			break;
		case RET:
			return result(&m, o);
		case MISC:
			if (o->code & TXA)
				m.a = m.x;
			else
				m.x = m.a;
			break;
		}
	}
}
