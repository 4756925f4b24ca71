// What a store may hold, when some of what was asked of it failed and nobody knows whether it took effect.
#pragma once

#include <audiostore/object_store.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace audiostore {

/// Every key with the contents that it may have: one where the truth is known, more after a failure. Whatever is seen
/// must be one of them, and is then the only one. Nothing takes effect later than the call that asked for it ends.
class ObjectModel {
 public:
  using Content = std::optional<std::string>;  ///< nullopt: no object

  /// At first there is no object.
  [[nodiscard]] const std::vector<Content>& possible(const std::string& key);
  [[nodiscard]] std::vector<Content> possible_objects(const std::string& key);
  [[nodiscard]] bool may_be_absent(const std::string& key);
  [[nodiscard]] bool may_be_present(const std::string& key) { return !possible_objects(key).empty(); }
  [[nodiscard]] const std::map<std::string, std::vector<Content>>& all() const { return possible_; }

  /// A write was acknowledged: this is what there is now, or one of these.
  void became(const std::string& key, std::vector<Content> contents) { possible_[key] = std::move(contents); }
  /// A write failed: it took effect, or it did not.
  void may_have_become(const std::string& key, const std::vector<Content>& contents);
  /// Something was seen of the object. False, and nothing changes, when no possible content fits.
  [[nodiscard]] bool was_seen(const std::string& key, const std::function<bool(const Content&)>& fits);
  [[nodiscard]] bool was_seen(const std::string& key, const Content& content);

 private:
  std::map<std::string, std::vector<Content>> possible_;
};

}  // namespace audiostore
