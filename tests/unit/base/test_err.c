/* SPDX-License-Identifier: MIT */
/* test_err.c - words beside an errno; the word that was probably meant. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <string.h>

#include "lib/base/err.h"
#include "tests/unit/dice.h"

static void words_are_set_and_the_code_comes_back(void **state)
{
	(void)state;
	struct err e;
	assert_int_equal(err_set(&e, -EINVAL, "%d%% is not between %s", 130, "0% and 100%"),
			 -EINVAL);
	assert_string_equal(e.text, "130% is not between 0% and 100%");
	assert_int_equal(err_prefix(&e, -EINVAL, "--loss"), -EINVAL);
	assert_string_equal(e.text, "--loss: 130% is not between 0% and 100%");
	assert_int_equal(err_set(&e, -EIO, "before %s", e.text),
			 -EIO); /* its own words as argument */
	assert_string_equal(e.text, "before --loss: 130% is not between 0% and 100%");
	assert_int_equal(err_set(NULL, -ENOENT, "nobody listens"), -ENOENT);
	assert_int_equal(err_prefix(NULL, -ENOENT, "nobody"), -ENOENT);
}

static void words_are_cut_to_fit(void **state)
{
	(void)state;
	struct err e;
	char longer[1000];
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	err_set(&e, -EINVAL, "%s", longer);
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
	err_prefix(&e, -EINVAL, "key");
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
	assert_memory_equal(e.text, "key: xxx", 8);
}

static const char *const words[] = { "delay",     "jitter", "loss", "loss-burst",
				     "duplicate", "p",      "bit",  "Mbit" };

static const char *word_at(const void *list, size_t i)
{
	(void)list;
	return i < sizeof words / sizeof *words ? words[i] : NULL;
}

static void a_slip_of_the_finger_finds_its_word(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{ "delay", "delay" }, /* itself */
		{ "dealy", "delay" }, /* neighbours swapped: one edit, not two */
		{ "delya", "delay" },
		{ "dela", "delay" },
		{ "delayy", "delay" },
		{ "dxlay", "delay" },
		{ "lsos", "loss" },
		{ "jiter", "jitter" },
		{ "loss-brust", "loss-burst" },
		{ "dupplicat", "duplicate" }, /* two of nine */
		{ "mbit", "Mbit" },           /* the wrong case is nearer than a lost letter */
	};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		const char *found = nearest_word(pairs[i][0], word_at, NULL);
		assert_non_null(found);
		assert_string_equal(found, pairs[i][1]);
	}
}

static void what_is_far_from_all_words_finds_none(void **state)
{
	(void)state;
	assert_null(nearest_word("bandwidth", word_at, NULL));
	assert_null(nearest_word("lxxs", word_at, NULL)); /* two of four */
	assert_null(nearest_word("", word_at, NULL));
	assert_null(nearest_word("x", word_at, NULL)); /* nothing of it would be left */
	char longer[200];
	memset(longer, 'd', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	assert_null(nearest_word(longer, word_at, NULL));
}

static const char *one_at(const void *list, size_t i)
{
	return i == 0 ? list : NULL;
}

/* One edit of any kind, anywhere, in words of six letters and more is always found. */
static void any_single_edit_is_found(void **state)
{
	(void)state;
	struct dice d = dice_of("edits");
	for (int i = 0; i < 20000; i++) {
		char word[32], typed[40];
		size_t len = 6 + dice_below(&d, 20), at = dice_below(&d, len - 1);
		for (size_t k = 0; k < len; k++)
			word[k] = (char)('a' + dice_below(&d, 26));
		word[len] = '\0';
		memcpy(typed, word, len + 1);
		switch (dice_below(&d, 4)) {
		case 0: /* one lost */
			memmove(typed + at, typed + at + 1, len - at);
			break;
		case 1: /* one too many */
			memmove(typed + at + 1, typed + at, len - at + 1);
			break;
		case 2: /* a wrong one */
			typed[at] = '9';
			break;
		default: /* two swapped */
			typed[at] = word[at + 1];
			typed[at + 1] = word[at];
			break;
		}
		assert_ptr_equal(nearest_word(typed, one_at, word), word);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_set_and_the_code_comes_back),
		cmocka_unit_test(words_are_cut_to_fit),
		cmocka_unit_test(a_slip_of_the_finger_finds_its_word),
		cmocka_unit_test(what_is_far_from_all_words_finds_none),
		cmocka_unit_test(any_single_edit_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
