#include <fftw3.h>

// An array of unknown length, which Swift does not import.
static inline const char *elnath_fftw_version(void) { return fftwf_version; }
