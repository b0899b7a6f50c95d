#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "tally.h"

static int by_count(const void *a, const void *b)
{
	const struct word *x = a, *y = b;
	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->text, y->text);
}

static size_t add(struct word *words, size_t n, size_t max, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i].text, text) == 0) {
			words[i].count++;
			return n;
		}
	if (n == max)
		return n;
	strcpy(words[n].text, text);
	words[n].count = 1;
	return n + 1;
}

size_t tally_read(FILE *in, struct word *words, size_t max)
{
	char text[sizeof words->text];
	size_t n = 0, length = 0;
	int c;

	do {
		c = getc(in);
		if (c != EOF && !isspace(c)) {
			if (length < sizeof text - 1)
				text[length++] = tolower(c);
			continue;
		}
		text[length] = '\0';
		if (length > 0)
			n = add(words, n, max, text);
		length = 0;
	} while (c != EOF);
	qsort(words, n, sizeof *words, by_count);
	return n;
}
