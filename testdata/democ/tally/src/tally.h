#ifndef TALLY_H
#define TALLY_H
#include <stddef.h>
#include <stdio.h>

struct word { char text[64]; unsigned long count; };

/* tally_read counts the words of in. It returns how many different ones there are, at most max. */
size_t tally_read(FILE *in, struct word *words, size_t max);

/* tally_digest writes a checksum of the words as hexadecimal digits. */
void tally_digest(const struct word *words, size_t n, char *out, size_t size);
#endif
