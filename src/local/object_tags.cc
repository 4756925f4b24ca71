#include "local/object_tags.h"

#include "core/text.h"
#include "local/s3_error.h"
#include "local/settings_xml.h"
#include "local/xml_writer.h"
#include "store/tags.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace audiostore::local {
namespace {

constexpr std::size_t max_tags = 10;

Result<Tags> checked(Tags tags) {
  if (tags.size() > max_tags) return s3_error(S3Code::bad_request, "Object tags cannot be greater than 10.");
  if (auto valid = check_tags(tags); !valid) return s3_error(S3Code::invalid_tag, valid.error().message());
  return tags;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string blanks(text);
  std::ranges::replace(blanks, '+', ' ');
  return uri_decode(blanks);
}

/// Errors: MalformedXML.
Result<void> check_tag(const XmlNode& tag) {
  auto shaped = check_children(tag, {{"Key", 1}, {"Value", 1}});
  return std::move(shaped).and_then([&] { return check_text(*tag.child("Key")); }).and_then([&] {
    return check_text(*tag.child("Value"));
  });
}

}  // namespace

Result<Tags> parse_tagging(std::string_view header) {
  Tags tags;
  while (!header.empty()) {
    const std::string_view pair = header.substr(0, header.find('&'));
    header.remove_prefix(std::min(pair.size() + 1, header.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = decoded(pair.substr(0, equals));
    auto value = decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (name && value && tags.emplace(std::move(*name), std::move(*value)).second) continue;
    return s3_error(S3Code::invalid_argument,
                    "x-amz-tagging must be encoded as the parameters of a URL, each name once.");
  }
  return checked(std::move(tags));
}

Result<Tags> read_tagging(std::string_view xml) {
  const auto root = parse_settings(xml, "Tagging");
  if (!root) return root.error();
  if (auto shaped = check_children(*root, {{"TagSet", 1}}); !shaped) return std::move(shaped).error();
  const XmlNode& set = *root->child("TagSet");
  auto shaped = check_children(set, {{"Tag", 0, std::numeric_limits<std::size_t>::max()}});
  if (!shaped) return std::move(shaped).error();
  Tags tags;
  for (const XmlNode& tag : set.children) {
    if (shaped = check_tag(tag); !shaped) return std::move(shaped).error();
    if (tags.emplace(tag.text_of("Key"), tag.text_of("Value")).second) continue;
    return s3_error(S3Code::invalid_tag, "Cannot provide multiple tags with the same key.");
  }
  return checked(std::move(tags));
}

std::string write_tagging(const Tags& tags) {
  XmlWriter xml("Tagging");
  xml.open("TagSet");
  for (const auto& [name, value] : tags) xml.open("Tag").text("Key", name).text("Value", value).close();
  return xml.finish();
}

}  // namespace audiostore::local
