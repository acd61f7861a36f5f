/* SPDX-License-Identifier: MIT */
/* stat.h - statistics that judge a law: p-values of chi-square and Kolmogorov-Smirnov, binomial
 * bounds. */
#ifndef DW_TEST_WIRE_STAT_H
#define DW_TEST_WIRE_STAT_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* Upper tail of the regularized gamma function, by series or continued fraction. */
static inline double gamma_q(double a, double x)
{
	double scale = exp(-x + a * log(x) - lgamma(a));
	if (x <= 0)
		return 1;
	if (x < a + 1) {
		double term = 1 / a, sum = term;
		for (int n = 1; n < 10000 && term > sum * 1e-15; n++)
			sum += term *= x / (a + n);
		return 1 - sum * scale;
	}
	double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
	for (int i = 1; i < 10000; i++) {
		double an = -i * (i - a);
		b += 2;
		d = 1 / (an * d + b);
		c = b + an / c;
		h *= d * c;
		if (fabs(d * c - 1) < 1e-15)
			break;
	}
	return h * scale;
}

/* p of `n` counts against their expectations. */
static inline double chi_square_p(const uint64_t *seen, const double *want, size_t n,
				  unsigned lost_freedom)
{
	double x = 0;
	for (size_t i = 0; i < n; i++)
		x += ((double)seen[i] - want[i]) * ((double)seen[i] - want[i]) / want[i];
	return gamma_q((double)(n - 1 - lost_freedom) / 2, x / 2);
}

static inline int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* p that `n` samples (sorted here) follow `cdf`. */
static inline double ks_p(double *v, size_t n, double (*cdf)(double x))
{
	double d = 0;
	qsort(v, n, sizeof *v, by_value);
	for (size_t i = 0; i < n; i++) {
		double f = cdf(v[i]);
		double above = fabs(f - (double)(i + 1) / (double)n),
		       below = fabs(f - (double)i / (double)n);
		d = fmax(d, fmax(above, below));
	}
	double root = sqrt((double)n), lambda = (root + 0.12 + 0.11 / root) * d, p = 0;
	for (int k = 1; k < 101; k++)
		p += 2 * (k % 2 ? 1 : -1) * exp(-2.0 * k * k * lambda * lambda);
	return fmin(1, fmax(0, p));
}

/* Is `hits` of `n` inside the 99 % interval of a binomial law with probability p? */
static inline int in_binomial_99(uint64_t hits, uint64_t n, double p)
{
	double mean = (double)n * p, sigma = sqrt((double)n * p * (1 - p));
	return fabs((double)hits - mean) <= 2.5758 * sigma + 0.5;
}

/* The same for draws whose neighbours are correlated by `corr` (and those k apart by corr^k). */
static inline int in_correlated_99(uint64_t hits, uint64_t n, double p, double corr)
{
	double sigma = sqrt((double)n * p * (1 - p) * (1 + corr) / (1 - corr));
	return fabs((double)hits - (double)n * p) <= 2.5758 * sigma + 0.5;
}

static inline double normal_cdf(double x)
{
	return 0.5 * erfc(-x / sqrt(2));
}

#endif
