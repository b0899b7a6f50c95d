#include <string.h>
#include "lz.h"
#include "tally.h"
#ifdef WITH_OPENSSL
#include <openssl/sha.h>
#endif

void tally_digest(const struct word *words, size_t n, char *out, size_t size)
{
#ifdef WITH_OPENSSL
	unsigned char sum[SHA256_DIGEST_LENGTH];
	SHA256((const unsigned char *)words, n * sizeof *words, sum);
	for (size_t i = 0; i < sizeof sum && 2 * i + 2 < size; i++)
		sprintf(out + 2 * i, "%02x", sum[i]);
#else
	snprintf(out, size, "%08lx", lz_checksum(words, n * sizeof *words));
#endif
}
