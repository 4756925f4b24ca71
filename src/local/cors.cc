#include "local/cors.h"

#include "core/text.h"
#include "local/s3_error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace audiostore::local {
namespace {

/// What a page asks for.
struct Question {
  std::string_view origin;
  std::string_view method;
  std::vector<std::string> headers = {};  ///< of a preflight, in lower case
};

bool is_preflight(const RequestHead& request) { return request.method == "OPTIONS"; }

std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::string_view name = list.substr(0, list.find(','));
    list.remove_prefix(std::min(name.size() + 1, list.size()));
    if (const std::string_view trimmed = trim(name); !trimmed.empty()) names.push_back(to_lower(trimmed));
  }
  return names;
}

/// nullopt where the request does not come from a page.
std::optional<Question> question_of(const RequestHead& request) {
  const auto origin = find_header(request.headers, "origin");
  const auto method = is_preflight(request) ? find_header(request.headers, "access-control-request-method")
                                            : std::optional<std::string_view>(request.method);
  if (!origin || !method) return std::nullopt;
  Question question{*origin, *method};
  if (is_preflight(request)) {
    question.headers = names_in(find_header(request.headers, "access-control-request-headers").value_or(""));
  }
  return question;
}

/// `pattern` holds one '*' at most, which stands for any text.
bool fits(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  const std::string_view behind = pattern.substr(star + 1);
  return text.size() + 1 >= pattern.size() && text.starts_with(pattern.substr(0, star)) && text.ends_with(behind);
}

bool fits(const CorsRule& rule, const Question& question) {
  const auto header_allowed = [&](const std::string& name) {
    return std::ranges::any_of(rule.allowed_headers, [&](const std::string& h) { return fits(to_lower(h), name); });
  };
  return std::ranges::any_of(rule.allowed_origins, [&](const std::string& o) { return fits(o, question.origin); }) &&
         std::ranges::find(rule.allowed_methods, question.method) != rule.allowed_methods.end() &&
         std::ranges::all_of(question.headers, header_allowed);
}

const CorsRule* find_rule(const std::vector<CorsRule>& rules, const std::optional<Question>& question) {
  if (!question) return nullptr;
  const auto found = std::ranges::find_if(rules, [&](const CorsRule& rule) { return fits(rule, *question); });
  return found == rules.end() ? nullptr : &*found;
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

}  // namespace

CorsPolicy::CorsPolicy(std::vector<std::string> allowed_origins, const BucketSettings& settings) : settings_(settings) {
  if (allowed_origins.empty()) return;
  // A player that seeks and an uploader that checks need these headers; everything else stays hidden from pages.
  own_.push_back({.allowed_origins = std::move(allowed_origins),
                  .allowed_methods = {"GET", "HEAD", "PUT", "POST", "DELETE"},
                  .allowed_headers = {"*"},
                  .expose_headers = {"ETag", "Content-Range", "Accept-Ranges", "Content-Length", "x-amz-request-id"},
                  .max_age = std::chrono::seconds(3000)});
}

std::vector<CorsRule> CorsPolicy::rules() const {
  std::vector<CorsRule> all = own_;
  if (const auto settings = settings_.cors()) all.insert(all.end(), settings->rules.begin(), settings->rules.end());
  return all;
}

Headers CorsPolicy::response_headers(const RequestHead& request) const {
  const auto all = rules();
  if (all.empty()) return {};
  Headers headers{{"Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"}};
  const auto question = question_of(request);
  const CorsRule* rule = find_rule(all, question);
  if (rule == nullptr) return headers;
  const bool for_all = std::ranges::find(rule->allowed_origins, "*") != rule->allowed_origins.end();
  headers.push_back({"Access-Control-Allow-Origin", for_all ? "*" : std::string(question->origin)});
  if (!for_all) headers.push_back({"Access-Control-Allow-Credentials", "true"});
  if (!rule->expose_headers.empty()) {
    headers.push_back({"Access-Control-Expose-Headers", joined(rule->expose_headers)});
  }
  return headers;
}

Result<Headers> CorsPolicy::preflight_headers(const RequestHead& request) const {
  const auto question = question_of(request);
  if (!question) {
    return s3_error(S3Code::bad_request, "A preflight has the headers Origin and Access-Control-Request-Method.");
  }
  const auto all = rules();
  const CorsRule* rule = find_rule(all, question);
  if (rule == nullptr) {
    return s3_error(S3Code::access_forbidden,
                    "CORS is not enabled for this origin, method and headers. See PutBucketCors and allowed_origins.");
  }
  Headers headers{{"Access-Control-Allow-Methods", joined(rule->allowed_methods)}};
  if (!question->headers.empty()) headers.push_back({"Access-Control-Allow-Headers", joined(question->headers)});
  if (rule->max_age) headers.push_back({"Access-Control-Max-Age", std::to_string(rule->max_age->count())});
  return headers;
}

}  // namespace audiostore::local
