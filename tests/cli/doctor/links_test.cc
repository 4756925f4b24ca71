// What somebody without credentials gets.
#include "fixture.h"

namespace cli::doctor {

TEST_CASE("signed URLs that do not work, or play without seeking") {
  Clinic clinic;
  int status = 0;
  bool only_ranges = false;
  clinic.meddle([&](const HttpRequest& request) -> std::optional<Result<Meddler::Reply>> {
    const bool link = says(request.url, "X-Amz-Signature") && request.method == "GET";
    if (!link || (only_ranges && !find_header(request.headers, "Range"))) return std::nullopt;
    Meddler::Reply reply = refusal(status, "SignatureDoesNotMatch");
    reply.headers = {{"Access-Control-Allow-Origin", "*"}, {"Access-Control-Expose-Headers", "*"}};
    return reply;
  });
  SECTION("refused") {
    status = 403;
    const Finding finding = of(clinic.examine(), "presign");
    CHECK(finding.status == Status::problem);
    CHECK(says(finding.found, "403 (SignatureDoesNotMatch)"));
    CHECK(says(finding.remedy, "rewrite the URL's host, path or query"));
  }
  SECTION("ranges ignored") {
    status = 200;
    only_ranges = true;
    const Finding finding = of(clinic.examine(), "presign");
    CHECK(finding.status == Status::warning);
    CHECK(says(finding.remedy, "ignores Range"));
  }
  CHECK(clinic.left() == 0);
}

TEST_CASE("a service that takes one write a second to a key is given the second") {
  auto clock = std::make_shared<ManualClock>(system_clock()->now());
  Clinic clinic(clock);
  std::optional<TimePoint> written;
  bool always = false;
  clinic.meddle([&](const HttpRequest& request) -> std::optional<Result<Meddler::Reply>> {
    if (request.method != "PUT") return std::nullopt;
    const bool too_soon = written && (always || clock->now() - *written < std::chrono::seconds(1));
    if (too_soon) return refusal(429, "SlowDown");
    written = clock->now();
    return std::nullopt;
  });
  CHECK(of(clinic.examine(), "presign").status == Status::ok);
  written.reset();
  always = true;
  const Finding finding = of(clinic.examine(), "presign");
  CHECK(finding.status == Status::warning);
  CHECK(says(finding.found, "429: the service is busy"));
  CHECK(clinic.left() == 0);
}

TEST_CASE("a public bucket") {
  Clinic clinic;
  clinic.meddle([](const HttpRequest& request) -> std::optional<Result<Meddler::Reply>> {
    const bool anonymous = request.method == "GET" && !is_signed(request) && !says(request.url, "?location");
    if (!anonymous) return std::nullopt;
    return Meddler::Reply{.status = 200, .body = "everything"};
  });
  const Findings findings = clinic.examine();
  const Finding finding = of(findings, "public");
  CHECK(finding.status == Status::problem);
  CHECK(says(text_of(findings), "everybody can read recordings without credentials"));
  CHECK(says(text_of(findings), "everybody can list them without credentials"));
  CHECK(says(finding.remedy, "take the grants to everybody"));
  CHECK(clinic.left() == 0);
}

TEST_CASE("a public bucket of Supabase is public at another address") {
  Clinic clinic;
  clinic.subject.options.endpoint += "/storage/v1/s3";
  clinic.meddle([&](const HttpRequest& request) -> std::optional<Result<Meddler::Reply>> {
    if (says(request.url, "/storage/v1/object/public/recordings/users/")) return Meddler::Reply{.body = "a recording"};
    if (!is_signed(request)) return refusal(403, "AccessDenied");
    return Meddler::Reply{.headers = {{"ETag", "\"e\""}},
                          .body = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"};
  });
  CHECK(says(of(clinic.examine(), "public").found, "everybody can read recordings"));
}

TEST_CASE("what a server says cannot steer a terminal") {
  Clinic clinic;
  clinic.meddle([](const HttpRequest& request) -> std::optional<Result<Meddler::Reply>> {
    if (!says(request.url, "X-Amz-Signature")) return std::nullopt;
    return refusal(403, "\x1b[2JGone");
  });
  const Findings findings = clinic.examine();
  CHECK(text_of(findings).find('\x1b') == std::string::npos);
  CHECK(says(of(findings, "presign").found, "[2JGone"));
}

}  // namespace cli::doctor
