// What costs money without anybody seeing it, and what a person should know of the service.
#include "fixture.h"

#include <nlohmann/json.hpp>

namespace cli::doctor {

using namespace std::chrono_literals;

TEST_CASE("on R2 a token for objects only is enough") {
  Clinic clinic;
  clinic.subject.options.provider = S3Provider::r2;
  clinic.meddle([](const HttpRequest& request) -> std::optional<Result<Meddler::Reply>> {
    if (says(request.url, "?lifecycle")) return refusal(403, "AccessDenied");
    return std::nullopt;
  });
  const Findings findings = clinic.examine();
  CHECK(of(findings, "lifecycle").status == Status::skipped);
  CHECK(worst(findings) < Status::warning);
  CHECK(says(text_of(findings), "one write a second to the same key"));
}

TEST_CASE("a service that nobody recognises is not said to lack anything") {
  Clinic clinic;
  clinic.subject.options.provider.reset();
  const Findings findings = clinic.examine();
  CHECK(says(of(findings, "quirks").found, "though it may have them"));
  CHECK(says(of(findings, "lifecycle").found, "not known to have"));
}

TEST_CASE("where removing only hides, that is a warning") {
  Clinic clinic;
  clinic.subject.options.provider = S3Provider::b2;
  const Finding finding = of(clinic.examine(), "quirks");
  CHECK(finding.status == Status::warning);
  CHECK(says(finding.remedy, "where people ask for erasure"));
  CHECK(clinic.left() == 0);
}

TEST_CASE("unfinished uploads cost money: how many, how old, how much") {
  auto clock = std::make_shared<ManualClock>(system_clock()->now());
  Clinic clinic(clock);
  const ObjectKey key = ObjectKey::parse("users/1/take.wav").value();
  const auto upload = must(clinic.store->uploads().begin(key, 20 << 20));
  const auto part = must(clinic.store->presign_part({.key = key, .upload_id = upload.upload_id, .part_number = 1}));
  const std::string bytes(2 << 20, 'x');
  const auto sent = must(doctor::fetch(
      *make_curl_transport().value(),
      {.method = "PUT", .url = part.url, .headers = part.headers, .body = Payload::from_string(bytes), .call = {}}));
  REQUIRE(sent.status == 200);

  CHECK(of(clinic.examine(), "uploads").status == Status::ok);
  CHECK(says(of(clinic.examine(), "uploads").found, "may be under way"));

  clock->advance(72h + 5min);
  const Finding finding = of(clinic.examine(), "uploads");
  CHECK(finding.status == Status::warning);
  CHECK(finding.found == "1 unfinished upload, the oldest 3 days 5 min old, 2.0 MiB that are charged for");
  CHECK(says(finding.paste, "AbortIncompleteMultipartUpload"));

  clinic.subject.prefix = "others";
  CHECK(of(clinic.examine(), "uploads").found == "no unfinished uploads");
}

TEST_CASE("a lifecycle rule has to end unfinished uploads under the prefix") {
  Clinic clinic;
  const auto finding_with = [&](const LifecycleRule& rule) {
    must(clinic.store->bucket().set_lifecycle(std::span(&rule, 1)));
    return of(clinic.examine(), "lifecycle");
  };
  CHECK(finding_with({.id = "all", .abort_incomplete_after_days = 3}).found == "unfinished uploads end after 3 days");
  CHECK(finding_with({.id = "ours", .prefix = "users/", .abort_incomplete_after_days = 3}).status == Status::ok);
  CHECK(finding_with({.id = "others", .prefix = "x/", .abort_incomplete_after_days = 3}).status == Status::warning);
  CHECK(finding_with({.id = "off", .enabled = false, .abort_incomplete_after_days = 3}).status == Status::warning);
  const Finding finding = finding_with({.id = "expiry only", .expire_after_days = 30});
  CHECK(finding.status == Status::warning);
  CHECK(says(finding.remedy, "run 'audiostore lifecycle apply'"));
  CHECK(nlohmann::json::parse(finding.paste)["Rules"][0]["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 7);
}

}  // namespace cli::doctor
