// tools/standard.h, compiled by the compiler of the unit tests for the objects that they link.
#include "tools/standard.h"
