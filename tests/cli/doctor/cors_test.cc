// What browsers would be told.
#include "fixture.h"

#include <doctor/snippets.h>

#include <nlohmann/json.hpp>

#include <cctype>

namespace cli::doctor {

TEST_CASE("no CORS rules: a problem, and the rules to paste are enough") {
  Clinic clinic(system_clock(), {});
  const Finding finding = of(clinic.examine(), "cors");
  CHECK(finding.status == Status::problem);
  CHECK(says(finding.found, "pages of https://app.example may not play and seek, nor upload"));
  CHECK(says(finding.remedy, "run 'audiostore cors apply --origin https://app.example'"));

  // What the doctor prescribes is what heals.
  const auto rule = nlohmann::json::parse(finding.paste)[0];
  const CorsRule prescribed{.allowed_origins = rule["AllowedOrigins"],
                            .allowed_methods = rule["AllowedMethods"],
                            .allowed_headers = rule["AllowedHeaders"],
                            .expose_headers = rule["ExposeHeaders"]};
  must(clinic.store->bucket().set_cors(std::span(&prescribed, 1)));
  CHECK(of(clinic.examine(), "cors").found == "pages of https://app.example can play, seek and upload");
  clinic.subject.origin = "https://other.example";
  CHECK(of(clinic.examine(), "cors").status == Status::problem);
  CHECK(clinic.left() == 0);
}

TEST_CASE("the rules name what a link to upload with has a page send") {
  S3Options options = S3Options::aws("us-east-1", "recordings");
  options.credentials = static_credentials({.access_key_id = access_key, .secret_access_key = Secret(secret_key)});
  options.encryption = SseKms{.key_id = "key", .context = {{"of", "a test"}}};
  const auto store = make_s3_store(std::move(options)).value();
  const auto link = must(store->presign({.key = ObjectKey::parse("a.wav").value(),
                                         .method = PresignMethod::put,
                                         .signed_headers = {{"Content-Type", "audio/wav"}}}));
  CHECK(link.headers.size() == 4);
  const std::string allowed = cors_rules(app);
  for (const Header& header : link.headers) {
    std::string quoted = '"' + header.name + '"';
    for (char& c : quoted) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    INFO(quoted);
    CHECK(says(allowed, quoted));
  }
}

TEST_CASE("CORS rules that lack something") {
  Clinic clinic(system_clock(), {});
  CorsRule rule{.allowed_origins = {app},
                .allowed_methods = {"GET", "PUT"},
                .allowed_headers = {"*"},
                .expose_headers = {"ETag", "Content-Range"}};
  const auto finding_with_rule = [&] {
    must(clinic.store->bucket().set_cors(std::span(&rule, 1)));
    return of(clinic.examine(), "cors");
  };
  CHECK(finding_with_rule().status == Status::ok);
  SECTION("ETag is hidden") {
    rule.expose_headers = {"Content-Range"};
    const Finding finding = finding_with_rule();
    CHECK(finding.status == Status::warning);
    CHECK(finding.found == "pages of https://app.example cannot read ETag");
    CHECK(says(finding.remedy, "expose them"));
  }
  SECTION("pages may not upload") {
    rule.allowed_methods = {"GET"};
    const Finding finding = finding_with_rule();
    CHECK(finding.status == Status::problem);
    CHECK(finding.found == "pages of https://app.example may not upload");
  }
  SECTION("pages may not ask for ranges") {
    rule.allowed_headers = {"content-type"};
    CHECK(finding_with_rule().found == "pages of https://app.example may not play and seek");
  }
}

TEST_CASE("a preflight that allows the origin but not the header is no permission") {
  Clinic clinic;
  clinic.meddle([](const HttpRequest& request) -> std::optional<Result<Meddler::Reply>> {
    if (request.method != "OPTIONS") return std::nullopt;
    return Meddler::Reply{
        .headers = {{"Access-Control-Allow-Origin", app}, {"Access-Control-Allow-Methods", "GET, PUT"}}};
  });
  CHECK(of(clinic.examine(), "cors").found == "pages of https://app.example may not play and seek, nor upload");
}

TEST_CASE("the origin is asked for as browsers send it") {
  Clinic clinic;
  clinic.subject.origin = "";
  CHECK(of(clinic.examine(), "cors").status == Status::skipped);
  clinic.subject.origin = "app.example";
  CHECK(says(of(clinic.examine(), "cors").remedy, "scheme and host"));
  for (const char* origin :
       {"https://app.example/", "https://app.example/path", "https:// app", "https://", "://app"}) {
    clinic.subject.origin = origin;
    CHECK(of(clinic.examine(), "cors").status == Status::problem);
  }
}

}  // namespace cli::doctor
