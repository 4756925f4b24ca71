// A recording's key is derived from its ids, never taken as it comes.
#include <audiostore/audio_store.h>

void erase(audiostore::AudioStore& store, const audiostore::ObjectKey& key) {
#ifdef MISUSE
  (void)store.remove("user", key);
#else
  (void)audiostore::AudioKey::parse(key.str()).and_then([&](const auto& take) { return store.remove("user", take); });
#endif
}
