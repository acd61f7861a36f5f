/* SPDX-License-Identifier: MIT */
/* test_rstp_wire.c - numbered checks of what one bridge does on the wire, with BPDUs made by hand
 * and a stopped clock. Clauses are of 802.1D-2004. */
#include "tests/unit/bridge/rstp_one.h"

static void c01_first_bpdu_has_every_field(void **state)
{
	(void)state;
	begin(1, NULL);
	static const uint8_t
		want[60] = {
			0x01, 0x80, 0xc2, 0x00, 0x00, 0x00, 0x02, 0x00,
			0x00, 0x00, 0x00, 0x80, 0x00, 0x27, 0x42, 0x42,
			0x03, 0x00, 0x00, 0x02, 0x02, 0x0e, /* RST, Designated, Proposal */
			0x80, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x80,
			0x00, 0x00, 0x00, 0x00, /* root, cost */
			0x80, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x80,
			0x80, 0x01, /* bridge, port */
			0x00, 0x00, 0x14, 0x00, 0x02, 0x00, 0x0f, 0x00,
			0x00, /* 0, 20, 2, 15 s; version 1 length */
		};
	const struct sent *s = sent_on(1, 0);
	assert_int_equal(s->at, SEC(100));
	assert_int_equal(s->len, 60);
	assert_memory_equal(s->frame, want, 60);
}

static void c02_hellos_come_every_two_seconds_exactly(void **state)
{
	(void)state;
	begin(1, NULL);
	run_for(SEC(30));
	for (int i = -5; i < -1; i++)
		assert_int_equal(sent_on(1, i + 1)->at - sent_on(1, i)->at, SEC(2));
}

static void c03_silence_makes_an_edge_after_three_seconds(void **state)
{
	(void)state;
	begin(1, NULL);
	run_for(SEC(10));
	assert_int_equal(view(1).state, RSTP_FORWARDING);
	assert_int_equal(t.state_at[1], SEC(103));
	assert_true(view(1).edge);
}

static void c04_superior_proposal_is_agreed_to_at_once(void **state)
{
	(void)state;
	begin(1, NULL);
	struct bpdu b = rst(PEER(1), 10, PEER(1), 0x8001);
	b.proposal = true;
	forget();
	hear(1, &b);
	struct bpdu a = decoded(sent_on(1, 0));
	assert_true(a.agreement && a.learning && a.forwarding);
	assert_int_equal(a.role, BPDU_ROLE_ROOT);
	assert_int_equal(a.v.cost, 20010);
	assert_int_equal(a.times.message_age, 256);
	assert_int_equal(t.state[1], RSTP_FORWARDING);
}

static void c05_a_worse_root_makes_the_others_discard_before_agreeing(void **state)
{
	(void)state;
	settled();
	rest();
	struct bpdu b = rst(PEER(9), 0, PEER(1), 0x8001); /* same port, worse root */
	b.proposal = true;
	hear(1, &b);
	assert_int_equal(t.state[2], RSTP_DISCARDING);
	struct bpdu p = decoded(sent_on(2, -1)), a = decoded(sent_on(1, -1));
	assert_true(p.proposal && !p.forwarding && p.v.root == PEER(9));
	assert_true(a.agreement && a.v.root == PEER(9));
}

static void c06_agreement_opens_a_designated_port_at_once(void **state)
{
	(void)state;
	begin(1, NULL);
	struct bpdu a = rst(OWN, 20000, WORSE(2), 0x8001);
	a.role = BPDU_ROLE_ROOT;
	a.agreement = true;
	hear(1, &a);
	assert_int_equal(t.state[1], RSTP_FORWARDING);
	assert_int_equal(t.state_at[1], SEC(100));
}

static void c07_without_agreement_learning_after_max_age(void **state)
{
	(void)state;
	begin(1, NULL);
	struct bpdu b = rst(WORSE(3), 0, WORSE(3), 0x8001); /* it speaks, never agrees */
	int64_t learning = 0, forwarding = 0;
	for (int i = 0; i < 60; i++) {
		hear(1, &b);
		run_for(MS(500));
		if (t.state[1] == RSTP_LEARNING)
			learning = t.state_at[1];
		if (t.state[1] == RSTP_FORWARDING && !forwarding)
			forwarding = t.state_at[1];
	}
	assert_int_equal(learning, SEC(120));
	assert_int_equal(forwarding, SEC(122));
}

static void c08_silence_of_the_root_ends_after_three_hellos(void **state)
{
	(void)state;
	settled();
	run_for(SEC(6) - 1);
	assert_true(root_now() == PEER(1));
	run_for(1);
	assert_true(root_now() == OWN);
}

static void c09_worse_word_of_the_same_port_counts_at_once(void **state)
{
	(void)state;
	struct bpdu b = settled();
	b.v.cost = 5000;
	hear(1, &b);
	struct rstp_view v;
	rstp_view(t.r, &v);
	assert_int_equal(v.root.cost, 25000);
}

static void c10_an_alternate_takes_over_on_link_loss(void **state)
{
	(void)state;
	begin(2, NULL);
	struct bpdu b = rst(PEER(1), 0, PEER(1), 0x8001), c = rst(PEER(1), 100, PEER(2), 0x8001);
	b.proposal = c.proposal = true;
	hear(1, &b);
	hear(2, &c);
	assert_int_equal(view(2).role, RSTP_ALTERNATE);
	rest();
	rstp_port_link(t.r, 1, false, false, 0, t.now);
	assert_int_equal(view(2).role, RSTP_ROOT);
	assert_int_equal(t.state[2], RSTP_FORWARDING);
	assert_int_equal(t.state_at[2], t.now);
	assert_true(decoded(sent_on(2, -1)).tc);
}

static void c11_a_change_is_told_to_the_others_and_not_back(void **state)
{
	(void)state;
	struct bpdu b = settled();
	run_for(SEC(1));
	for (int i = 0; i < 8; i++) { /* until the own changes have been told */
		hear(1, &b);
		run_for(SEC(1));
	}
	forget();
	int64_t at = t.now;
	b.tc = true;
	hear(1, &b);
	b.tc = false;
	assert_int_equal(sent_on(2, 0)->at, at);
	assert_true(decoded(sent_on(2, 0)).tc);
	for (int i = 0; i < 8; i++) {
		run_for(MS(500));
		hear(1, &b);
	}
	for (unsigned k = 0; k < t.count; k++) {
		if (t.sent[k].port == 1)
			assert_false(decoded(&t.sent[k]).tc);
		else if (decoded(&t.sent[k]).tc)
			assert_true(t.sent[k].at - at <= SEC(3)); /* hello + 1 s */
	}
}

static void c12_transmit_hold_count_bounds_a_storm_and_the_last_word_gets_out(void **state)
{
	(void)state;
	struct bpdu b = settled();
	run_for(SEC(3));
	hear(1, &b);
	run_for(SEC(3));
	forget();
	int64_t at = t.now;
	for (int i = 0; i < 45; i++) {
		b.v.cost = (uint32_t)(1000 + i);
		hear(1, &b);
		run_for(MS(20));
	}
	unsigned first = 0;
	for (unsigned k = 0; k < t.count; k++)
		first += t.sent[k].port == 2 && t.sent[k].at < at + SEC(1);
	assert_in_range(first, 1, 7);
	for (int i = 0; i < 6; i++) {
		run_for(SEC(1));
		hear(1, &b);
	}
	assert_int_equal(decoded(sent_on(2, -1)).v.cost, 1044 + 20000);
}

static void c13_age_nineteen_is_used_and_twenty_is_not(void **state)
{
	(void)state;
	begin(2, NULL);
	struct bpdu b = rst(PEER(1), 0, PEER(1), 0x8001);
	b.times.message_age = 19 * 256;
	hear(1, &b);
	assert_true(root_now() == PEER(1));
	assert_int_equal(decoded(sent_on(2, -1)).times.message_age, 20 * 256);
	teardown(NULL);
	begin(2, NULL);
	b.times.message_age = 20 * 256;
	hear(1, &b);
	assert_true(root_now() == OWN);
}

/* What a frame must not do: C14; what it must: C15. */
static bool heeded(void (*spoil)(uint8_t *frame, uint32_t *len), bool config)
{
	begin(1, NULL);
	struct bpdu b = rst(PEER(1), 0, PEER(1), 0x8001);
	if (config)
		b.type = BPDU_CONFIG;
	uint8_t frame[128] = { 0 };
	uint32_t len = bpdu_encode(&b, own_mac, frame);
	spoil(frame, &len);
	rstp_rx(t.r, 1, frame, len, t.now);
	bool was = root_now() == PEER(1);
	teardown(NULL);
	return was;
}

static void keep(uint8_t *f, uint32_t *len)
{
	(void)f, (void)len;
}
static void protocol_1(uint8_t *f, uint32_t *len)
{
	f[18] = 1, (void)len;
}
static void type_3(uint8_t *f, uint32_t *len)
{
	f[20] = 3, (void)len;
}
static void rst_of_35(uint8_t *f, uint32_t *len)
{
	f[13] = 3 + 35, (void)len;
}
static void config_of_34(uint8_t *f, uint32_t *len)
{
	f[13] = 3 + 34, (void)len;
}
static void age_is_max(uint8_t *f, uint32_t *len)
{
	f[44] = 20, (void)len;
}
static void other_llc(uint8_t *f, uint32_t *len)
{
	f[14] = 0xaa, (void)len;
}
static void past_end(uint8_t *f, uint32_t *len)
{
	f[13] = 60, (void)len;
}
static void version_1_rst(uint8_t *f, uint32_t *len)
{
	f[19] = 1, (void)len;
}
static void trailing(uint8_t *f, uint32_t *len)
{
	f[13] = 3 + 50, *len = 14 + 3 + 50;
}
static void version_3(uint8_t *f, uint32_t *len)
{
	f[19] = 3, f[13] = 3 + 102, *len = 14 + 3 + 102;
}
static void version_255(uint8_t *f, uint32_t *len)
{
	f[19] = 255, (void)len;
}
static void role_unknown(uint8_t *f, uint32_t *len)
{
	f[21] &= 0xf3, (void)len;
}
static void no_padding(uint8_t *f, uint32_t *len)
{
	*len = 14 + 3 + 36u, (void)f;
}

static void c14_c15_what_is_heard_and_what_is_not(void **state)
{
	(void)state;
	assert_true(heeded(keep, false));
	assert_true(heeded(keep, true));
	assert_false(heeded(protocol_1, false));
	assert_false(heeded(type_3, false));
	assert_false(heeded(rst_of_35, false));
	assert_false(heeded(config_of_34, true));
	assert_false(heeded(age_is_max, true));
	assert_false(heeded(other_llc, false));
	assert_false(heeded(past_end, false));
	assert_false(heeded(version_1_rst, false));
	assert_true(heeded(trailing, false));
	assert_true(heeded(version_3, false));
	assert_true(heeded(version_255, false));
	assert_true(heeded(role_unknown, false));
	assert_true(heeded(no_padding, false));
}

static void c16_config_brings_config_and_rst_brings_rst_back(void **state)
{
	(void)state;
	begin(1, NULL);
	run_for(SEC(4)); /* migration time is over */
	struct bpdu b = rst(WORSE(3), 0, WORSE(3), 0x8001);
	b.type = BPDU_CONFIG;
	hear(1, &b);
	forget();
	run_for(SEC(3));
	const struct sent *s = sent_on(1, -1);
	assert_int_equal(s->frame[19], 0); /* version */
	assert_int_equal(s->frame[20], 0); /* Config */
	assert_int_equal(s->frame[13], 3 + 35);
	assert_int_equal(s->frame[21] & 0x7e, 0); /* no flags but TC and TCA */
	run_for(SEC(3));
	b.type = BPDU_RST;
	hear(1, &b);
	run_for(SEC(3));
	assert_int_equal(sent_on(1, -1)->frame[20], 2);
}

static void c17_tcn_is_acknowledged_and_passed_on(void **state)
{
	(void)state;
	begin(1, NULL);
	run_for(SEC(4));
	struct bpdu b = rst(WORSE(3), 0, WORSE(3), 0x8001), tcn = { .type = BPDU_TCN };
	b.type = BPDU_CONFIG;
	hear(1, &b);
	run_for(SEC(40));
	forget();
	hear(1, &tcn);
	run_for(SEC(2));
	struct bpdu got = decoded(sent_on(1, -1));
	assert_int_equal(got.type, BPDU_CONFIG);
	assert_true(got.tc_ack && got.tc);
}

static void c18_two_own_ports_crossed_make_a_silent_backup(void **state)
{
	(void)state;
	begin(2, NULL);
	struct bpdu b = decoded(sent_on(1, 0));
	hear(2, &b);
	assert_int_equal(view(2).role, RSTP_BACKUP);
	assert_int_equal(view(2).state, RSTP_DISCARDING);
	run_for(SEC(1));
	forget();
	b.proposal = false; /* that was answered */
	for (int i = 0; i < 10; i++) {
		hear(2, &b);
		run_for(SEC(1));
	}
	assert_int_equal(count_on(2), 0);
	assert_int_equal(view(2).state, RSTP_DISCARDING);
}

static void c19_own_bpdu_back_keeps_the_port_shut(void **state)
{
	(void)state;
	begin(1, NULL);
	for (int i = 0; i < 9; i++) {
		struct bpdu b = decoded(sent_on(1, -1));
		hear(1, &b);
		run_for(SEC(1));
	}
	assert_int_equal(view(1).role, RSTP_DESIGNATED);
	assert_int_equal(view(1).state, RSTP_DISCARDING);
}

static void c20_c21_dispute_only_when_the_other_learns(void **state)
{
	(void)state;
	settled();
	struct bpdu b = rst(WORSE(3), 0, WORSE(3), 0x8001);
	hear(2, &b);
	assert_int_equal(t.state[2], RSTP_FORWARDING);
	b.learning = true;
	hear(2, &b);
	assert_int_equal(t.state[2], RSTP_DISCARDING);
	struct bpdu root = rst(PEER(1), 0, PEER(1), 0x8001);
	for (int i = 0; i < 10; i++) { /* stays shut while it goes on */
		run_for(SEC(2));
		hear(1, &root);
		hear(2, &b);
		assert_int_equal(t.state[2], RSTP_DISCARDING);
	}
}

static void c22_root_port_by_bridge_then_sender_port_then_own_port(void **state)
{
	(void)state;
	struct bpdu b = rst(PEER(1), 100, PEER(5), 0x8005), c = rst(PEER(1), 100, PEER(4), 0x8009);
	begin(3, NULL);
	hear(1, &b);
	hear(2, &c);
	assert_int_equal(view(2).role, RSTP_ROOT); /* lower bridge */
	c.v.port = 0x8008;
	hear(3, &c);
	assert_int_equal(view(3).role, RSTP_ROOT); /* lower sender port */
	hear(2, &c);
	assert_int_equal(view(2).role, RSTP_ROOT); /* lower own port */
	assert_int_equal(view(3).role, RSTP_ALTERNATE);
}

static void c25_a_change_flushes_the_others_and_spares_edges(void **state)
{
	(void)state;
	begin(3, NULL);
	run_for(SEC(4)); /* 3 becomes an edge */
	struct bpdu b = rst(PEER(1), 0, PEER(1), 0x8001), a = rst(PEER(1), 40000, WORSE(2), 0x8001);
	b.proposal = true;
	hear(1, &b);
	a.role = BPDU_ROLE_ROOT;
	a.agreement = true;
	hear(2, &a);
	run_for(SEC(4));
	b.proposal = false;
	unsigned two = t.flushed[2], three = t.flushed[3];
	b.tc = true;
	hear(1, &b);
	assert_int_equal(t.flushed[2], two + 1);
	assert_int_equal(t.flushed[3], three);
}

static void c26_designated_bpdus_carry_the_roots_times(void **state)
{
	(void)state;
	begin(2, NULL);
	struct bpdu b = rst(PEER(1), 7, PEER(1), 0x8001);
	b.times = (struct bpdu_times){ 3 * 256, 24 * 256, 5 * 256, 16 * 256 };
	hear(1, &b);
	struct bpdu d = decoded(sent_on(2, -1));
	assert_int_equal(d.times.max_age, 24 * 256);
	assert_int_equal(d.times.fwd_delay, 16 * 256);
	assert_int_equal(d.times.message_age, 4 * 256);
	assert_int_equal(d.times.hello, 2 * 256); /* its own */
	assert_int_equal(d.v.cost, 20007);
}

static void c27_an_alternate_answers_a_proposal(void **state)
{
	(void)state;
	begin(2, NULL);
	struct bpdu b = rst(PEER(1), 0, PEER(1), 0x8001), c = rst(PEER(1), 100, PEER(2), 0x8001);
	hear(1, &b);
	hear(2, &c);
	run_for(SEC(1));
	forget();
	c.proposal = true;
	hear(2, &c);
	struct bpdu a = decoded(sent_on(2, 0));
	assert_true(a.agreement);
	assert_int_equal(a.role, BPDU_ROLE_ALTERNATE);
	assert_int_equal(sent_on(2, 0)->frame[21] & 0x0c, 0x04);
}

static void c28_a_root_port_in_stp_mode_sends_tcn_until_acknowledged(void **state)
{
	(void)state;
	begin(2, NULL);
	run_for(SEC(4));
	struct bpdu b = rst(PEER(1), 0, PEER(1), 0x8001), w = rst(WORSE(3), 0, WORSE(3), 0x8001);
	b.type = BPDU_CONFIG;
	for (int i = 0; i < 40; i++) { /* opens by time; port 2's opening is the change */
		hear(1, &b);
		hear(2, &w);
		run_for(SEC(1));
	}
	rstp_port_link(t.r, 2, false, false, 0, t.now);
	rstp_port_link(t.r, 2, true, false, 0, t.now);
	struct bpdu a = rst(PEER(1), 40000, WORSE(2), 0x8001);
	a.role = BPDU_ROLE_ROOT;
	a.agreement = true;
	forget();
	hear(2, &a);
	unsigned tcns = 0;
	for (int i = 0; i < 6; i++) {
		hear(1, &b);
		run_for(SEC(1));
	}
	for (unsigned k = 0; k < t.count; k++)
		if (t.sent[k].port == 1) {
			assert_int_equal(t.sent[k].frame[20], 0x80);
			assert_int_equal(t.sent[k].frame[13], 3 + 4);
			tcns++;
		}
	assert_in_range(tcns, 3, 5);
	forget();
	b.tc_ack = true;
	hear(1, &b);
	b.tc_ack = false;
	for (int i = 0; i < 6; i++) {
		run_for(SEC(1));
		hear(1, &b);
	}
	assert_int_equal(count_on(1), 0);
}

static void c29_without_alternate_the_bridge_is_its_own_root_at_once(void **state)
{
	(void)state;
	settled();
	rest();
	rstp_port_link(t.r, 1, false, false, 0, t.now);
	assert_true(root_now() == OWN);
	assert_true(decoded(sent_on(2, -1)).v.root == OWN);
}

static void c30_a_hello_time_of_zero_is_no_instant_timeout(void **state)
{
	(void)state;
	begin(1, NULL);
	struct bpdu b = rst(PEER(1), 0, PEER(1), 0x8001);
	b.times.hello = 0;
	hear(1, &b);
	run_for(SEC(3) - 1);
	assert_true(root_now() == PEER(1));
	run_for(SEC(1));
	assert_true(root_now() == OWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_teardown(f, teardown)
		T(c01_first_bpdu_has_every_field),
		T(c02_hellos_come_every_two_seconds_exactly),
		T(c03_silence_makes_an_edge_after_three_seconds),
		T(c04_superior_proposal_is_agreed_to_at_once),
		T(c05_a_worse_root_makes_the_others_discard_before_agreeing),
		T(c06_agreement_opens_a_designated_port_at_once),
		T(c07_without_agreement_learning_after_max_age),
		T(c08_silence_of_the_root_ends_after_three_hellos),
		T(c09_worse_word_of_the_same_port_counts_at_once),
		T(c10_an_alternate_takes_over_on_link_loss),
		T(c11_a_change_is_told_to_the_others_and_not_back),
		T(c12_transmit_hold_count_bounds_a_storm_and_the_last_word_gets_out),
		T(c13_age_nineteen_is_used_and_twenty_is_not),
		T(c14_c15_what_is_heard_and_what_is_not),
		T(c16_config_brings_config_and_rst_brings_rst_back),
		T(c17_tcn_is_acknowledged_and_passed_on),
		T(c18_two_own_ports_crossed_make_a_silent_backup),
		T(c19_own_bpdu_back_keeps_the_port_shut),
		T(c20_c21_dispute_only_when_the_other_learns),
		T(c22_root_port_by_bridge_then_sender_port_then_own_port),
		T(c25_a_change_flushes_the_others_and_spares_edges),
		T(c26_designated_bpdus_carry_the_roots_times),
		T(c27_an_alternate_answers_a_proposal),
		T(c28_a_root_port_in_stp_mode_sends_tcn_until_acknowledged),
		T(c29_without_alternate_the_bridge_is_its_own_root_at_once),
		T(c30_a_hello_time_of_zero_is_no_instant_timeout),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
