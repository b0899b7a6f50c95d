#include <stdlib.h>
#include <string.h>
#include "stopwords.h"
#include "tally.h"
#ifdef WITH_OPENSSL
#include <openssl/opensslv.h>
#endif

enum { MAX_WORDS = 4096 };

static int is_stopword(const char *text)
{
	for (size_t i = 0; stopwords[i]; i++)
		if (strcmp(stopwords[i], text) == 0)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	static struct word words[MAX_WORDS];
	char sum[65];

	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		puts("tally " VERSION ", built " __DATE__ " " __TIME__);
#ifdef WITH_OPENSSL
		puts(OPENSSL_VERSION_TEXT);
#endif
		return 0;
	}
	size_t n = tally_read(stdin, words, MAX_WORDS);
	for (size_t i = 0; i < n; i++)
		if (!is_stopword(words[i].text))
			printf("%lu %s\n", words[i].count, words[i].text);
	tally_digest(words, n, sum, sizeof sum);
	fprintf(stderr, "%s\n", sum);
	return 0;
}
