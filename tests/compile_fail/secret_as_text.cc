// A secret turns into text only where reveal() says so.
#include <audiostore/credentials.h>

std::string_view text_of(const audiostore::Secret& secret) {
#ifdef MISUSE
  return secret;
#else
  return secret.reveal();
#endif
}
