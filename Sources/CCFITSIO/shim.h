// cfitsio decodes compressed and rarer images and writes files; zlib, on which it stands, inflates whole files that were
// gzipped. fitsio2.h declares the decoder of a single Rice stream.
#include <fitsio.h>
#include <fitsio2.h>
#include <zlib.h>
