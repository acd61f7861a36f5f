/* SPDX-License-Identifier: MIT */
/* test_copula.c - the integer logarithm and normal integral against the C library's, and correlated
 * jitter that keeps its law. */
#include "tests/unit/wire/rig.h"
#include "tests/unit/wire/stat.h"

#include "wire/core/copula.h"
#include "wire/core/fixed.h"

static const double TWO64 = 18446744073709551616.0;

static void logarithm_is_the_librarys(void **state)
{
	struct stream s = stream_of(SEED, "log");
	(void)state;
	for (uint64_t i = 0; i < 100000; i++) {
		uint64_t bits = draw(s, i, 0) >> (i % 64);
		double want = -log((bits ? (double)bits : 1) / TWO64);
		assert_true(fabs((double)neg_ln(bits) / TWO64 - want) < 1e-12 * fmax(1, want));
	}
	assert_true((double)neg_ln(UINT64_MAX) / TWO64 < 1e-16);
}

static void normal_integral_is_the_librarys(void **state)
{
	(void)state;
	for (int i = -90000; i <= 90000; i++) {
		double z = i / 10000.0;
		int64_t fixed = (int64_t)(z * 4294967296.0);
		assert_true(fabs((double)normal_cdf64(fixed) / TWO64 - normal_cdf(z)) < 5e-8);
	}
}

static void quantile_undoes_the_integral(void **state)
{
	struct stream s = stream_of(SEED, "quantile");
	(void)state;
	for (uint64_t i = 0; i < 20000; i++) {
		uint64_t u = draw(s, i, 0);
		int64_t z = normal_quantile64(u);
		assert_true(normal_cdf64(z) <= u);
		assert_true(normal_cdf64(z + 1) > u);
	}
}

static double uniform_cdf(double x)
{
	return x < 0 ? 0 : x > 1 ? 1 : x;
}

static void correlated_numbers_stay_uniform_and_are_correlated(void **state)
{
	static const double rhos[] = { 0.25, 0.5, 0.9 };
	(void)state;
	for (size_t k = 0; k < 3; k++) {
		enum { N = 1000000, APART = 20 };
		struct copula c = { .begun = false };
		struct stream s = stream_of(SEED, "copula");
		double *v = malloc(N * sizeof *v), sum = 0;
		assert_non_null(v);
		uint64_t corr = (uint64_t)(rhos[k] * TWO64);
		for (unsigned i = 0; i < N; i++) {
			v[i] = (double)copula_step(&c, corr, draw(s, i, 0)) / TWO64;
			if (i)
				sum += (v[i] - 0.5) * (v[i - 1] - 0.5);
		}
		/* Spearman's rank correlation of a normal pair; both 4 standard errors wide */
		double want = 6 / acos(-1) * asin(rhos[k] / 2),
		       err = sqrt((1 + rhos[k] * rhos[k]) / N / (1 - rhos[k] * rhos[k]));
		assert_true(fabs(sum / (N - 1) * 12 - want) < 4 * err);
		size_t n = 0; /* far enough apart to count as independent (0.9^APART = 0.12 is not
				 yet) */
		for (unsigned i = 0; i<N; i += rhos[k]> 0.8 ? 4 * APART : APART)
			v[n++] = v[i];
		assert_true(ks_p(v, n, uniform_cdf) > 0.001);
		free(v);
	}
}

static void correlated_jitter_keeps_its_spread(void **state)
{
	enum { N = 500000 };
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "delay", "1s", "jitter", "100ms", "dist", "normal", "delay-corr", "50%", NULL);
	rig_pour(&g, WIRE_AB, N, SEC(3));
	int64_t *f = rig_fates(&g, WIRE_AB, N, SEC(3));
	double squares = 0, sum = 0, next = 0;
	for (unsigned i = 0; i < N; i++) {
		double x = (double)(f[i] - SEC(1)) / (double)MS(100);
		sum += x;
		squares += x * x;
		if (i)
			next += x * (double)(f[i - 1] - SEC(1)) / (double)MS(100);
	}
	assert_true(fabs(sum / N) < 0.01);
	assert_true(fabs(sqrt(squares / N) - 1) < 0.01); /* netem's arithmetic gives 0.577 */
	assert_true(fabs(next / squares - 0.5) < 0.01);
	free(f);
	rig_end(&g);
}

static double exponential_cdf(double x)
{
	return x <= 0 ? 0 : 1 - exp(-x);
}

static void exponential_jitter_is_exponential(void **state)
{
	enum { N = 1000000 };
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "delay", "100ms", "jitter", "100ms", "dist", "exponential", NULL);
	rig_pour(&g, WIRE_AB, N, SEC(10));
	int64_t *f = rig_fates(&g, WIRE_AB, N, SEC(10));
	double *v = malloc(N * sizeof *v);
	assert_non_null(v);
	for (unsigned i = 0; i < N; i++)
		v[i] = (double)f[i] / (double)MS(100);
	assert_true(ks_p(v, N, exponential_cdf) > 0.001);
	free(v);
	free(f);
	rig_end(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logarithm_is_the_librarys),
		cmocka_unit_test(normal_integral_is_the_librarys),
		cmocka_unit_test(quantile_undoes_the_integral),
		cmocka_unit_test(correlated_numbers_stay_uniform_and_are_correlated),
		cmocka_unit_test(correlated_jitter_keeps_its_spread),
		cmocka_unit_test(exponential_jitter_is_exponential),
	};
	printf("seed %llu\n", (unsigned long long)SEED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
