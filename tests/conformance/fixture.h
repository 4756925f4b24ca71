// What the cases of the conformance suite have in common.
#pragma once

#include "conformance/harness.h"
#include "support/results.h"

#include <audiostore/object_store.h>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace audiostore::conformance {

/// One case: a prefix of its own below which it works, and the removal of everything there when it ends.
class Fixture {
 public:
  Fixture();
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;
  ~Fixture();

  /// What get() delivers.
  struct Got {
    ObjectInfo info;
    std::string bytes;
  };
  /// What list() gives, as names below the case's prefix.
  struct Listed {
    std::vector<std::string> keys;
    std::vector<std::string> common_prefixes;
    int pages = 0;
  };

 protected:
  /// The key `name` below this case's prefix.
  [[nodiscard]] ObjectKey key(std::string_view name = "take.wav") const;
  [[nodiscard]] const std::string& prefix() const noexcept { return prefix_; }

  PutResult put(const ObjectKey& key, std::string bytes = "some bytes", const PutOptions& options = {});
  void put_all(const std::vector<std::string>& names);

  Result<Got> get(const ObjectKey& key, const GetOptions& options = {});

  /// The object's bytes; fails the test when there is no such object.
  std::string bytes_of(const ObjectKey& key);
  bool exists(const ObjectKey& key);

  /// Everything that list() gives with `options`, page after page; prefix and start_after go behind the case's prefix.
  Listed list_all(ListOptions options = {});

  Harness& harness;
  ObjectStore& store;
  ObjectStore& second;
  const Capabilities can;

 private:
  std::string prefix_;
};

/// `size` bytes in which no two places look alike, so that a wrong offset shows.
std::string pattern(std::size_t size);

}  // namespace audiostore::conformance
