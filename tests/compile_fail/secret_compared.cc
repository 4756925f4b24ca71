// Comparing a secret byte by byte tells an attacker how many bytes were right.
#include <audiostore/credentials.h>

bool same(const audiostore::Secret& a, const audiostore::Secret& b) {
#ifdef MISUSE
  return a == b;
#else
  return a.empty() == b.empty();
#endif
}
