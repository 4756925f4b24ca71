#include "s3/bucket_xml.h"

#include "core/dates.h"
#include "core/text.h"
#include "s3/xml.h"
#include "s3/xml_text.h"
#include "s3/xml_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>

namespace audiostore {
namespace {

constexpr std::size_t max_cors_rules = 100;
constexpr std::size_t max_lifecycle_rules = 1000;
constexpr std::size_t max_id = 255;
constexpr std::size_t max_settings_bytes = std::size_t{1} << 20;

Error bad_rule(std::string_view kind, std::string_view id, std::string_view why) {
  return Error(ErrorCode::invalid_argument, fmt::format("the {} rule '{}' {}", kind, id, why));
}

Error unexpected(std::string_view what) { return Error(ErrorCode::corrupt, what); }

bool is_text(std::string_view text) { return is_valid_utf8(text) && !has_control_character(text); }

Result<void> check_texts(const CorsRule& rule) {
  for (const auto* texts :
       {&rule.allowed_origins, &rule.allowed_methods, &rule.allowed_headers, &rule.expose_headers}) {
    for (const std::string& text : *texts) {
      if (text.empty() || !is_text(text)) return bad_rule("CORS", rule.id, "has an empty text or a control character");
    }
  }
  return {};
}

Result<void> check_rule(const CorsRule& rule) {
  constexpr std::array<std::string_view, 5> methods{"GET", "PUT", "HEAD", "POST", "DELETE"};
  if (!is_text(rule.id) || rule.id.size() > max_id) return bad_rule("CORS", rule.id, "has an id that is none");
  if (auto valid = check_texts(rule); !valid) return valid;
  if (rule.allowed_origins.empty() || rule.allowed_methods.empty()) {
    return bad_rule("CORS", rule.id, "needs an origin and a method");
  }
  for (const std::string& method : rule.allowed_methods) {
    if (std::ranges::find(methods, method) == methods.end()) {
      return bad_rule("CORS", rule.id, "allows a method other than GET, PUT, HEAD, POST and DELETE");
    }
  }
  for (const std::string& origin : rule.allowed_origins) {
    if (std::ranges::count(origin, '*') > 1) return bad_rule("CORS", rule.id, "has an origin with more than one '*'");
  }
  const auto age = rule.max_age.value_or(std::chrono::seconds(0)).count();
  if (age < 0 || age > std::numeric_limits<int>::max()) return bad_rule("CORS", rule.id, "has a max_age out of range");
  return {};
}

bool is_day_count(const std::optional<int>& days) { return !days || *days >= 1; }

Result<void> check_rule(const LifecycleRule& rule) {
  if (rule.id.empty() || rule.id.size() > max_id || !is_text(rule.id)) {
    return bad_rule("lifecycle", rule.id, "has no id of 1 to 255 characters");
  }
  if (!is_text(rule.prefix) || rule.prefix.size() > 1024)
    return bad_rule("lifecycle", rule.id, "has a prefix of no key");
  if (!rule.expire_after_days && !rule.abort_incomplete_after_days && !rule.transition) {
    return bad_rule("lifecycle", rule.id, "does nothing");
  }
  if (!is_day_count(rule.expire_after_days) || !is_day_count(rule.abort_incomplete_after_days)) {
    return bad_rule("lifecycle", rule.id, "counts days from 1");
  }
  if (rule.transition && (rule.transition->days < 0 || !is_token(rule.transition->storage_class))) {
    return bad_rule("lifecycle", rule.id, "has a transition without days or storage class");
  }
  return {};
}

template <class Rule>
Result<void> check_all(std::span<const Rule> rules, std::size_t most) {
  if (rules.size() > most) {
    return Error(ErrorCode::invalid_argument,
                 fmt::format("there are {} rules, at most {} can be set", rules.size(), most));
  }
  for (const Rule& rule : rules) {
    if (auto valid = check_rule(rule); !valid) return valid;
  }
  return {};
}

XmlNode number(std::string_view name, std::int64_t value) { return xml_text(name, std::to_string(value)); }

/// A number of days or seconds in the child called `name`. Errors: corrupt.
Result<int> int_of(const XmlNode& node, std::string_view name) {
  const auto value = parse_decimal(node.text_of(name));
  if (value && *value <= std::numeric_limits<int>::max()) return static_cast<int>(*value);
  return unexpected(fmt::format("a <{}> has no number in its <{}>", printable(node.name, 64), name));
}

void append_texts(XmlNode& node, std::string_view name, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) node.children.push_back(xml_text(name, text));
}

XmlNode node_of(const CorsRule& rule) {
  XmlNode node{.name = "CORSRule"};
  if (!rule.id.empty()) node.children.push_back(xml_text("ID", rule.id));
  append_texts(node, "AllowedHeader", rule.allowed_headers);
  append_texts(node, "AllowedMethod", rule.allowed_methods);
  append_texts(node, "AllowedOrigin", rule.allowed_origins);
  append_texts(node, "ExposeHeader", rule.expose_headers);
  if (rule.max_age) node.children.push_back(number("MaxAgeSeconds", rule.max_age->count()));
  return node;
}

Result<CorsRule> cors_rule_of(const XmlNode& node) {
  CorsRule rule{.id = std::string(node.text_of("ID")), .allowed_origins = {}, .allowed_methods = {}};
  const auto texts = [&](std::string_view name, std::vector<std::string>& into) {
    for (const XmlNode& child : node.children) {
      if (child.name == name) into.push_back(child.text);
    }
  };
  texts("AllowedHeader", rule.allowed_headers);
  texts("AllowedMethod", rule.allowed_methods);
  texts("AllowedOrigin", rule.allowed_origins);
  texts("ExposeHeader", rule.expose_headers);
  if (node.child("MaxAgeSeconds") == nullptr) return rule;
  return int_of(node, "MaxAgeSeconds").transform([&](int seconds) {
    rule.max_age = std::chrono::seconds(seconds);
    return std::move(rule);
  });
}

XmlNode node_of(const LifecycleRule& rule) {
  XmlNode node{.name = "Rule"};
  const auto days = [&](std::string_view name, std::string_view unit, int value) {
    node.children.push_back({.name = std::string(name), .children = {number(unit, value)}});
  };
  if (rule.expire_after_days) days("Expiration", "Days", *rule.expire_after_days);
  node.children.push_back(xml_text("ID", rule.id));
  node.children.push_back({.name = "Filter", .children = {xml_text("Prefix", rule.prefix)}});
  node.children.push_back(xml_text("Status", rule.enabled ? "Enabled" : "Disabled"));
  if (rule.transition) {
    days("Transition", "Days", rule.transition->days);
    node.children.back().children.push_back(xml_text("StorageClass", rule.transition->storage_class));
  }
  if (rule.abort_incomplete_after_days) {
    days("AbortIncompleteMultipartUpload", "DaysAfterInitiation", *rule.abort_incomplete_after_days);
  }
  return node;
}

bool holds_only(const XmlNode& node, std::initializer_list<std::string_view> names) {
  return std::ranges::all_of(node.children,
                             [&](const XmlNode& child) { return std::ranges::find(names, child.name) != names.end(); });
}

/// Whether LifecycleRule has a word for all that `node` says. Each thing at most once: a second one would be lost.
bool can_be_said(const XmlNode& node) {
  static constexpr std::array<std::string_view, 7> known{
      "ID", "Prefix", "Filter", "Status", "Expiration", "Transition", "AbortIncompleteMultipartUpload"};
  std::set<std::string_view> seen;
  return std::ranges::all_of(node.children, [&](const XmlNode& child) {
    const bool filter = child.name != "Filter" || holds_only(child, {"Prefix"});
    const bool expiration = child.name != "Expiration" || holds_only(child, {"Days"});
    const bool transition = child.name != "Transition" || holds_only(child, {"Days", "StorageClass"});
    const bool is_known = std::ranges::find(known, child.name) != known.end();
    return is_known && filter && expiration && transition && seen.insert(child.name).second;
  });
}

/// The number of days in the child `what` of `node`, as far as there is one.
Result<std::optional<int>> days_of(const XmlNode& node, std::string_view what, std::string_view unit) {
  const XmlNode* child = node.child(what);
  if (child == nullptr) return std::optional<int>();
  return int_of(*child, unit).transform([](int days) { return std::optional(days); });
}

Result<LifecycleRule> lifecycle_rule_of(const XmlNode& node) {
  LifecycleRule rule{.id = std::string(node.text_of("ID"))};
  if (!can_be_said(node)) {
    return Error(ErrorCode::unsupported,
                 fmt::format("the lifecycle rule '{}' says more than LifecycleRule can, and would lose it; change it "
                             "where it was made",
                             rule.id));
  }
  const XmlNode* filter = node.child("Filter");
  rule.prefix = (filter != nullptr ? *filter : node).text_of("Prefix");
  rule.enabled = node.text_of("Status") == "Enabled";
  auto expire = days_of(node, "Expiration", "Days");
  auto abort = days_of(node, "AbortIncompleteMultipartUpload", "DaysAfterInitiation");
  auto move = days_of(node, "Transition", "Days");
  for (const auto* days : {&expire, &abort, &move}) {
    if (!*days) return days->error();
  }
  rule.expire_after_days = *expire;
  rule.abort_incomplete_after_days = *abort;
  if (*move)
    rule.transition = {.days = **move, .storage_class = std::string(node.child("Transition")->text_of("StorageClass"))};
  return rule;
}

template <class Rule>
std::string write_rules(std::string_view root, std::span<const Rule> rules) {
  XmlNode node{.name = std::string(root)};
  for (const Rule& rule : rules) node.children.push_back(node_of(rule));
  return to_xml(node);
}

/// All children called `name`, each read by `read`.
template <class Rule>
Result<std::vector<Rule>> parse_rules(std::string_view xml, std::string_view root, std::string_view name,
                                      Result<Rule> (*read)(const XmlNode&)) {
  const auto document = parse_xml(xml, root, max_settings_bytes);
  if (!document) return document.error();
  std::vector<Rule> rules;
  for (const XmlNode& child : document->children) {
    if (child.name != name) continue;
    auto rule = read(child);
    if (!rule) return std::move(rule).error();
    rules.push_back(*std::move(rule));
  }
  return rules;
}

Result<ObjectVersion> version_of(const XmlNode& node, bool encoded) {
  auto key = listed_name(node, "Key", encoded);
  if (!key) return std::move(key).error();
  ObjectVersion version{.key = *std::move(key),
                        .version_id = std::string(node.text_of("VersionId")),
                        .is_latest = node.text_of("IsLatest") == "true",
                        .is_delete_marker = node.name == "DeleteMarker"};
  const auto refuse = [&](std::string_view why) { return unexpected(why).with_key(version.key); };
  const auto modified = parse_iso_date(node.text_of("LastModified"));
  if (version.version_id.empty() || !modified) return refuse("the listing has a version without its id or date");
  version.last_modified = *modified;
  if (version.is_delete_marker) return version;
  const auto size = parse_decimal(node.text_of("Size"));
  auto etag = quoted_etag(node.text_of("ETag"));
  if (!size || !etag) return refuse("the listing has a version without its size or ETag");
  version.size = *size;
  version.etag = *std::move(etag);
  return version;
}

}  // namespace

Result<void> check_cors(std::span<const CorsRule> rules) { return check_all(rules, max_cors_rules); }

Result<void> check_lifecycle(std::span<const LifecycleRule> rules) {
  std::set<std::string_view> ids;
  for (const LifecycleRule& rule : rules) {
    if (!ids.insert(rule.id).second) return bad_rule("lifecycle", rule.id, "comes twice");
  }
  return check_all(rules, max_lifecycle_rules);
}

std::string write_cors(std::span<const CorsRule> rules) { return write_rules("CORSConfiguration", rules); }

Result<std::vector<CorsRule>> parse_cors(std::string_view xml) {
  return parse_rules(xml, "CORSConfiguration", "CORSRule", cors_rule_of);
}

std::string write_lifecycle(std::span<const LifecycleRule> rules) {
  return write_rules("LifecycleConfiguration", rules);
}

Result<std::vector<LifecycleRule>> parse_lifecycle(std::string_view xml) {
  return parse_rules(xml, "LifecycleConfiguration", "Rule", lifecycle_rule_of);
}

Result<VersionPage> parse_versions(std::string_view xml) {
  const auto root = parse_xml(xml, "ListVersionsResult", max_listing_bytes);
  if (!root) return root.error();
  const bool encoded = root->text_of("EncodingType") == "url";
  VersionPage page;
  for (const XmlNode& child : root->children) {
    if (child.name != "Version" && child.name != "DeleteMarker") continue;
    auto version = version_of(child, encoded);
    if (!version) return std::move(version).error();
    page.versions.push_back(*std::move(version));
  }
  if (root->text_of("IsTruncated") == "false") return page;
  if (root->text_of("IsTruncated") != "true") return unexpected("the listing does not say whether it is complete");
  auto key = listed_name(*root, "NextKeyMarker", encoded);
  if (!key) return std::move(key).error();
  page.next_token = write_version_token({*std::move(key), std::string(root->text_of("NextVersionIdMarker"))});
  return page;
}

std::string write_version_token(const VersionMarker& marker) {
  return uri_encode(marker.key, UriPart::component) + '&' + uri_encode(marker.version_id, UriPart::component);
}

std::optional<VersionMarker> parse_version_token(std::string_view token) {
  const auto middle = token.find('&');
  if (middle == std::string_view::npos) return std::nullopt;
  auto key = uri_decode(token.substr(0, middle));
  auto version = uri_decode(token.substr(middle + 1));
  if (!key || !version || key->empty()) return std::nullopt;
  VersionMarker marker{*std::move(key), *std::move(version)};
  return write_version_token(marker) == token ? std::optional(std::move(marker)) : std::nullopt;
}

}  // namespace audiostore
