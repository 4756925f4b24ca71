#include "faults/object_model.h"

#include <algorithm>
#include <iterator>

namespace audiostore {

const std::vector<ObjectModel::Content>& ObjectModel::possible(const std::string& key) {
  return possible_.try_emplace(key, std::vector<Content>{std::nullopt}).first->second;
}

std::vector<ObjectModel::Content> ObjectModel::possible_objects(const std::string& key) {
  std::vector<Content> objects;
  std::ranges::copy_if(possible(key), std::back_inserter(objects), &Content::has_value);
  return objects;
}

bool ObjectModel::may_be_absent(const std::string& key) {
  return std::ranges::any_of(possible(key), [](const Content& content) { return !content; });
}

void ObjectModel::may_have_become(const std::string& key, const std::vector<Content>& contents) {
  std::vector<Content> all = possible(key);
  all.insert(all.end(), contents.begin(), contents.end());
  possible_[key] = std::move(all);
}

bool ObjectModel::was_seen(const std::string& key, const std::function<bool(const Content&)>& fits) {
  std::vector<Content> fitting;
  std::ranges::copy_if(possible(key), std::back_inserter(fitting), fits);
  if (fitting.empty()) return false;
  possible_[key] = std::move(fitting);
  return true;
}

bool ObjectModel::was_seen(const std::string& key, const Content& content) {
  return was_seen(key, [&](const Content& candidate) { return candidate == content; });
}

}  // namespace audiostore
