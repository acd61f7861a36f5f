/* SPDX-License-Identifier: MIT */
/* distance.c - great circles by the chord between two points of the unit sphere. */
#include "lab/import/distance.h"

#define PI 3.14159265358979323846
#define EARTH_KM 6371.0
#define KM_PER_US 0.2

/* Taylor's series on [-pi, pi], to the last digit of a double. */
static double sine(double x)
{
	double sum = x, term = x;
	for (int n = 1; n < 16; n++) {
		term *= -x * x / (2 * n * (2 * n + 1));
		sum += term;
	}
	return sum;
}

static double radians(double degrees) /* into [-pi, pi]; nonsense stays finite */
{
	if (!(degrees >= -360 && degrees <= 360))
		return 0;
	double x = degrees * PI / 180;
	if (x > PI)
		x -= 2 * PI;
	return x < -PI ? x + 2 * PI : x;
}

static double cosine(double x)
{
	double half = sine(x / 2);
	return 1 - 2 * half * half;
}

static double root(double x) /* Newton's, from above */
{
	double r = x > 1 ? x : 1;
	for (int i = 0; i < 64; i++)
		r = (r + x / r) / 2;
	return x > 0 ? r : 0;
}

/* Half of the angle whose chord is `chord` in [0, 2]: arcsin(chord / 2), by bisection. */
static double half_angle(double chord)
{
	double low = 0, high = PI / 2;
	for (int i = 0; i < 60; i++) {
		double middle = (low + high) / 2;
		if (sine(middle) < chord / 2)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int64_t distance_delay_ns(double lat_a, double lon_a, double lat_b, double lon_b)
{
	double pa = radians(lat_a), pb = radians(lat_b), la = radians(lon_a), lb = radians(lon_b);
	double x = cosine(pa) * cosine(la) - cosine(pb) * cosine(lb);
	double y = cosine(pa) * sine(la) - cosine(pb) * sine(lb);
	double z = sine(pa) - sine(pb);
	double km = 2 * EARTH_KM * half_angle(root(x * x + y * y + z * z));
	return (int64_t)(km / KM_PER_US + 0.5) * 1000;
}
