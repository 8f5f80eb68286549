// The processor's hint that an address will be read soon, for which Swift has no word. Any address may be given.
static inline void prefetch_line(const void *_Nonnull place) { __builtin_prefetch(place); }
