#include "core/text.h"
#include "local/bucket_settings.h"
#include "local/s3_error.h"
#include "local/settings_xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace audiostore::local {
namespace {

constexpr std::size_t max_rules = 100;
constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
constexpr std::size_t max_id_bytes = 255;
constexpr std::array<std::string_view, 5> methods{"GET", "PUT", "HEAD", "POST", "DELETE"};

Error invalid(const std::string& what) { return s3_error(S3Code::invalid_request, what); }

/// Every text could come back to a browser in a header field.
Result<void> check_texts(const XmlNode& node) {
  for (const XmlNode& child : node.children) {
    if (auto text = check_text(child); !text) return text;
    if (child.text.empty() || has_control_character(child.text)) return malformed_element(child);
  }
  return {};
}

Result<void> check_wildcards(const CorsRule& rule) {
  const auto several = [](const std::string& text) { return std::ranges::count(text, '*') > 1; };
  for (const auto* texts : {&rule.allowed_origins, &rule.allowed_headers}) {
    const auto bad = std::ranges::find_if(*texts, several);
    if (bad != texts->end())
      return invalid(fmt::format("'{}' can not have more than one wildcard.", printable(*bad, 64)));
  }
  for (const std::string& name : rule.expose_headers) {
    if (!is_token(name) || name.find('*') != std::string::npos) {
      return invalid(fmt::format("ExposeHeader '{}' is no name of a header.", printable(name, 64)));
    }
  }
  return {};
}

Result<void> check_rule(const CorsRule& rule) {
  if (rule.id.size() > max_id_bytes) return invalid("The ID of a rule has more than 255 characters.");
  for (const std::string& method : rule.allowed_methods) {
    if (std::ranges::find(methods, method) == methods.end()) {
      return invalid(
          fmt::format("Found unsupported HTTP method in CORS config. Unsupported method is {}", printable(method, 64)));
    }
  }
  return check_wildcards(rule);
}

std::vector<std::string> texts_of(const XmlNode& node, std::string_view name) {
  std::vector<std::string> texts;
  for (const XmlNode& child : node.children) {
    if (child.name == name) texts.push_back(child.text);
  }
  return texts;
}

Result<CorsRule> read_rule(const XmlNode& node) {
  auto checked = check_children(node, {{"ID"},
                                       {"AllowedOrigin", 1, any},
                                       {"AllowedMethod", 1, any},
                                       {"AllowedHeader", 0, any},
                                       {"ExposeHeader", 0, any},
                                       {"MaxAgeSeconds"}});
  if (checked) checked = check_texts(node);
  if (!checked) return std::move(checked).error();
  CorsRule rule{.id = std::string(node.text_of("ID")),
                .allowed_origins = texts_of(node, "AllowedOrigin"),
                .allowed_methods = texts_of(node, "AllowedMethod"),
                .allowed_headers = texts_of(node, "AllowedHeader"),
                .expose_headers = texts_of(node, "ExposeHeader")};
  const auto age = number_in(node, "MaxAgeSeconds", 0);
  if (!age) return age.error();
  if (*age) rule.max_age = std::chrono::seconds(**age);
  return check_rule(rule).transform([&] { return std::move(rule); });
}

}  // namespace

Result<CorsSettings> read_cors_settings(std::string_view xml) {
  auto document = parse_settings(xml, "CORSConfiguration");
  if (!document) return std::move(document).error();
  if (auto checked = check_children(*document, {{"CORSRule", 1, max_rules}}); !checked)
    return std::move(checked).error();
  CorsSettings settings;
  for (const XmlNode& child : document->children) {
    auto rule = read_rule(child);
    if (!rule) return std::move(rule).error();
    settings.rules.push_back(std::move(*rule));
  }
  settings.document = std::move(*document);
  return settings;
}

}  // namespace audiostore::local
