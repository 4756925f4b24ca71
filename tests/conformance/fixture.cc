#include "conformance/fixture.h"

#include "core/crypto.h"

#include <random>

namespace audiostore::conformance {

Fixture::Fixture()
    : harness(conformance::harness()),
      store(harness.store()),
      second(harness.second_store()),
      can(harness.capabilities()),
      prefix_(harness.prefix() + "conformance-" + must(random_hex(6)) + "/") {}

Fixture::~Fixture() {
  // A failed case must not disturb the others either, so this neither asserts nor gives up on an error.
  for (bool more = true; more;) {
    const auto page = store.list({.prefix = prefix_});
    std::vector<ObjectKey> keys;
    if (page) {
      for (const auto& object : page->objects) keys.push_back(ObjectKey::parse(object.key).value());
    }
    const auto removed = store.remove_many(keys);
    more = page && removed && removed->all_removed() && !page->next_token.empty();
  }
}

ObjectKey Fixture::key(std::string_view name) const { return must(ObjectKey::parse(prefix_ + std::string(name))); }

PutResult Fixture::put(const ObjectKey& key, std::string bytes, const PutOptions& options) {
  return must(store.put(key, Payload::from_string(std::move(bytes)), options));
}

void Fixture::put_all(const std::vector<std::string>& names) {
  for (const auto& name : names) put(key(name), name);
}

Result<Fixture::Got> Fixture::get(const ObjectKey& key, const GetOptions& options) {
  std::string bytes;
  const auto append = [&](ByteSpan piece) -> Result<void> {
    bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return {};
  };
  return store.get(key, append, options).transform([&](ObjectInfo info) { return Got{std::move(info), bytes}; });
}

std::string Fixture::bytes_of(const ObjectKey& key) { return must(read_to_string(store, key)); }

bool Fixture::exists(const ObjectKey& key) {
  const auto found = store.head(key);
  if (found || found.error().code() == ErrorCode::not_found) return found.has_value();
  FAIL(found.error().to_string());
  return false;
}

Fixture::Listed Fixture::list_all(ListOptions options) {
  Listed all;
  options.prefix = prefix_ + options.prefix;
  if (!options.start_after.empty()) options.start_after = prefix_ + options.start_after;
  do {
    const ListPage page = must(store.list(options));
    for (const auto& object : page.objects) all.keys.push_back(object.key.substr(prefix_.size()));
    for (const auto& folded : page.common_prefixes) all.common_prefixes.push_back(folded.substr(prefix_.size()));
    CHECK(page.objects.size() + page.common_prefixes.size() <= static_cast<std::size_t>(options.max_keys));
    options.continuation_token = page.next_token;
    ++all.pages;
  } while (!options.continuation_token.empty() && all.pages < 10'000);
  return all;
}

std::string pattern(std::size_t size) {
  std::mt19937_64 random(1);
  std::string bytes;
  while (bytes.size() < size) {
    const auto word = random();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace audiostore::conformance
