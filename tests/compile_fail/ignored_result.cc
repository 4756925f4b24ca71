// A Result that nobody looks at is a failure that nobody hears of.
#include <audiostore/error.h>

audiostore::Result<void> work();

void caller() {
#ifdef MISUSE
  work();
#else
  if (auto done = work(); !done) throw audiostore::BadResultAccess(done.error());
#endif
}
