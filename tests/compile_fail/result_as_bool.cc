// A Result<bool> must not be taken for its bool, nor any Result for a number.
#include <audiostore/error.h>

bool allowed(const audiostore::Result<bool>& result) {
#ifdef MISUSE
  return result;
#else
  return result && *result;
#endif
}
