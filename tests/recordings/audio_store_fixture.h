// An AudioStore over a store double, with a clock that stands still.
#pragma once

#include <audiostore/audio_store.h>

#include "support/manual_clock.h"
#include "support/recording_store.h"
#include "support/wav.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

struct AudioStoreFixture {
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<RecordingStore> store = std::make_shared<RecordingStore>(clock);

  [[nodiscard]] AudioStore open(AccessPolicy policy = owner_only(), AudioStoreOptions options = {}) const {
    return AudioStore(store, std::move(policy), std::move(options));
  }

  static RecordingId id(std::string_view user, std::string_view project = "p", std::string_view recording = "r") {
    return RecordingId::make(user, project, recording).value();
  }
  static AudioKey key(std::string_view text) { return AudioKey::parse(text).value(); }
  static Payload wav(std::uint16_t pitch = 50) { return Payload::from_string(make_wav(100, pitch)); }

  /// Puts an object there, past AudioStore and unnoted.
  void plant(const std::string& text, std::string bytes = "x") const {
    store->objects[text] = {std::move(bytes), {}, "\"planted\""};
  }
};

/// What reads a take and throws the bytes away.
inline Result<void> drop(ByteSpan) { return {}; }

}  // namespace audiostore
