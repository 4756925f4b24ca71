// What a program that links audiostore sees: public headers and one library.
#include <audiostore/audiostore.h>

#include <cstdio>

int main() {
  const auto store = audiostore::make_memory_store();
  const auto key = audiostore::ObjectKey::parse("users/1/take.wav");
  if (!key || !store->put(*key, audiostore::Payload::from_string("RIFF"))) return 1;
  const auto bytes = audiostore::read_to_string(*store, *key);
  const bool ok = bytes && *bytes == "RIFF";
  std::puts(ok ? "consumer: ok" : "consumer: wrong bytes");
  return ok ? 0 : 1;
}
