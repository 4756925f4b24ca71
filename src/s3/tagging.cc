#include "s3/tagging.h"

#include "core/text.h"
#include "s3/xml.h"
#include "s3/xml_body.h"
#include "s3/xml_text.h"
#include "s3/xml_tree.h"

#include <optional>

namespace audiostore {
namespace {

std::optional<std::string> form_decode(std::string_view text) {
  std::string blanks(text);
  for (char& c : blanks) c = c == '+' ? ' ' : c;
  return uri_decode(blanks);
}

Error bad_header(std::string_view what) { return Error(ErrorCode::invalid_argument, what); }

}  // namespace

std::string tagging_header(const Tags& tags) {
  std::string text;
  for (const auto& [name, value] : tags) {
    if (!text.empty()) text += '&';
    append_uri_encoded(text, name, UriPart::component);
    text += '=';
    append_uri_encoded(text, value, UriPart::component);
  }
  return text;
}

Result<Tags> parse_tagging_header(std::string_view text) {
  Tags tags;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = form_decode(pair.substr(0, equals));
    auto value = form_decode(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return bad_header("a tag is not percent-encoded as it should be");
    if (!tags.emplace(*std::move(name), *std::move(value)).second) return bad_header("a tag comes twice");
  }
  return tags;
}

std::string write_tagging(const Tags& tags) {
  XmlNode set{.name = "TagSet"};
  for (const auto& [name, value] : tags) {
    set.children.push_back({.name = "Tag", .children = {xml_text("Key", name), xml_text("Value", value)}});
  }
  return to_xml({.name = "Tagging", .children = {std::move(set)}});
}

Result<Tags> parse_tagging(std::string_view xml) {
  const auto root = parse_xml(xml, "Tagging", max_small_reply_bytes);
  if (!root) return root.error();
  const XmlNode* set = root->child("TagSet");
  if (set == nullptr) return Error(ErrorCode::corrupt, "the document has no <TagSet>");
  Tags tags;
  for (const XmlNode& tag : set->children) {
    const bool is_new = tags.emplace(tag.text_of("Key"), tag.text_of("Value")).second;
    if (tag.name != "Tag" || tag.child("Key") == nullptr || !is_new) {
      return Error(ErrorCode::corrupt, "the document has a tag without a name, a name twice, or something else");
    }
  }
  return tags;
}

Result<Tags> read_tags(S3Client& client, const ObjectKey& key, const CallOptions& call) {
  const S3Request request{.method = "GET", .key = key, .query = {{"tagging", ""}}};
  return client.exchange(request, call, max_small_reply_bytes).and_then([](const S3Reply& reply) {
    return parse_tagging(reply.body);
  });
}

Result<void> replace_tags(S3Client& client, const ObjectKey& key, const Tags& tags, const CallOptions& call) {
  S3Request request{.method = tags.empty() ? "DELETE" : "PUT", .key = key, .query = {{"tagging", ""}}};
  if (!tags.empty()) set_xml_body(request, write_tagging(tags));
  return client.exchange(request, call, max_small_reply_bytes).transform([](const S3Reply&) {});
}

}  // namespace audiostore
