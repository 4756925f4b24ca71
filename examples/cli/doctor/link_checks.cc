// What somebody without credentials gets: with a signed URL everything that it says, without one nothing.
#include "advice.h"
#include "checks.h"

#include <fmt/format.h>

#include <utility>

namespace cli::doctor {

using namespace audiostore;

namespace {

constexpr std::string_view refused_link =
    "check the region and the clock above, and proxies or CDNs that rewrite the URL's host, path or query";

Result<SignedRequest> sign(Examination& examination, PresignMethod method) {
  return examination.store->presign(
      {.key = examination.probe.key, .method = method, .expires_in = std::chrono::minutes(5)});
}

/// S3's code in an error document, for a message.
std::string code_in(const std::string& body) {
  const std::size_t begin = body.find("<Code>");
  const std::size_t end = body.find("</Code>");
  if (begin == std::string::npos || end == std::string::npos || end < begin) return "no S3 error code";
  return body.substr(begin + 6, std::min<std::size_t>(end - begin - 6, 64));
}

Finding link_refused(std::string_view what, const Fetched& answer) {
  return problem(fmt::format("a signed URL to {} is answered with {} ({})", what, answer.status, code_in(answer.body)),
                 std::string(refused_link));
}

Finding try_playing(Examination& examination) {
  const auto link = sign(examination, PresignMethod::get);
  if (!link) return explain(link.error(), {"s3:GetObject", "sign a URL"}, examination);
  const auto whole = examination.fetch("GET", link->url, link->headers);
  if (!whole) return explain(whole.error(), {"s3:GetObject", "fetch a signed URL"}, examination);
  if (whole->status != 200 || whole->body != examination.probe.body) return link_refused("play", *whole);
  Headers with_range = link->headers;
  with_range.push_back({"Range", "bytes=0-1"});
  const auto piece = examination.fetch("GET", link->url, with_range);
  if (!piece) return explain(piece.error(), {"s3:GetObject", "fetch a signed URL"}, examination);
  if (piece->status == 206 && piece->body == examination.probe.body.substr(0, 2)) {
    return ok("a signed URL plays, and seeking works (range requests)");
  }
  return warning(fmt::format("a signed URL plays, but a range request is answered with {}", piece->status),
                 "look for a proxy or CDN that ignores Range: players cannot seek without, and Safari does not play");
}

bool is_busy(const Fetched& answer) { return answer.status == 429 || answer.status == 503; }

/// R2 and Google Cloud Storage take one write a second to the same key, and the probe object has just been written.
Result<Fetched> upload(Examination& examination, const SignedRequest& link) {
  constexpr std::chrono::milliseconds a_second_at_least{1200};
  const auto send = [&] { return examination.fetch("PUT", link.url, link.headers, examination.probe.body); };
  auto answer = send();
  if (!answer || !is_busy(*answer)) return answer;
  return examination.subject.options.clock->wait(a_second_at_least, examination.subject.stop) ? send() : answer;
}

Finding try_uploading(Examination& examination) {
  const auto link = sign(examination, PresignMethod::put);
  if (!link) return explain(link.error(), {"s3:PutObject", "sign a URL"}, examination);
  const auto answer = upload(examination, *link);
  if (!answer) return explain(answer.error(), {"s3:PutObject", "upload to a signed URL"}, examination);
  if (answer->status / 100 == 2) return ok("a signed URL takes an upload");
  if (is_busy(*answer)) {
    return warning(fmt::format("a signed URL to upload is answered with {}: the service is busy", answer->status),
                   "run the doctor again later");
  }
  return link_refused("upload", *answer);
}

struct Question {
  std::string url;
  std::string_view what;
};

/// Where Supabase serves the objects of public buckets; "" for other services.
std::string public_url_of_supabase(const std::string& object_url) {
  const std::string s3 = "/storage/v1/s3/";
  const std::size_t at = object_url.find(s3);
  if (at == std::string::npos) return {};
  return object_url.substr(0, at) + "/storage/v1/object/public/" + object_url.substr(at + s3.size());
}

/// Whether somebody without credentials gets what is asked for; nothing is found where not.
Findings try_unsigned(Examination& examination, const Question& question) {
  const auto answer = examination.fetch("GET", question.url);
  if (!answer) return {explain(answer.error(), {"", "ask without credentials"}, examination)};
  if (answer->status / 100 != 2) return {};
  return {problem(fmt::format("the bucket is public: everybody can {} without credentials", question.what),
                  examination.provider() == S3Provider::aws
                      ? "turn on 'Block all public access' for the bucket, and take grants to everybody out of its "
                        "policy"
                      : "take the grants to everybody (anonymous, AllUsers, public bucket) off the bucket")};
}

}  // namespace

Findings check_presign(Examination& examination) { return {try_playing(examination), try_uploading(examination)}; }

Findings check_public(Examination& examination) {
  const Address address = examination.address().value();
  std::vector<Question> questions{{address.object_url, "read recordings"},
                                  {address.bucket_url + "?list-type=2&max-keys=1", "list them"}};
  if (const std::string other = public_url_of_supabase(address.object_url); !other.empty()) {
    questions.push_back({other, "read recordings"});
  }
  Findings findings;
  for (const Question& question : questions) {
    for (Finding& finding : try_unsigned(examination, question)) findings.push_back(std::move(finding));
  }
  if (findings.empty()) return {ok("the bucket is private: requests without credentials are refused")};
  return findings;
}

}  // namespace cli::doctor
