/* SPDX-License-Identifier: MIT */
/* copula.c - the integral of the normal law and its inverse, in integers, to 1e-7; and with them
 * uniform numbers that are correlated and stay exactly uniform (a Gaussian copula). */
#include "wire/core/copula.h"

#include "wire/core/fixed.h"

__extension__ typedef __int128 i128;

enum {
	STEPS = 32,      /* table entries to one sigma */
	REACH = 8,       /* sigmas; beyond, the integral is 0 or 1 to 64 bits */
	CELL_SHIFT = 27, /* 32.32 fixed point: 2^32 / STEPS */
};

/* Phi(i / 32) * 2^64 for i = -1 .. 258. test_copula.c works it out anew. */
static const uint64_t phi[STEPS * REACH + 4] = {
	0x7ccf196345a272ba, 0x8000000000000000, 0x8330e69cba5d8d46, 0x8661011d92bb3225,
	0x898f83ff98f3d747, 0x8cbba4f101a56606, 0x8fe49b67dc8159c6, 0x9309a13692f911b5,
	0x9629f31d78168226, 0x9944d158b76b61a8, 0x9c598029f74b429b, 0x9f67485d09f231b6,
	0xa26d77c711b8f0d9, 0xa56b61bf85f6f39b, 0xa8605f92909bff2b, 0xab4bd0ec47c8f834,
	0xae2d1c3c52a898ee, 0xb103af119563b6f3, 0xb3cefe6d8d2e8245, 0xb68e870f12f8fb4a,
	0xb941cdb449286fbc, 0xbbe85f5386cd80b1, 0xbe81d14b20ed661a, 0xc10dc18800917b9b,
	0xc38bd6a30249cee2, 0xc5fbbff5298b6496, 0xc85d35a2bfb73e55, 0xcaaff89d838b2820,
	0xccf3d29e1a29c10e, 0xcf289614feb68c1f, 0xd14e1e1338a16cda, 0xd3644e2b2b191b85,
	0xd56b1249d9a64667, 0xd7625e89069be9a5, 0xd94a2efa97c9d7bb, 0xdb22876db4abbfb0,
	0xdceb732e1722d4e3, 0xdea504be0c9e8efe, 0xe04f558ba9700f6a, 0xe1ea85a1b2dc1fd4,
	0xe376bb54c65c2b1c, 0xe4f422ed4563d6bb, 0xe662ee4e8cf5c3db, 0xe7c3549bff5f19b1,
	0xe91591dc64a11a36, 0xea59e69c236dfa07, 0xeb90978ed137b379, 0xecb9ed3093b2efd8,
	0xedd63367c96cc4d0, 0xeee5b92769b81162, 0xefe8d01286578877, 0xf0dfcc2152f52806,
	0xf1cb03480fc0759c, 0xf2aacd202d83e8fa, 0xf37f8293fa38e89c, 0xf4497d8d1da9d4ca,
	0xf50918a6261b9ef9, 0xf5beaedf5d5491ac, 0xf66a9b5716b3c8fd, 0xf70d39059f7b32b5,
	0xf7a6e27cf2fa9f37, 0xf837f1ac4d026145, 0xf8c0bfa7adf30b03, 0xf941a4735cf0c204,
	0xf9baf6d36e3d0297, 0xfa2d0c1f4d89e81a, 0xfa9838194645678e, 0xfafcccc9fe67655f,
	0xfb5b1a5fd3400b7d, 0xfbb36f12031ff615, 0xfc0617078a7c488d, 0xfc535c419767030d,
	0xfc9b868972d87cfa, 0xfcdedb61bc593db6, 0xfd1d9dfad21a2611, 0xfd580f2a3d71c270,
	0xfd8e6d64fa05b5b3, 0xfdc0f4bc6c9ad046, 0xfdefdedddd99558e, 0xfe1b63144ac0678b,
	0xfe43b64c634658fc, 0xfe690b1a81b631ba, 0xfe8b91c277372859, 0xfeab7840fc8b2b6d,
	0xfec8ea569def9e75, 0xfee41193f820eb9c, 0xfefd15671e083d30, 0xff141b2a000c6722,
	0xff294631af95add0, 0xff3cb7de5b09bfea, 0xff4e8fabe0542d73, 0xff5eeb42d5f26b19,
	0xff6de689ec6bd202, 0xff7b9bb78c192049, 0xff882363951f2eb8, 0xff93949929819c95,
	0xff9e04e86b3032cd, 0xffa7887819e928a5, 0xffb03216feb8140f, 0xffb8134d14ba525a,
	0xffbf3c6c60a39ff4, 0xffc5bca16a3e4525, 0xffcba2034ccfe4d8, 0xffd0f9a354e51f5a,
	0xffd5cf9c2389b0dc, 0xffda2f20505f97f3, 0xffde2288855d8680, 0xffe1b361103b0a29,
	0xffe4ea76e6b75734, 0xffe7cfe41bf68540, 0xffea6b1bc6289da5, 0xffecc2f5548e8694,
	0xffeeddb756bb32c2, 0xfff0c121b6a44116, 0xfff2727767b535c6, 0xfff3f6878da4973e,
	0xfff551b61e4379ea, 0xfff6880401e770c4, 0xfff79d16b6658277, 0xfff8943f78dbc80e,
	0xfff97081fabfd9c7, 0xfffa349aa6d348c8, 0xfffae3047abe368b, 0xfffb7dfe7a23be41,
	0xfffc0790c00d6b37, 0xfffc8191338b6b79, 0xfffceda7e45f8f32, 0xfffd4d53147a6848,
	0xfffda1eaf2fceaae, 0xfffdeca50d56a001, 0xfffe2e977af9a649, 0xfffe68bbc7fb0967,
	0xfffe9bf1a2d0433a, 0xfffec901513272e2, 0xfffef09df005bdd5, 0xffff136781f7d5d7,
	0xffff31ecd05c47a9, 0xffff4cad21a06dd9, 0xffff6419c8840ae2, 0xffff78978f16fb92,
	0xffff8a800050719c, 0xffff9a2292e8f65d, 0xffffa7c5b7f64e78, 0xffffb3a7cf9f64f8,
	0xffffbe000616ce9d, 0xffffc6ff1ae458a0, 0xffffced014618980, 0xffffd598e12a0e6b,
	0xffffdb7ae91fcfef, 0xffffe0938f82db4f, 0xffffe4fca77f7464, 0xffffe8ccdc787cf0,
	0xffffec180f39e431, 0xffffeeefa925fc34, 0xfffff162e65957bc, 0xfffff37f17ab26dc,
	0xfffff54fdd5bdbf5, 0xfffff6df5b312727, 0xfffff83666acfbd0, 0xfffff95caffd490c,
	0xfffffa58e63342cf, 0xfffffb30d7437b32, 0xfffffbe98c438a00, 0xfffffc87624e89ef,
	0xfffffd0e206f367a, 0xfffffd810ae4e25b, 0xfffffde2f40fc52c, 0xfffffe364b492f4a,
	0xfffffe7d29e4feb9, 0xfffffeb95e932849, 0xfffffeec7752403c, 0xffffff17ca1e9829,
	0xffffff3c7c84b8cf, 0xffffff5b8a39aaa4, 0xffffff75cad79c9d, 0xffffff8bf6d9fba3,
	0xffffff9eabf0edbd, 0xffffffae70c158e0, 0xffffffbbb8241f57, 0xffffffc6e3f502d3,
	0xffffffd0477fa513, 0xffffffd829975b72, 0xffffffdec664fba8, 0xffffffe450f466ae,
	0xffffffe8f48a5e2c, 0xffffffecd5ca1cca, 0xfffffff013b1364f, 0xfffffff2c86f6e29,
	0xfffffff50a1f767b, 0xfffffff6eb64e444, 0xfffffff87bf31438, 0xfffffff9c9003cbc,
	0xfffffffadda77a7a, 0xfffffffbc33c43fe, 0xfffffffc81915c4c, 0xfffffffd1f3512b7,
	0xfffffffda1a45e49, 0xfffffffe0d762b79, 0xfffffffe668002b8, 0xfffffffeaff504a7,
	0xfffffffeec8014ac, 0xffffffff1e59eb86, 0xffffffff475bb07c, 0xffffffff690ea0c0,
	0xffffffff84b9389d, 0xffffffff9b6a40f4, 0xffffffffae0214e1, 0xffffffffbd3a66bf,
	0xffffffffc9acc113, 0xffffffffd3d7f69a, 0xffffffffdc24acfd, 0xffffffffe2e926ce,
	0xffffffffe86c6bf1, 0xffffffffece8ea96, 0xfffffffff08ea6d2, 0xfffffffff3850b80,
	0xfffffffff5ec6bf4, 0xfffffffff7df43b1, 0xfffffffff9733f1a, 0xfffffffffaba1663,
	0xfffffffffbc2426a, 0xfffffffffc9791ff, 0xfffffffffd43a4ed, 0xfffffffffdce5151,
	0xfffffffffe3df6f4, 0xfffffffffe97c3ca, 0xfffffffffedfec2a, 0xffffffffff19d8ea,
	0xffffffffff484d1d, 0xffffffffff6d84fb, 0xffffffffff8b4f21, 0xffffffffffa3212c,
	0xffffffffffb6288d, 0xffffffffffc55838, 0xffffffffffd173cc, 0xffffffffffdb18a0,
	0xffffffffffe2c526, 0xffffffffffe8ded8, 0xffffffffffedb71c, 0xfffffffffff18f23,
	0xfffffffffff49b1a, 0xfffffffffff704b8, 0xfffffffffff8ed4e, 0xfffffffffffa6f70,
	0xfffffffffffba04e, 0xfffffffffffc90c6, 0xfffffffffffd4e43, 0xfffffffffffde36f,
	0xfffffffffffe58bf, 0xfffffffffffeb4ec, 0xfffffffffffefd46, 0xffffffffffff3601,
	0xffffffffffff6273, 0xffffffffffff853c, 0xffffffffffffa06e, 0xffffffffffffb5ac,
	0xffffffffffffc640, 0xffffffffffffd32c, 0xffffffffffffdd3d, 0xffffffffffffe512,
};

/* Cubic through four neighbours (Gauss forward): off by less than 4e-8. z >= 0. */
static uint64_t upper_half(int64_t z)
{
	if (z >= (int64_t)REACH << 32)
		return UINT64_MAX;
	const uint64_t *f = &phi[(z >> CELL_SHIFT) + 1];
	int64_t t = (z & ((1 << CELL_SHIFT) - 1)) * STEPS; /* 0.32, place in the cell */
	const int64_t one = INT64_C(1) << 32;
	int64_t d1 = (int64_t)(f[1] - f[0]);
	int64_t d2 = d1 - (int64_t)(f[0] - f[-1]);
	int64_t d3 = (int64_t)(f[2] - f[1]) - 2 * d1 + (int64_t)(f[0] - f[-1]);
	i128 a = (i128)d1 * t / one;
	i128 b = (i128)d2 * t / one * (t - one) / one / 2;
	i128 c = (i128)d3 * (t + one) / one * t / one * (t - one) / one / 6;
	i128 v = (i128)f[0] + a + b + c;
	return v > UINT64_MAX ? UINT64_MAX : (uint64_t)v;
}

uint64_t normal_cdf64(int64_t z)
{
	return z >= 0 ? upper_half(z) : UINT64_MAX - upper_half(-z);
}

int64_t normal_quantile64(uint64_t u)
{
	int64_t low = -((int64_t)REACH << 32), high = (int64_t)REACH << 32;
	while (high - low > 1) {
		int64_t mid = low + (high - low) / 2;
		if (normal_cdf64(mid) <= u)
			low = mid;
		else
			high = mid;
	}
	return low;
}

static uint64_t root(u128 v) /* the whole part of the square root */
{
	uint64_t r = 0;
	for (uint64_t bit = UINT64_C(1) << 63; bit; bit >>= 1)
		if ((u128)(r | bit) * (r | bit) <= v)
			r |= bit;
	return r;
}

uint64_t copula_step(struct copula *c, uint64_t corr, uint64_t bits)
{
	int64_t fresh = normal_quantile64(bits);
	if (!c->begun) {
		c->begun = true;
		c->z = fresh;
		return bits;
	}
	/* z' = r z + sqrt(1 - r^2) g has variance 1 again. */
	uint64_t rest = root((u128)prob_not(prob_mul(corr, corr)) << 64); /* 0.64 */
	c->z = (int64_t)(((i128)c->z * (int64_t)(corr >> 1) + (i128)fresh * (int64_t)(rest >> 1)) >>
			 63);
	return normal_cdf64(c->z);
}
