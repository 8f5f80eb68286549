#include <erfa.h>
#include <erfam.h>
#include <erfaextra.h>
