#include "bucket_rules.h"

#include "human.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace cli {
namespace {

using namespace audiostore;

constexpr std::string_view browser_id = "audiostore-browser";
constexpr std::string_view abort_id = "audiostore-abandoned-uploads";
constexpr std::string_view staging_id = "audiostore-abandoned-in-";

/// What a link to upload with can have a page send. By name: that "x-amz-*" is understood is not said by all services.
constexpr std::array upload_headers{"content-type", "x-amz-server-side-encryption",
                                    "x-amz-server-side-encryption-aws-kms-key-id",
                                    "x-amz-server-side-encryption-context"};

bool equal_but_for_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// Whether `pattern`, with at most one '*', stands for `text`.
bool stands_for(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return equal_but_for_case(pattern, text);
  const std::string_view head = pattern.substr(0, star);
  const std::string_view tail = pattern.substr(star + 1);
  return text.size() >= head.size() + tail.size() && equal_but_for_case(head, text.substr(0, head.size())) &&
         equal_but_for_case(tail, text.substr(text.size() - tail.size()));
}

bool any_stands_for(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& p) { return stands_for(p, text); });
}

/// One kind of request that a page makes.
struct Need {
  std::string_view method;
  std::vector<std::string_view> sends;
  std::vector<std::string_view> reads;
};

std::vector<Need> needs_of(const BrowserUse& use) {
  std::vector<Need> needs{{"GET", {"Range"}, {"Content-Range"}}, {"HEAD", {}, {}}};
  if (use.uploads) {
    needs.push_back({"PUT", {"Content-Type"}, {"ETag"}});
    needs.push_back({"POST", {"Content-Type"}, {"ETag"}});
  }
  return needs;
}

bool is_for(const CorsRule& rule, const Need& need, std::string_view origin) {
  return any_stands_for(rule.allowed_origins, origin) && any_stands_for(rule.allowed_methods, need.method);
}

/// The first of `names` that no pattern stands for; "" if all are there.
std::string_view first_missing(const std::vector<std::string_view>& names, const std::vector<std::string>& patterns) {
  for (const std::string_view name : names) {
    if (!any_stands_for(patterns, name)) return name;
  }
  return {};
}

/// What is wrong for one kind of request; "" if nothing is.
std::string missing(std::span<const CorsRule> rules, const Need& need, std::string_view origin) {
  const CorsRule* first = nullptr;
  bool may_send = false;
  for (const CorsRule& rule : rules) {
    if (!is_for(rule, need, origin)) continue;
    if (first == nullptr) first = &rule;
    may_send = may_send || first_missing(need.sends, rule.allowed_headers).empty();
  }
  if (first == nullptr) return fmt::format("{} may not send {}", origin, need.method);
  if (!may_send) {
    return fmt::format("{} may not send {} with {}", origin, fmt::join(need.sends, " and "), need.method);
  }
  const std::string_view unread = first_missing(need.reads, first->expose_headers);
  return unread.empty() ? "" : fmt::format("{} may not read {} after {}", origin, unread, need.method);
}

template <class T>
void add_missing(std::vector<T>& to, const std::vector<T>& from) {
  for (const T& item : from) {
    if (std::find(to.begin(), to.end(), item) == to.end()) to.push_back(item);
  }
}

std::string days(int count) { return counted(static_cast<std::uint64_t>(count), "day"); }

bool aborts(const LifecycleRule& rule, int days) {
  return rule.enabled && rule.prefix.empty() && rule.abort_incomplete_after_days &&
         *rule.abort_incomplete_after_days <= days;
}

bool expires(const LifecycleRule& rule, const CleanUp& clean_up) {
  return rule.enabled && clean_up.staging.starts_with(rule.prefix) && rule.expire_after_days &&
         *rule.expire_after_days <= clean_up.staging_days;
}

nlohmann::json to_json(const CorsRule& rule) {
  nlohmann::json json{{"AllowedOrigins", rule.allowed_origins}, {"AllowedMethods", rule.allowed_methods}};
  if (!rule.id.empty()) json["ID"] = rule.id;
  if (!rule.allowed_headers.empty()) json["AllowedHeaders"] = rule.allowed_headers;
  if (!rule.expose_headers.empty()) json["ExposeHeaders"] = rule.expose_headers;
  if (rule.max_age) json["MaxAgeSeconds"] = rule.max_age->count();
  return json;
}

nlohmann::json to_json(const LifecycleRule& rule) {
  nlohmann::json json{
      {"ID", rule.id}, {"Filter", {{"Prefix", rule.prefix}}}, {"Status", rule.enabled ? "Enabled" : "Disabled"}};
  if (rule.expire_after_days) json["Expiration"] = {{"Days", *rule.expire_after_days}};
  if (rule.abort_incomplete_after_days) {
    json["AbortIncompleteMultipartUpload"] = {{"DaysAfterInitiation", *rule.abort_incomplete_after_days}};
  }
  if (rule.transition) {
    json["Transitions"] =
        nlohmann::json::array({{{"Days", rule.transition->days}, {"StorageClass", rule.transition->storage_class}}});
  }
  return json;
}

template <class Rule>
nlohmann::json array_of(std::span<const Rule> rules) {
  nlohmann::json array = nlohmann::json::array();
  for (const Rule& rule : rules) array.push_back(to_json(rule));
  return array;
}

}  // namespace

CorsRule browser_rule(const BrowserUse& use) {
  CorsRule rule{.id = std::string(browser_id),
                .allowed_origins = use.origins,
                .allowed_methods = {"GET", "HEAD"},
                .allowed_headers = {"range"},
                .expose_headers = {"ETag", "Content-Length", "Content-Range", "Accept-Ranges"},
                .max_age = std::chrono::hours(1)};
  if (use.uploads) {
    rule.allowed_methods.insert(rule.allowed_methods.end(), {"PUT", "POST"});
    rule.allowed_headers.insert(rule.allowed_headers.end(), upload_headers.begin(), upload_headers.end());
  }
  return rule;
}

std::vector<std::string> missing_for_browsers(std::span<const CorsRule> rules, const BrowserUse& use) {
  std::vector<std::string> sentences;
  for (const std::string& origin : use.origins) {
    for (const Need& need : needs_of(use)) {
      std::string sentence = missing(rules, need, origin);
      if (!sentence.empty()) sentences.push_back(std::move(sentence));
    }
  }
  return sentences;
}

std::vector<LifecycleRule> clean_up_rules(const CleanUp& clean_up) {
  std::vector<LifecycleRule> rules{{.id = std::string(abort_id), .abort_incomplete_after_days = clean_up.abort_days}};
  if (!clean_up.staging.empty()) {
    rules.push_back({.id = std::string(staging_id) + clean_up.staging,
                     .prefix = clean_up.staging,
                     .expire_after_days = clean_up.staging_days});
  }
  return rules;
}

std::vector<std::string> missing_for_clean_up(std::span<const LifecycleRule> rules, const CleanUp& clean_up) {
  std::vector<std::string> sentences;
  if (std::none_of(rules.begin(), rules.end(), [&](const auto& rule) { return aborts(rule, clean_up.abort_days); })) {
    sentences.push_back(fmt::format("parts of abandoned uploads are not dropped after {}", days(clean_up.abort_days)));
  }
  if (!clean_up.staging.empty() &&
      std::none_of(rules.begin(), rules.end(), [&](const auto& rule) { return expires(rule, clean_up); })) {
    sentences.push_back(
        fmt::format("objects under {} are not removed after {}", clean_up.staging, days(clean_up.staging_days)));
  }
  return sentences;
}

std::vector<CorsRule> merged(std::vector<CorsRule> rules, const CorsRule& fresh) {
  std::vector<CorsRule> all{fresh};
  for (CorsRule& rule : rules) {
    if (rule.id != fresh.id) {
      all.push_back(std::move(rule));
      continue;
    }
    add_missing(all.front().allowed_origins, rule.allowed_origins);
    add_missing(all.front().allowed_methods, rule.allowed_methods);
    add_missing(all.front().allowed_headers, rule.allowed_headers);
  }
  return all;
}

std::vector<LifecycleRule> merged(std::vector<LifecycleRule> rules, std::span<const LifecycleRule> fresh) {
  for (const LifecycleRule& rule : fresh) {
    std::erase_if(rules, [&](const LifecycleRule& old) { return old.id == rule.id; });
    rules.push_back(rule);
  }
  return rules;
}

nlohmann::json to_json(std::span<const CorsRule> rules) { return {{"CORSRules", array_of(rules)}}; }
nlohmann::json to_json(std::span<const LifecycleRule> rules) { return {{"Rules", array_of(rules)}}; }

}  // namespace cli
