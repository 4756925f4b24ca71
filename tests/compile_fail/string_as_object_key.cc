// A key is checked once, by ObjectKey::parse; no text gets past it.
#include <audiostore/object_store.h>

void look(audiostore::ObjectStore& store) {
#ifdef MISUSE
  (void)store.head("users/../secrets");
#else
  (void)audiostore::ObjectKey::parse("users/a").and_then([&](const auto& key) { return store.head(key); });
#endif
}
