// A secret does not get into a log by accident.
#include <audiostore/credentials.h>

#include <ostream>

void log(std::ostream& out, const audiostore::Credentials& credentials) {
#ifdef MISUSE
  out << credentials.secret_access_key;
#else
  out << credentials.to_string();
#endif
}
