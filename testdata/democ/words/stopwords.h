static const char *const stopwords[] = { "the", "of", "and", 0 };
