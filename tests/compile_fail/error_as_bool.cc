// "if (error)" reads as "if it failed" to one reader and as "if it is fine" to the next.
#include <audiostore/error.h>

bool failed(const audiostore::Error& error) {
#ifdef MISUSE
  return error ? true : false;
#else
  return error.code() == audiostore::ErrorCode::internal;
#endif
}
