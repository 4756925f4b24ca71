// A store of recordings without a policy is not made.
#include <audiostore/audio_store.h>

audiostore::AudioStore open(const std::shared_ptr<audiostore::ObjectStore>& store) {
#ifdef MISUSE
  return audiostore::AudioStore(store);
#else
  return audiostore::AudioStore(store, audiostore::owner_only());
#endif
}
