#include "lz.h"

unsigned long lz_checksum(const void *data, size_t size)
{
	const unsigned char *p = data;
	unsigned long a = 1, b = 0;

	while (size--) {
		a = (a + *p++) % 65521;
		b = (b + a) % 65521;
	}
	return b << 16 | a;
}
