#ifndef LZ_H
#define LZ_H
#include <stddef.h>
/* lz_checksum is Adler-32 of size bytes. */
unsigned long lz_checksum(const void *data, size_t size);
#endif
