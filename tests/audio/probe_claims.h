// What probe_audio() has to say of bytes that a test has put together.
#pragma once

#include "audio/probe_bytes.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace audiostore::audio_test {

struct Claim {
  std::string what;
  std::string bytes;
  std::string properties;  ///< as probed() writes them
};

inline void check(const std::vector<Claim>& claims) {
  for (const Claim& claim : claims) {
    INFO(claim.what);
    CHECK(probed(claim.bytes) == claim.properties);
  }
}

}  // namespace audiostore::audio_test
