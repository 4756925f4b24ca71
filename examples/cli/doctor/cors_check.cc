// Whether pages of an origin can play and upload: asked as a browser asks, since what counts is what the service does.
#include "advice.h"
#include "checks.h"
#include "origin.h"
#include "snippets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace cli::doctor {

using namespace audiostore;

namespace {

/// What a page does, and the preflight that a browser sends ahead of it.
/// https://fetch.spec.whatwg.org/#cors-preflight-fetch
struct Use {
  std::string_view what;
  std::string_view method;
  std::string_view header;  ///< that the page sets
};
constexpr std::array uses{Use{"play and seek", "GET", "range"}, Use{"upload", "PUT", "content-type"}};

/// What a page has to be able to read. https://fetch.spec.whatwg.org/#http-access-control-expose-headers
constexpr std::array<std::string_view, 2> readable{"ETag", "Content-Range"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// Whether `list`, comma-separated and in any case, names `word` or everything.
bool names(std::string_view list, std::string_view word) {
  const std::string all = "," + lower(list) + ",";
  const std::string wanted = lower(word);
  std::string squeezed;
  std::ranges::copy_if(all, std::back_inserter(squeezed), [](char c) { return c != ' '; });
  return squeezed.find("," + wanted + ",") != std::string::npos || squeezed.find(",*,") != std::string::npos;
}

std::string_view field(const Fetched& answer, std::string_view name) {
  return find_header(answer.headers, name).value_or("");
}

bool lets_in(const Fetched& answer, std::string_view origin) {
  const std::string_view allowed = field(answer, "Access-Control-Allow-Origin");
  return allowed == "*" || allowed == origin;
}

bool allows(const Fetched& answer, const Use& use, std::string_view origin) {
  const std::string_view methods = field(answer, "Access-Control-Allow-Methods");
  return answer.status / 100 == 2 && lets_in(answer, origin) && (use.method == "GET" || names(methods, use.method)) &&
         names(field(answer, "Access-Control-Allow-Headers"), use.header);
}

struct CorsAnswers {
  std::vector<std::string_view> forbidden;  ///< uses
  std::vector<std::string_view> hidden;     ///< headers
};

Result<CorsAnswers> ask(Examination& examination, const SignedRequest& link, const std::string& origin) {
  CorsAnswers answers;
  for (const Use& use : uses) {
    const auto preflight = examination.fetch("OPTIONS", link.url.substr(0, link.url.find('?')),
                                             {{"Origin", origin},
                                              {"Access-Control-Request-Method", std::string(use.method)},
                                              {"Access-Control-Request-Headers", std::string(use.header)}});
    if (!preflight) return preflight.error();
    if (!allows(*preflight, use, origin)) answers.forbidden.push_back(use.what);
  }
  const auto got = examination.fetch("GET", link.url, {{"Origin", origin}, {"Range", "bytes=0-1"}});
  if (!got) return got.error();
  if (!lets_in(*got, origin)) answers.forbidden.emplace_back("read the answer");
  for (const std::string_view header : readable) {
    if (!names(field(*got, "Access-Control-Expose-Headers"), header)) answers.hidden.push_back(header);
  }
  return answers;
}

std::string where_to_paste(const Examination& examination) {
  if (examination.store->features().cors) {
    return fmt::format("run 'audiostore cors apply --origin {}', or set these CORS rules in the bucket's console",
                       examination.subject.origin);
  }
  return "allow the origin in the service's own settings, which the S3 protocol does not reach here: what it has to "
         "amount to is this";
}

}  // namespace

Findings check_cors(Examination& examination) {
  const std::string& origin = examination.subject.origin;
  if (origin.empty()) return {skipped("only web pages need it: give their origin, --origin https://app.example")};
  if (!is_origin(origin)) {
    return {problem(fmt::format("'{}' is no origin", origin),
                    "give scheme and host as browsers send them, without a path: https://app.example")};
  }
  const auto link = examination.store->presign({.key = examination.probe.key, .expires_in = std::chrono::minutes(5)});
  if (!link) return {explain(link.error(), {"s3:GetObject", "sign a URL"}, examination)};
  const auto answers = ask(examination, *link, origin);
  if (!answers) return {explain(answers.error(), {"s3:GetObject", "ask for the CORS rules"}, examination)};
  if (!answers->forbidden.empty()) {
    return {problem(fmt::format("pages of {} may not {}", origin, fmt::join(answers->forbidden, ", nor ")),
                    where_to_paste(examination), cors_rules(origin))};
  }
  if (!answers->hidden.empty()) {
    return {warning(fmt::format("pages of {} cannot read {}", origin, fmt::join(answers->hidden, " and ")),
                    "expose them: " + where_to_paste(examination), cors_rules(origin))};
  }
  return {ok(fmt::format("pages of {} can play, seek and upload", origin))};
}

}  // namespace cli::doctor
