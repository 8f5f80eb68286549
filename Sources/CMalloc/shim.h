// The allocator switches of glibc, which its Swift module leaves out.
#include <malloc.h>
